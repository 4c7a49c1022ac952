"""Invitations, entries of the administration log and done calls as documents."""

from typing import TypedDict

from adapters.documents.fields import (
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.administration import AdministrationEntry, Change
from domain.identifiers import AdministrationId, InvitationId, TenantId, UserId
from domain.invitation import Invitation
from domain.repeated_call import DoneCall
from domain.user import Email, Role


class InvitationDocument(TypedDict):
    """A place in a tenant that waits for somebody."""

    id: str
    tenant_id: str
    email: str
    role: str
    invited_by: str
    digest: str
    created_at: str
    expires_at: str
    accepted_by: str | None
    closed_at: str | None
    version: int


class ChangeDocument(TypedDict):
    """One thing that is different now."""

    field: str
    before: str | None
    after: str | None


class EntryDocument(TypedDict):
    """Something that somebody did to a tenant."""

    id: str
    tenant_id: str
    at: str
    actor: str | None
    deed: str
    target: str
    changes: list[ChangeDocument]
    client: str
    request_id: str


class DoneCallDocument(TypedDict):
    """A call that was done."""

    user_id: str
    key: str
    fingerprint: str
    resource: str
    expires_at: str


def invitation_to_document(invitation: Invitation) -> InvitationDocument:
    """Return an invitation as plain data."""
    return {
        "id": invitation.id,
        "tenant_id": invitation.tenant_id,
        "email": invitation.email.value,
        "role": invitation.role.value,
        "invited_by": invitation.invited_by,
        "digest": invitation.digest,
        "created_at": time_text(invitation.created_at),
        "expires_at": time_text(invitation.expires_at),
        "accepted_by": invitation.accepted_by,
        "closed_at": optional_time_text(invitation.closed_at),
        "version": invitation.version,
    }


def invitation_from_document(document: InvitationDocument) -> Invitation:
    """Return the invitation that a document describes."""
    accepted_by = document["accepted_by"]
    return Invitation(
        id=InvitationId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        email=Email(document["email"]),
        role=Role(document["role"]),
        invited_by=UserId(document["invited_by"]),
        digest=document["digest"],
        created_at=time_of(document["created_at"]),
        expires_at=time_of(document["expires_at"]),
        accepted_by=None if accepted_by is None else UserId(accepted_by),
        closed_at=optional_time_of(document["closed_at"]),
        version=document["version"],
    )


def entry_to_document(entry: AdministrationEntry) -> EntryDocument:
    """Return an entry as plain data."""
    return {
        "id": entry.id,
        "tenant_id": entry.tenant_id,
        "at": time_text(entry.at),
        "actor": entry.actor,
        "deed": entry.deed,
        "target": entry.target,
        "changes": [
            {"field": change.field, "before": change.before, "after": change.after}
            for change in entry.changes
        ],
        "client": entry.client,
        "request_id": entry.request_id,
    }


def entry_from_document(document: EntryDocument) -> AdministrationEntry:
    """Return the entry that a document describes."""
    actor = document["actor"]
    return AdministrationEntry(
        id=AdministrationId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        at=time_of(document["at"]),
        actor=None if actor is None else UserId(actor),
        deed=document["deed"],
        target=document["target"],
        changes=tuple(
            Change(field=change["field"], before=change["before"], after=change["after"])
            for change in document["changes"]
        ),
        client=document["client"],
        request_id=document["request_id"],
    )


def done_call_to_document(call: DoneCall) -> DoneCallDocument:
    """Return a done call as plain data."""
    return {
        "user_id": call.user_id,
        "key": call.key,
        "fingerprint": call.fingerprint,
        "resource": call.resource,
        "expires_at": time_text(call.expires_at),
    }


def done_call_from_document(document: DoneCallDocument) -> DoneCall:
    """Return the done call that a document describes."""
    return DoneCall(
        user_id=UserId(document["user_id"]),
        key=document["key"],
        fingerprint=document["fingerprint"],
        resource=document["resource"],
        expires_at=time_of(document["expires_at"]),
    )

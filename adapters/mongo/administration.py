"""Invitations, the administration log and done calls in MongoDB."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from adapters.documents.administration import (
    done_call_from_document,
    done_call_to_document,
    entry_from_document,
    entry_to_document,
    invitation_from_document,
    invitation_to_document,
)
from adapters.documents.fields import time_text
from adapters.mongo.collection import NEWEST, OLDEST, Document, Filter
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import date, load, of_tenant, stored
from adapters.mongo.writes import changed_meanwhile, forget_expired, insert_new, require_owner
from application.ports.administration import AdministrationEntries, DoneCalls, Invitations
from domain.administration import AdministrationEntry
from domain.errors import Conflict, NotFound
from domain.identifiers import AdministrationId, InvitationId, TenantId, UserId
from domain.invitation import Invitation
from domain.repeated_call import DoneCall


class MongoInvitations(Invitations):
    """Keep invitations, the closed ones too."""

    def __init__(self, session: Session) -> None:
        self._invitations = session.collection("invitations")

    async def add(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a new invitation."""
        require_owner(tenant_id, invitation.tenant_id)
        row: Document = {
            "_id": of_tenant(tenant_id, invitation.id),
            "tenant_id": tenant_id,
            "digest": invitation.digest,
            "version": invitation.version,
            "document": stored(invitation_to_document(invitation)),
        }
        same = [{"digest": invitation.digest}, {"_id": row["_id"]}]
        if await self._invitations.count({"$or": same}, limit=1):
            raise _exists()
        try:
            await self._invitations.insert(row)
        except Taken:
            raise _exists() from None

    async def get(self, tenant_id: TenantId, invitation_id: InvitationId) -> Invitation:
        """Return an invitation."""
        return await self._one({"_id": of_tenant(tenant_id, invitation_id)})

    async def by_digest(self, digest: str) -> Invitation:
        """Return the invitation whose token has this digest."""
        return await self._one({"digest": digest})

    async def save(self, tenant_id: TenantId, invitation: Invitation) -> None:
        """Store a changed invitation."""
        require_owner(tenant_id, invitation.tenant_id)
        changed = replace(invitation, version=invitation.version + 1)
        change = {"version": changed.version, "document": stored(invitation_to_document(changed))}
        read = {"_id": of_tenant(tenant_id, invitation.id), "version": invitation.version}
        if not await self._invitations.update(read, {"$set": change}):
            raise changed_meanwhile()

    async def all(self, tenant_id: TenantId) -> Sequence[Invitation]:
        """Return the tenant's invitations, oldest first."""
        rows = await self._invitations.find({"tenant_id": tenant_id}, sort=[("_id", OLDEST)])
        return [load(row["document"], invitation_from_document) for row in rows]

    async def _one(self, where: Filter) -> Invitation:
        row = await self._invitations.find_one(where)
        if row is None:
            raise NotFound("there is no such invitation", code="invitation.not_found")
        return load(row["document"], invitation_from_document)


class MongoAdministrationEntries(AdministrationEntries):
    """Keep the administration log."""

    def __init__(self, session: Session) -> None:
        self._entries = session.collection("administration_log")

    async def add(self, tenant_id: TenantId, entry: AdministrationEntry) -> None:
        """Store an entry."""
        require_owner(tenant_id, entry.tenant_id)
        row: Document = {
            "_id": of_tenant(tenant_id, entry.id),
            "tenant_id": tenant_id,
            "document": stored(entry_to_document(entry)),
        }
        (is_new,) = await insert_new(self._entries, [row])
        if not is_new:
            raise _exists()

    async def latest(
        self, tenant_id: TenantId, *, limit: int, before: AdministrationId | None = None
    ) -> Sequence[AdministrationEntry]:
        """Return a tenant's entries, newest first."""
        where: Document = {"tenant_id": tenant_id}
        if before is not None:
            where["_id"] = {"$lt": of_tenant(tenant_id, before)}
        rows = await self._entries.find(where, sort=[("_id", NEWEST)], limit=limit)
        return [load(row["document"], entry_from_document) for row in rows]


class MongoDoneCalls(DoneCalls):
    """Remember done calls by their callers and keys."""

    def __init__(self, session: Session) -> None:
        self._calls = session.collection("done_calls")

    async def find(self, user_id: UserId, key: str) -> DoneCall | None:
        """Return a caller's call of this key."""
        row = await self._calls.find_one({"_id": _row_id(user_id, key)})
        return None if row is None else load(row["document"], done_call_from_document)

    async def add(self, call: DoneCall, *, at: datetime) -> None:
        """Store a call in the place of one that has expired."""
        row: Document = {
            "_id": _row_id(call.user_id, call.key),
            "user_id": call.user_id,
            "expires_at": date(call.expires_at),
            "counts_until": time_text(call.expires_at),
            "document": stored(done_call_to_document(call)),
        }
        expired = {"_id": row["_id"], "counts_until": {"$lte": time_text(at)}}
        if await self._calls.update(expired, {"$set": row}):
            return
        if await self._calls.count({"_id": row["_id"]}, limit=1):
            raise _in_progress()
        try:
            await self._calls.insert(row)
        except Taken:
            raise _in_progress() from None

    async def forget_expired(self, at: datetime) -> int:
        """Remove the calls that expired by this time."""
        return await forget_expired(self._calls, at)


def _row_id(user_id: UserId, key: str) -> str:
    return f"{user_id}:{key}"


def _exists() -> Conflict:
    return Conflict("this exists already")


def _in_progress() -> Conflict:
    return Conflict(
        "a call of this idempotency key was done in the meantime; repeat it",
        code="idempotency.in_progress",
    )

"""Events of the outbox as documents; `kind` says which one."""

from typing import Literal, TypedDict

from adapters.documents.fields import time_of, time_text
from domain.detection.taxonomy import Severity
from domain.events import (
    AuditDamaged,
    DigestDue,
    DigestKind,
    Event,
    InvitationIssued,
    KeyChanged,
    KeyIssued,
    PaymentFailed,
    PolicyActivated,
    SignInCodeRequested,
    TenantChanged,
    TenantFounded,
    UpstreamChanged,
    ViolationsRecorded,
)
from domain.identifiers import (
    CodeId,
    DamageId,
    InvitationId,
    KeyId,
    PolicyId,
    TenantId,
    UpstreamId,
    ViolationId,
)
from domain.user import Email


class ViolationsRecordedDocument(TypedDict):
    """New violations were stored together."""

    kind: Literal["violations_recorded"]
    tenant_id: str
    violation_ids: list[str]
    highest: str


class DigestDueDocument(TypedDict):
    """Violations of a time are told together; times in microseconds since 1970."""

    kind: Literal["digest_due"]
    tenant_id: str
    reason: str
    since: int
    until: int


class AuditDamagedDocument(TypedDict):
    """An audit object does not hold what was written into it."""

    kind: Literal["audit_damaged"]
    tenant_id: str
    damage_ids: list[str]
    breaks: int


class TenantFoundedDocument(TypedDict):
    """A tenant came into being."""

    kind: Literal["tenant_founded"]
    tenant_id: str


class KeyIssuedDocument(TypedDict):
    """A key came into being."""

    kind: Literal["key_issued"]
    tenant_id: str
    key_id: str


class KeyChangedDocument(TypedDict):
    """A key was rotated or revoked."""

    kind: Literal["key_changed"]
    tenant_id: str
    key_id: str


class UpstreamChangedDocument(TypedDict):
    """An upstream was connected, changed or removed."""

    kind: Literal["upstream_changed"]
    tenant_id: str
    upstream_id: str


class PaymentFailedDocument(TypedDict):
    """A payment is overdue."""

    kind: Literal["payment_failed"]
    tenant_id: str


class PolicyActivatedDocument(TypedDict):
    """A policy version is the active one from now on."""

    kind: Literal["policy_activated"]
    tenant_id: str
    policy_id: str
    number: int


class TenantChangedDocument(TypedDict):
    """A tenant is called, kept or served otherwise."""

    kind: Literal["tenant_changed"]
    tenant_id: str


class SignInCodeRequestedDocument(TypedDict):
    """A one-time code is to be mailed."""

    kind: Literal["sign_in_code_requested"]
    code_id: str
    email: str
    sealed_code: str
    expires_at: str
    is_wanted: bool


class InvitationIssuedDocument(TypedDict):
    """An invitation is to be mailed."""

    kind: Literal["invitation_issued"]
    tenant_id: str
    invitation_id: str
    sealed_token: str


EventDocument = (
    ViolationsRecordedDocument
    | DigestDueDocument
    | AuditDamagedDocument
    | TenantFoundedDocument
    | KeyIssuedDocument
    | KeyChangedDocument
    | UpstreamChangedDocument
    | PolicyActivatedDocument
    | TenantChangedDocument
    | SignInCodeRequestedDocument
    | InvitationIssuedDocument
    | PaymentFailedDocument
)


def event_to_document(event: Event) -> EventDocument:  # noqa: C901, PLR0911 - one for each kind
    """Return an event as plain data."""
    match event:
        case ViolationsRecorded():
            return {
                "kind": "violations_recorded",
                "tenant_id": event.tenant_id,
                "violation_ids": list(event.violation_ids),
                "highest": event.highest.value,
            }
        case DigestDue():
            return {
                "kind": "digest_due",
                "tenant_id": event.tenant_id,
                "reason": event.kind.value,
                "since": event.since,
                "until": event.until,
            }
        case AuditDamaged():
            return {
                "kind": "audit_damaged",
                "tenant_id": event.tenant_id,
                "damage_ids": list(event.damage_ids),
                "breaks": event.breaks,
            }
        case TenantFounded():
            return {"kind": "tenant_founded", "tenant_id": event.tenant_id}
        case KeyIssued():
            return {"kind": "key_issued", "tenant_id": event.tenant_id, "key_id": event.key_id}
        case KeyChanged():
            return {"kind": "key_changed", "tenant_id": event.tenant_id, "key_id": event.key_id}
        case UpstreamChanged():
            return {
                "kind": "upstream_changed",
                "tenant_id": event.tenant_id,
                "upstream_id": event.upstream_id,
            }
        case PaymentFailed():
            return {"kind": "payment_failed", "tenant_id": event.tenant_id}
        case PolicyActivated():
            return {
                "kind": "policy_activated",
                "tenant_id": event.tenant_id,
                "policy_id": event.policy_id,
                "number": event.number,
            }
        case TenantChanged():
            return {"kind": "tenant_changed", "tenant_id": event.tenant_id}
        case SignInCodeRequested():
            return {
                "kind": "sign_in_code_requested",
                "code_id": event.code_id,
                "email": event.email.value,
                "sealed_code": event.sealed_code,
                "expires_at": time_text(event.expires_at),
                "is_wanted": event.is_wanted,
            }
        case InvitationIssued():
            return {
                "kind": "invitation_issued",
                "tenant_id": event.tenant_id,
                "invitation_id": event.invitation_id,
                "sealed_token": event.sealed_token,
            }


def event_from_document(document: EventDocument) -> Event:  # noqa: C901, PLR0911, PLR0912 - one for each kind
    """Return the event that a document describes.

    Raises:
        ValueError: the kind is unknown, as after a downgrade.
    """
    if document["kind"] == "sign_in_code_requested":
        return SignInCodeRequested(
            code_id=CodeId(document["code_id"]),
            email=Email(document["email"]),
            sealed_code=document["sealed_code"],
            expires_at=time_of(document["expires_at"]),
            is_wanted=document["is_wanted"],
        )
    tenant_id = TenantId(document["tenant_id"])
    match document["kind"]:
        case "violations_recorded":
            return ViolationsRecorded(
                tenant_id=tenant_id,
                violation_ids=tuple(ViolationId(one) for one in document["violation_ids"]),
                highest=Severity(document["highest"]),
            )
        case "digest_due":
            return DigestDue(
                tenant_id=tenant_id,
                kind=DigestKind(document["reason"]),
                since=document["since"],
                until=document["until"],
            )
        case "audit_damaged":
            return AuditDamaged(
                tenant_id=tenant_id,
                damage_ids=tuple(DamageId(one) for one in document["damage_ids"]),
                breaks=document["breaks"],
            )
        case "tenant_founded":
            return TenantFounded(tenant_id=tenant_id)
        case "key_issued":
            return KeyIssued(tenant_id=tenant_id, key_id=KeyId(document["key_id"]))
        case "key_changed":
            return KeyChanged(tenant_id=tenant_id, key_id=KeyId(document["key_id"]))
        case "upstream_changed":
            return UpstreamChanged(
                tenant_id=tenant_id, upstream_id=UpstreamId(document["upstream_id"])
            )
        case "payment_failed":
            return PaymentFailed(tenant_id=tenant_id)
        case "policy_activated":
            return PolicyActivated(
                tenant_id=tenant_id,
                policy_id=PolicyId(document["policy_id"]),
                number=document["number"],
            )
        case "tenant_changed":
            return TenantChanged(tenant_id=tenant_id)
        case "invitation_issued":
            return InvitationIssued(
                tenant_id=tenant_id,
                invitation_id=InvitationId(document["invitation_id"]),
                sealed_token=document["sealed_token"],
            )
        case _:
            raise ValueError("an event of an unknown kind")

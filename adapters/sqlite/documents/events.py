"""Events of the outbox as documents; `kind` says which one."""

from typing import Literal, TypedDict

from domain.detection.taxonomy import Severity
from domain.events import (
    Event,
    KeyChanged,
    KeyIssued,
    PolicyActivated,
    TenantFounded,
    ViolationsRecorded,
)
from domain.identifiers import KeyId, PolicyId, TenantId, ViolationId


class ViolationsRecordedDocument(TypedDict):
    """New violations were stored together."""

    kind: Literal["violations_recorded"]
    tenant_id: str
    violation_ids: list[str]
    highest: str


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


class PolicyActivatedDocument(TypedDict):
    """A policy version is the active one from now on."""

    kind: Literal["policy_activated"]
    tenant_id: str
    policy_id: str
    number: int


EventDocument = (
    ViolationsRecordedDocument
    | TenantFoundedDocument
    | KeyIssuedDocument
    | KeyChangedDocument
    | PolicyActivatedDocument
)


def event_to_document(event: Event) -> EventDocument:
    """Return an event as plain data."""
    match event:
        case ViolationsRecorded():
            return {
                "kind": "violations_recorded",
                "tenant_id": event.tenant_id,
                "violation_ids": list(event.violation_ids),
                "highest": event.highest.value,
            }
        case TenantFounded():
            return {"kind": "tenant_founded", "tenant_id": event.tenant_id}
        case KeyIssued():
            return {"kind": "key_issued", "tenant_id": event.tenant_id, "key_id": event.key_id}
        case KeyChanged():
            return {"kind": "key_changed", "tenant_id": event.tenant_id, "key_id": event.key_id}
        case PolicyActivated():
            return {
                "kind": "policy_activated",
                "tenant_id": event.tenant_id,
                "policy_id": event.policy_id,
                "number": event.number,
            }


def event_from_document(document: EventDocument) -> Event:
    """Return the event that a document describes.

    Raises:
        ValueError: the kind is unknown, as after a downgrade.
    """
    tenant_id = TenantId(document["tenant_id"])
    match document["kind"]:
        case "violations_recorded":
            return ViolationsRecorded(
                tenant_id=tenant_id,
                violation_ids=tuple(ViolationId(one) for one in document["violation_ids"]),
                highest=Severity(document["highest"]),
            )
        case "tenant_founded":
            return TenantFounded(tenant_id=tenant_id)
        case "key_issued":
            return KeyIssued(tenant_id=tenant_id, key_id=KeyId(document["key_id"]))
        case "key_changed":
            return KeyChanged(tenant_id=tenant_id, key_id=KeyId(document["key_id"]))
        case "policy_activated":
            return PolicyActivated(
                tenant_id=tenant_id,
                policy_id=PolicyId(document["policy_id"]),
                number=document["number"],
            )
        case _:
            raise ValueError("an event of an unknown kind")

"""What happened, as the outbox carries it: a closed union of small facts without any text."""

from dataclasses import dataclass
from datetime import datetime

from domain.detection.taxonomy import Severity
from domain.identifiers import EventId, KeyId, PolicyId, TenantId, ViolationId


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationsRecorded:
    """New violations were stored together; `highest` is the worst severity among them."""

    tenant_id: TenantId
    violation_ids: tuple[ViolationId, ...]
    highest: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantFounded:
    """A tenant came into being."""

    tenant_id: TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyIssued:
    """A key came into being."""

    tenant_id: TenantId
    key_id: KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyChanged:
    """A key was rotated or revoked; whoever caches it must forget it."""

    tenant_id: TenantId
    key_id: KeyId


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyActivated:
    """A version of a policy is the active one from now on."""

    tenant_id: TenantId
    policy_id: PolicyId
    number: int


Event = ViolationsRecorded | TenantFounded | KeyIssued | KeyChanged | PolicyActivated


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """An event with its delivery: handlers are idempotent by `id`."""

    id: EventId
    event: Event
    occurred_at: datetime
    attempts: int = 0

"""What happened, as the outbox carries it: a closed union of small facts without any text."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.detection.taxonomy import Severity
from domain.identifiers import (
    DamageId,
    EventId,
    KeyId,
    PolicyId,
    TenantId,
    UpstreamId,
    ViolationId,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationsRecorded:
    """New violations were stored together; `highest` is the worst severity among them."""

    tenant_id: TenantId
    violation_ids: tuple[ViolationId, ...]
    highest: Severity


class DigestKind(StrEnum):
    """Why violations are told together.

    `period`: the digest that a tenant asked for, of what was not told at once. `held`: what was to
    be told at once and was held back by the limit.
    """

    PERIOD = "period"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestDue:
    """Violations noticed from `since` up to `until` are told together; microseconds since 1970."""

    tenant_id: TenantId
    kind: DigestKind
    since: int
    until: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDamaged:
    """An audit object does not hold what was written into it.

    `breaks` is the number of places where its chain does not hold, also of those without an id.
    """

    tenant_id: TenantId
    damage_ids: tuple[DamageId, ...]
    breaks: int


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
class UpstreamChanged:
    """An upstream was connected, changed or removed; whoever caches it must forget it."""

    tenant_id: TenantId
    upstream_id: UpstreamId


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyActivated:
    """A version of a policy is the active one from now on."""

    tenant_id: TenantId
    policy_id: PolicyId
    number: int


Event = (
    ViolationsRecorded
    | DigestDue
    | AuditDamaged
    | TenantFounded
    | KeyIssued
    | KeyChanged
    | UpstreamChanged
    | PolicyActivated
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """An event with its delivery: handlers are idempotent by `id`."""

    id: EventId
    event: Event
    occurred_at: datetime
    attempts: int = 0

"""What happened, as the outbox carries it: a closed union of small facts without any text.

A code or token that is to be mailed travels encrypted; who signs in has no tenant yet, and is named
by the address.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.detection.taxonomy import Severity
from domain.identifiers import (
    CodeId,
    DamageId,
    EventId,
    InvitationId,
    KeyId,
    PolicyId,
    TenantId,
    UpstreamId,
    ViolationId,
)
from domain.user import Email


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantChanged:
    """A tenant is called, kept or served otherwise; whoever caches it must forget it."""

    tenant_id: TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFailed:
    """A tenant's payment is overdue: its owners are told."""

    tenant_id: TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCodeRequested:
    """A one-time code is to be mailed; it is encrypted, under the id of its record as context.

    Without `is_wanted` nobody signs up or in with the address, and it gets no mail.
    """

    code_id: CodeId
    email: Email
    sealed_code: str = field(repr=False)
    expires_at: datetime
    is_wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationIssued:
    """An invitation is to be mailed; its token is encrypted, under the invitation's id."""

    tenant_id: TenantId
    invitation_id: InvitationId
    sealed_token: str = field(repr=False)


Event = (
    ViolationsRecorded
    | DigestDue
    | AuditDamaged
    | TenantFounded
    | KeyIssued
    | KeyChanged
    | UpstreamChanged
    | PolicyActivated
    | TenantChanged
    | SignInCodeRequested
    | InvitationIssued
    | PaymentFailed
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """An event with its delivery: handlers are idempotent by `id`."""

    id: EventId
    event: Event
    occurred_at: datetime
    attempts: int = 0

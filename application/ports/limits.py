"""The conversation about limits: rates, concurrency, budgets and circuit breakers."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.api_key import KeyLimits
from domain.circuit_breaker import BreakerPhase, Permit
from domain.errors import LimitExceeded, Unavailable
from domain.identifiers import KeyId, TenantId, UpstreamId
from domain.rate_limit import FailModes, LimitKind
from domain.subscription import Entitlements


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a limit stands: `remaining` of `limit` units, full again in `reset` seconds."""

    limit: int
    remaining: int
    reset: float


Windows = Mapping[LimitKind, Window]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a request asks for: tokens and cost (nano-units) are estimates, settled afterwards.

    `fail_modes` say what becomes of it where its limits cannot be decided; `entitlements` what the
    tenant's plan includes, None for a request that no plan counts.
    """

    key_id: KeyId
    limits: KeyLimits
    tokens: int
    cost_nano: int
    at: datetime
    fail_modes: FailModes = field(default=FailModes())
    entitlements: Entitlements | None = None


class LimitMode(StrEnum):
    """How limits were decided.

    `exact`: by all that was counted. While what counts is away, `open`: by the share of this
    process alone; `closed`: not at all, so that the request is refused.
    """

    EXACT = "exact"
    OPEN = "open"
    CLOSED = "closed"


class LimitsUndecided(Unavailable):
    """What counts is away, and a limit of the key fails closed then; `service` is what is away."""

    code = "limits.undecided"

    def __init__(self, service: str, *, retry_after: float) -> None:
        super().__init__(
            service,
            "the limits of this key cannot be decided at the moment",
            retry_after=retry_after,
        )


class AdmissionRefused(LimitExceeded):
    """A limit of the key is used up: that of `waits` (in seconds) with the longest.

    `kind` says which, `windows` how all of them stand, `mode` how that was decided.
    """

    code = "rate_limit_exceeded"

    def __init__(
        self, reservation: Reservation, *, waits: Mapping[LimitKind, float], windows: Windows
    ) -> None:
        self.kind = max(waits, key=lambda one: waits[one])
        self.windows = windows
        self.mode = LimitMode.EXACT
        super().__init__(_message(self.kind, reservation), retry_after=waits[self.kind])


def _message(kind: LimitKind, reservation: Reservation) -> str:
    limits = reservation.limits
    if kind is LimitKind.TOKENS and reservation.tokens > (limits.tokens_per_minute or 0):
        return (
            f"this request may need {reservation.tokens} tokens and the key has "
            f"{limits.tokens_per_minute} a minute: ask for fewer at once"
        )
    return {
        LimitKind.REQUESTS: f"this key may make {limits.requests_per_minute} requests a minute",
        LimitKind.TOKENS: f"this key may use {limits.tokens_per_minute} tokens a minute",
        LimitKind.CONCURRENT: f"this key may have {limits.concurrent} requests open at a time",
        LimitKind.BUDGET_DAY: "the budget of this key for the day is used up",
        LimitKind.BUDGET_MONTH: "the budget of this key for the month is used up",
    }[kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that was let in; it holds its reservation until it is settled.

    `id` and the time of `reservation` are the limiter's, which may go by a clock of its own.
    """

    id: str
    tenant_id: TenantId
    reservation: Reservation
    windows: Windows = field(default_factory=dict)
    mode: LimitMode = LimitMode.EXACT


class RateLimiter(Protocol):
    """Decide all limits of a request together: either every one admits it, or none is charged."""

    @abstractmethod
    async def acquire(self, tenant_id: TenantId, reservation: Reservation) -> Admission:
        """Let a request in and reserve what it asks for.

        Raises:
            AdmissionRefused: a limit is used up; nothing was charged.
            LimitsUndecided: limits cannot be decided and the limit concerned fails closed.
            Unavailable: the store cannot say what was spent.
        """

    @abstractmethod
    async def settle(
        self, admission: Admission, *, tokens: int, cost_nano: int
    ) -> None:  # tenant-free: the admission names its tenant
        """Charge what the request really used instead of the reservation, and free its place.

        A request that never reached a model settles with zeros. A second settlement is ignored.
        """


class CallOutcome(StrEnum):
    """How a permitted call went; `abandoned` is no verdict (the caller went away)."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    ABANDONED = "abandoned"


class CircuitBreakers(Protocol):
    """Keep a breaker for each upstream; asking and reporting are atomic."""

    @abstractmethod
    async def request(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Permit:
        """Ask to call an upstream."""

    @abstractmethod
    async def report(
        self, tenant_id: TenantId, upstream_id: UpstreamId, permit: Permit, outcome: CallOutcome
    ) -> None:
        """Say how a permitted call went."""

    @abstractmethod
    async def phases(
        self,
    ) -> Mapping[BreakerPhase, int]:  # tenant-free: numbers for the operator
        """Return how many breakers that failed lately are in each phase, as far as is known here.

        Every phase is named; those of an upstream that never failed are not counted.
        """

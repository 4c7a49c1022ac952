"""The conversation about limits: rates, concurrency, budgets and circuit breakers."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.api_key import KeyLimits
from domain.circuit_breaker import BreakerPhase, Permit
from domain.errors import LimitExceeded
from domain.identifiers import KeyId, TenantId, UpstreamId
from domain.rate_limit import LimitKind


class AdmissionRefused(LimitExceeded):
    """A limit of the key is used up; `kind` says which, `window` how it stands."""

    code = "rate_limit_exceeded"

    def __init__(
        self, message: str, *, kind: LimitKind, retry_after: float, windows: "Windows"
    ) -> None:
        super().__init__(message, retry_after=retry_after)
        self.kind = kind
        self.windows = windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How a limit stands: `remaining` of `limit` units, full again in `reset` seconds."""

    limit: int
    remaining: int
    reset: float


Windows = Mapping[LimitKind, Window]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reservation:
    """What a request asks for: tokens and cost (nano-units) are estimates, settled afterwards."""

    key_id: KeyId
    limits: KeyLimits
    tokens: int
    cost_nano: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A request that was let in; it holds its reservation until it is settled."""

    id: str
    tenant_id: TenantId
    reservation: Reservation
    windows: Windows = field(default_factory=dict)


class RateLimiter(Protocol):
    """Decide all limits of a request together: either every one admits it, or none is charged."""

    @abstractmethod
    async def acquire(self, tenant_id: TenantId, reservation: Reservation) -> Admission:
        """Let a request in and reserve what it asks for.

        Raises:
            AdmissionRefused: a limit is used up; nothing was charged.
            Unavailable: limits cannot be decided and the limit concerned fails closed.
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

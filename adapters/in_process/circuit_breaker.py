"""Circuit breakers as one process keeps them."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Mapping

from application.ports.limits import CallOutcome, CircuitBreakers
from application.ports.system import Clock
from domain.circuit_breaker import BreakerPhase, BreakerSettings, CircuitBreaker, Permit
from domain.identifiers import TenantId, UpstreamId

MAX_BREAKERS = 10_000

_log = logging.getLogger(__name__)


class InProcessCircuitBreakers(CircuitBreakers):
    """Keep a breaker for each upstream that has failed lately, the least used one goes first.

    Nothing is awaited between reading and storing a breaker, so that each step is atomic.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        settings: BreakerSettings | None = None,
        max_breakers: int = MAX_BREAKERS,
    ) -> None:
        self._clock = clock
        self._settings = settings or BreakerSettings()
        self._max_breakers = max_breakers
        self._breakers: OrderedDict[tuple[TenantId, UpstreamId], CircuitBreaker] = OrderedDict()

    def __len__(self) -> int:
        return len(self._breakers)

    async def request(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Permit:
        """Ask to call an upstream."""
        before = self._get(tenant_id, upstream_id)
        after, permit = before.request(self._clock.monotonic())
        self._put(tenant_id, upstream_id, before, after)
        return permit

    async def report(
        self, tenant_id: TenantId, upstream_id: UpstreamId, permit: Permit, outcome: CallOutcome
    ) -> None:
        """Say how a permitted call went; a permit that was refused has nothing to say."""
        if not permit.allowed:
            return
        before = self._get(tenant_id, upstream_id)
        after = _reported(before, self._clock.monotonic(), permit.probe, outcome)
        self._put(tenant_id, upstream_id, before, after)

    async def phases(self) -> Mapping[BreakerPhase, int]:
        """Return how many breakers are in each phase."""
        counts = Counter(one.phase for one in self._breakers.values())
        return {phase: counts[phase] for phase in BreakerPhase}

    def _get(self, tenant_id: TenantId, upstream_id: UpstreamId) -> CircuitBreaker:
        known = self._breakers.get((tenant_id, upstream_id))
        return known or CircuitBreaker(settings=self._settings)

    def _put(
        self,
        tenant_id: TenantId,
        upstream_id: UpstreamId,
        before: CircuitBreaker,
        after: CircuitBreaker,
    ) -> None:
        if after is before:
            return
        key = (tenant_id, upstream_id)
        self._breakers[key] = after
        self._breakers.move_to_end(key)
        while len(self._breakers) > self._max_breakers:
            self._breakers.popitem(last=False)
        if after.phase is not before.phase:
            _log.warning(
                "circuit breaker changed",
                extra={
                    "tenant_id": tenant_id,
                    "upstream_id": upstream_id,
                    "phase_before": before.phase.value,
                    "phase": after.phase.value,
                },
            )


def _reported(
    breaker: CircuitBreaker, at: float, probe: int, outcome: CallOutcome
) -> CircuitBreaker:
    match outcome:
        case CallOutcome.SUCCEEDED:
            return breaker.succeeded(at, probe=probe)
        case CallOutcome.FAILED:
            return breaker.failed(at, probe=probe)
        case CallOutcome.ABANDONED:
            return breaker.abandoned(probe=probe)

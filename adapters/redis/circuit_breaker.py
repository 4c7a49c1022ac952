"""Circuit breakers that every process shares."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Mapping
from typing import TypeVar

from adapters.redis.client import RedisUnavailable
from adapters.redis.presence import RedisPresence
from application.ports.limits import CallOutcome, CircuitBreakers
from application.ports.system import Clock
from domain.circuit_breaker import BreakerPhase, BreakerSettings, Permit
from domain.identifiers import TenantId, UpstreamId

PREFIX = "trueport:"

SHADOW_SECONDS = 0.25
"""How long a closed breaker is taken for closed, which spares healthy calls a round trip."""

_MAX_REMEMBERED = 10_000
_MICROSECONDS = 1_000_000

_V = TypeVar("_V")

_log = logging.getLogger(__name__)


class RedisCircuitBreakers(CircuitBreakers):
    """Keep the breakers in Redis: one probe at a time among all processes, under a lease.

    While Redis is away `fallback` keeps breakers for this process alone; its probes bear negative
    numbers, so that no verdict meets a probe of Redis.
    """

    def __init__(
        self,
        *,
        redis: RedisPresence,
        fallback: CircuitBreakers,
        clock: Clock,
        settings: BreakerSettings | None = None,
        shadow_seconds: float = SHADOW_SECONDS,
        prefix: str = PREFIX,
    ) -> None:
        self._redis = redis
        self._fallback = fallback
        self._clock = clock
        self._settings = settings or BreakerSettings()
        self._shadow_seconds = shadow_seconds
        self._prefix = prefix
        self._request = redis.script("breaker_request")
        self._report = redis.script("breaker_report")
        self._phases: OrderedDict[tuple[TenantId, UpstreamId], BreakerPhase] = OrderedDict()
        self._closed_until: OrderedDict[tuple[TenantId, UpstreamId], float] = OrderedDict()

    async def request(self, tenant_id: TenantId, upstream_id: UpstreamId) -> Permit:
        """Ask to call an upstream."""
        upstream = (tenant_id, upstream_id)
        now = self._clock.monotonic()
        if now < self._closed_until.get(upstream, now):
            return Permit(allowed=True)
        try:
            answer = await self._redis.ask(
                self._request,
                self._keys(upstream)[:1],
                _microseconds(self._settings.cool_down),
                _microseconds(self._settings.lease),
            )
        except RedisUnavailable:
            permit = await self._fallback.request(tenant_id, upstream_id)
            return Permit(
                allowed=permit.allowed, probe=-permit.probe, retry_after=permit.retry_after
            )
        match answer:
            case [int(allowed), int(probe), int(wait), str(before), str(after)]:
                self._saw(upstream, before, after)
                return Permit(allowed=bool(allowed), probe=probe, retry_after=wait / _MICROSECONDS)
        raise RedisUnavailable("redis gave an answer that is none")

    async def report(
        self, tenant_id: TenantId, upstream_id: UpstreamId, permit: Permit, outcome: CallOutcome
    ) -> None:
        """Say how a permitted call went; a permit that was refused has nothing to say."""
        if not permit.allowed:
            return
        if permit.probe < 0:
            await self._report_here(tenant_id, upstream_id, permit, outcome)
            return
        if permit.probe == 0 and outcome is not CallOutcome.FAILED:
            return
        upstream = (tenant_id, upstream_id)
        self._closed_until.pop(upstream, None)
        try:
            answer = await self._redis.ask(
                self._report,
                self._keys(upstream),
                permit.probe,
                outcome.value,
                self._settings.threshold,
                _microseconds(self._settings.window),
            )
        except RedisUnavailable:
            # A probe of Redis ends with its lease.
            if permit.probe == 0:
                await self._report_here(tenant_id, upstream_id, permit, outcome)
            return
        match answer:
            case [str(before), str(after)]:
                self._saw(upstream, before, after)

    async def phases(self) -> Mapping[BreakerPhase, int]:
        """Return how many breakers are in each phase, as this process saw them last."""
        if self._redis.is_away:
            return await self._fallback.phases()
        counts = Counter(self._phases.values())
        return {phase: counts[phase] for phase in BreakerPhase}

    async def _report_here(
        self, tenant_id: TenantId, upstream_id: UpstreamId, permit: Permit, outcome: CallOutcome
    ) -> None:
        local = Permit(allowed=True, probe=-permit.probe)
        await self._fallback.report(tenant_id, upstream_id, local, outcome)

    def _saw(self, upstream: tuple[TenantId, UpstreamId], before: str, after: str) -> None:
        """Remember how a breaker stands; log a change where this process made it."""
        if after == BreakerPhase.CLOSED:
            _remember(self._closed_until, upstream, self._clock.monotonic() + self._shadow_seconds)
        if after != BreakerPhase.CLOSED or upstream in self._phases:
            _remember(self._phases, upstream, BreakerPhase(after))
        if after != before:
            tenant_id, upstream_id = upstream
            _log.warning(
                "circuit breaker changed",
                extra={
                    "tenant_id": tenant_id,
                    "upstream_id": upstream_id,
                    "phase_before": before,
                    "phase": after,
                },
            )

    def _keys(self, upstream: tuple[TenantId, UpstreamId]) -> list[str]:
        tenant_id, upstream_id = upstream
        key = f"{self._prefix}{{{tenant_id}}}:breaker:{upstream_id}"
        return [key, f"{key}:failures"]


def _remember(
    memory: OrderedDict[tuple[TenantId, UpstreamId], _V],
    key: tuple[TenantId, UpstreamId],
    value: _V,
) -> None:
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > _MAX_REMEMBERED:
        memory.popitem(last=False)


def _microseconds(seconds: float) -> int:
    return round(seconds * _MICROSECONDS)

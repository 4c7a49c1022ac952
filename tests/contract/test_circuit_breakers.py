"""The contract of `CircuitBreakers`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from adapters.in_process.circuit_breaker import InProcessCircuitBreakers
from adapters.redis.circuit_breaker import RedisCircuitBreakers
from application.ports.limits import CallOutcome, CircuitBreakers
from domain.circuit_breaker import BreakerPhase, BreakerSettings, Permit
from domain.identifiers import UpstreamId
from tests.contract.redis import Address, redis_presence
from tests.contract.samples import ACME, GLOBEX, sample_id
from tests.fakes.clock import FakeClock

SETTINGS = BreakerSettings(threshold=3, window=30, cool_down=15, lease=20)
UPSTREAM = UpstreamId(sample_id("ups", 1))
OTHER = UpstreamId(sample_id("ups", 2))


@asynccontextmanager
async def in_process(clock: FakeClock, *_: object) -> AsyncIterator[CircuitBreakers]:
    yield InProcessCircuitBreakers(clock=clock, settings=SETTINGS)


@asynccontextmanager
async def in_redis(
    clock: FakeClock, address: Address, prefix: str
) -> AsyncIterator[CircuitBreakers]:
    async with redis_presence(clock, address) as redis:
        yield RedisCircuitBreakers(
            redis=redis,
            fallback=InProcessCircuitBreakers(clock=clock, settings=SETTINGS),
            clock=clock,
            settings=SETTINGS,
            prefix=prefix,
        )


Open = Callable[[FakeClock, Address, str], AbstractAsyncContextManager[CircuitBreakers]]

BREAKERS: Mapping[str, Open] = {"in-process": in_process, "redis": in_redis}


@pytest.fixture(params=BREAKERS)
async def breakers(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    counterpart_server: Address,
    tmp_path: Path,
) -> AsyncIterator[CircuitBreakers]:
    async with BREAKERS[request.param](clock, counterpart_server, f"{tmp_path}:") as made:
        yield made


async def call(breakers: CircuitBreakers, outcome: CallOutcome) -> Permit:
    permit = await breakers.request(ACME, UPSTREAM)
    await breakers.report(ACME, UPSTREAM, permit, outcome)
    return permit


async def opened(breakers: CircuitBreakers) -> None:
    for _ in range(SETTINGS.threshold):
        await call(breakers, CallOutcome.FAILED)


async def test_healthy_upstream_is_always_called(breakers: CircuitBreakers) -> None:
    permits = [await call(breakers, CallOutcome.SUCCEEDED) for _ in range(10)]

    assert all(permit.allowed for permit in permits)


async def test_failures_in_a_row_open_the_breaker(breakers: CircuitBreakers) -> None:
    await opened(breakers)

    permit = await breakers.request(ACME, UPSTREAM)

    assert not permit.allowed
    assert permit.retry_after == pytest.approx(SETTINGS.cool_down)


async def test_old_failures_do_not_count(breakers: CircuitBreakers, clock: FakeClock) -> None:
    for _ in range(10):
        await call(breakers, CallOutcome.FAILED)
        clock.advance(SETTINGS.window / 2 + 1)

    assert (await breakers.request(ACME, UPSTREAM)).allowed


async def test_upstreams_and_tenants_do_not_share_breakers(breakers: CircuitBreakers) -> None:
    await opened(breakers)

    assert (await breakers.request(ACME, OTHER)).allowed
    assert (await breakers.request(GLOBEX, UPSTREAM)).allowed


async def test_one_probe_at_a_time_decides(breakers: CircuitBreakers, clock: FakeClock) -> None:
    await opened(breakers)
    clock.advance(SETTINGS.cool_down)

    probe = await breakers.request(ACME, UPSTREAM)
    second = await breakers.request(ACME, UPSTREAM)
    await breakers.report(ACME, UPSTREAM, probe, CallOutcome.SUCCEEDED)
    third = await breakers.request(ACME, UPSTREAM)

    assert (probe.allowed, second.allowed, third.allowed) == (True, False, True)
    assert probe.probe > 0


async def test_failed_probe_opens_again(breakers: CircuitBreakers, clock: FakeClock) -> None:
    await opened(breakers)
    clock.advance(SETTINGS.cool_down)

    await call(breakers, CallOutcome.FAILED)

    assert not (await breakers.request(ACME, UPSTREAM)).allowed


async def test_breakers_are_counted_by_phase(breakers: CircuitBreakers, clock: FakeClock) -> None:
    before = await breakers.phases()
    await opened(breakers)
    open_ones = await breakers.phases()
    clock.advance(SETTINGS.cool_down)
    await breakers.request(ACME, UPSTREAM)
    after = await breakers.phases()

    assert dict(before) == dict.fromkeys(BreakerPhase, 0)
    assert dict(open_ones) == {**before, BreakerPhase.OPEN: 1}
    assert dict(after) == {**before, BreakerPhase.HALF_OPEN: 1}


async def test_abandoned_probe_frees_its_place(breakers: CircuitBreakers, clock: FakeClock) -> None:
    await opened(breakers)
    clock.advance(SETTINGS.cool_down)

    first = await call(breakers, CallOutcome.ABANDONED)
    second = await breakers.request(ACME, UPSTREAM)

    assert second.allowed
    assert second.probe != first.probe


async def test_silent_probe_loses_its_lease_and_its_late_verdict(
    breakers: CircuitBreakers, clock: FakeClock
) -> None:
    await opened(breakers)
    clock.advance(SETTINGS.cool_down)
    silent = await breakers.request(ACME, UPSTREAM)
    clock.advance(SETTINGS.lease)
    second = await breakers.request(ACME, UPSTREAM)

    await breakers.report(ACME, UPSTREAM, silent, CallOutcome.FAILED)
    await breakers.report(ACME, UPSTREAM, second, CallOutcome.SUCCEEDED)

    assert second.allowed
    assert (await breakers.request(ACME, UPSTREAM)).probe == 0


async def test_refused_permit_reports_nothing(breakers: CircuitBreakers, clock: FakeClock) -> None:
    await opened(breakers)
    refused = await breakers.request(ACME, UPSTREAM)

    for _ in range(5):
        await breakers.report(ACME, UPSTREAM, refused, CallOutcome.SUCCEEDED)

    assert not (await breakers.request(ACME, UPSTREAM)).allowed


async def test_abandoned_calls_are_no_failures(breakers: CircuitBreakers) -> None:
    for _ in range(20):
        await call(breakers, CallOutcome.ABANDONED)

    assert (await breakers.request(ACME, UPSTREAM)).allowed

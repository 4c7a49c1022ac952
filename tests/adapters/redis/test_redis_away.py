"""Redis frozen, gone, restarted, emptied, without its scripts: nothing hangs, each limit fails as
it should, and a change of state is told once."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.redis.client import Patience
from application.ports.attempts import AttemptLimit, TooManyAttempts
from application.ports.limits import Admission, AdmissionRefused, CallOutcome
from domain.api_key import KeyLimits
from domain.circuit_breaker import Permit
from domain.errors import Unavailable
from domain.identifiers import UpstreamId
from domain.rate_limit import FailMode, FailModes, LimitKind
from tests.adapters.redis.keepers import BREAKER, HASTY, KEY, PATIENT, Keepers, keepers
from tests.adapters.redis.server import RedisServer
from tests.contract.samples import ACME, sample_id
from tests.contract.test_attempt_counters import at_most
from tests.contract.test_key_cache import a_principal

RATE = KeyLimits(requests_per_minute=60)
BUDGET = KeyLimits(requests_per_minute=60, budget_per_day_nano=1000)
UPSTREAM = UpstreamId(sample_id("ups", 1))
CALM = Patience(connect=0.5, answer=0.5)
"""Longer than in the product, so that a busy machine is not taken for a Redis that is away."""

SHUT = FailModes(rates=FailMode.CLOSED)
WIDE = FailModes(budgets=FailMode.OPEN)


@pytest.fixture
def server(counterpart: Callable[[str], str], tmp_path: Path) -> Iterator[RedisServer]:
    one = RedisServer(counterpart("valkey"), tmp_path)
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def one(server: RedisServer) -> AsyncIterator[Keepers]:
    made = keepers(server.url, CALM, instances=4)
    yield made
    await made.presence.close()


@pytest.fixture(params=["frozen", "gone"])
def take_away(request: pytest.FixtureRequest, server: RedisServer) -> Callable[[], None]:
    return server.freeze if request.param == "frozen" else server.stop


async def back(one: Keepers) -> None:
    """Ask until Redis answers again."""
    async with asyncio.timeout(20):
        while one.presence.is_away:
            await one.key_cache.get("nothing")
            await asyncio.sleep(0.02)


async def test_rates_fall_back_to_a_share_of_this_process(
    one: Keepers, server: RedisServer, take_away: Callable[[], None]
) -> None:
    async with asyncio.timeout(20):
        await warm(one)
    others = [keepers(server.url, PATIENT) for _ in range(2)]
    for other in others:
        await other.acquire(RATE)
        await other.presence.close()
    # The count of those that share is asked for now and then.
    one.limiter._alive_again_at = 0.0
    await one.acquire(RATE)
    take_away()

    async with asyncio.timeout(20):
        through = [await one.gets_in(RATE) for _ in range(200)]

    assert through.count(True) == 60 // 3
    assert b'trueport_ratelimit_undecided_total{result="local"}' in one.telemetry.render()


async def test_share_is_that_of_the_setting_where_redis_was_never_there(
    one: Keepers, take_away: Callable[[], None]
) -> None:
    take_away()

    async with asyncio.timeout(20):
        through = [await one.gets_in(RATE) for _ in range(200)]

    assert through.count(True) == 60 // 4


async def refused(one: Keepers) -> Unavailable:
    with pytest.raises(Unavailable) as refusal:
        await one.acquire(BUDGET, cost_nano=1)
    return refusal.value


async def test_budgets_refuse(one: Keepers, take_away: Callable[[], None]) -> None:
    take_away()

    async with asyncio.timeout(20):
        refusals = [await refused(one) for _ in range(100)]

    assert {(refusal.code, refusal.retry_after) for refusal in refusals} == {
        ("limits.undecided", 1.0)
    }
    assert b'trueport_ratelimit_undecided_total{result="refused"} 100.0' in one.telemetry.render()


async def test_tenant_may_have_rates_closed_and_budgets_open(
    one: Keepers, take_away: Callable[[], None]
) -> None:
    one.reader.amounts[KEY] = 900
    take_away()

    with pytest.raises(Unavailable):
        await one.acquire(RATE, fail_modes=SHUT)

    await one.acquire(BUDGET, cost_nano=100, fail_modes=WIDE)
    with pytest.raises(AdmissionRefused) as refusal:
        await one.acquire(BUDGET, cost_nano=1, fail_modes=WIDE)
    assert refusal.value.kind is LimitKind.BUDGET_DAY


async def test_key_without_limits_needs_no_redis(
    one: Keepers, take_away: Callable[[], None]
) -> None:
    take_away()

    admission = await one.acquire(KeyLimits())
    await one.limiter.settle(admission, tokens=1, cost_nano=1)

    assert not one.presence.is_away


async def test_attempts_to_sign_in_are_refused(one: Keepers, take_away: Callable[[], None]) -> None:
    take_away()

    for _ in range(20):
        with pytest.raises(Unavailable):
            await one.attempts.attempt([at_most(5)])
    with pytest.raises(Unavailable):
        await one.attempts.forget(["code:ada"])


async def test_breakers_work_in_this_process_and_their_probes_mean_nothing_to_redis(
    one: Keepers, server: RedisServer
) -> None:
    server.stop()
    for _ in range(BREAKER.threshold):
        permit = await one.breakers.request(ACME, UPSTREAM)
        await one.breakers.report(ACME, UPSTREAM, permit, CallOutcome.FAILED)
    opened = await one.breakers.request(ACME, UPSTREAM)
    await asyncio.sleep(BREAKER.cool_down)
    probe = await one.breakers.request(ACME, UPSTREAM)
    server.start()
    await back(one)

    await one.breakers.report(ACME, UPSTREAM, probe, CallOutcome.FAILED)

    assert not opened.allowed
    assert (probe.allowed, probe.probe) == (True, -1)
    assert (await one.breakers.request(ACME, UPSTREAM)).allowed


async def test_verdict_on_a_probe_of_redis_is_not_told_to_this_process(
    one: Keepers, server: RedisServer
) -> None:
    probe = Permit(allowed=True, probe=3)
    server.stop()

    await one.breakers.report(ACME, UPSTREAM, probe, CallOutcome.FAILED)
    await one.breakers.report(ACME, UPSTREAM, probe, CallOutcome.SUCCEEDED)

    assert (await one.breakers.request(ACME, UPSTREAM)).allowed


async def test_keys_seen_by_this_process_keep_working(
    one: Keepers, take_away: Callable[[], None]
) -> None:
    await one.key_cache.put("seen", a_principal())
    take_away()

    known = await one.key_cache.get("seen")
    await one.key_cache.put("new", a_principal(2))
    await one.key_cache.forget(ACME)

    assert known is not None
    assert known.principal == a_principal()
    assert await one.key_cache.get("seen") is None


async def test_nobody_waits_long_however_many_ask(
    server: RedisServer, take_away: Callable[[], None]
) -> None:
    one = keepers(server.url, HASTY)
    await warm(one)
    take_away()
    started = time.monotonic()

    await asyncio.gather(*(one.gets_in(RATE) for _ in range(500)))

    # A quarter of a second for those who found out; the others are told at once. The rest is the
    # time that 500 requests take on a busy machine.
    assert time.monotonic() - started < 5
    started = time.monotonic()
    assert not await one.gets_in(RATE)
    assert time.monotonic() - started < 1
    await one.presence.close()


async def test_changes_of_state_are_told_once(
    one: Keepers, server: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    await warm(one)
    caplog.set_level(logging.INFO)
    server.freeze()
    await asyncio.gather(*(one.gets_in(RATE) for _ in range(300)))
    for _ in range(2):
        await asyncio.sleep(0.3)
        await one.gets_in(RATE)
    is_away = one.telemetry.render()

    server.thaw()
    await back(one)
    await asyncio.gather(*(one.gets_in(RATE) for _ in range(100)))

    told = [record.getMessage() for record in caplog.records if "redis" in record.getMessage()]
    assert told == [
        "redis is away: limits go by their fail modes",
        "redis is back: limits are shared again",
    ]
    assert b"trueport_redis_away 1.0" in is_away
    counted = one.telemetry.render()
    assert b'trueport_redis_changes_total{state="away"} 1.0' in counted
    assert b'trueport_redis_changes_total{state="back"} 1.0' in counted
    assert b"trueport_redis_away 0.0" in counted


async def test_what_was_settled_meanwhile_is_told_to_redis_when_it_is_back(
    one: Keepers, server: RedisServer
) -> None:
    limits = KeyLimits(concurrent=3, budget_per_day_nano=1000)
    admissions = [await one.acquire(limits, cost_nano=300) for _ in range(3)]
    server.freeze()
    for admission in admissions:
        await one.limiter.settle(admission, tokens=0, cost_nano=100)
    # Sent before the server froze or not, an admission whose answer was lost holds no place.
    with pytest.raises(Unavailable):
        await one.acquire(limits, cost_nano=300)

    server.thaw()
    await back(one)
    await open_again(one, limits)

    windows = await standing(one, limits)
    assert windows == {LimitKind.CONCURRENT: 2, LimitKind.BUDGET_DAY: 700}


async def test_restarted_redis_begins_with_what_the_store_says(
    one: Keepers, server: RedisServer
) -> None:
    await one.acquire(BUDGET, cost_nano=700)
    one.reader.amounts[KEY] = 700
    server.stop()
    server.start()

    admission = await after_restart(one, BUDGET, cost_nano=100)

    assert admission.windows[LimitKind.BUDGET_DAY].remaining == 200


async def test_emptied_redis_costs_rates_and_attempts_only(
    one: Keepers, server: RedisServer
) -> None:
    raw = Redis.from_url(server.url)
    one.reader.amounts[KEY] = 0
    admission = await one.acquire(BUDGET, cost_nano=600)
    one.reader.amounts[KEY] = 600

    await raw.flushall()

    again = await one.acquire(BUDGET, cost_nano=100)
    assert again.windows[LimitKind.REQUESTS].remaining == 59
    assert again.windows[LimitKind.BUDGET_DAY].remaining == 300
    # What was admitted before is not known any more, and stands in the store.
    await one.limiter.settle(admission, tokens=0, cost_nano=0)
    assert (await one.acquire(BUDGET)).windows[LimitKind.BUDGET_DAY].remaining == 300
    await raw.aclose()


async def test_forgotten_scripts_are_told_again(one: Keepers, server: RedisServer) -> None:
    raw = Redis.from_url(server.url)
    limit = AttemptLimit(subject="code:ada", count=1, period=at_most(1).period)

    await one.acquire(RATE)
    await one.attempts.attempt([limit])
    await raw.script_flush()

    assert (await one.acquire(RATE)).windows[LimitKind.REQUESTS].remaining == 58
    with pytest.raises(TooManyAttempts):
        await one.attempts.attempt([limit])
    assert not one.presence.is_away
    await raw.aclose()


async def test_forged_entry_of_the_cache_is_none(one: Keepers, server: RedisServer) -> None:
    raw = Redis.from_url(server.url, decode_responses=True)
    await one.key_cache.put("mine", a_principal(1))
    await one.key_cache.put("theirs", a_principal(2, tenant=2))
    (mine,) = await raw.keys("*:entry:mine")
    (theirs,) = await raw.keys("*:entry:theirs")
    text = str(await raw.hget(theirs, "text"))

    # Somebody's entry under another digest, and one with another name in it.
    await raw.hset(mine, "text", text)
    await raw.hset(theirs, "text", text.replace("Tenant 2", "Tenant 3"))

    assert await one.key_cache.get("mine") is None
    assert await one.key_cache.get("theirs") is None
    await raw.aclose()


async def warm(one: Keepers) -> None:
    """Open a connection and ask once."""
    while True:
        await one.key_cache.get("nothing")
        if not one.presence.is_away:
            return
        await asyncio.sleep(0.05)


async def after_restart(one: Keepers, limits: KeyLimits, *, cost_nano: int) -> Admission:
    """Be admitted as soon as Redis is there for this process."""
    async with asyncio.timeout(10):
        while True:
            try:
                return await one.acquire(limits, cost_nano=cost_nano)
            except Unavailable:
                await asyncio.sleep(0.02)


async def open_again(one: Keepers, limits: KeyLimits) -> None:
    """Let what waits be told: it goes with the next request."""
    admission = await after_restart(one, limits, cost_nano=0)
    await one.limiter.settle(admission, tokens=0, cost_nano=0)


async def standing(one: Keepers, limits: KeyLimits) -> dict[LimitKind, int]:
    admission = await after_restart(one, limits, cost_nano=0)
    return {kind: window.remaining for kind, window in admission.windows.items()}

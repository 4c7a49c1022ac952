"""The contract of `AttemptCounters`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.in_process.attempt_counters import InProcessAttemptCounters
from adapters.redis.attempt_counters import RedisAttemptCounters
from application.ports.attempts import (
    MAX_ATTEMPTS,
    AttemptCounters,
    AttemptLimit,
    TooManyAttempts,
)
from domain.errors import InvalidValue
from tests.contract.redis import Address, redis_presence
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@asynccontextmanager
async def in_process(clock: FakeClock, *_: object) -> AsyncIterator[AttemptCounters]:
    yield InProcessAttemptCounters(clock=clock)


@asynccontextmanager
async def in_redis(
    clock: FakeClock, address: Address, prefix: str
) -> AsyncIterator[AttemptCounters]:
    async with redis_presence(clock, address) as redis:
        yield RedisAttemptCounters(redis=redis, ids=CountingIds(), prefix=prefix)


Open = Callable[[FakeClock, Address, str], AbstractAsyncContextManager[AttemptCounters]]

COUNTERS: Mapping[str, Open] = {"in-process": in_process, "redis": in_redis}


@pytest.fixture(params=COUNTERS)
async def counters(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    counterpart_server: Address,
    tmp_path: Path,
) -> AsyncIterator[AttemptCounters]:
    async with COUNTERS[request.param](clock, counterpart_server, f"{{{tmp_path}}}:") as made:
        yield made


def at_most(count: int, period: timedelta = HOUR, *, subject: str = "code:ada") -> AttemptLimit:
    return AttemptLimit(subject=subject, count=count, period=period)


async def allowed(counters: AttemptCounters, limits: list[AttemptLimit], attempts: int) -> int:
    """Return how many of some attempts at once are let through."""

    async def attempt() -> bool:
        try:
            await counters.attempt(limits)
        except TooManyAttempts:
            return False
        return True

    return (await asyncio.gather(*(attempt() for _ in range(attempts)))).count(True)


async def refused(counters: AttemptCounters, limits: list[AttemptLimit]) -> TooManyAttempts:
    with pytest.raises(TooManyAttempts) as refusal:
        await counters.attempt(limits)
    return refusal.value


async def test_exactly_the_limit_is_let_through(counters: AttemptCounters) -> None:
    assert await allowed(counters, [at_most(5)], 100) == 5


async def test_refusal_says_when_there_is_an_attempt_again(
    counters: AttemptCounters, clock: FakeClock
) -> None:
    await counters.attempt([at_most(2)])
    clock.advance(600)
    await counters.attempt([at_most(2)])

    refusal = await refused(counters, [at_most(2)])

    assert refusal.code == "too_many_attempts"
    assert refusal.retry_after == pytest.approx(3000)
    clock.advance(3000)
    assert await allowed(counters, [at_most(2)], 10) == 1


async def test_no_span_of_a_period_holds_more_than_the_limit(
    counters: AttemptCounters, clock: FakeClock
) -> None:
    times = []
    for second in range(200):
        if await allowed(counters, [at_most(3, MINUTE)], 1):
            times.append(second)
        clock.advance(1)

    assert times == [0, 1, 2, 60, 61, 62, 120, 121, 122, 180, 181, 182]


async def test_every_limit_must_let_through(counters: AttemptCounters, clock: FakeClock) -> None:
    limits = [at_most(1, MINUTE), at_most(3, HOUR)]

    first = await allowed(counters, limits, 10)
    clock.advance(60)
    second = await allowed(counters, limits, 10)
    clock.advance(60)
    third = await allowed(counters, limits, 10)
    clock.advance(60)

    assert (first, second, third) == (1, 1, 1)
    assert (await refused(counters, limits)).retry_after == pytest.approx(3600 - 180)


async def test_refused_attempt_counts_nowhere(counters: AttemptCounters) -> None:
    address, client = at_most(1, subject="code:ada"), at_most(3, subject="client:1")
    await counters.attempt([address])

    for _ in range(10):
        await refused(counters, [client, address])

    assert await allowed(counters, [client], 10) == 3


async def test_who_keeps_trying_is_let_in_when_the_first_attempts_are_over(
    counters: AttemptCounters, clock: FakeClock
) -> None:
    await counters.attempt([at_most(1, MINUTE)])
    for _ in range(59):
        clock.advance(1)
        await refused(counters, [at_most(1, MINUTE)])

    clock.advance(1)

    await counters.attempt([at_most(1, MINUTE)])


async def test_subjects_are_counted_apart(counters: AttemptCounters) -> None:
    await counters.attempt([at_most(1, subject="code:ada")])

    await counters.attempt([at_most(1, subject="code:grace")])

    await refused(counters, [at_most(1, subject="code:ada")])


async def test_forgotten_subject_begins_anew(counters: AttemptCounters) -> None:
    ada = [at_most(1, MINUTE, subject="code:ada"), at_most(2, HOUR, subject="code:ada")]
    grace = [at_most(1, subject="code:grace")]
    await counters.attempt(ada)
    await counters.attempt(grace)

    await counters.forget(["code:ada", "code:nobody"])

    await counters.attempt(ada)
    await refused(counters, grace)


async def test_tighter_limit_sees_what_was_counted_before(counters: AttemptCounters) -> None:
    await allowed(counters, [at_most(5)], 5)

    await refused(counters, [at_most(3)])

    assert await allowed(counters, [at_most(7)], 10) == 2


@pytest.mark.parametrize(
    ("subject", "count", "period"),
    [("", 1, HOUR), ("a", 0, HOUR), ("a", MAX_ATTEMPTS + 1, HOUR), ("a", 1, timedelta(0))],
)
def test_limit_that_makes_no_sense_is_refused(subject: str, count: int, period: timedelta) -> None:
    with pytest.raises(InvalidValue):
        AttemptLimit(subject=subject, count=count, period=period)

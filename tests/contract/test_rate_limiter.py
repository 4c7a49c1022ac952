"""The contract of `RateLimiter`."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.in_process.rate_limiter import InProcessRateLimiter
from adapters.redis.rate_limiter import RedisRateLimiter
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.ports.limits import Admission, AdmissionRefused, RateLimiter, Reservation
from domain.api_key import KeyLimits
from domain.errors import Unavailable
from domain.identifiers import KeyId, TenantId
from domain.rate_limit import LimitKind
from tests.contract.redis import Address, redis_presence
from tests.contract.samples import ACME, GLOBEX, sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.spending import SpendingReader

KEY = KeyId(sample_id("key", 1))
OTHER_KEY = KeyId(sample_id("key", 2))


@asynccontextmanager
async def in_process(
    clock: FakeClock, reader: SpendingReader, *_: object
) -> AsyncIterator[RateLimiter]:
    yield InProcessRateLimiter(reader=reader, clock=clock, ids=CountingIds())


@asynccontextmanager
async def in_redis(
    clock: FakeClock, reader: SpendingReader, address: Address, prefix: str
) -> AsyncIterator[RateLimiter]:
    async with redis_presence(clock, address) as redis:
        yield RedisRateLimiter(
            redis=redis,
            fallback=InProcessRateLimiter(reader=reader, clock=clock, ids=CountingIds()),
            reader=reader,
            clock=clock,
            ids=CountingIds(),
            telemetry=PrometheusTelemetry(),
            prefix=prefix,
        )


Open = Callable[[FakeClock, SpendingReader, Address, str], AbstractAsyncContextManager[RateLimiter]]

LIMITERS: Mapping[str, Open] = {"in-process": in_process, "redis": in_redis}


@pytest.fixture
def reader() -> SpendingReader:
    return SpendingReader()


@pytest.fixture(params=LIMITERS)
async def limiter(
    request: pytest.FixtureRequest,
    clock: FakeClock,
    reader: SpendingReader,
    counterpart_server: Address,
    tmp_path: Path,
) -> AsyncIterator[RateLimiter]:
    async with LIMITERS[request.param](clock, reader, counterpart_server, f"{tmp_path}:") as made:
        yield made


class Caller:
    """Ask for one key, at the time of the clock."""

    def __init__(self, limiter: RateLimiter, clock: FakeClock) -> None:
        self.limiter = limiter
        self.clock = clock

    async def acquire(
        self,
        limits: KeyLimits,
        *,
        tokens: int = 0,
        cost_nano: int = 0,
        key_id: KeyId = KEY,
        tenant_id: TenantId = ACME,
    ) -> Admission:
        return await self.limiter.acquire(
            tenant_id,
            Reservation(
                key_id=key_id,
                limits=limits,
                tokens=tokens,
                cost_nano=cost_nano,
                at=self.clock.now(),
            ),
        )

    async def admitted(
        self, limits: KeyLimits, attempts: int, *, tokens: int = 0, cost_nano: int = 0
    ) -> int:
        """Return how many of some attempts at once get in."""

        async def attempt() -> bool:
            try:
                await self.acquire(limits, tokens=tokens, cost_nano=cost_nano)
            except AdmissionRefused:
                return False
            return True

        return (await asyncio.gather(*(attempt() for _ in range(attempts)))).count(True)

    async def refused(
        self, limits: KeyLimits, *, tokens: int = 0, cost_nano: int = 0
    ) -> AdmissionRefused:
        with pytest.raises(AdmissionRefused) as refusal:
            await self.acquire(limits, tokens=tokens, cost_nano=cost_nano)
        return refusal.value


@pytest.fixture
def caller(limiter: RateLimiter, clock: FakeClock) -> Caller:
    return Caller(limiter, clock)


async def test_key_without_limits_always_gets_in(caller: Caller) -> None:
    assert await caller.admitted(KeyLimits(), 1000, tokens=10**9, cost_nano=10**15) == 1000


async def test_burst_of_exactly_the_limit_gets_in(caller: Caller) -> None:
    limits = KeyLimits(requests_per_minute=60)

    assert await caller.admitted(limits, 200) == 60

    caller.clock.advance(10)
    assert await caller.admitted(limits, 200) == 10


async def test_refusal_says_which_limit_and_when_to_come_again(caller: Caller) -> None:
    limits = KeyLimits(requests_per_minute=60)
    await caller.admitted(limits, 60)

    refusal = await caller.refused(limits)

    assert refusal.kind is LimitKind.REQUESTS
    assert refusal.code == "rate_limit_exceeded"
    assert refusal.retry_after == pytest.approx(1.0)
    assert refusal.windows[LimitKind.REQUESTS].remaining == 0
    caller.clock.advance(refusal.retry_after)
    await caller.acquire(limits)


async def test_windows_show_what_is_left(caller: Caller) -> None:
    limits = KeyLimits(
        requests_per_minute=60,
        tokens_per_minute=600,
        concurrent=5,
        budget_per_day_nano=1000,
        budget_per_month_nano=5000,
    )

    admission = await caller.acquire(limits, tokens=100, cost_nano=300)

    left = {kind: (w.limit, w.remaining) for kind, w in admission.windows.items()}
    assert left == {
        LimitKind.REQUESTS: (60, 59),
        LimitKind.TOKENS: (600, 500),
        LimitKind.CONCURRENT: (5, 4),
        LimitKind.BUDGET_DAY: (1000, 700),
        LimitKind.BUDGET_MONTH: (5000, 4700),
    }
    assert admission.windows[LimitKind.REQUESTS].reset == pytest.approx(1)
    assert admission.windows[LimitKind.TOKENS].reset == pytest.approx(10)
    # The clock says 02:44 on the 24th of November.
    assert admission.windows[LimitKind.BUDGET_DAY].reset == (21 * 60 + 16) * 60
    assert admission.windows[LimitKind.BUDGET_MONTH].reset == (6 * 24 * 60 + 21 * 60 + 16) * 60


async def test_key_without_a_limit_has_no_window_for_it(caller: Caller) -> None:
    admission = await caller.acquire(KeyLimits(requests_per_minute=1))

    assert set(admission.windows) == {LimitKind.REQUESTS}


async def test_tokens_are_reserved_and_settled(caller: Caller) -> None:
    limits = KeyLimits(tokens_per_minute=1000)
    admission = await caller.acquire(limits, tokens=900)
    await caller.refused(limits, tokens=200)

    await caller.limiter.settle(admission, tokens=300, cost_nano=0)

    assert (await caller.acquire(limits, tokens=700)).windows[LimitKind.TOKENS].remaining == 0
    assert (await caller.refused(limits, tokens=1)).kind is LimitKind.TOKENS


async def test_more_tokens_than_reserved_are_charged_to_later_requests(caller: Caller) -> None:
    limits = KeyLimits(tokens_per_minute=600)
    admission = await caller.acquire(limits, tokens=100)

    await caller.limiter.settle(admission, tokens=1200, cost_nano=0)

    refusal = await caller.refused(limits, tokens=60)
    assert refusal.retry_after == pytest.approx(66)
    caller.clock.advance(66.001)
    await caller.acquire(limits, tokens=60)


async def test_second_settlement_is_ignored(caller: Caller) -> None:
    limits = KeyLimits(tokens_per_minute=1000, concurrent=2, budget_per_day_nano=1000)
    admission = await caller.acquire(limits, tokens=500, cost_nano=500)
    await caller.acquire(limits)

    for _ in range(5):
        await caller.limiter.settle(admission, tokens=0, cost_nano=0)

    windows = (await caller.acquire(limits)).windows
    assert windows[LimitKind.TOKENS].remaining == 1000
    assert windows[LimitKind.CONCURRENT].remaining == 0
    assert windows[LimitKind.BUDGET_DAY].remaining == 1000


async def test_request_that_never_fits_is_refused_with_a_finite_wait(caller: Caller) -> None:
    limits = KeyLimits(tokens_per_minute=1000)

    refusal = await caller.refused(limits, tokens=1001)

    assert refusal.kind is LimitKind.TOKENS
    assert "1001 tokens" in refusal.message
    assert 0 < refusal.retry_after <= 60


async def test_concurrent_requests_hold_their_place_until_they_settle(caller: Caller) -> None:
    limits = KeyLimits(concurrent=3)
    admissions = [await caller.acquire(limits) for _ in range(3)]

    refusal = await caller.refused(limits)
    caller.clock.advance(120)
    again = await caller.refused(limits)
    await caller.limiter.settle(admissions[1], tokens=0, cost_nano=0)

    assert refusal.kind is again.kind is LimitKind.CONCURRENT
    assert refusal.retry_after > 0
    await caller.acquire(limits)
    await caller.refused(limits)


async def test_budget_begins_with_what_the_store_says(
    caller: Caller, reader: SpendingReader
) -> None:
    reader.amounts[KEY] = 800
    limits = KeyLimits(budget_per_day_nano=1000)

    admission = await caller.acquire(limits, cost_nano=150)

    assert admission.windows[LimitKind.BUDGET_DAY].remaining == 50
    assert (await caller.refused(limits, cost_nano=51)).kind is LimitKind.BUDGET_DAY
    await caller.acquire(limits, cost_nano=50)
    assert (await caller.refused(limits)).kind is LimitKind.BUDGET_DAY


async def test_budget_is_never_overrun_by_requests_at_once(
    caller: Caller, reader: SpendingReader
) -> None:
    reader.amounts[KEY] = 30
    limits = KeyLimits(budget_per_day_nano=1000, budget_per_month_nano=2000)

    assert await caller.admitted(limits, 500, cost_nano=10) == 97


async def test_settled_cost_replaces_the_estimate(caller: Caller) -> None:
    limits = KeyLimits(budget_per_day_nano=1000)
    cheap = await caller.acquire(limits, cost_nano=600)
    await caller.limiter.settle(cheap, tokens=0, cost_nano=100)
    dear = await caller.acquire(limits, cost_nano=600)
    await caller.limiter.settle(dear, tokens=0, cost_nano=1200)

    refusal = await caller.refused(limits)

    assert refusal.windows[LimitKind.BUDGET_DAY].remaining == 0


async def test_budget_of_the_day_begins_anew_at_midnight_in_utc(
    caller: Caller, reader: SpendingReader
) -> None:
    limits = KeyLimits(budget_per_day_nano=1000, budget_per_month_nano=1500)
    await caller.acquire(limits, cost_nano=1000)
    refusal = await caller.refused(limits, cost_nano=1)
    reader.amounts[KEY] = 0

    caller.clock.advance(refusal.retry_after)

    admission = await caller.acquire(limits, cost_nano=400)
    assert admission.windows[LimitKind.BUDGET_DAY].remaining == 600
    assert admission.windows[LimitKind.BUDGET_MONTH].remaining == 100
    assert (await caller.refused(limits, cost_nano=200)).kind is LimitKind.BUDGET_MONTH


async def test_request_that_spans_midnight_is_no_burden_of_the_new_day(caller: Caller) -> None:
    limits = KeyLimits(budget_per_day_nano=1000)
    late = await caller.acquire(limits, cost_nano=900)
    caller.clock.advance(timedelta(days=1).total_seconds())
    await caller.acquire(limits, cost_nano=100)

    await caller.limiter.settle(late, tokens=0, cost_nano=0)

    assert (await caller.acquire(limits)).windows[LimitKind.BUDGET_DAY].remaining == 900


async def test_refused_request_is_charged_nowhere(caller: Caller) -> None:
    limits = KeyLimits(
        requests_per_minute=10, tokens_per_minute=100, concurrent=4, budget_per_day_nano=1000
    )
    for _ in range(20):
        await caller.refused(limits, tokens=101)
        await caller.refused(limits, cost_nano=1001)

    admission = await caller.acquire(limits, tokens=100, cost_nano=1000)

    assert {kind: window.remaining for kind, window in admission.windows.items()} == {
        LimitKind.REQUESTS: 9,
        LimitKind.TOKENS: 0,
        LimitKind.CONCURRENT: 3,
        LimitKind.BUDGET_DAY: 0,
    }


async def test_refusal_shows_windows_as_they_stand(caller: Caller) -> None:
    limits = KeyLimits(requests_per_minute=10, tokens_per_minute=100)

    refusal = await caller.refused(limits, tokens=101)

    assert {kind: window.remaining for kind, window in refusal.windows.items()} == {
        LimitKind.REQUESTS: 10,
        LimitKind.TOKENS: 100,
    }


async def test_longest_wait_is_the_one_that_is_told(caller: Caller) -> None:
    limits = KeyLimits(requests_per_minute=1, budget_per_day_nano=10)
    await caller.acquire(limits, cost_nano=10)

    refusal = await caller.refused(limits, cost_nano=1)

    assert refusal.kind is LimitKind.BUDGET_DAY


async def test_keys_and_tenants_do_not_share_limits(caller: Caller) -> None:
    limits = KeyLimits(requests_per_minute=1)
    await caller.acquire(limits)

    await caller.acquire(limits, key_id=OTHER_KEY)
    await caller.acquire(limits, tenant_id=GLOBEX)

    await caller.refused(limits)


async def test_store_that_is_away_refuses_budgets_only(
    caller: Caller, reader: SpendingReader
) -> None:
    reader.is_away = True

    with pytest.raises(Unavailable):
        await caller.acquire(KeyLimits(budget_per_day_nano=1000))

    await caller.acquire(KeyLimits(requests_per_minute=1))
    reader.is_away = False
    await caller.acquire(KeyLimits(budget_per_day_nano=1000))


async def test_tighter_limits_hold_from_the_next_request_on(caller: Caller) -> None:
    await caller.admitted(KeyLimits(requests_per_minute=100), 50)

    # Half a minute's worth is used up, whatever the limit.
    assert await caller.admitted(KeyLimits(requests_per_minute=10), 20) == 5

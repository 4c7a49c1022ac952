"""What one process adds to the contract of the limiter: seeding, memory, exactness."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from adapters.in_process.rate_limiter import IDLE_SECONDS, LONGEST_REQUEST, InProcessRateLimiter
from application.ports.limits import Admission, AdmissionRefused, Reservation
from domain.api_key import KeyLimits
from domain.errors import Unavailable
from domain.identifiers import KeyId
from domain.rate_limit import LimitKind
from tests.contract.samples import ACME, sample_id
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.spending import SpendingReader

BUDGET = KeyLimits(budget_per_day_nano=100, budget_per_month_nano=1000)


@dataclass
class Bench:
    """A limiter with everything around it."""

    clock: FakeClock
    reader: SpendingReader
    limiter: InProcessRateLimiter

    async def acquire(
        self, limits: KeyLimits, *, key: int = 1, tokens: int = 0, cost_nano: int = 0
    ) -> Admission:
        return await self.limiter.acquire(
            ACME,
            Reservation(
                key_id=KeyId(sample_id("key", key)),
                limits=limits,
                tokens=tokens,
                cost_nano=cost_nano,
                at=self.clock.now(),
            ),
        )


def make_bench(max_keys: int = 1000) -> Bench:
    clock, reader = FakeClock(), SpendingReader()
    limiter = InProcessRateLimiter(reader=reader, clock=clock, ids=CountingIds(), max_keys=max_keys)
    return Bench(clock, reader, limiter)


@pytest.fixture
def bench() -> Bench:
    return make_bench()


async def settled_tasks() -> None:
    """Let every task run until it waits."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_store_is_asked_once_for_each_window_however_many_wait(bench: Bench) -> None:
    bench.reader.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(bench.acquire(BUDGET, cost_nano=1)) for _ in range(50)]
        await settled_tasks()
        bench.reader.gate.set()

    assert len(bench.reader.questions) == 2
    assert min(task.result().windows[LimitKind.BUDGET_DAY].remaining for task in waiting) == 50


async def test_budget_is_exact_while_the_store_is_still_being_asked(bench: Bench) -> None:
    async def attempt() -> bool:
        try:
            await bench.acquire(BUDGET, cost_nano=7)
        except AdmissionRefused:
            return False
        return True

    bench.reader.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(attempt()) for _ in range(100)]
        await settled_tasks()
        bench.reader.gate.set()

    assert [task.result() for task in waiting].count(True) == 14


async def test_failed_look_fails_all_that_wait_for_it_and_is_tried_again(bench: Bench) -> None:
    bench.reader.gate.clear()
    bench.reader.is_away = True

    async def attempt() -> str:
        try:
            await bench.acquire(BUDGET)
        except Unavailable as error:
            return error.code
        return "admitted"

    async with asyncio.TaskGroup() as tasks:
        waiting = [tasks.create_task(attempt()) for _ in range(20)]
        await settled_tasks()
        bench.reader.gate.set()

    assert {task.result() for task in waiting} == {"unavailable"}
    assert len(bench.reader.questions) == 1
    bench.reader.is_away = False
    await bench.acquire(BUDGET)


async def test_others_go_on_when_the_one_that_asks_goes_away(bench: Bench) -> None:
    bench.reader.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(bench.acquire(BUDGET, cost_nano=60))
        await settled_tasks()
        second = tasks.create_task(bench.acquire(BUDGET, cost_nano=60))
        await settled_tasks()
        first.cancel()
        await settled_tasks()
        bench.reader.gate.set()

    assert first.cancelled()
    assert second.result().windows[LimitKind.BUDGET_DAY].remaining == 40


async def test_one_that_waits_may_go_away_alone(bench: Bench) -> None:
    bench.reader.gate.clear()
    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(bench.acquire(BUDGET, cost_nano=60))
        await settled_tasks()
        second = tasks.create_task(bench.acquire(BUDGET, cost_nano=60))
        await settled_tasks()
        second.cancel()
        await settled_tasks()
        bench.reader.gate.set()

    assert second.cancelled()
    assert first.result().windows[LimitKind.BUDGET_DAY].remaining == 40


async def test_hundred_thousand_keys_take_bounded_memory() -> None:
    bench = make_bench(max_keys=500)
    limits = KeyLimits(requests_per_minute=1, concurrent=1)

    for number in range(100_000):
        admission = await bench.acquire(limits, key=number)
        await bench.limiter.settle(admission, tokens=0, cost_nano=0)

    assert len(bench.limiter) == 500


async def test_keys_with_open_requests_are_not_driven_out() -> None:
    bench = make_bench(max_keys=10)
    limits = KeyLimits(concurrent=1)
    for number in range(50):
        await bench.acquire(limits, key=number)

    assert len(bench.limiter) == 50
    for number in range(50):
        with pytest.raises(AdmissionRefused):
            await bench.acquire(limits, key=number)
    bench.clock.advance(LONGEST_REQUEST)
    for number in range(100, 110):
        await bench.acquire(limits, key=number)
    assert len(bench.limiter) == 10


async def test_idle_keys_are_forgotten_and_open_requests_are_not(bench: Bench) -> None:
    limits = KeyLimits(concurrent=1)
    await bench.acquire(limits, key=1)
    done = await bench.acquire(limits, key=2)
    await bench.limiter.settle(done, tokens=0, cost_nano=0)

    bench.clock.advance(IDLE_SECONDS + 1)
    await bench.acquire(limits, key=3)

    assert len(bench.limiter) == 2
    with pytest.raises(AdmissionRefused):
        await bench.acquire(limits, key=1)


async def test_place_that_is_never_given_back_lapses(bench: Bench) -> None:
    limits = KeyLimits(concurrent=1)
    lost = await bench.acquire(limits)

    bench.clock.advance(LONGEST_REQUEST)
    await bench.acquire(limits)
    await bench.limiter.settle(lost, tokens=0, cost_nano=0)

    with pytest.raises(AdmissionRefused):
        await bench.acquire(limits)


async def test_forgotten_key_asks_the_store_again(bench: Bench) -> None:
    await bench.limiter.settle(await bench.acquire(BUDGET, cost_nano=5), tokens=0, cost_nano=5)
    bench.clock.advance(IDLE_SECONDS + 1)
    bench.reader.amounts[KeyId(sample_id("key", 1))] = 5
    await bench.acquire(KeyLimits(), key=2)

    again = await bench.acquire(BUDGET)

    assert again.windows[LimitKind.BUDGET_DAY].remaining == 95


class LimiterMachine(RuleBasedStateMachine):
    """One key against a plain model: two buckets, a set of places, a sum a day."""

    LIMITS = KeyLimits(
        requests_per_minute=60, tokens_per_minute=600, concurrent=4, budget_per_day_nano=1000
    )

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.bench = make_bench()
        self.requests, self.tokens, self.spent = 60, 600, 0
        self.open: list[Admission] = []
        self.settled: list[Admission] = []

    @rule(tokens=st.integers(0, 700), cost=st.integers(0, 400))
    def acquire(self, tokens: int, cost: int) -> None:
        fits = (
            self.requests >= 1
            and self.tokens >= tokens
            and len(self.open) < 4
            and self.spent < 1000
            and self.spent + cost <= 1000
        )
        try:
            admission = self.runner.run(
                self.bench.acquire(self.LIMITS, tokens=tokens, cost_nano=cost)
            )
        except AdmissionRefused:
            assert not fits
            return
        assert fits
        self.open.append(admission)
        self.requests -= 1
        self.tokens -= tokens
        self.spent += cost
        left = {kind: window.remaining for kind, window in admission.windows.items()}
        assert left == {
            LimitKind.REQUESTS: self.requests,
            LimitKind.TOKENS: self.tokens,
            LimitKind.CONCURRENT: 4 - len(self.open),
            LimitKind.BUDGET_DAY: 1000 - self.spent,
        }

    @precondition(lambda self: self.open)
    @rule(data=st.data(), tokens=st.integers(0, 900), cost=st.integers(0, 500))
    def settle(self, data: st.DataObject, tokens: int, cost: int) -> None:
        admission = self.open.pop(data.draw(st.integers(0, len(self.open) - 1)))
        self.runner.run(self.bench.limiter.settle(admission, tokens=tokens, cost_nano=cost))
        self.settled.append(admission)
        self.tokens = min(600, self.tokens + admission.reservation.tokens - tokens)
        self.spent += cost - admission.reservation.cost_nano

    @precondition(lambda self: self.settled)
    @rule(data=st.data())
    def settle_again(self, data: st.DataObject) -> None:
        admission = data.draw(st.sampled_from(self.settled))
        self.runner.run(self.bench.limiter.settle(admission, tokens=0, cost_nano=0))

    @rule(seconds=st.integers(1, 90))
    def wait(self, seconds: int) -> None:
        self.bench.clock.advance(seconds)
        self.requests = min(60, self.requests + seconds)
        self.tokens = min(600, self.tokens + 10 * seconds)

    def teardown(self) -> None:
        self.runner.close()


TestLimiterAgainstModel = LimiterMachine.TestCase
TestLimiterAgainstModel.settings = settings(max_examples=60, stateful_step_count=40)


async def test_clock_that_was_set_back_over_midnight_charges_the_newer_day(bench: Bench) -> None:
    bench.clock.advance(timedelta(days=1).total_seconds())
    await bench.acquire(BUDGET, cost_nano=90)

    bench.clock.set_back(timedelta(days=1).total_seconds())

    with pytest.raises(AdmissionRefused):
        await bench.acquire(BUDGET, cost_nano=20)

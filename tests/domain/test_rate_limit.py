"""GCRA against an exact token bucket; budget windows."""

import math
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from domain.errors import InvalidValue
from domain.rate_limit import LimitKind, Rate, acquire, budget_window, settle
from tests.strategies import instants, rates

TIMES = st.sampled_from((0.0, 1.0, 12345.678, 1.7e9 + 0.123456))
"""Beginnings of clocks: a fresh one, one that runs for hours, seconds since 1970."""

SMALL_RATES = st.builds(
    Rate, count=st.integers(1, 600), period=st.sampled_from((1.0, 7.0, 60.0, 86400.0))
)


@given(SMALL_RATES, TIMES)
@example(Rate(count=600), 1.7e9 + 0.123456)
def test_a_burst_admits_exactly_the_count(rate: Rate, now: float) -> None:
    tat: float | None = None
    remaining = []

    while (decision := acquire(rate, tat=tat, now=now)).allowed:
        tat = decision.tat
        remaining.append(decision.remaining)

    assert remaining == list(range(rate.count - 1, -1, -1))


@given(SMALL_RATES, TIMES, st.integers(1, 20))
def test_after_a_burst_one_unit_comes_back_each_interval(
    rate: Rate, start: float, steps: int
) -> None:
    tat = acquire(rate, tat=None, now=start, cost=rate.count).tat

    admitted = 0
    for step in range(1, steps + 1):
        now = start + step * rate.interval
        while (decision := acquire(rate, tat=tat, now=now)).allowed:
            tat, admitted = decision.tat, admitted + 1

    assert admitted == steps


@given(
    rates(),
    TIMES,
    st.lists(st.tuples(st.floats(0, 0.3), st.integers(0, 5)), min_size=1, max_size=60),
)
def test_no_window_admits_more_than_burst_and_refill(
    rate: Rate, start: float, arrivals: list[tuple[float, int]]
) -> None:
    tat: float | None = None
    now = start
    admitted: list[tuple[float, int]] = []
    for gap, cost in arrivals:
        now += gap * rate.period / 4
        units = cost * max(1, rate.count // 5)
        decision = acquire(rate, tat=tat, now=now, cost=units)
        tat = decision.tat
        admitted += [(now, units)] if decision.allowed else []

    blur = 1e-6 + len(arrivals) * 4 * math.ulp(now) / rate.interval
    for first, (begin, _) in enumerate(admitted):
        total = 0
        for end, units in admitted[first:]:
            total += units
            assert total <= rate.count + (end - begin) / rate.interval + blur


@given(rates(), TIMES, st.lists(st.integers(0, 300_000), max_size=10), st.integers(0, 300_000))
def test_a_refused_request_costs_nothing_and_passes_when_told(
    rate: Rate, now: float, before: list[int], cost: int
) -> None:
    tat: float | None = None
    for one in before:
        tat = acquire(rate, tat=tat, now=now, cost=one).tat

    decision = acquire(rate, tat=tat, now=now, cost=cost)

    if decision.allowed:
        assert decision.retry_after == 0.0
    elif cost > rate.count:
        assert decision.retry_after == math.inf
        assert decision.tat == (now if tat is None else tat)
    else:
        assert decision.retry_after > 0
        assert decision.tat == tat
        assert acquire(rate, tat=tat, now=now + decision.retry_after, cost=cost).allowed


@given(rates(), TIMES, st.integers(0, 200_000))
def test_what_remains_could_be_had_at_once_and_no_more(rate: Rate, now: float, spent: int) -> None:
    decision = acquire(rate, tat=None, now=now, cost=spent)

    assert acquire(rate, tat=decision.tat, now=now, cost=decision.remaining).allowed
    assert not acquire(rate, tat=decision.tat, now=now, cost=decision.remaining + 1).allowed


@given(rates(), TIMES, st.integers(0, 100_000))
def test_a_limit_is_full_again_after_the_time_it_says(rate: Rate, now: float, spent: int) -> None:
    decision = acquire(rate, tat=None, now=now, cost=spent)

    later = acquire(rate, tat=decision.tat, now=now + decision.reset_after, cost=0)

    assert later.remaining == rate.count


@given(rates(), TIMES, st.integers(0, 1000), st.integers(0, 1000))
def test_settling_at_once_is_as_if_the_true_cost_had_been_known(
    rate: Rate, now: float, reserved: int, actual: int
) -> None:
    reserved, actual = min(reserved, rate.count), min(actual, rate.count)
    guessed = acquire(rate, tat=None, now=now, cost=reserved)

    settled = settle(rate, tat=guessed.tat, now=now, reserved=reserved, actual=actual)

    known = acquire(rate, tat=None, now=now, cost=actual)
    assert acquire(rate, tat=settled, now=now, cost=0).remaining == known.remaining


@given(rates(), TIMES, st.floats(0, 1e6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_refund_never_gives_more_than_the_burst(
    rate: Rate, now: float, ahead: float, reserved: int, actual: int
) -> None:
    settled = settle(rate, tat=now + ahead, now=now, reserved=reserved, actual=actual)

    assert settled >= now
    assert acquire(rate, tat=settled, now=now, cost=0).remaining <= rate.count


@given(
    st.builds(Rate, count=st.integers(1, 100)),
    TIMES,
    st.lists(st.tuples(st.floats(0, 30), st.integers(0, 100), st.integers(0, 5)), max_size=40),
)
def test_late_refunds_never_let_the_whole_use_exceed_burst_and_refill(
    rate: Rate, start: float, steps: list[tuple[float, int, int]]
) -> None:
    tat, now, used = start, start, 0
    reserved: list[int] = []
    for gap, units, choice in steps:
        now += gap
        if choice and reserved:
            reservation = reserved.pop(choice % len(reserved))
            actual = min(units, reservation)
            tat = settle(rate, tat=tat, now=now, reserved=reservation, actual=actual)
            used += actual
        elif (decision := acquire(rate, tat=tat, now=now, cost=units)).allowed:
            tat = decision.tat
            reserved.append(units)

        assert used + sum(reserved) <= rate.count + (now - start) / rate.interval + 1e-3


@given(rates(), TIMES, st.integers(1, 1000))
def test_an_excess_makes_later_requests_wait(rate: Rate, now: float, excess: int) -> None:
    full = acquire(rate, tat=None, now=now, cost=rate.count)

    overdrawn = settle(rate, tat=full.tat, now=now, reserved=0, actual=excess)

    wait = acquire(rate, tat=overdrawn, now=now).retry_after
    assert wait == pytest.approx((excess + 1) * rate.interval, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(("count", "period"), [(0, 60.0), (-1, 60.0), (1, 0.0), (1, -1.0)])
def test_a_rate_of_nothing_is_refused(count: int, period: float) -> None:
    with pytest.raises(InvalidValue):
        Rate(count=count, period=period)


def test_a_negative_cost_is_refused() -> None:
    with pytest.raises(InvalidValue):
        acquire(Rate(count=1), tat=None, now=0.0, cost=-1)


class LimiterAgainstBucket(RuleBasedStateMachine):
    """The same requests to the limiter and to a bucket that counts in exact fractions.

    Time moves in quarters of the interval, so that the bucket's level is a multiple of 1/4.
    """

    @initialize(count=st.integers(1, 40), period=st.sampled_from((1.0, 7.0, 60.0)), start=TIMES)
    def begin(self, count: int, period: float, start: float) -> None:
        self.rate = Rate(count=count, period=period)
        self.start, self.quarters = start, 0
        self.tat: float | None = None
        self.level = Fraction(count)

    @property
    def now(self) -> float:
        return self.start + self.quarters * self.rate.interval / 4

    @rule(quarters=st.integers(0, 100))
    def let_time_pass(self, quarters: int) -> None:
        self.quarters += quarters
        self.level = min(Fraction(self.rate.count), self.level + Fraction(quarters, 4))

    @rule(cost=st.integers(0, 45))
    def ask(self, cost: int) -> None:
        decision = acquire(self.rate, tat=self.tat, now=self.now, cost=cost)
        self.tat = decision.tat

        assert decision.allowed == (cost <= self.level)
        if decision.allowed:
            self.level -= cost
        elif cost <= self.rate.count:
            missing = (cost - self.level) * Fraction(self.rate.interval)
            assert decision.retry_after == pytest.approx(float(missing), rel=1e-3)

    @rule(reserved=st.integers(0, 45), actual=st.integers(0, 45))
    def ask_and_settle(self, reserved: int, actual: int) -> None:
        decision = acquire(self.rate, tat=self.tat, now=self.now, cost=reserved)
        self.tat = decision.tat
        if decision.allowed:
            self.tat = settle(
                self.rate, tat=decision.tat, now=self.now, reserved=reserved, actual=actual
            )
            self.level -= actual

    @invariant()
    def the_same_remains(self) -> None:
        decision = acquire(self.rate, tat=self.tat, now=self.now, cost=0)

        assert decision.remaining == max(0, math.floor(self.level))


TestLimiterAgainstBucket = LimiterAgainstBucket.TestCase
TestLimiterAgainstBucket.settings = settings(max_examples=60, stateful_step_count=40)


# ---- budgets


@pytest.mark.parametrize("kind", [LimitKind.BUDGET_DAY, LimitKind.BUDGET_MONTH])
@given(at=instants())
def test_a_budget_window_holds_its_moment_and_the_next_one_follows(
    kind: LimitKind, at: datetime
) -> None:
    start, end = budget_window(kind, at)

    assert start <= at < end
    assert budget_window(kind, start) == budget_window(kind, end - timedelta(microseconds=1))
    assert budget_window(kind, end)[0] == end


@given(instants())
def test_a_day_has_24_hours_and_a_month_begins_on_its_first(at: datetime) -> None:
    day, month = budget_window(LimitKind.BUDGET_DAY, at), budget_window(LimitKind.BUDGET_MONTH, at)

    assert day[1] - day[0] == timedelta(days=1)
    assert (month[0].day, month[1].day) == (1, 1)
    assert month[0] <= day[0] < day[1] <= month[1]
    assert (month[0].year, month[0].month) == (at.year, at.month)


def test_windows_are_those_of_utc() -> None:
    at = datetime(2026, 12, 31, 23, 30, tzinfo=timezone(timedelta(hours=-2)))

    assert budget_window(LimitKind.BUDGET_MONTH, at) == (
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2027, 2, 1, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", [LimitKind.REQUESTS, LimitKind.TOKENS, LimitKind.CONCURRENT])
def test_other_limits_have_no_budget_window(kind: LimitKind) -> None:
    with pytest.raises(InvalidValue):
        budget_window(kind, datetime(2026, 1, 1, tzinfo=UTC))

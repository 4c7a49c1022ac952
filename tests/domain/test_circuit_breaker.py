"""The circuit breaker against a model, and its ways one by one."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.circuit_breaker import BreakerPhase, BreakerSettings, CircuitBreaker
from domain.errors import InvalidValue
from tests.strategies import breaker_settings

SETTINGS = BreakerSettings(threshold=2, window=10.0, cool_down=5.0, lease=3.0)


def opened(at: float = 0.0) -> CircuitBreaker:
    return CircuitBreaker(settings=SETTINGS).failed(at).failed(at)


def test_failures_inside_the_window_open_it() -> None:
    breaker = CircuitBreaker(settings=SETTINGS).failed(0.0)

    assert breaker.phase is BreakerPhase.CLOSED
    assert breaker.failed(9.9).phase is BreakerPhase.OPEN
    assert breaker.failed(10.0).phase is BreakerPhase.CLOSED


@given(breaker_settings(), st.lists(st.floats(0, 5), max_size=30))
def test_it_stays_closed_while_fewer_failures_than_allowed_lie_in_any_window(
    chosen: BreakerSettings, gaps: list[float]
) -> None:
    breaker, at, times = CircuitBreaker(settings=chosen), 0.0, list[float]()

    for gap in gaps:
        at += gap
        breaker = breaker.failed(at)
        times.append(at)
        if sum(time > at - chosen.window for time in times) >= chosen.threshold:
            break
    else:
        assert breaker.phase is BreakerPhase.CLOSED
        return
    assert breaker.phase is BreakerPhase.OPEN


def test_an_open_breaker_says_how_long_to_wait() -> None:
    breaker, permit = opened(at=100.0).request(102.0)

    assert (permit.allowed, permit.retry_after) == (False, 3.0)
    assert breaker == opened(at=100.0)


def test_after_the_cool_down_one_probe_passes_and_others_wait_for_it() -> None:
    probing, permit = opened().request(5.0)
    waiting, refused = probing.request(6.0)

    assert (permit.allowed, permit.probe) == (True, 1)
    assert (refused.allowed, refused.retry_after) == (False, 2.0)
    assert waiting == probing


def test_a_probe_that_works_closes_it() -> None:
    probing, permit = opened().request(5.0)

    closed = probing.succeeded(5.5, probe=permit.probe)

    assert closed.phase is BreakerPhase.CLOSED
    assert closed.failed(6.0).phase is BreakerPhase.CLOSED


def test_a_probe_that_fails_opens_it_again_for_a_whole_cool_down() -> None:
    probing, permit = opened().request(5.0)

    reopened = probing.failed(6.0, probe=permit.probe)

    assert reopened.request(10.9)[1].retry_after == pytest.approx(0.1)
    assert reopened.request(11.0)[1].allowed


def test_a_silent_probe_frees_its_place_when_its_lease_ends() -> None:
    probing, first = opened().request(5.0)

    _, second = probing.request(8.0)

    assert (second.allowed, second.probe) == (True, first.probe + 1)


def test_an_abandoned_probe_frees_its_place_at_once() -> None:
    probing, first = opened().request(5.0)

    freed = probing.abandoned(probe=first.probe)

    assert freed.request(5.1)[1].probe == first.probe + 1


def test_a_late_probe_is_not_asked_any_more() -> None:
    probing, late = opened().request(5.0)
    probing, current = probing.request(8.0)

    assert probing.succeeded(9.0, probe=late.probe) == probing
    assert probing.failed(9.0, probe=late.probe) == probing
    assert probing.abandoned(probe=late.probe) == probing
    assert probing.succeeded(9.0, probe=current.probe).phase is BreakerPhase.CLOSED


def test_a_late_probe_does_not_count_for_a_closed_breaker() -> None:
    probing, late = opened().request(5.0)
    probing, current = probing.request(8.0)
    closed = probing.succeeded(9.0, probe=current.probe)

    assert closed.failed(9.5, probe=late.probe) == closed


def test_probes_keep_their_numbers_apart_after_the_breaker_closed() -> None:
    probing, late = opened().request(5.0)
    probing, current = probing.request(8.0)
    closed = probing.succeeded(9.0, probe=current.probe)

    probing, next_probe = closed.failed(10.0).failed(10.0).request(15.0)

    assert next_probe.probe not in {late.probe, current.probe}
    assert probing.succeeded(16.0, probe=late.probe) == probing


@given(st.floats(0, 100))
def test_calls_from_before_do_not_disturb_an_open_or_probing_breaker(at: float) -> None:
    probing, _ = opened().request(5.0)

    for breaker in (opened(), probing):
        assert breaker.succeeded(at) == breaker
        assert breaker.failed(at) == breaker
        assert breaker.abandoned(probe=0) == breaker


@pytest.mark.parametrize("name", ["window", "cool_down", "lease"])
def test_settings_of_zero_are_refused(name: str) -> None:
    with pytest.raises(InvalidValue):
        replace(SETTINGS, **{name: 0.0})  # type: ignore[arg-type]
    with pytest.raises(InvalidValue):
        BreakerSettings(threshold=0)


class BreakerAgainstModel(RuleBasedStateMachine):
    """Callers that ask, succeed, fail, are late or vanish, against a model written from the text.

    The model keeps who holds the probe's lease and until when, and every failure there ever was.
    """

    @initialize(chosen=breaker_settings())
    def begin(self, chosen: BreakerSettings) -> None:
        self.breaker = CircuitBreaker(settings=chosen)
        self.settings = chosen
        self.now = 1000.0
        self.under_way: list[int] = []
        self.failures: list[float] = []
        self.open_until: float | None = None
        self.holder: int | None = None
        self.held_until = 0.0

    @rule(step=st.floats(0.01, 60.0))
    def let_time_pass(self, step: float) -> None:
        self.now += step

    @rule()
    def ask(self) -> None:
        self.breaker, permit = self.breaker.request(self.now)
        if self.holder is not None:
            expected = self.now >= self.held_until
        else:
            expected = self.open_until is None or self.now >= self.open_until
        is_probe = self.open_until is not None

        assert permit.allowed == expected
        assert (permit.probe > 0) == (permit.allowed and is_probe)
        assert (permit.retry_after > 0) == (not permit.allowed)
        if permit.allowed:
            self.under_way.append(permit.probe)
        if permit.probe:
            assert permit.probe not in self.under_way[:-1]
            self.holder, self.held_until = permit.probe, self.now + self.settings.lease

    def take(self, choice: int) -> int:
        return self.under_way.pop(choice % len(self.under_way))

    @precondition(lambda self: self.under_way)
    @rule(choice=st.integers(0, 20))
    def report_success(self, choice: int) -> None:
        probe = self.take(choice)
        self.breaker = self.breaker.succeeded(self.now, probe=probe)
        if probe and probe == self.holder:
            self.holder = self.open_until = None
            self.failures = []

    @precondition(lambda self: self.under_way)
    @rule(choice=st.integers(0, 20))
    def report_failure(self, choice: int) -> None:
        probe = self.take(choice)
        self.breaker = self.breaker.failed(self.now, probe=probe)
        if probe and probe == self.holder:
            self.holder, self.open_until = None, self.now + self.settings.cool_down
        elif not probe and self.open_until is None:
            self.failures.append(self.now)
            recent = [time for time in self.failures if time > self.now - self.settings.window]
            if len(recent) >= self.settings.threshold:
                self.open_until = self.now + self.settings.cool_down
                self.failures = []

    @precondition(lambda self: self.under_way)
    @rule(choice=st.integers(0, 20))
    def vanish(self, choice: int) -> None:
        probe = self.take(choice)
        self.breaker = self.breaker.abandoned(probe=probe)
        if probe and probe == self.holder:
            self.held_until = 0.0

    @invariant()
    def the_phase_is_that_of_the_model(self) -> None:
        if self.holder is not None:
            assert self.breaker.phase is BreakerPhase.HALF_OPEN
        elif self.open_until is not None:
            assert self.breaker.phase is BreakerPhase.OPEN
        else:
            assert self.breaker.phase is BreakerPhase.CLOSED
            assert len(self.breaker.failures) < self.settings.threshold

    @invariant()
    def a_second_caller_never_gets_a_lease_beside_the_first(self) -> None:
        after, first = self.breaker.request(self.now)
        _, second = after.request(self.now)

        assert not (first.probe and second.allowed)


TestBreakerAgainstModel = BreakerAgainstModel.TestCase
TestBreakerAgainstModel.settings = settings(max_examples=60, stateful_step_count=40)

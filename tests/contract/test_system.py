"""The contracts of `Clock`, `IdFactory` and `Randomness`."""

from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest

from adapters.system import SystemClock, SystemRandomness, UuidIds
from application.ports.system import Clock, IdFactory, Randomness
from domain.errors import InvalidValue
from domain.identifiers import parse_id
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds
from tests.fakes.randomness import SeededRandomness

CLOCKS: Mapping[str, Callable[[], Clock]] = {"system": SystemClock, "fake": FakeClock}
ID_FACTORIES: Mapping[str, Callable[[], IdFactory]] = {
    "uuid": lambda: UuidIds(SystemClock()),
    "counting": CountingIds,
}
RANDOMNESS: Mapping[str, Callable[[], Randomness]] = {
    "system": SystemRandomness,
    "seeded": SeededRandomness,
}


@pytest.fixture(params=CLOCKS)
def a_clock(request: pytest.FixtureRequest) -> Clock:
    return CLOCKS[request.param]()


@pytest.fixture(params=ID_FACTORIES)
def ids(request: pytest.FixtureRequest) -> IdFactory:
    return ID_FACTORIES[request.param]()


@pytest.fixture(params=RANDOMNESS)
def randomness(request: pytest.FixtureRequest) -> Randomness:
    return RANDOMNESS[request.param]()


def test_time_of_day_is_aware_and_in_utc(a_clock: Clock) -> None:
    assert a_clock.now().utcoffset() == timedelta(0)


def test_monotonic_clock_never_runs_backwards(a_clock: Clock) -> None:
    times = [a_clock.monotonic() for _ in range(1000)]

    assert times == sorted(times)


def test_ids_sort_in_the_order_they_were_made(ids: IdFactory) -> None:
    made = [ids.new("req") for _ in range(5000)]

    assert made == sorted(set(made))


def test_ids_are_valid_under_their_prefix(ids: IdFactory) -> None:
    made = ids.new("ten")

    assert parse_id("ten", made) == made


def test_unknown_prefix_is_refused(ids: IdFactory) -> None:
    with pytest.raises(InvalidValue):
        ids.new("nope")


def test_ulids_are_bodies_of_ids_and_sort_with_them(ids: IdFactory) -> None:
    bodies = [ids.ulid(), ids.new("evt").removeprefix("evt_"), ids.ulid()]

    assert bodies == sorted(set(bodies))
    assert all(parse_id("evt", f"evt_{body}") for body in bodies)


def test_tokens_have_the_size_asked_for_and_differ(randomness: Randomness) -> None:
    tokens = {randomness.token(16) for _ in range(100)}

    assert {len(token) for token in tokens} == {16}
    assert len(tokens) == 100


def test_fractions_lie_above_zero_and_up_to_one(randomness: Randomness) -> None:
    fractions = [randomness.fraction() for _ in range(1000)]

    assert all(0 < fraction <= 1 for fraction in fractions)
    assert 0.4 < sum(fractions) / len(fractions) < 0.6

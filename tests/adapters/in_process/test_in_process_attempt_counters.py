"""What one process adds to the contract of attempt counters: bounded memory."""

from datetime import timedelta

import pytest

from adapters.in_process.attempt_counters import InProcessAttemptCounters
from application.ports.attempts import AttemptLimit
from domain.errors import Unavailable
from tests.fakes.clock import FakeClock


def once(subject: str) -> list[AttemptLimit]:
    return [AttemptLimit(subject=subject, count=1, period=timedelta(minutes=1))]


async def test_attempts_that_are_over_make_room() -> None:
    clock = FakeClock()
    counters = InProcessAttemptCounters(clock=clock, max_subjects=100)

    for number in range(1000):
        await counters.attempt(once(f"client:{number}"))
        clock.advance(1)

    assert len(counters) <= 100


async def test_flood_of_subjects_makes_nobody_s_attempts_forgotten() -> None:
    counters = InProcessAttemptCounters(clock=FakeClock(), max_subjects=100)
    for number in range(100):
        await counters.attempt(once(f"client:{number}"))

    with pytest.raises(Unavailable):
        await counters.attempt(once("client:new"))

    assert len(counters) == 100

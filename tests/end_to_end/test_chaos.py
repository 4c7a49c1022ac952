"""Short doses of `make chaos`."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.end_to_end.chaos.run import Dose, Outcome, run

DOSE = Dose(objects=60, faults=8, seed=20261124, waits_for_outbox=False)


def is_good(outcome: Outcome) -> bool:
    assert list(outcome.wrong) == []
    assert outcome.verdict.violations == outcome.verdict.expected > 300
    return True


def test_every_violation_is_found_once_while_engines_redis_s3_and_triton_fail(
    tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    said: list[str] = []

    outcome = asyncio.run(run(DOSE, tmp_path, say=said.append, locate=counterpart))

    assert is_good(outcome)
    assert len(outcome.engines) == 3
    assert outcome.faults.total() == DOSE.faults


def test_every_violation_is_found_once_while_the_only_process_is_killed_and_frozen(
    tmp_path: Path,
) -> None:
    said: list[str] = []

    outcome = asyncio.run(run(DOSE, tmp_path, say=said.append, locate=None))

    assert is_good(outcome)
    assert outcome.engines[0].starts > 1

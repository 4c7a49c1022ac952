import asyncio
from pathlib import Path

from tests.end_to_end.crash import crash


def test_nothing_is_lost_or_doubled_when_the_server_is_killed(tmp_path: Path) -> None:
    verdict = asyncio.run(crash(3, tmp_path, seed=20261124))

    assert verdict.acknowledged > 0
    assert (verdict.lost, verdict.doubled, verdict.wrong) == ([], [], [])

import asyncio
from pathlib import Path

from tests.end_to_end.drill import drill


def test_violations_come_back_as_they_were_from_the_buckets_alone(tmp_path: Path) -> None:
    report = asyncio.run(drill(tmp_path, exchanges=12, logs=2))

    assert report.violations > 9
    assert report.objects >= 3
    assert (report.missing, report.added, report.differing) == ((), (), ())

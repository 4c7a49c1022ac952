"""Numbers that are looked up when somebody asks for the metrics."""

import asyncio
from contextlib import suppress
from pathlib import Path

from application.ports.telemetry import Metric
from domain.errors import DomainError
from domain.job import JobState
from entrypoints.wiring.containers import Container


async def measure(container: Container) -> None:
    """Set the gauges of queue and breakers; what is away leaves its own as they were.

    The depth of the queue is what an autoscaler reads.
    """
    telemetry = container.telemetry()
    with suppress(DomainError):
        counts = await container.job_records().counts()
        telemetry.gauge(Metric.QUEUE_DEPTH, counts[JobState.NEW])
        telemetry.gauge(Metric.JOURNAL_DEPTH, counts[JobState.NEW] + counts[JobState.LEASED])
        telemetry.gauge(Metric.DEAD_LETTERS, counts[JobState.DEAD])
        oldest = await container.job_records().oldest_open()
        age = 0.0 if oldest is None else (container.clock().now() - oldest).total_seconds()
        telemetry.gauge(Metric.OLDEST_UNPROCESSED, max(0.0, age))
    with suppress(DomainError):
        for phase, count in (await container.breakers().phases()).items():
            telemetry.gauge(Metric.BREAKER_STATE, count, state=phase.value)
    telemetry.gauge(
        Metric.JOURNAL_BYTES, await asyncio.to_thread(_size, container.settings().database)
    )


def _size(database: Path) -> int:
    """Return the bytes of a SQLite file and of its write-ahead log."""
    size = 0
    for path in (database, Path(f"{database}-wal")):
        with suppress(FileNotFoundError):
            size += path.stat().st_size
    return size

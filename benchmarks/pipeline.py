"""Objects and records a second through the whole engine, and where the time of a record goes.

Every figure is over the whole way: event, job, lease, read, unpack, parse, check of the hash chain,
four detectors, policy, violations and the end of the job in one transaction. Workers are those of
`trueport worker`, in processes of their own, warm before the clock starts.
"""

import sqlite3
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import closing

from dependency_injector import providers

from application.analytics.parse import LogParser
from application.audit_objects import unpack
from benchmarks.engine import Engine, Missing, deployed, machine
from benchmarks.options import Options
from benchmarks.stopwatch import (
    Stopwatch,
    TimedDetection,
    TimedQueue,
    TimedStorages,
    TimedTransactions,
)
from domain.job import ObjectRef

_SET_UPS = (
    ("LOCAL", "STORE", (1, 1)),
    ("LOCAL", "STORE", (1, 4)),
    ("LOCAL", "STORE", (2, 1)),
    ("LOCAL", "STORE", (4, 1)),
    ("LOCAL", "REDIS", (1, 1)),
    ("LOCAL", "REDIS", (2, 1)),
    ("S3", "REDIS", (2, 1)),
    ("S3", "STORE", (1, 4)),
)
"""Storage, queue, and (processes, workers in each)."""

_WARM_SEED = 900_000


async def measure(options: Options) -> None:
    """Print throughput for each set-up, then the stages of one worker."""
    objects, records = (40, 40) if not options.is_tiny else (3, 2)
    set_ups = _SET_UPS if not options.is_tiny else _SET_UPS[:1]
    print(f"pipeline: {objects} objects of {records} records; {machine()}")
    for storage, queue, (processes, concurrency) in set_ups:
        name = f"{storage:5} {queue:5} {processes} x {concurrency} workers"
        try:
            async with deployed(storage=storage, queue=queue) as engine:
                seconds, violations = await _throughput(
                    engine, objects, records, processes, concurrency
                )
        except Missing as error:
            print(f"  {name}  left out: {error}")
            continue
        print(
            f"  {name}  {objects / seconds:7.2f} objects/s {objects * records / seconds:8.1f} "
            f"records/s  ({violations} violations)"
        )
    await _stages(objects // 2 or 1, records)


async def _throughput(
    engine: Engine, objects: int, records: int, processes: int, concurrency: int
) -> tuple[float, int]:
    """Return the seconds from the first event to the last job's end, and the violations stored."""
    warm_up = 4 * processes * concurrency
    warm = await engine.store_objects(warm_up, records=8, seed=_WARM_SEED, prefix="99")
    refs = await engine.store_objects(objects, records=records, seed=1)
    with engine.processes(processes, concurrency=concurrency):
        await engine.announce(warm)
        await engine.until_done(len(warm))
        before = _violations(engine)
        started = time.perf_counter()
        await engine.announce(refs)
        await engine.until_done(len(warm) + len(refs))
        seconds = time.perf_counter() - started
    return seconds, _violations(engine) - before


def _violations(engine: Engine) -> int:
    with closing(sqlite3.connect(engine.container.settings().database)) as raw:
        (count,) = raw.execute("SELECT count(*) FROM violations").fetchone()
    return int(count)


async def _stages(objects: int, records: int) -> None:
    """Print where one worker's time goes, with all of it in this process."""
    async with deployed() as engine:
        warm = await engine.store_objects(2, records=records, seed=_WARM_SEED, prefix="99")
        refs = await engine.store_objects(objects, records=records, seed=1)
        parsing = await _parsing(engine, refs)
        watch = Stopwatch()
        container = engine.container
        container.storages.override(providers.Object(TimedStorages(container.storages(), watch)))
        container.transactions.override(
            providers.Object(TimedTransactions(container.transactions(), watch))
        )
        container.queue.override(providers.Object(TimedQueue(container.queue(), watch)))
        container.pipeline.override(providers.Object(TimedDetection(container.pipeline(), watch)))
        work = container.work_on_jobs()
        await engine.announce(warm)
        while await work():
            pass
        watch.reset()
        await engine.announce(refs)
        events = watch.reset()
        while await work():
            pass
        seconds = watch.reset()
    count = objects * records
    total = sum(seconds.values())
    rest = max(seconds.pop("rest") - parsing, 0.0)
    stages = {**seconds, "unpack, parse, check the chain": parsing, "judge and the rest": rest}
    print(f"  stages of one worker, {total / count * 1e6:.0f} us a record:")
    for name, spent in sorted(stages.items(), key=lambda item: -item[1]):
        print(f"    {name:32} {spent / count * 1e6:8.0f} us {spent / total:7.1%}")
    print(f"  events: {objects / sum(events.values()):.0f} a second become jobs")


async def _parsing(engine: Engine, refs: Sequence[ObjectRef]) -> float:
    """Return the seconds of unpacking and parsing alone."""
    storage = engine.container.storages().of(engine.tenant.storage)
    seconds = 0.0
    for ref in refs:
        packed = [piece async for piece in storage.read(ref.key)]

        async def pieces(packed: Sequence[bytes] = packed) -> AsyncIterator[bytes]:
            for piece in packed:
                yield piece

        parser = LogParser(
            key=ref.key, tenant=engine.tenant.slug, written_at=engine.tenant.created_at
        )
        started = time.perf_counter()
        async for line in unpack(pieces()):
            parser.feed(line)
        parser.finish()
        seconds += time.perf_counter() - started
    return seconds

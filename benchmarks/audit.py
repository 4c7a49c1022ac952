"""How fast `trueport audit verify` goes through a bucket, and that its memory does not grow.

A log of short exchanges by three writers is made up in a folder, with an anchor of each writer now
and then, and a new process of its own checks it. `--full` has 1,000,000 records.
"""

import asyncio
from collections.abc import Sequence

from application.audit_objects import CONTENT_TYPE, pack
from benchmarks.engine import Engine, deployed, folder_of, machine
from benchmarks.memory import child
from benchmarks.options import Options
from benchmarks.traffic import Traffic
from domain.audit import object_key
from entrypoints.demo import SLUG

_IN_AN_OBJECT = 500
_WRITERS = ("benchmarka", "benchmarkb", "benchmarkc")
_ANCHOR_EVERY = 100


async def measure(options: Options) -> None:
    """Print records a second and the peak of the process for each size of the bucket."""
    sizes: Sequence[int] = (1_000, 2_000) if options.is_tiny else (10_000, 100_000)
    if options.is_full:
        sizes = (100_000, 1_000_000)
    print(f"audit verify: {_IN_AN_OBJECT} records an object; {machine()}")
    for records in sizes:
        async with deployed() as engine:
            objects = await _write(engine, records)
            size = await asyncio.to_thread(_stored, engine)
            home = str(engine.container.settings().home)
            told = await asyncio.to_thread(child, "verify", home)
        if told["records"] != records or told["damages"]:
            raise RuntimeError(f"of {records} records, the check saw {told}")
        print(
            f"  {records:9,} records in {objects:5,} objects, {size / 1e6:6.0f} MB  "
            f"{told['seconds']:7.1f} s  {records / told['seconds']:8,.0f} records/s  "
            f"peak {told['peak'] / 1024:5.1f} MiB ({told['idle'] / 1024:.1f} before the check)"
        )


async def _write(engine: Engine, records: int) -> int:
    """Write a log of so many records, with its anchors and heads, and return its objects."""
    container, settings = engine.container, engine.tenant.storage
    storage, at = container.storages().of(settings), container.clock().now()
    writers = [Traffic(SLUG.value, seed=seed) for seed in range(len(_WRITERS))]
    count = records // _IN_AN_OBJECT
    for number in range(count):
        which = number % len(_WRITERS)
        lines = [writers[which].short_line() for _ in range(_IN_AN_OBJECT)]
        key = object_key(
            prefix=settings.prefix, instance=_WRITERS[which], ulid=f"{number:026}", at=at
        )
        await storage.create(key, pack(lines), content_type=CONTENT_TYPE)
        if number % _ANCHOR_EVERY == 0:
            await container.write_anchor()(engine.tenant, _WRITERS[which], writers[which].head)
    async with container.transactions()() as uow:
        for instance, writer in zip(_WRITERS, writers, strict=True):
            if writer.head.count:
                await uow.audit.save_head(engine.tenant.id, instance, writer.head)
        await uow.commit()
    return count


def _stored(engine: Engine) -> int:
    return sum(path.stat().st_size for path in folder_of(engine).rglob("*.jsonl.gz"))

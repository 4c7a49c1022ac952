"""How much memory a worker takes at its peak, by the size of the object that it reads.

Each object is written to a folder as it is made up, and a new process of one worker reads, unpacks,
parses, checks, judges and stores it as in production. Of the texts, one window in so many goes
through the detectors, which are the real ones with their models loaded: all of a gigabyte would
keep them busy for hours and their memory depends on the batch, not on the object. `--full` measures
1 GB. Reads of the clouds' adapters are measured against a server that makes the bytes up.
"""

import asyncio
import gzip
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.blob_server import blob_server
from benchmarks.engine import Engine, deployed, folder_of, machine
from benchmarks.options import Options
from benchmarks.traffic import Traffic
from domain.job import JobState, ObjectRef
from entrypoints.demo import SLUG

MEGABYTE = 1_000_000
_READ_BY_DETECTORS = 2 * MEGABYTE
_LONG = 15 * MEGABYTE
_DENSE_SHARE = 8
_PROVIDERS = ("S3", "AZURE", "GCP")

Shape = Callable[[int], Iterator[bytes]]


def small_records(size: int) -> Iterator[bytes]:
    """Yield records of a few thousand bytes."""
    return Traffic(SLUG.value).lines(size=size)


def long_records(size: int) -> Iterator[bytes]:
    """Yield records about as long as one may be."""
    traffic = Traffic(SLUG.value)
    left = size
    while left > 0:
        line = traffic.long_line(min(_LONG, max(left, 10_000)))
        left -= len(line)
        yield line


def mail_lists(size: int) -> Iterator[bytes]:
    """Yield records that hold nothing but addresses, as an export of customers does."""
    traffic, made, number = Traffic(SLUG.value), 0, 0
    while made < size:
        room = min(_LONG, size - made) // 32 + 1
        said = "\n".join(f"person{one:08}@example.com" for one in range(number, number + room))
        number += room
        messages = [{"role": "user", "content": said}]
        line = traffic.record({"model": "m", "messages": messages}, {"role": "assistant"})
        made += len(line)
        yield line


_SHAPES: tuple[tuple[str, str, Shape], ...] = (
    ("small records", ".jsonl.gz", small_records),
    ("small records", ".jsonl", small_records),
    ("long records", ".jsonl.gz", long_records),
)


async def measure(options: Options) -> None:
    """Print the peak of a worker for each size and shape, then of a read from each cloud."""
    sizes = [MEGABYTE] if options.is_tiny else [10 * MEGABYTE, 100 * MEGABYTE]
    if options.is_full:
        sizes.append(1000 * MEGABYTE)
    print(f"memory: peak of a worker's process (resident); {machine()}")
    for name, ending, shape in _SHAPES[: 1 if options.is_tiny else None]:
        for size in sizes:
            await _worker(f"{name}, {ending}", ending, shape(size), size)
    if not options.is_tiny:
        size = _LONG // _DENSE_SHARE
        await _worker("one mail list", ".jsonl.gz", mail_lists(size), size)
    for provider in _PROVIDERS:
        await asyncio.to_thread(_read, provider, sizes[-1])


async def _worker(name: str, ending: str, lines: Iterator[bytes], size: int) -> None:
    every = max(1, size // _READ_BY_DETECTORS)
    async with deployed() as engine:
        records = await _announce(engine, ending, lines)
        home = str(engine.container.settings().home)
        told = await asyncio.to_thread(child, "worker", home, str(every))
        counts = await engine.container.job_records().counts()
        if counts[JobState.DONE] != 1:
            raise RuntimeError("the job was not done")
    print(
        f"  {name:26} {size / MEGABYTE:6.0f} MB {records:8} records  "
        f"peak {told['peak'] / 1024:5.0f} MiB ({told['idle'] / 1024:.0f} before the job)  "
        f"{told['seconds']:7.1f} s, detectors read 1 window in {every}"
    )


async def _announce(engine: Engine, ending: str, lines: Iterator[bytes]) -> int:
    """Write an object piece by piece, queue its job, and return how many records it holds."""
    folder = folder_of(engine)
    key = f"audit/v1/dt=2026-11-24/hr=00/benchmark-0{ending}"
    path = folder / key
    await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
    count = await asyncio.to_thread(_write, path, lines)
    settings = engine.tenant.storage
    ref = ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    await engine.announce([ref])
    return count


def _write(path: Path, lines: Iterator[bytes]) -> int:
    count = 0
    is_packed = path.suffix == ".gz"
    with gzip.open(path, "wb", compresslevel=1) if is_packed else path.open("wb") as file:
        for line in lines:
            file.write(line + b"\n")
            count += 1
    return count


def _read(provider: str, size: int) -> None:
    with blob_server(size) as address:
        told = child("read", provider, address)
    print(
        f"  read from {provider:16} {size / MEGABYTE:6.0f} MB {'':17} "
        f"peak {told['peak'] / 1024:5.0f} MiB ({told['idle'] / 1024:.0f} after the first piece)  "
        f"{told['seconds']:7.1f} s"
    )
    if told["size"] != size:
        raise RuntimeError(f"{told['size']} bytes arrived of {size}")


def child(*arguments: str) -> dict[str, float]:
    """Run `memory_probe` in a process of its own and return what it tells."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory_probe", *arguments],
        stdout=subprocess.PIPE,
        check=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told

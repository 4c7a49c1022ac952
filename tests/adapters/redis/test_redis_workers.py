"""Workers in processes of their own on one stream: shared, killed, frozen, and Redis with them."""

import asyncio
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock, UuidIds
from domain.job import JobState, RetryPolicy
from tests.adapters.redis.server import RedisServer
from tests.contract.samples import ACME, a_job, a_usage
from tests.fakes.clock import START

ROOT = Path(__file__).resolve().parents[3]
LEASE = 1.0
NANO_OF_ONE = 1000


@dataclass(kw_only=True)
class Site:
    """A store, a Redis, and the means to put work between them."""

    path: Path
    store: SqliteStore
    server: RedisServer
    queue: RedisStreamsJobQueue

    async def put(self, count: int, *, first: int = 1) -> None:
        for number in range(first, first + count):
            await self.queue.put(a_job(number))

    async def done(self) -> int:
        return (await self.store.job_records.counts())[JobState.DONE]

    async def wait_for(self, count: int, *, seconds: float = 60) -> None:
        """Wait until so many jobs are done."""
        async with asyncio.timeout(seconds):
            while await self.done() < count:  # noqa: ASYNC110 - other processes do the work
                await asyncio.sleep(0.02)

    async def effects(self) -> int:
        """Return how many times jobs took effect."""
        spent = await self.store.gateway_reader.spent(ACME, a_usage().key_id, since=START)
        return spent // NANO_OF_ONE


@pytest.fixture
async def site(counterpart: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Site]:
    server = RedisServer(counterpart("valkey"), tmp_path)
    server.start()
    clock = SystemClock()
    path = tmp_path / "trueport.db"
    store = SqliteStore(path, clock, UuidIds(clock), busy_timeout=timedelta(seconds=60))
    await store.open()
    redis = RedisClient(server.url)
    queue = RedisStreamsJobQueue(
        store=store.job_queue(capacity=1_000_000, retry=RetryPolicy()),
        redis=redis,
        consumer="test",
        reclaim_after=timedelta(hours=1),
    )
    yield Site(path=path, store=store, server=server, queue=queue)
    await redis.close()
    await store.close()
    server.stop()


class Worker:
    """A worker process and the lines it wrote."""

    def __init__(self, site: Site) -> None:
        self._output = (site.path.parent / f"worker-{id(self)}").open("w+b")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.adapters.redis.worker_process"),
                *(str(site.path), site.server.url, str(LEASE)),
            ],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
        )

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._output.close()

    def said(self, word: str) -> Sequence[str]:
        """Return the jobs that the worker said this word of."""
        text = Path(self._output.name).read_text(encoding="utf-8")
        return [line.split()[1] for line in text.splitlines() if line.startswith(f"{word} ")]


@contextmanager
def workers(site: Site, count: int) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            worker = Worker(site)
            stack.callback(worker.end)
            started.append(worker)
        yield started


async def until_leased(worker: Worker) -> str:
    """Wait until a worker has a job that it is not done with, and return its id."""
    async with asyncio.timeout(30):
        while True:
            if open_ones := set(worker.said("leased")) - set(worker.said("done")):
                return open_ones.pop()
            await asyncio.sleep(0.002)


async def test_ten_workers_share_a_stream_and_do_each_job_once(site: Site) -> None:
    await site.put(300)

    with workers(site, 10) as ten:
        await site.wait_for(300)
        done = [worker.said("done") for worker in ten]
        leased = [one for worker in ten for one in worker.said("leased")]

    assert Counter(leased).most_common(1)[0][1] == 1
    assert await site.effects() == 300
    assert sum(1 for one in done if one) >= 8
    assert max(map(len, done)) < 150


async def test_killed_workers_lose_nothing_and_double_nothing(site: Site) -> None:
    chance = random.Random(5)
    await site.put(150)

    with workers(site, 3) as running, ExitStack() as stack:
        for _ in range(12):
            await asyncio.sleep(chance.uniform(0.05, 0.3))
            victim = running.pop(chance.randrange(len(running)))
            victim.end()
            replacement = Worker(site)
            stack.callback(replacement.end)
            running.append(replacement)
        await site.wait_for(150)

    counts = await site.store.job_records.counts()
    assert (counts[JobState.DONE], counts[JobState.DEAD]) == (150, 0)
    assert await site.effects() == 150


async def test_worker_frozen_longer_than_its_lease_is_fenced(site: Site) -> None:
    await site.put(1)

    with workers(site, 1) as (frozen,):
        await until_leased(frozen)
        frozen.send(signal.SIGSTOP)
        was_done = await site.done()
        with workers(site, 1) as (other,):
            await site.wait_for(1)
            frozen.send(signal.SIGCONT)
            await site.put(1, first=2)
            await site.wait_for(2)
            said = other.said("done")

    assert was_done == 0
    assert a_job(1).id in said
    assert await site.effects() == 2
    assert a_job(1).id not in frozen.said("done")


async def test_redis_that_is_emptied_and_restarted_in_the_middle_loses_no_job(site: Site) -> None:
    await site.put(100)

    with workers(site, 3):
        await site.wait_for(20)
        site.server.stop()
        await site.put(20, first=101)
        site.server.start()
        await site.wait_for(60)
        site.server.stop()
        site.server.start()
        await site.put(20, first=121)
        await site.wait_for(140)

    assert await site.effects() == 140

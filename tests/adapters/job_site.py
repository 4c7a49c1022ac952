"""A site of worker processes: a store, a queue, and the means to kill, freeze and count."""

import asyncio
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.sqlite.store import SqliteStore
from application.ports.job_queue import JobQueue
from domain.job import JobState
from tests.contract.samples import ACME, a_job, a_usage
from tests.fakes.clock import START

ROOT = Path(__file__).resolve().parents[2]
LEASE = 1.0
WORK = 0.02
NANO_OF_ONE = 1000


@dataclass(kw_only=True)
class Site:
    """A store, a broker at an address, and the means to put work between them."""

    path: Path
    store: SqliteStore
    broker: str
    queue: JobQueue

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


class Worker:
    """A worker process and the lines it wrote."""

    def __init__(self, site: Site, lease: float = LEASE, work: float = WORK) -> None:
        self._output = (site.path.parent / f"worker-{id(self)}").open("w+b")
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.adapters.worker_process"),
                *(str(site.path), site.broker, str(lease), str(work)),
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
def workers(
    site: Site, count: int, *, lease: float = LEASE, work: float = WORK
) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        started = []
        for _ in range(count):
            worker = Worker(site, lease, work)
            stack.callback(worker.end)
            started.append(worker)
        yield started


async def until_ready(running: Sequence[Worker]) -> None:
    """Wait until every worker looks for jobs."""
    async with asyncio.timeout(120):
        while not all(worker.said("ready") for worker in running):  # noqa: ASYNC110 - processes
            await asyncio.sleep(0.05)


async def until_leased(worker: Worker) -> str:
    """Wait until a worker has a job that it is not done with, and return its id."""
    async with asyncio.timeout(30):
        while True:
            if open_ones := set(worker.said("leased")) - set(worker.said("done")):
                return open_ones.pop()
            await asyncio.sleep(0.002)


async def ten_share_the_work(site: Site) -> None:
    """Let ten processes work on one queue: most take part, and each job is done once."""
    # A lease that outlasts any wait for a processor: here nobody dies.
    with workers(site, 10, lease=60) as ten:
        await until_ready(ten)
        await site.put(100)
        await site.wait_for(100)
        done = [worker.said("done") for worker in ten]
        leased = [one for worker in ten for one in worker.said("leased")]

    assert Counter(leased).most_common(1)[0][1] == 1
    assert await site.effects() == 100
    assert sum(1 for one in done if one) >= 8
    assert max(map(len, done)) < 50


async def kills_do_no_harm(site: Site, *, jobs: int, kills: int) -> None:
    """Kill workers at random and start others: nothing is lost, nothing doubled."""
    chance = random.Random(5)
    await site.put(jobs)

    with workers(site, 3) as running, ExitStack() as stack:
        for _ in range(kills):
            await asyncio.sleep(chance.uniform(0.05, 0.4))
            victim = running.pop(chance.randrange(len(running)))
            victim.end()
            replacement = Worker(site)
            stack.callback(replacement.end)
            running.append(replacement)
        await site.wait_for(jobs, seconds=120)

    counts = await site.store.job_records.counts()
    assert (counts[JobState.DONE], counts[JobState.DEAD]) == (jobs, 0)
    assert await site.effects() == jobs


async def frozen_worker_is_fenced(site: Site) -> None:
    """Freeze a worker for longer than its lease: what it wakes up with has no effect."""
    await site.put(1)

    # Long work, so that it is not frozen while it has the database to itself.
    with workers(site, 1, work=2.0) as (frozen,):
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

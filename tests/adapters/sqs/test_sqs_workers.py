"""Workers in processes of their own on one queue of SQS: shared, killed, frozen, and emptied."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sqlite.store import SqliteStore
from adapters.sqs.client import SqsQueue
from adapters.sqs.job_queue import SqsJobQueue
from adapters.system import SystemClock, UuidIds
from domain.job import JobState, RetryPolicy
from tests.adapters.job_site import Site, Worker, until_leased, until_ready, workers
from tests.adapters.sqs.queues import a_queue, account_of, client_of
from tests.contract.samples import a_job


@pytest.fixture
async def site(counterpart_server: Callable[[str], str], tmp_path: Path) -> AsyncIterator[Site]:
    clock = SystemClock()
    path = tmp_path / "trueport.db"
    store = SqliteStore(path, clock, UuidIds(clock), busy_timeout=timedelta(seconds=60))
    await store.open()
    async with a_queue(counterpart_server("moto")) as url:
        queue = SqsJobQueue(
            store=store.job_queue(capacity=1_000_000, retry=RetryPolicy()),
            queue=SqsQueue(account_of(url)),
            clock=clock,
        )
        yield Site(path=path, store=store, broker=url, queue=queue)
        await queue.close()
    await store.close()


async def test_ten_workers_share_a_queue_and_do_each_job_once(site: Site) -> None:
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


async def test_killed_workers_lose_nothing_and_double_nothing(site: Site) -> None:
    chance = random.Random(5)
    await site.put(60)

    with workers(site, 3) as running, ExitStack() as stack:
        for _ in range(6):
            await asyncio.sleep(chance.uniform(0.2, 0.6))
            victim = running.pop(chance.randrange(len(running)))
            victim.end()
            replacement = Worker(site)
            stack.callback(replacement.end)
            running.append(replacement)
        await site.wait_for(60, seconds=120)

    counts = await site.store.job_records.counts()
    assert (counts[JobState.DONE], counts[JobState.DEAD]) == (60, 0)
    assert await site.effects() == 60


async def test_worker_frozen_longer_than_its_lease_is_fenced(site: Site) -> None:
    await site.put(1)

    # Long work, so that it is not frozen while it has the database to itself.
    with workers(site, 1, work=2.0) as (frozen,):
        await until_leased(frozen)
        frozen.send(signal.SIGSTOP)
        was_done = await site.done()
        with workers(site, 1) as (other,):
            await site.wait_for(1)
            said = other.said("done")
        frozen.send(signal.SIGCONT)
        await site.put(1, first=2)
        await site.wait_for(2)

    assert was_done == 0
    assert a_job(1).id in said
    assert await site.effects() == 2
    assert a_job(1).id not in frozen.said("done")


async def test_queue_that_is_emptied_in_the_middle_loses_no_job(site: Site) -> None:
    await site.put(40)

    with workers(site, 2):
        await site.wait_for(5)
        client = client_of(site.broker.rpartition("/")[0].rpartition("/")[0])
        client.purge_queue(QueueUrl=site.broker)
        client.close()
        await site.wait_for(40)

    assert await site.effects() == 40

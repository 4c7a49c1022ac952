"""Workers in processes of their own on one stream: shared, killed, frozen, and Redis with them."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock, UuidIds
from domain.job import JobState, RetryPolicy
from tests.adapters.job_site import Site, Worker, until_leased, until_ready, workers
from tests.adapters.redis.server import RedisServer
from tests.contract.samples import a_job


@dataclass(kw_only=True)
class RedisSite(Site):
    """A site whose broker can be stopped and started."""

    server: RedisServer


@pytest.fixture
async def site(counterpart: Callable[[str], str], tmp_path: Path) -> AsyncIterator[RedisSite]:
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
    yield RedisSite(path=path, store=store, broker=server.url, server=server, queue=queue)
    await redis.close()
    await store.close()
    server.stop()


async def test_ten_workers_share_a_stream_and_do_each_job_once(site: Site) -> None:
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


async def test_redis_that_is_emptied_and_restarted_in_the_middle_loses_no_job(
    site: RedisSite,
) -> None:
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

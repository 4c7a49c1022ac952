"""Workers in processes of their own on one stream: shared, killed, frozen, and Redis with them."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from adapters.system import SystemClock, UuidIds
from domain.job import RetryPolicy
from tests.adapters.job_site import (
    Site,
    frozen_worker_is_fenced,
    kills_do_no_harm,
    ten_share_the_work,
    workers,
)
from tests.adapters.redis.server import RedisServer


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
    await ten_share_the_work(site)


async def test_killed_workers_lose_nothing_and_double_nothing(site: Site) -> None:
    await kills_do_no_harm(site, jobs=150, kills=12)


async def test_worker_frozen_longer_than_its_lease_is_fenced(site: Site) -> None:
    await frozen_worker_is_fenced(site)


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

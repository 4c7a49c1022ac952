"""Workers in processes of their own on one queue of SQS: shared, killed, frozen, and emptied."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sqlite.store import SqliteStore
from adapters.sqs.client import SqsQueue
from adapters.sqs.job_queue import SqsJobQueue
from adapters.system import SystemClock, UuidIds
from domain.job import RetryPolicy
from tests.adapters.job_site import (
    Site,
    frozen_worker_is_fenced,
    kills_do_no_harm,
    ten_share_the_work,
    workers,
)
from tests.adapters.sqs.queues import a_queue, account_of, client_of


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
    await ten_share_the_work(site)


async def test_killed_workers_lose_nothing_and_double_nothing(site: Site) -> None:
    await kills_do_no_harm(site, jobs=60, kills=6)


async def test_worker_frozen_longer_than_its_lease_is_fenced(site: Site) -> None:
    await frozen_worker_is_fenced(site)


async def test_queue_that_is_emptied_in_the_middle_loses_no_job(site: Site) -> None:
    await site.put(40)

    with workers(site, 2):
        await site.wait_for(5)
        client = client_of(site.broker.rpartition("/")[0].rpartition("/")[0])
        client.purge_queue(QueueUrl=site.broker)
        client.close()
        await site.wait_for(40)

    assert await site.effects() == 40

"""The queues of jobs that keep the same promises; another joins by an entry in `QUEUES`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adapters.redis.client import RedisClient
from adapters.redis.job_queue import RedisStreamsJobQueue
from adapters.sqs.job_queue import SqsJobQueue
from application.ports.job_queue import JobQueue
from application.ports.job_records import JobRecords
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.job import RetryPolicy
from tests.adapters.sqs.queues import ClockedQueue, a_queue, account_of
from tests.contract.stores import (
    Address,
    Store,
    mongo_by_motor,
    mongo_by_pymongo,
    sqlite_file,
    sqlite_memory,
)
from tests.fakes.ids import CountingIds


@dataclass(frozen=True, kw_only=True)
class Jobs:
    """A queue over a store; `queue` makes one that is full at `capacity`."""

    store: Store
    queue: Callable[[int, RetryPolicy], JobQueue]

    @property
    def records(self) -> JobRecords:
        return self.store.job_records

    @property
    def transactions(self) -> Transactions:
        return self.store.transactions


OpenJobs = Callable[[Path, Clock, Address], AbstractAsyncContextManager[Jobs]]


@asynccontextmanager
async def in_sqlite_file(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    async with sqlite_file(folder, clock, CountingIds(), address) as store:
        yield _stored(store)


@asynccontextmanager
async def in_sqlite_memory(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    async with sqlite_memory(folder, clock, CountingIds(), address) as store:
        yield _stored(store)


@asynccontextmanager
async def in_mongo_by_motor(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    async with mongo_by_motor(folder, clock, CountingIds(), address) as store:
        yield _stored(store)


@asynccontextmanager
async def in_mongo_by_pymongo(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    async with mongo_by_pymongo(folder, clock, CountingIds(), address) as store:
        yield _stored(store)


@asynccontextmanager
async def by_redis(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    """Deliver by Redis; leases end by the clock of the test, so entries are looked at always."""
    url = address("valkey").replace("http:", "redis:")
    async with sqlite_memory(folder, clock, CountingIds(), address) as store:
        redis = RedisClient(url)

        def queue(capacity: int, retry: RetryPolicy) -> JobQueue:
            return RedisStreamsJobQueue(
                store=store.job_queue(capacity=capacity, retry=retry),
                redis=redis,
                consumer="contract",
                reclaim_after=timedelta(0),
                reclaim_every=timedelta(0),
                prefix=f"{{{folder}}}:",
            )

        try:
            yield Jobs(store=store, queue=queue)
        finally:
            await redis.close()


@asynccontextmanager
async def by_sqs(folder: Path, clock: Clock, address: Address) -> AsyncIterator[Jobs]:
    """Deliver by SQS; nobody asks the store past it."""
    async with (
        sqlite_memory(folder, clock, CountingIds(), address) as store,
        a_queue(address("moto")) as url,
    ):
        queues: list[ClockedQueue] = []

        def queue(capacity: int, retry: RetryPolicy) -> JobQueue:
            queues.append(ClockedQueue(account_of(url), clock))
            return SqsJobQueue(
                store=store.job_queue(capacity=capacity, retry=retry),
                queue=queues[-1],
                clock=clock,
                look_every=timedelta(days=1),
            )

        try:
            yield Jobs(store=store, queue=queue)
        finally:
            for one in queues:
                one.close()


def _stored(store: Store) -> Jobs:
    return Jobs(
        store=store,
        queue=lambda capacity, retry: store.job_queue(capacity=capacity, retry=retry),
    )


QUEUES: Mapping[str, OpenJobs] = {
    "sqlite-file": in_sqlite_file,
    "sqlite-memory": in_sqlite_memory,
    "mongo-motor": in_mongo_by_motor,
    "mongo-pymongo": in_mongo_by_pymongo,
    "redis": by_redis,
    "sqs": by_sqs,
}

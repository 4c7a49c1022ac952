"""Turns by way of Redis: what it forgets, what nobody touches, and how the work goes on without."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from adapters.redis.client import Patience, RedisClient, RedisUnavailable
from adapters.redis.job_queue import PREFIX, RedisStreamsJobQueue
from adapters.sqlite.store import SqliteStore
from domain.errors import InvalidValue
from domain.identifiers import JobId
from domain.job import Failure, FailureKind, Job, JobState, RetryPolicy
from tests.adapters.redis.server import RedisServer
from tests.contract.samples import ACME, a_job
from tests.fakes.clock import FakeClock
from tests.fakes.ids import CountingIds

LEASE = timedelta(seconds=30)
RETRY = RetryPolicy(max_attempts=3)
STREAM, TURNS, LATER = PREFIX + "stream", PREFIX + "turns", PREFIX + "later"
NEVER = timedelta(hours=1)


@pytest.fixture
def server(counterpart: Callable[[str], str], tmp_path: Path) -> Iterator[RedisServer]:
    one = RedisServer(counterpart("valkey"), tmp_path)
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def raw(server: RedisServer) -> AsyncIterator[Redis]:
    client = Redis.from_url(server.url, decode_responses=True)
    yield client
    await client.aclose()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(clock: FakeClock) -> AsyncIterator[SqliteStore]:
    opened = SqliteStore(":memory:", clock, CountingIds())
    await opened.open()
    yield opened
    await opened.close()


class Queues:
    """Queues over one store and one server, each with connections of its own."""

    def __init__(self, store: SqliteStore, url: str) -> None:
        self._store = store
        self._url = url
        self.clients: list[RedisClient] = []

    def __call__(
        self,
        consumer: str = "one",
        *,
        reclaim_after: timedelta = NEVER,
        reclaim_every: timedelta = timedelta(0),
        restore_every: timedelta = timedelta(milliseconds=50),
    ) -> RedisStreamsJobQueue:
        client = RedisClient(self._url, patience=Patience(connect=0.5, answer=0.5))
        self.clients.append(client)
        return RedisStreamsJobQueue(
            store=self._store.job_queue(capacity=1000, retry=RETRY),
            redis=client,
            consumer=consumer,
            reclaim_after=reclaim_after,
            reclaim_every=reclaim_every,
            restore_every=restore_every,
        )


@pytest.fixture
async def queues(store: SqliteStore, server: RedisServer) -> AsyncIterator[Queues]:
    made = Queues(store, server.url)
    yield made
    for client in made.clients:
        await client.close()


async def take(queue: RedisStreamsJobQueue, clock: FakeClock, token: str) -> Job | None:
    return await queue.lease(token=token, at=clock.now(), duration=LEASE)


async def finish(store: SqliteStore, job: Job) -> None:
    async with store.transactions() as uow:
        await uow.jobs.finish(ACME, job.id, lease=job.lease or "", at=job.created_at)
        await uow.commit()


async def take_soon(queue: RedisStreamsJobQueue, clock: FakeClock, token: str) -> Job:
    """Look for work as an idle worker does, until there is some."""
    async with asyncio.timeout(10):
        while True:
            job = await take(queue, clock, token)
            if job is not None:
                return job
            await asyncio.sleep(0.01)


@asynccontextmanager
async def taken(queue: RedisStreamsJobQueue, clock: FakeClock, token: str) -> AsyncIterator[Job]:
    job = await take(queue, clock, token)
    assert job is not None
    yield job


async def test_finished_job_leaves_nothing_in_redis(
    store: SqliteStore, queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues()
    await queue.put(a_job(1))
    async with taken(queue, clock, "t1") as job:
        await finish(store, job)
        await queue.acknowledge(ACME, job.id)

    assert await raw.xlen(STREAM) == 0
    assert (await raw.xpending(STREAM, "workers"))["pending"] == 0
    assert await raw.exists(TURNS, LATER) == 0


async def test_job_that_was_not_acknowledged_is_found_finished(
    store: SqliteStore, queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues(reclaim_after=timedelta(0))
    await queue.put(a_job(1))
    async with taken(queue, clock, "t1") as job:
        await finish(store, job)

    assert await take(queue, clock, "t2") is None
    assert await raw.exists(STREAM, TURNS) == 1
    assert await raw.xlen(STREAM) == 0


async def test_failed_job_waits_in_redis_until_its_time(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues()
    await queue.put(a_job(1))
    async with taken(queue, clock, "t1") as job:
        failure = Failure(reason="away", at=clock.now(), retry=RETRY, draw=1.0)
        failed = await queue.fail(ACME, job.id, failure, lease="t1")

    assert failed.not_before is not None
    due = failed.not_before.timestamp() * 1000
    assert await raw.zrange(LATER, 0, -1, withscores=True) == [(job.id, due)]
    assert await raw.xlen(STREAM) == 0


async def test_job_of_a_dead_worker_is_taken_over_on_an_idle_stream(
    queues: Queues, clock: FakeClock
) -> None:
    dead, idle = queues("dead"), queues("idle", reclaim_after=timedelta(milliseconds=100))
    await dead.put(a_job(1))
    await take(dead, clock, "t1")
    clock.advance(LEASE.total_seconds())

    job = await take_soon(idle, clock, "t2")

    assert (job.lease, job.attempts) == ("t2", 2)


async def test_entry_of_a_worker_that_gives_signs_of_life_is_left_alone(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    holder = queues("holder")
    other = queues("other", reclaim_after=timedelta(seconds=0.3))
    await holder.put(a_job(1))
    async with taken(holder, clock, "t1") as job:
        for _ in range(6):
            await asyncio.sleep(0.1)
            await holder.extend(ACME, job.id, lease="t1", until=clock.now() + LEASE)
            assert await take(other, clock, "t2") is None

    (entry,) = await raw.xpending_range(STREAM, "workers", "-", "+", 10)
    assert entry["consumer"] == "holder"


async def test_pass_over_many_untouched_entries_takes_one_at_a_time(
    queues: Queues, clock: FakeClock
) -> None:
    dead, next_one = queues("dead"), queues("next", reclaim_after=timedelta(0))
    for number in range(30):
        await dead.put(a_job(number))
        await take(dead, clock, f"t{number}")
    clock.advance(LEASE.total_seconds())

    again = [await take(next_one, clock, f"u{number}") for number in range(31)]

    assert {job.id for job in again if job} == {a_job(number).id for number in range(30)}
    assert again[-1] is None


async def test_everything_is_there_again_after_redis_lost_it(
    store: SqliteStore, queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues(reclaim_after=timedelta(0))
    for number in range(1200):
        await store.job_queue(capacity=2000, retry=RETRY).put(a_job(number))
    leased = await take(queue, clock, "t0")
    assert leased is not None

    await raw.flushall()
    clock.advance(LEASE.total_seconds())
    first = await take_soon(queue, clock, "t1")

    # All but the one that was read; the one that was held is available again.
    assert await raw.hlen(TURNS) == 1200
    assert first.id == a_job(0).id


async def test_jobs_that_have_their_turn_get_no_second_one(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues(restore_every=timedelta(milliseconds=1))
    for number in range(5):
        await queue.put(a_job(number))

    for _ in range(5):
        await take(queues("other", restore_every=timedelta(milliseconds=1)), clock, "t")
        await asyncio.sleep(0.005)

    assert await raw.xlen(STREAM) == 5


@pytest.mark.parametrize("lost", [STREAM, TURNS, LATER])
async def test_loss_of_a_part_is_made_good(
    store: SqliteStore, queues: Queues, raw: Redis, clock: FakeClock, lost: str
) -> None:
    queue = queues(reclaim_after=timedelta(0))
    for number in range(4):
        await queue.put(a_job(number))
    async with taken(queue, clock, "t") as job:
        failure = Failure(reason="away", at=clock.now(), retry=RETRY, draw=0.5)
        await queue.fail(ACME, job.id, failure, lease="t")
    clock.advance(60)

    await raw.delete(lost)
    done = set[JobId]()
    for number in range(4):
        job = await take_soon(queue, clock, f"t{number}")
        await finish(store, job)
        await queue.acknowledge(ACME, job.id)
        done.add(job.id)

    assert done == {a_job(number).id for number in range(4)}
    assert await take(queue, clock, "t9") is None
    assert await raw.xlen(STREAM) == 0


async def test_forgotten_scripts_are_told_again(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues()
    await queue.put(a_job(1))
    await raw.script_flush()

    assert await take(queue, clock, "t1") is not None

    await raw.script_flush()
    await queue.put(a_job(2))
    assert await take(queue, clock, "t2") is not None


async def test_work_goes_on_while_redis_is_away(
    store: SqliteStore,
    queues: Queues,
    server: RedisServer,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = queues(reclaim_after=timedelta(0))
    for number in range(3):
        await queue.put(a_job(number))
    held = await take(queue, clock, "t0")
    assert held is not None
    server.stop()

    with caplog.at_level(logging.WARNING):
        await queue.extend(ACME, held.id, lease="t0", until=clock.now() + LEASE)
        await finish(store, held)
        await queue.acknowledge(ACME, held.id)
        assert await queue.put(a_job(3))
        second = await take(queue, clock, "t1")
        third = await take(queue, clock, "t2")
        assert second is not None
        assert third is not None
        await queue.release(ACME, third.id, lease="t2")
    server.start()
    await finish(store, second)
    await queue.acknowledge(ACME, second.id)
    rest = [await take_soon(queue, clock, f"u{number}") for number in range(2)]

    assert [second.id, third.id] == [a_job(1).id, a_job(2).id]
    assert {job.id for job in rest} == {a_job(2).id, a_job(3).id}
    assert await take(queue, clock, "u9") is None
    away = [record for record in caplog.records if "redis is away" in record.message]
    assert len(away) == 1


async def test_dead_letter_that_is_retried_while_redis_is_away_comes_back(
    queues: Queues, server: RedisServer, clock: FakeClock
) -> None:
    queue = queues()
    await queue.put(a_job(1))
    async with taken(queue, clock, "t") as job:
        failure = Failure(
            reason="no gzip", at=clock.now(), retry=RETRY, draw=0.5, kind=FailureKind.FINAL
        )
        await queue.fail(ACME, job.id, failure, lease="t")
    server.stop()

    again = await queue.retry(job.id)
    server.start()

    assert again.state is JobState.NEW
    assert (await take_soon(queue, clock, "t2")).id == job.id


async def test_connection_that_was_cut_is_made_again(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    queue = queues(restore_every=NEVER)
    await queue.put(a_job(1))

    await raw.client_kill_filter(_type="normal", skipme=True)

    assert await take(queue, clock, "t") is not None
    assert await raw.xlen(STREAM) == 1


async def test_more_callers_than_connections_wait_instead_of_failing(
    store: SqliteStore, server: RedisServer, clock: FakeClock
) -> None:
    client = RedisClient(server.url, connections=2)
    queue = RedisStreamsJobQueue(
        store=store.job_queue(capacity=1000, retry=RETRY),
        redis=client,
        consumer="one",
        reclaim_after=NEVER,
    )
    for number in range(100):
        await queue.put(a_job(number))

    found = await asyncio.gather(*(take(queue, clock, f"t{number}") for number in range(100)))
    await client.close()

    assert len({job.id for job in found if job}) == 100


async def test_consumers_that_went_away_are_forgotten_and_holders_are_not(
    queues: Queues, raw: Redis, clock: FakeClock
) -> None:
    holder, silent = queues("holder"), queues("silent")
    await holder.put(a_job(1))
    await take(holder, clock, "t1")
    await take(silent, clock, "t2")
    await asyncio.sleep(0.01)

    gone = await queues.clients[0].script("tidy")([STREAM], "workers", 5)

    assert gone == 1
    assert [one["name"] for one in await raw.xinfo_consumers(STREAM, "workers")] == ["holder"]


async def test_redis_that_refuses_is_unavailable(raw: Redis, queues: Queues) -> None:
    queue = queues()
    await raw.set(STREAM, "no stream")

    assert await queue.put(a_job(1))
    with pytest.raises(RedisUnavailable) as refusal:
        await queues.clients[0].script("deliver")([STREAM, TURNS, LATER], "job_1")

    assert refusal.value.service == "redis"


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://localhost", "redis://host:port"])
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        RedisClient(url)

    assert refusal.value.field == "REDIS_URL"
    assert not url or url not in refusal.value.message

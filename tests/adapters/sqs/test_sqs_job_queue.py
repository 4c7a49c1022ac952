"""Turns that SQS hands out: hidden, shown again, doubled, lost, and SQS away."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from adapters.sqlite.connection import MEMORY
from adapters.sqlite.store import SqliteStore
from adapters.sqs.client import SqsAccount, SqsMessage, SqsQueue, SqsUnavailable
from adapters.sqs.job_queue import SqsJobQueue
from adapters.system import SystemClock
from domain.identifiers import JobId
from domain.job import Failure, FailureKind, Job, JobState, RetryPolicy
from tests.adapters.sqs.queues import a_queue, account_of, client_of
from tests.contract.samples import ACME, a_job
from tests.fakes.ids import CountingIds

RETRY = RetryPolicy(max_attempts=3, base=timedelta(seconds=1))
LEASE = timedelta(seconds=30)
CLOCK = SystemClock()


class CountedQueue(SqsQueue):
    """A queue that counts how often it is asked for messages."""

    asked = 0

    async def receive(
        self, *, limit: int, wait_seconds: int, hidden_seconds: int
    ) -> Sequence[SqsMessage]:
        self.asked += 1
        return await super().receive(
            limit=limit, wait_seconds=wait_seconds, hidden_seconds=hidden_seconds
        )


class Stage:
    """A store, a queue in moto, and what stands at its other end."""

    def __init__(self, store: SqliteStore, url: str, raw: Any) -> None:
        self.store = store
        self.url = url
        self.raw = raw
        self.sqs = CountedQueue(account_of(url))
        self.queue = self.another(self.sqs)

    def another(self, sqs: SqsQueue | None = None, *, look_seconds: float = 3600) -> SqsJobQueue:
        """Return the queue of another process; by default it never looks past SQS."""
        return SqsJobQueue(
            store=self.store.job_queue(capacity=1000, retry=RETRY),
            queue=sqs or self.sqs,
            clock=CLOCK,
            wait_seconds=0,
            look_every=timedelta(seconds=look_seconds),
        )

    def count(self) -> tuple[int, int]:
        """Return how many messages are shown and hidden."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.raw.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        shown, hidden = (int(found["Attributes"][name]) for name in names)
        return shown, hidden

    def send(self, body: str) -> None:
        self.raw.send_message(QueueUrl=self.url, MessageBody=body)

    async def finish(self, job: Job) -> None:
        async with self.store.transactions() as uow:
            await uow.jobs.finish(job.tenant_id, job.id, lease=job.lease or "", at=CLOCK.now())
            await uow.commit()


@pytest.fixture
async def stage(counterpart_server: Callable[[str], str]) -> AsyncIterator[Stage]:
    store = SqliteStore(MEMORY, CLOCK, CountingIds())
    await store.open()
    async with a_queue(address := counterpart_server("moto")) as url:
        raw = client_of(address)
        made = Stage(store, url, raw)
        yield made
        await made.queue.close()
        raw.close()
    await store.close()


async def take(queue: SqsJobQueue, token: str = "t1", duration: timedelta = LEASE) -> Job | None:
    return await queue.lease(token=token, at=CLOCK.now(), duration=duration)


async def taken(queue: SqsJobQueue, token: str = "t1", duration: timedelta = LEASE) -> Job:
    job = await take(queue, token, duration)
    assert job is not None
    return job


async def fail(queue: SqsJobQueue, job: Job, kind: FailureKind) -> Job:
    failure = Failure(reason="no gzip", at=CLOCK.now(), retry=RETRY, draw=0.5, kind=kind)
    return await queue.fail(job.tenant_id, job.id, failure, lease=job.lease or "")


async def test_message_holds_the_id_of_a_job_and_nothing_else(stage: Stage) -> None:
    await stage.queue.put(a_job())
    await stage.queue.put(a_job())

    messages = stage.raw.receive_message(QueueUrl=stage.url, MaxNumberOfMessages=10)["Messages"]

    assert [message["Body"] for message in messages] == [a_job().id]


async def test_message_is_hidden_while_its_job_is_leased_and_gone_when_it_is_done(
    stage: Stage,
) -> None:
    await stage.queue.put(a_job())
    assert stage.count() == (1, 0)

    job = await taken(stage.queue)
    leased = stage.count()
    await stage.finish(job)
    await stage.queue.acknowledge(ACME, job.id)

    assert leased == (0, 1)
    assert stage.count() == (0, 0)


async def test_heartbeat_hides_the_message_as_long_as_the_lease_lasts(stage: Stage) -> None:
    await stage.queue.put(a_job())
    job = await taken(stage.queue, duration=timedelta(seconds=1))

    await stage.queue.extend(ACME, job.id, lease="t1", until=CLOCK.now() + LEASE)
    await asyncio.sleep(1.1)

    assert stage.count() == (0, 1)
    assert await take(stage.another(), "t2") is None


async def test_message_of_a_worker_that_died_goes_to_another(stage: Stage) -> None:
    await stage.queue.put(a_job())
    await taken(stage.queue, duration=timedelta(seconds=1))
    other = stage.another()
    assert await take(other, "t2") is None

    await asyncio.sleep(1.1)
    job = await taken(other, "t2")

    assert (job.id, job.attempts) == (a_job().id, 2)


async def test_message_that_comes_while_its_job_is_leased_waits_for_the_lease(
    stage: Stage,
) -> None:
    await stage.queue.put(a_job())
    job = await taken(stage.queue)
    stage.send(job.id)

    assert await take(stage.another(), "t2") is None

    assert stage.count() == (0, 2)


@pytest.mark.parametrize("end", ["done", "dead", "forgotten"])
async def test_message_of_a_job_that_ended_is_deleted(stage: Stage, end: str) -> None:
    if end != "forgotten":
        await stage.queue.put(a_job())
        job = await taken(stage.queue)
        if end == "done":
            await fail(stage.queue, job, FailureKind.TRANSIENT)
            await asyncio.sleep(1.1)
            await stage.finish(await taken(stage.queue, "t2"))
            await stage.queue.acknowledge(ACME, job.id)
        else:
            await fail(stage.queue, job, FailureKind.FINAL)
    stage.send(a_job().id)

    assert await take(stage.queue, "t3") is None

    assert stage.count() == (0, 0)


async def test_job_that_failed_has_its_turn_after_its_wait(stage: Stage) -> None:
    await stage.queue.put(a_job())

    failed = await fail(stage.queue, await taken(stage.queue), FailureKind.COUNTED)
    soon = await take(stage.queue, "t2")
    await asyncio.sleep(1.1)
    later = await taken(stage.queue, "t3")

    assert failed.not_before is not None
    assert soon is None
    assert (later.id, later.attempts) == (failed.id, 2)


async def test_job_that_was_given_back_has_its_turn_at_once(stage: Stage) -> None:
    await stage.queue.put(a_job())
    job = await taken(stage.queue)

    await stage.queue.release(ACME, job.id, lease="t1")

    assert (await taken(stage.another(), "t2")).attempts == 1


async def test_dead_letter_that_is_retried_has_a_turn(stage: Stage) -> None:
    await stage.queue.put(a_job())
    dead = await fail(stage.queue, await taken(stage.queue), FailureKind.FINAL)
    assert stage.count() == (0, 0)

    await stage.queue.retry(dead.id)

    assert (await taken(stage.queue, "t2")).id == dead.id


@pytest.mark.parametrize("body", ['{"Records": []}', "job_1", "", " "])
async def test_message_of_somebody_else_is_left_and_holds_nobody_up(
    stage: Stage, caplog: pytest.LogCaptureFixture, body: str
) -> None:
    stage.send(body or "\t")
    await stage.queue.put(a_job())

    with caplog.at_level(logging.ERROR):
        job = await taken(stage.queue)

    assert job.id == a_job().id
    assert stage.count() == (0, 2)
    assert len(caplog.records) == 1


async def test_jobs_that_sqs_does_not_know_are_found_in_the_store(stage: Stage) -> None:
    for number in range(5):
        await stage.queue.put(a_job(number))
    stage.raw.purge_queue(QueueUrl=stage.url)
    looking = stage.another(look_seconds=0.2)

    assert await take(looking, "t") is None
    await asyncio.sleep(0.25)
    found = {(await taken(looking, f"t{number}")).id for number in range(5)}

    assert found == {a_job(number).id for number in range(5)}


async def test_job_found_past_its_message_is_not_done_twice(stage: Stage) -> None:
    await stage.queue.put(a_job())
    job = await taken(stage.another(look_seconds=-1), "t1")

    during = await take(stage.queue, "t2")
    await stage.finish(job)

    assert during is None
    assert stage.count() == (0, 1)


async def test_idle_workers_ask_once_together(stage: Stage) -> None:
    found = await asyncio.gather(*(take(stage.queue, f"t{number}") for number in range(20)))

    assert found == [None] * 20
    assert stage.sqs.asked == 1


async def test_work_goes_on_while_sqs_is_away(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    account = SqsAccount(
        queue_url="http://127.0.0.1:9/000000000000/jobs",
        endpoint_url="http://127.0.0.1:9",
        access_key_id="a",
        secret_access_key="b",
    )
    queue = stage.another(SqsQueue(account))

    with caplog.at_level(logging.WARNING):
        assert await queue.put(a_job(1))
        assert await queue.put(a_job(2))
        first, second = await taken(queue, "t1"), await taken(queue, "t2")
        await queue.extend(ACME, first.id, lease="t1", until=CLOCK.now() + LEASE)
        await stage.finish(first)
        await queue.acknowledge(ACME, first.id)
        dead = await fail(queue, second, FailureKind.FINAL)
        await queue.retry(dead.id)
        again = await taken(queue, "t3")
        await queue.release(ACME, again.id, lease="t3")
        assert (await taken(queue, "t4")).id == again.id
        assert await take(queue, "t5") is None
    await queue.close()

    counts = await stage.store.job_records.counts()
    assert (counts[JobState.DONE], counts[JobState.LEASED]) == (1, 1)
    away = [record for record in caplog.records if "SQS is away" in record.message]
    assert len(away) == 1


async def test_handle_that_is_not_ours_any_more_is_fine(stage: Stage) -> None:
    await stage.queue.put(a_job())
    job = await taken(stage.queue, duration=timedelta(seconds=1))
    await asyncio.sleep(1.1)
    other = stage.another()
    again = await taken(other, "t2")
    await stage.finish(again)
    await other.acknowledge(ACME, again.id)

    await stage.queue.acknowledge(ACME, job.id)
    await stage.sqs.hide("no handle at all", 5)

    assert await take(stage.queue, "t3") is None


async def test_queue_that_is_not_there_is_unavailable(stage: Stage) -> None:
    gone = SqsQueue(account_of(stage.url + "-gone"))

    with pytest.raises(SqsUnavailable, match="send_message"):
        await gone.send(JobId("job_1"))
    gone.close()

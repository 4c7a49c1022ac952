"""A worker and its lease: given back when it is stopped, at whatever moment."""

import asyncio
from datetime import datetime, timedelta

from adapters.sqlite.database import Database
from adapters.sqlite.jobs import SqliteJobQueue
from application.analytics.prune_jobs import PruneJobs
from application.analytics.worker import WorkOnJobs
from domain.job import Failure, FailureKind, Job, JobState
from tests.contract.samples import ACME, a_job
from tests.fakes.deployment import RETRY, Deployment

LEASE = timedelta(seconds=30)


class SlowQueue(SqliteJobQueue):
    """A queue whose leases arrive late."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, capacity=100, retry=RETRY)
        self.is_asked = asyncio.Event()
        self.gate = asyncio.Event()

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        job = await super().lease(token=token, at=at, duration=duration)
        self.is_asked.set()
        await self.gate.wait()
        return job


async def test_lease_that_arrives_while_a_worker_is_stopped_is_given_back(
    deployment: Deployment,
) -> None:
    await deployment.queue.put(a_job(1, at=deployment.clock.now()))
    slow = SlowQueue(deployment.store._database)
    work = WorkOnJobs(
        queue=slow,
        analyse=deployment.analyse,
        clock=deployment.clock,
        ids=deployment.ids,
        randomness=deployment.randomness,
        telemetry=deployment.telemetry,
        retry=RETRY,
        lease=LEASE,
    )

    task = asyncio.ensure_future(work())
    await slow.is_asked.wait()
    task.cancel()
    await asyncio.sleep(0)
    slow.gate.set()
    await asyncio.wait([task])

    job = await deployment.store.job_records.get(a_job(1).id)
    assert task.cancelled()
    assert (job.state, job.attempts, job.lease) == (JobState.NEW, 0, None)


async def dead_job(deployment: Deployment, number: int) -> Job:
    queue, at = deployment.queue, deployment.clock.now()
    await queue.put(a_job(number, at=at))
    leased = await queue.lease(token="t", at=at, duration=LEASE)
    assert leased is not None
    failure = Failure(
        reason="object.unreadable: no gzip", at=at, retry=RETRY, draw=0.5, kind=FailureKind.FINAL
    )
    return await queue.fail(ACME, leased.id, failure, lease="t")


async def test_dead_letter_is_retried_or_discarded(deployment: Deployment) -> None:
    one, other = await dead_job(deployment, 1), await dead_job(deployment, 2)

    retried = await deployment.retry_dead_letter(one.id)
    gone = await deployment.discard_dead_letter(other.id)

    assert (retried.state, retried.attempts) == (JobState.NEW, 0)
    assert (gone.state, gone.finished_at) == (JobState.DISCARDED, deployment.clock.now())


async def test_finished_jobs_are_forgotten_after_their_time_in_portions(
    deployment: Deployment,
) -> None:
    records = deployment.store.job_records
    for number in range(501):
        dead = await dead_job(deployment, number)
        await records.discard(dead.id, at=deployment.clock.now())
    prune = PruneJobs(records=records, clock=deployment.clock, keep=timedelta(days=30))

    early = await prune()
    deployment.clock.advance(timedelta(days=30, seconds=1).total_seconds())
    late = [await prune(), await prune()]

    assert [early, *late] == [False, True, False]
    assert (await records.counts())[JobState.DISCARDED] == 0

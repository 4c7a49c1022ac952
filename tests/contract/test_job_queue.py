"""What the queue of jobs, their records and their ledger promise."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from application.ports.job_queue import JobQueue
from domain.errors import ConcurrentUpdate, Conflict, NotFound, Refused, Unavailable
from domain.identifiers import JobId
from domain.job import Failure, FailureKind, Job, JobState, RetryPolicy
from tests.contract.queues import QUEUES, Jobs
from tests.contract.samples import ACME, GLOBEX, a_job, a_violation
from tests.fakes.clock import START, FakeClock

LEASE = timedelta(seconds=30)
RETRY = RetryPolicy(max_attempts=3, base=timedelta(seconds=4))
MANY = 1000


@pytest.fixture(params=QUEUES)
async def jobs(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: FakeClock,
    counterpart_server: Callable[[str], str],
) -> AsyncIterator[Jobs]:
    async with QUEUES[request.param](tmp_path, clock, counterpart_server) as opened:
        yield opened


@pytest.fixture
def queue(jobs: Jobs) -> JobQueue:
    return jobs.queue(MANY, RETRY)


async def take(queue: JobQueue, clock: FakeClock, token: str = "t1") -> Job | None:
    return await queue.lease(token=token, at=clock.now(), duration=LEASE)


async def fail(
    queue: JobQueue,
    job: Job,
    clock: FakeClock,
    *,
    reason: str = "away",
    kind: FailureKind = FailureKind.COUNTED,
) -> Job:
    failure = Failure(reason=reason, at=clock.now(), retry=RETRY, draw=0.5, kind=kind)
    return await queue.fail(job.tenant_id, job.id, failure, lease=job.lease or "")


async def finish(jobs: Jobs, job: Job, *, lease: str) -> Job:
    """Finish a job, as often as other transactions get ahead of this one."""
    while True:
        try:
            async with jobs.transactions() as uow:
                done = await uow.jobs.finish(job.tenant_id, job.id, lease=lease, at=START)
                await uow.commit()
        except ConcurrentUpdate:
            continue
        return done


async def test_stored_job_comes_back_whole(jobs: Jobs, queue: JobQueue) -> None:
    assert await queue.put(a_job())

    assert await jobs.records.get(a_job().id) == a_job()


async def test_known_job_is_not_stored_again(jobs: Jobs, queue: JobQueue, clock: FakeClock) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock)

    assert not await queue.put(a_job(at=START + LEASE))

    assert await jobs.records.get(a_job().id) == leased


async def test_unknown_job_is_not_found(jobs: Jobs, queue: JobQueue) -> None:
    with pytest.raises(NotFound):
        await jobs.records.get(JobId("job_" + "0" * 32))


async def test_jobs_are_leased_in_the_order_they_were_put(
    queue: JobQueue, clock: FakeClock
) -> None:
    for number, seconds in ((2, 0), (3, 1), (4, 1), (1, 2)):
        await queue.put(a_job(number, at=START + timedelta(seconds=seconds)))
    clock.advance(5)

    leased = [await take(queue, clock, f"t{n}") for n in range(5)]

    ids = [None if job is None else job.id for job in leased]
    assert ids == [a_job(2).id, a_job(3).id, a_job(4).id, a_job(1).id, None]


async def test_leased_job_holds_token_end_and_attempt(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())

    job = await take(queue, clock, "t1")

    assert job == a_job().leased(token="t1", at=clock.now(), duration=LEASE)
    assert await jobs.records.get(a_job().id) == job


async def test_lease_that_ran_out_goes_to_the_next_worker(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    first = await take(queue, clock, "t1")
    assert first is not None

    clock.advance(30)
    second = await take(queue, clock, "t2")

    assert second is not None
    assert (second.lease, second.attempts) == ("t2", 2)
    with pytest.raises(Refused) as lost:
        await queue.extend(ACME, first.id, lease="t1", until=clock.now() + LEASE)
    assert lost.value.code == "job.lease_lost"
    with pytest.raises(Refused):
        await fail(queue, first, clock)
    with pytest.raises(Refused):
        await finish(jobs, first, lease="t1")
    assert await jobs.records.get(first.id) == second


async def test_extended_lease_lasts_longer(queue: JobQueue, clock: FakeClock) -> None:
    await queue.put(a_job())
    await take(queue, clock, "t1")

    await queue.extend(ACME, a_job().id, lease="t1", until=clock.now() + timedelta(seconds=40))

    clock.advance(39)
    assert await take(queue, clock, "t2") is None
    clock.advance(1)
    assert await take(queue, clock, "t2") is not None


async def test_lease_of_another_tenant_is_lost(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    await take(queue, clock, "t1")

    with pytest.raises(Refused):
        await queue.extend(GLOBEX, a_job().id, lease="t1", until=clock.now() + LEASE)
    with pytest.raises(Refused):
        async with jobs.transactions() as uow:
            await uow.jobs.finish(GLOBEX, a_job().id, lease="t1", at=START)
    await queue.release(GLOBEX, a_job().id, lease="t1")
    assert (await jobs.records.get(a_job().id)).state is JobState.LEASED


async def test_failed_job_waits_before_its_next_try(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock)
    assert leased is not None

    failed = await fail(queue, leased, clock)

    assert (failed.state, failed.last_error) == (JobState.NEW, "away")
    assert failed.not_before == clock.now() + timedelta(seconds=4)
    assert await jobs.records.get(failed.id) == failed
    clock.advance(3.9)
    assert await take(queue, clock, "t2") is None
    clock.advance(0.1)
    assert await take(queue, clock, "t2") is not None


async def test_final_failure_is_dead_at_once(queue: JobQueue, clock: FakeClock) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock)
    assert leased is not None

    failed = await fail(queue, leased, clock, reason="no gzip", kind=FailureKind.FINAL)

    assert failed.state is JobState.DEAD
    clock.advance(3600)
    assert await take(queue, clock, "t2") is None


async def test_job_that_kills_its_workers_dies_itself(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job(1))
    await queue.put(a_job(2, at=START + timedelta(seconds=1)))
    for number in range(RETRY.max_attempts):
        job = await take(queue, clock, f"t{number}")
        assert job is not None
        assert job.id == a_job(1).id
        clock.advance(30)

    job = await take(queue, clock, "t9")

    assert job is not None
    assert job.id == a_job(2).id
    dead = await jobs.records.get(a_job(1).id)
    assert (dead.state, dead.attempts, dead.lease) == (JobState.DEAD, RETRY.max_attempts, None)
    assert dead.last_error
    assert dead.finished_at == clock.now()


async def test_released_job_is_as_it_was(jobs: Jobs, queue: JobQueue, clock: FakeClock) -> None:
    await queue.put(a_job())
    await take(queue, clock, "t1")

    await queue.release(ACME, a_job().id, lease="t1")
    await queue.release(ACME, a_job().id, lease="t1")

    assert await jobs.records.get(a_job().id) == a_job()


async def test_release_of_a_lost_lease_changes_nothing(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    job = await take(queue, clock, "t1")

    await queue.release(ACME, a_job().id, lease="another")

    assert await jobs.records.get(a_job().id) == job


async def test_job_is_finished_together_with_its_violations(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    await take(queue, clock, "t1")

    async with jobs.transactions() as uow:
        await uow.violations.add_new(ACME, [a_violation()])
        done = await uow.jobs.finish(ACME, a_job().id, lease="t1", at=clock.now())
        await uow.commit()

    assert done.state is JobState.DONE
    assert await jobs.records.get(a_job().id) == done
    clock.advance(3600)
    assert await take(queue, clock, "t2") is None
    assert not await queue.put(a_job())


async def test_job_is_not_finished_by_a_unit_that_rolls_back(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock, "t1")

    async with jobs.transactions() as uow:
        await uow.jobs.finish(ACME, a_job().id, lease="t1", at=clock.now())

    assert await jobs.records.get(a_job().id) == leased


async def test_unknown_job_cannot_be_finished(jobs: Jobs) -> None:
    async with jobs.transactions() as uow:
        with pytest.raises(Refused):
            await uow.jobs.finish(ACME, a_job().id, lease="t1", at=START)


async def test_full_queue_refuses_new_jobs_only(jobs: Jobs, clock: FakeClock) -> None:
    queue = jobs.queue(2, RETRY)
    await queue.put(a_job(1))
    await queue.put(a_job(2))
    job = await take(queue, clock, "t1")
    assert job is not None

    with pytest.raises(Unavailable) as refusal:
        await queue.put(a_job(3))

    assert refusal.value.retry_after is not None
    assert refusal.value.retry_after > 0
    assert not await queue.put(a_job(1))
    await finish(jobs, job, lease="t1")
    assert await queue.put(a_job(3))


async def test_concurrent_jobs_never_exceed_the_capacity(jobs: Jobs) -> None:
    queue = jobs.queue(5, RETRY)

    async def put(number: int) -> bool:
        try:
            return await queue.put(a_job(number))
        except Unavailable:
            return False

    outcomes = await asyncio.gather(*(put(number) for number in range(40)))

    assert outcomes.count(True) == 5
    assert (await jobs.records.counts())[JobState.NEW] == 5


async def test_one_of_many_concurrent_events_makes_the_job(queue: JobQueue) -> None:
    outcomes = await asyncio.gather(*(queue.put(a_job()) for _ in range(200)))

    assert outcomes.count(True) == 1


async def test_concurrent_workers_never_hold_one_job_together(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    for number in range(40):
        await queue.put(a_job(number))
    held: set[JobId] = set()
    finished: list[JobId] = []

    async def work(name: str) -> None:
        turn = 0
        while job := await take(queue, clock, token := f"{name}-{turn}"):
            turn += 1
            assert job.id not in held
            held.add(job.id)
            await asyncio.sleep(0)
            await finish(jobs, job, lease=token)
            held.remove(job.id)
            finished.append(job.id)

    await asyncio.gather(*(work(f"w{number}") for number in range(8)))

    assert len(finished) == len(set(finished)) == 40


async def test_failure_of_something_else_costs_the_job_no_try(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())

    failures = []
    for number in range(RETRY.max_attempts + 2):
        job = await take(queue, clock, f"t{number}")
        assert job is not None
        failures.append(await fail(queue, job, clock, kind=FailureKind.TRANSIENT))
        clock.advance(300)

    last = failures[-1]
    assert (last.state, last.attempts, last.stalled_since) == (JobState.NEW, 0, START)
    assert await jobs.records.get(last.id) == last


async def test_acknowledged_job_has_no_other_turn(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    job = await take(queue, clock, "t1")
    assert job is not None
    await finish(jobs, job, lease="t1")

    await queue.acknowledge(ACME, job.id)
    await queue.acknowledge(ACME, job.id)

    clock.advance(3600)
    assert await take(queue, clock, "t2") is None
    assert (await jobs.records.get(job.id)).state is JobState.DONE


async def test_dead_job_that_is_retried_begins_anew(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock)
    assert leased is not None
    dead = await fail(queue, leased, clock, reason="no gzip", kind=FailureKind.FINAL)

    again = await queue.retry(dead.id)

    assert again == dead.retried()
    assert await jobs.records.get(dead.id) == again
    taken = await take(queue, clock, "t2")
    assert taken is not None
    assert (taken.attempts, taken.last_error) == (1, "no gzip")


async def test_only_a_dead_job_is_retried(queue: JobQueue) -> None:
    await queue.put(a_job())

    with pytest.raises(Conflict) as refusal:
        await queue.retry(a_job().id)
    with pytest.raises(NotFound):
        await queue.retry(a_job(2).id)

    assert refusal.value.code == "job.not_dead"


async def test_full_queue_takes_back_what_was_dead(jobs: Jobs, clock: FakeClock) -> None:
    queue = jobs.queue(1, RETRY)
    await queue.put(a_job(1))
    leased = await take(queue, clock)
    assert leased is not None
    await fail(queue, leased, clock, kind=FailureKind.FINAL)
    await queue.put(a_job(2))

    await queue.retry(a_job(1).id)

    assert (await jobs.records.counts())[JobState.NEW] == 2


async def test_discarded_job_is_known_for_good(
    jobs: Jobs, queue: JobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job())
    leased = await take(queue, clock)
    assert leased is not None
    await fail(queue, leased, clock, kind=FailureKind.FINAL)
    await jobs.records.discard(leased.id, at=clock.now())

    assert not await queue.put(a_job())

    clock.advance(3600)
    assert await take(queue, clock, "t2") is None
    with pytest.raises(Conflict):
        await queue.retry(leased.id)

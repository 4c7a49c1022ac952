"""What `application.ports.job_records` promises, and a queue in the store to its brokers."""

from datetime import timedelta

import pytest

from application.ports.job_queue import StoredJobQueue
from domain.errors import Conflict, NotFound
from domain.job import Failure, FailureKind, Job, JobState, RetryPolicy
from tests.contract.samples import ACME, GLOBEX, a_job
from tests.contract.stores import Store
from tests.fakes.clock import START, FakeClock

LEASE = timedelta(seconds=30)
RETRY = RetryPolicy(max_attempts=2)
DAY = timedelta(days=1)


@pytest.fixture
def queue(store: Store) -> StoredJobQueue:
    return store.job_queue(capacity=1000, retry=RETRY)


async def dead(queue: StoredJobQueue, number: int, clock: FakeClock) -> Job:
    """Return a job that failed for good."""
    await queue.put(a_job(number, at=clock.now()))
    token = f"dead-{number}"
    await queue.lease_one(a_job(number).id, token=token, at=clock.now(), duration=LEASE)
    failure = Failure(
        reason="no gzip", at=clock.now(), retry=RETRY, draw=0.5, kind=FailureKind.FINAL
    )
    return await queue.fail(ACME, a_job(number).id, failure, lease=token)


async def done(store: Store, queue: StoredJobQueue, number: int, clock: FakeClock) -> Job:
    """Return a job that was finished now."""
    await queue.put(a_job(number, at=clock.now()))
    token = f"done-{number}"
    await queue.lease_one(a_job(number).id, token=token, at=clock.now(), duration=LEASE)
    async with store.transactions() as uow:
        job = await uow.jobs.finish(ACME, a_job(number).id, lease=token, at=clock.now())
        await uow.commit()
    return job


async def test_jobs_are_counted_by_state(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    records = store.job_records
    assert dict(await records.counts()) == dict.fromkeys(JobState, 0)

    for number in (1, 2):
        await queue.put(a_job(number))
    await queue.lease(token="t", at=clock.now(), duration=LEASE)
    for number in (3, 4):
        await dead(queue, number, clock)
    await records.discard(a_job(4).id, at=clock.now())

    assert dict(await records.counts()) == {
        JobState.NEW: 1,
        JobState.LEASED: 1,
        JobState.DONE: 0,
        JobState.DEAD: 1,
        JobState.DISCARDED: 1,
    }


async def test_newest_jobs_are_listed_first(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    records = store.job_records
    for number in range(4):
        await queue.put(a_job(number, at=START + timedelta(seconds=number)))
    clock.advance(10)
    await queue.lease(token="t", at=clock.now(), duration=LEASE)

    assert [job.id for job in await records.all(limit=2)] == [a_job(3).id, a_job(2).id]
    assert [job.id for job in await records.all(state=JobState.LEASED)] == [a_job(0).id]
    assert [job.id for job in await records.all(state=JobState.DEAD)] == []
    assert list(await records.all(limit=0)) == []


@pytest.mark.parametrize("state", [None, JobState.NEW])
async def test_pages_meet_every_job_once(
    store: Store, queue: StoredJobQueue, state: JobState | None
) -> None:
    for number in range(7):
        await queue.put(a_job(number, at=START + timedelta(seconds=number // 3)))
    records, found = store.job_records, list[Job]()

    while page := await records.all(state=state, after=found[-1].id if found else None, limit=2):
        found += page

    assert found == list(await records.all(state=state))
    assert len(found) == 7


async def test_nothing_stands_behind_a_job_that_is_not_there(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job(1))

    assert list(await store.job_records.all(after=a_job(2).id)) == []
    assert list(await queue.available(at=clock.now(), after=a_job(2).id, limit=9)) == []


async def test_tenant_sees_its_own_jobs_only(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    records = store.job_records
    for number in range(3):
        await queue.put(a_job(number, at=START + timedelta(seconds=number)))
        await queue.put(a_job(number + 10, tenant_id=GLOBEX, at=START + timedelta(seconds=number)))
    await dead(queue, 5, clock)

    own = await records.of_tenant(ACME, limit=10)
    first = await records.of_tenant(ACME, state=JobState.NEW, limit=2)
    rest = await records.of_tenant(ACME, state=JobState.NEW, after=first[-1].id, limit=2)

    assert {job.tenant_id for job in own} == {ACME}
    assert {job.id for job in own} == {a_job(number).id for number in (0, 1, 2, 5)}
    assert [job.id for job in (*first, *rest)] == [a_job(number).id for number in (2, 1, 0)]
    assert list(await records.of_tenant(ACME, after=a_job(10).id)) == []
    assert [job.id for job in await records.of_tenant(ACME, state=JobState.DEAD)] == [a_job(5).id]
    assert dict(await records.counts_of(GLOBEX)) == {
        **dict.fromkeys(JobState, 0),
        JobState.NEW: 3,
    }
    assert (await records.counts_of(ACME))[JobState.DEAD] == 1


async def test_oldest_open_job_is_the_one_that_waits_longest(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    records = store.job_records
    assert await records.oldest_open() is None
    await done(store, queue, 1, clock)
    await dead(queue, 2, clock)
    assert await records.oldest_open() is None
    for number in (3, 4):
        clock.advance(5)
        await queue.put(a_job(number, at=clock.now()))

    oldest = clock.now() - timedelta(seconds=5)
    assert await records.oldest_open() == oldest
    await queue.lease_one(a_job(3).id, token="t", at=clock.now(), duration=LEASE)
    assert await records.oldest_open() == oldest


async def test_discarded_job_keeps_its_reason(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    job = await dead(queue, 1, clock)
    clock.advance(60)

    gone = await store.job_records.discard(job.id, at=clock.now())

    assert gone == job.discarded(at=clock.now())
    assert await store.job_records.get(job.id) == gone
    assert gone.last_error == "no gzip"


async def test_only_a_dead_job_is_discarded(store: Store, queue: StoredJobQueue) -> None:
    await queue.put(a_job(1))

    with pytest.raises(Conflict) as refusal:
        await store.job_records.discard(a_job(1).id, at=START)
    with pytest.raises(NotFound):
        await store.job_records.discard(a_job(2).id, at=START)

    assert refusal.value.code == "job.not_dead"
    assert await store.job_records.get(a_job(1).id) == a_job(1)


async def test_jobs_finished_long_ago_are_forgotten(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    records = store.job_records
    await queue.put(a_job(1, at=clock.now()))
    still_dead = await dead(queue, 2, clock)
    await done(store, queue, 3, clock)
    await dead(queue, 4, clock)
    await records.discard(a_job(4).id, at=clock.now())
    clock.advance(DAY.total_seconds())
    recent = await done(store, queue, 5, clock)

    count = await records.prune(before=clock.now(), limit=10)

    assert count == 2
    assert {job.id for job in await records.all()} == {a_job(1).id, still_dead.id, recent.id}
    assert await queue.put(a_job(3))


async def test_no_more_jobs_are_forgotten_at_once_than_asked(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    for number in range(5):
        await done(store, queue, number, clock)
        clock.advance(1)

    counts = [await store.job_records.prune(before=clock.now(), limit=2) for _ in range(4)]

    assert counts == [2, 2, 1, 0]


async def test_one_job_is_leased_by_its_id(queue: StoredJobQueue, clock: FakeClock) -> None:
    await queue.put(a_job(1))
    await queue.put(a_job(2, at=START + timedelta(seconds=1)))

    job = await queue.lease_one(a_job(2).id, token="t", at=clock.now(), duration=LEASE)

    assert (job.id, job.lease, job.attempts) == (a_job(2).id, "t", 1)


async def test_job_that_is_not_available_is_told_as_it_stands(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job(1))
    held = await queue.lease_one(a_job(1).id, token="t1", at=clock.now(), duration=LEASE)
    finished = await done(store, queue, 2, clock)

    assert await queue.lease_one(held.id, token="t2", at=clock.now(), duration=LEASE) == held
    told = await queue.lease_one(finished.id, token="t2", at=clock.now(), duration=LEASE)

    assert told == finished
    with pytest.raises(NotFound):
        await queue.lease_one(a_job(3).id, token="t2", at=clock.now(), duration=LEASE)


async def test_job_without_tries_is_dead_instead_of_leased(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    await queue.put(a_job(1))
    for number in range(RETRY.max_attempts):
        await queue.lease_one(a_job(1).id, token=f"t{number}", at=clock.now(), duration=LEASE)
        clock.advance(30)

    told = await queue.lease_one(a_job(1).id, token="t9", at=clock.now(), duration=LEASE)

    assert (told.state, told.lease) == (JobState.DEAD, None)
    assert await store.job_records.get(told.id) == told


async def test_available_jobs_are_told_oldest_first_page_by_page(
    store: Store, queue: StoredJobQueue, clock: FakeClock
) -> None:
    await dead(queue, 1, clock)
    await done(store, queue, 2, clock)
    for number in range(3, 9):
        await queue.put(a_job(number, at=START + timedelta(seconds=number // 2)))
    await queue.lease_one(a_job(3).id, token="t", at=clock.now(), duration=LEASE)
    await queue.lease_one(a_job(4).id, token="t", at=clock.now(), duration=10 * LEASE)
    clock.advance(30)

    first = await queue.available(at=clock.now(), limit=3)
    second = await queue.available(at=clock.now(), after=first[-1], limit=3)
    third = await queue.available(at=clock.now(), after=second[-1], limit=3)

    assert list(first) == [a_job(number).id for number in (3, 5, 6)]
    assert list(second) == [a_job(number).id for number in (7, 8)]
    assert list(third) == []

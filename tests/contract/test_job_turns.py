"""Whose turn it is in every store: jobs that wait, whose delay is over, whose lease is over."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.sqlite.connection import MEMORY
from adapters.sqlite.store import SqliteStore
from application.ports.job_queue import StoredJobQueue
from domain.identifiers import JobId
from domain.job import Failure, RetryPolicy
from tests.contract.samples import a_job
from tests.contract.stores import Store
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

LEASE = timedelta(minutes=1)
RETRY = RetryPolicy(max_attempts=9, base=timedelta(minutes=1), limit=timedelta(hours=1))


@pytest.fixture
def queue(store: Store) -> StoredJobQueue:
    return store.job_queue(capacity=100, retry=RETRY)


async def leased(queue: StoredJobQueue, *, after: timedelta, token: str = "t") -> JobId | None:
    job = await queue.lease(token=token, at=START + after, duration=LEASE)
    return None if job is None else job.id


async def delay(queue: StoredJobQueue, number: int, *, until: timedelta) -> None:
    """Have a job that was put wait for its next try."""
    await queue.lease_one(a_job(number).id, token="f", at=START, duration=LEASE)
    retry = RetryPolicy(base=until / 2, limit=until)
    failure = Failure(reason="away", at=START, retry=retry, draw=1.0)
    await queue.fail(a_job(number).tenant_id, a_job(number).id, failure, lease="f")


async def test_job_whose_delay_is_over_comes_before_those_put_later(queue: StoredJobQueue) -> None:
    for number in range(3):
        await queue.put(a_job(number, at=START + timedelta(seconds=number)))
    await delay(queue, 0, until=timedelta(minutes=2))

    before = await leased(queue, after=timedelta(minutes=1))
    after = await leased(queue, after=timedelta(minutes=3))

    assert (before, after) == (a_job(1).id, a_job(0).id)


async def test_job_whose_lease_is_over_comes_before_those_put_later(queue: StoredJobQueue) -> None:
    for number in range(2):
        await queue.put(a_job(number, at=START + timedelta(seconds=number)))
    await leased(queue, after=timedelta(seconds=2))

    again = await leased(queue, after=timedelta(minutes=2), token="u")

    assert again == a_job(0).id


@given(st.lists(st.sampled_from(("waiting", "delayed", "leased")), max_size=8), st.integers(0, 180))
async def test_exactly_what_is_available_is_leased(kinds: list[str], seconds: int) -> None:
    store = SqliteStore(MEMORY, FakeClock(), CountingIds())
    await store.open()
    queue = store.job_queue(capacity=100, retry=RETRY)
    at = START + timedelta(seconds=seconds)
    for number, kind in enumerate(kinds):
        await queue.put(a_job(number))
        if kind == "delayed":
            await delay(queue, number, until=timedelta(seconds=20 * (number + 1)))
        if kind == "leased":
            duration = timedelta(seconds=15 * (number + 1))
            await queue.lease_one(a_job(number).id, token="x", at=START, duration=duration)
    jobs = [await store.job_records.get(a_job(number).id) for number in range(len(kinds))]
    available = {job.id for job in jobs if job.is_available(at)}

    found = list[JobId]()
    while job := await queue.lease(token="t", at=at, duration=LEASE):
        found.append(job.id)

    await store.close()
    assert sorted(found) == sorted(available)

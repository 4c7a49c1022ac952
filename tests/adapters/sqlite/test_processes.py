"""Several processes on one file, and processes that die while they write."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sqlite.store import SqliteStore
from domain.errors import Unavailable
from domain.identifiers import JobId
from domain.job import JobState, RetryPolicy
from tests.contract.samples import ACME, a_job, a_tenant, a_usage, store_tenants
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

ROOT = Path(__file__).resolve().parents[3]
RETRY = RetryPolicy()
ROUNDS = 4
GAP = 10_000


@contextmanager
def process(path: Path, role: str, name: str = "p") -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.sqlite.store_process", str(path), role, name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as started:
        try:
            yield started
        finally:
            started.kill()


def line_of(started: subprocess.Popen[str]) -> str:
    assert started.stdout is not None
    return started.stdout.readline().strip()


def wake(started: subprocess.Popen[str]) -> None:
    assert started.stdin is not None
    started.stdin.write("\n")
    started.stdin.flush()


def store_at(path: Path, *, busy_timeout: timedelta = timedelta(seconds=60)) -> SqliteStore:
    return SqliteStore(path, FakeClock(), CountingIds(GAP**2), busy_timeout=busy_timeout)


async def test_acknowledged_commits_survive_the_death_of_the_process(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    acknowledged: list[int] = []

    for number in range(1, ROUNDS + 1):
        with process(path, "write", str(number * GAP)) as writer:
            acknowledged += [int(line_of(writer)) for _ in range(10 + 7 * number)]
            writer.kill()
            rest, _ = writer.communicate()
        acknowledged += [int(line) for line in rest.splitlines(keepends=True) if line[-1] == "\n"]

        store = store_at(path)
        await store.open()
        async with store.transactions() as uow:
            stored = {tenant.id for tenant in await uow.tenants.all()}
        jobs = {job.id for job in await store.job_records.all(limit=GAP)}
        spent = await store.gateway_reader.spent(ACME, a_usage().key_id, since=START)
        events = await store.outbox.pending()
        await store.close()

        assert {a_tenant(one).id for one in acknowledged} <= stored
        assert {a_job(one).id for one in acknowledged} <= jobs
        # What was not acknowledged is there as a whole or not at all.
        assert len(stored) - len(acknowledged) in range(number + 1)
        assert (spent, events) == (1000 * len(stored), len(stored))


async def test_two_processes_make_one_database_and_share_its_jobs(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    with process(path, "drain", "a") as first, process(path, "drain", "b") as second:
        assert [line_of(first), line_of(second)] == ["open", "open"]
        store = store_at(path)
        await store.open()
        queue = store.job_queue(capacity=GAP, retry=RETRY)
        for number in range(60):
            await queue.put(a_job(number))

        wake(first)
        wake(second)
        drained = [first.communicate()[0].split(), second.communicate()[0].split()]

        counts = await store.job_records.counts()
        await store.close()

    ids = [JobId(one) for of_one in drained for one in of_one]
    assert sorted(ids) == sorted(a_job(number).id for number in range(60))
    assert counts[JobState.DONE] == 60
    assert [first.returncode, second.returncode] == [0, 0]


async def test_database_locked_by_another_process_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    store = store_at(path, busy_timeout=timedelta(milliseconds=50))
    await store.open()
    queue = store.job_queue(capacity=GAP, retry=RETRY)

    with process(path, "lock") as locker:
        assert line_of(locker) == "locked"
        with pytest.raises(Unavailable) as refusal:
            await store_tenants(store.transactions, a_tenant())
        with pytest.raises(Unavailable):
            await queue.put(a_job())
        seen = await store.job_records.counts()
        wake(locker)
        locker.wait()
    await store_tenants(store.transactions, a_tenant())
    await queue.put(a_job())
    await store.close()

    assert refusal.value.service == "store"
    assert refusal.value.retry_after is not None
    assert seen[JobState.NEW] == 0


async def test_writer_waits_for_a_lock_that_is_short(tmp_path: Path) -> None:
    path = tmp_path / "trueport.db"
    store = store_at(path)
    await store.open()

    with process(path, "lock") as locker:
        assert line_of(locker) == "locked"
        wake(locker)
        await store_tenants(store.transactions, a_tenant())
        locker.wait()

    await store.close()

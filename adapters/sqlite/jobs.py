"""The queue of analysis jobs in SQLite, and their end in the transaction of their violations."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from adapters.documents.fields import time_text
from adapters.sqlite.database import Database
from adapters.sqlite.job_rows import (
    SELECT,
    add_job,
    change_leased,
    find_job,
    get_job,
    job_of,
    save_job,
)
from adapters.sqlite.session import Session
from application.ports.job_queue import QueueFull, StoredJobQueue
from application.ports.repositories import JobLedger
from domain.identifiers import JobId, TenantId
from domain.job import Failure, Job, JobState, RetryPolicy, lease_lost

# Without statistics SQLite would take the index by state and sort. The first conditions are those
# of the partial indexes, in their words.
_WAITING = (
    SELECT
    + """INDEXED BY jobs_waiting
WHERE state = 'new' AND not_before IS NULL
ORDER BY created_at, seq LIMIT 1
"""
)
_DELAYED = (
    SELECT
    + """INDEXED BY jobs_delayed
WHERE state = 'new' AND not_before IS NOT NULL AND not_before <= :at
ORDER BY not_before, seq LIMIT 1
"""
)
_LAPSED = (
    SELECT
    + """INDEXED BY jobs_leased
WHERE state = 'leased' AND lease_until <= :at
ORDER BY lease_until, seq LIMIT 1
"""
)
_AVAILABLE = """INDEXED BY jobs_open
WHERE state IN ('new', 'leased') AND (
    (state = 'new' AND (not_before IS NULL OR not_before <= :at))
    OR (state = 'leased' AND lease_until <= :at)
)
"""
_BEHIND = "AND (created_at, seq) > (SELECT created_at, seq FROM jobs WHERE id = :after)\n"
_ORDER = "ORDER BY created_at, seq LIMIT :limit"
_IDS = """
SELECT id
FROM jobs
"""
_AVAILABLE_IDS = _IDS + _AVAILABLE + _ORDER
_AVAILABLE_IDS_BEHIND = _IDS + _AVAILABLE + _BEHIND + _ORDER


class SqliteJobQueue(StoredJobQueue):
    """Keep jobs in a table: whatever is `new` or `leased` counts against the capacity."""

    def __init__(self, database: Database, *, capacity: int, retry: RetryPolicy) -> None:
        self._database = database
        self._capacity = capacity
        self._max_attempts = retry.max_attempts

    async def put(self, job: Job) -> bool:
        """Store a job durably; False when its id is known already."""
        return await self._database.write(lambda raw: _put(raw, job, self._capacity))

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease an available job under a new token, about the oldest."""

        def work(raw: sqlite3.Connection) -> Job | None:
            while available := _first_of_each(raw, at):
                oldest = min(available, key=lambda job: job.created_at)
                job = self._lease(raw, oldest, token, at, duration)
                if job.lease == token:
                    return job
            return None

        return await self._database.write(work)

    async def lease_one(
        self, job_id: JobId, *, token: str, at: datetime, duration: timedelta
    ) -> Job:
        """Lease this job if it is available, and return it as it stands then."""

        def work(raw: sqlite3.Connection) -> Job:
            job = get_job(raw, job_id)
            return self._lease(raw, job, token, at, duration) if job.is_available(at) else job

        return await self._database.write(work)

    async def available(
        self, *, at: datetime, after: JobId | None = None, limit: int
    ) -> Sequence[JobId]:
        """Return jobs that could be leased now, the oldest first, from behind the job `after`."""
        query = _AVAILABLE_IDS if after is None else _AVAILABLE_IDS_BEHIND
        values = {"at": time_text(at), "after": after, "limit": max(limit, 0)}
        rows = await self._database.read(lambda raw: raw.execute(query, values).fetchall())
        return [JobId(job_id) for (job_id,) in rows]

    async def extend(
        self, tenant_id: TenantId, job_id: JobId, *, lease: str, until: datetime
    ) -> None:
        """Prolong a lease."""

        def work(raw: sqlite3.Connection) -> None:
            changed = raw.execute(
                "UPDATE jobs SET lease_until = ? "
                "WHERE tenant_id = ? AND id = ? AND state = 'leased' AND lease = ?",
                (time_text(until), tenant_id, job_id, lease),
            )
            if changed.rowcount != 1:
                raise lease_lost()

        await self._database.write(work)

    async def acknowledge(self, tenant_id: TenantId, job_id: JobId) -> None:
        """Do nothing: the row that was finished is the queue as well."""

    async def fail(
        self, tenant_id: TenantId, job_id: JobId, failure: Failure, *, lease: str
    ) -> Job:
        """Put a leased job back for its next try, or among the dead."""

        def fail(job: Job) -> Job:
            return job.failed(failure, token=lease)

        return await self._database.write(lambda raw: change_leased(raw, tenant_id, job_id, fail))

    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched."""

        def work(raw: sqlite3.Connection) -> None:
            job = find_job(raw, tenant_id, job_id)
            if job is not None and job.state is JobState.LEASED and job.lease == lease:
                save_job(raw, job.released(token=lease))

        await self._database.write(work)

    async def retry(self, job_id: JobId) -> Job:
        """Put a dead job back as a new one."""
        return await self._database.write(lambda raw: save_job(raw, get_job(raw, job_id).retried()))

    def _lease(
        self, raw: sqlite3.Connection, job: Job, token: str, at: datetime, duration: timedelta
    ) -> Job:
        leased = job.leased_or_dead(
            token=token, at=at, duration=duration, max_attempts=self._max_attempts
        )
        return save_job(raw, leased)


class SqliteJobLedger(JobLedger):
    """Finish jobs, and note what is known of them, in the session of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def note(
        self,
        tenant_id: TenantId,
        job_id: JobId,
        *,
        lease: str,
        pending_detectors: Iterable[str],
        note: str,
    ) -> Job:
        """Write down what is known of a leased job."""
        pending = tuple(pending_detectors)

        def noted(job: Job) -> Job:
            return job.noted(token=lease, pending_detectors=pending, note=note)

        return await self._session.run(lambda raw: change_leased(raw, tenant_id, job_id, noted))

    async def finish(self, tenant_id: TenantId, job_id: JobId, *, lease: str, at: datetime) -> Job:
        """Mark a leased job as done."""

        def finish(job: Job) -> Job:
            return job.done(token=lease, at=at)

        return await self._session.run(lambda raw: change_leased(raw, tenant_id, job_id, finish))


def _first_of_each(raw: sqlite3.Connection, at: datetime) -> Sequence[Job]:
    """Return the first that waits, the first whose delay is over, and the first lease that is.

    Each is the first row of an index. One order of all three would have to look past every job
    whose delay, or lease, is not over.
    """
    rows = (
        raw.execute(query, {"at": time_text(at)}).fetchone()
        for query in (_WAITING, _DELAYED, _LAPSED)
    )
    return [job_of(row) for row in rows if row is not None]


def _put(raw: sqlite3.Connection, job: Job, capacity: int) -> bool:
    if raw.execute("SELECT 1 FROM jobs WHERE id = ?", (job.id,)).fetchone():
        return False
    (waiting,) = raw.execute(
        "SELECT coalesce(sum(count), 0) FROM job_counts WHERE state IN ('new', 'leased')"
    ).fetchone()
    if waiting >= capacity:
        raise QueueFull
    add_job(raw, job)
    return True

"""The queue of analysis jobs in SQLite, and their end in the transaction of their violations."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.sqlite.database import Database
from adapters.sqlite.documents.fields import column_text, dump, time_text
from adapters.sqlite.documents.jobs import JobDocument, job_from_document, job_to_document
from adapters.sqlite.session import Session
from application.ports.job_queue import JobQueue
from application.ports.repositories import JobLedger
from domain.errors import NotFound, Refused, Unavailable
from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState, RetryPolicy

FULL_RETRY_AFTER = 5.0
"""Seconds after which a caller who met a full queue may come again."""

_ADD = """
INSERT INTO jobs (
    id, tenant_id, object, source, created_at, state, attempts, not_before, lease, lease_until,
    last_error, finished_at
) VALUES (
    :id, :tenant_id, :object, :source, :created_at, :state, :attempts, :not_before, :lease,
    :lease_until, :last_error, :finished_at
)
"""
_SAVE = """
UPDATE jobs SET state = :state, attempts = :attempts, not_before = :not_before, lease = :lease,
    lease_until = :lease_until, last_error = :last_error, finished_at = :finished_at
WHERE id = :id
"""
_SELECT = """
SELECT id, tenant_id, object, source, created_at, state, attempts, not_before, lease, lease_until,
    last_error, finished_at
FROM jobs
"""
# Without statistics SQLite would take the index by state and sort. The first condition is that of
# the partial index, in its words.
_OLDEST_AVAILABLE = (
    _SELECT
    + """INDEXED BY jobs_open
WHERE state IN ('new', 'leased') AND (
    (state = 'new' AND (not_before IS NULL OR not_before <= :at))
    OR (state = 'leased' AND lease_until <= :at)
)
ORDER BY created_at, seq LIMIT 1
"""
)
_BURY = """
UPDATE jobs SET state = 'dead', lease = NULL, lease_until = NULL, not_before = NULL,
    finished_at = :at, last_error = coalesce(last_error, 'every worker that took it went away')
WHERE id = :id
"""
_NEWEST = _SELECT + "ORDER BY created_at DESC, seq DESC LIMIT :limit"
_NEWEST_OF_STATE = _SELECT + "WHERE state = :state ORDER BY created_at DESC, seq DESC LIMIT :limit"


class SqliteJobQueue(JobQueue):
    """Keep jobs in a table: whatever is `new` or `leased` counts against the capacity."""

    def __init__(self, database: Database, *, capacity: int, retry: RetryPolicy) -> None:
        self._database = database
        self._capacity = capacity
        self._max_attempts = retry.max_attempts

    async def put(self, job: Job) -> bool:
        """Store a job durably; False when its id is known already."""
        return await self._database.write(lambda raw: _put(raw, job, self._capacity))

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease the oldest available job under a new token."""

        def work(raw: sqlite3.Connection) -> Job | None:
            while row := raw.execute(_OLDEST_AVAILABLE, {"at": time_text(at)}).fetchone():
                job = _job(row)
                if job.attempts < self._max_attempts:
                    return _save(raw, job.leased(token=token, at=at, duration=duration))
                raw.execute(_BURY, {"at": time_text(at), "id": job.id})
            return None

        return await self._database.write(work)

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
                raise _lease_lost()

        await self._database.write(work)

    async def fail(
        self,
        tenant_id: TenantId,
        job_id: JobId,
        *,
        lease: str,
        reason: str,
        at: datetime,
        retry: RetryPolicy,
        draw: float,
        is_final: bool,
    ) -> Job:
        """Put a leased job back for its next try, or among the dead."""

        def fail(job: Job) -> Job:
            return job.failed(
                token=lease, reason=reason, at=at, retry=retry, draw=draw, is_final=is_final
            )

        return await self._database.write(lambda raw: _change(raw, tenant_id, job_id, fail))

    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched."""

        def work(raw: sqlite3.Connection) -> None:
            job = _find(raw, tenant_id, job_id)
            if job is not None and job.state is JobState.LEASED and job.lease == lease:
                _save(raw, job.released(token=lease))

        await self._database.write(work)

    async def get(self, job_id: JobId) -> Job:
        """Return a job."""
        row = await self._database.read(
            lambda raw: raw.execute(_SELECT + "WHERE id = ?", (job_id,)).fetchone()
        )
        if row is None:
            raise NotFound("there is no such job", code="job.not_found")
        return _job(row)

    async def counts(self) -> Mapping[JobState, int]:
        """Return the number of jobs in each state, zero included."""
        rows = await self._database.read(
            lambda raw: raw.execute("SELECT state, count(*) FROM jobs GROUP BY state").fetchall()
        )
        return {**dict.fromkeys(JobState, 0), **{JobState(state): count for state, count in rows}}

    async def all(self, *, state: JobState | None = None, limit: int = 100) -> Sequence[Job]:
        """Return the newest jobs, of one state or of all."""
        query = _NEWEST if state is None else _NEWEST_OF_STATE
        values = {"state": state, "limit": max(limit, 0)}
        rows = await self._database.read(lambda raw: raw.execute(query, values).fetchall())
        return [_job(row) for row in rows]


class SqliteJobLedger(JobLedger):
    """Finish jobs in the session of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def finish(self, tenant_id: TenantId, job_id: JobId, *, lease: str, at: datetime) -> Job:
        """Mark a leased job as done."""

        def finish(job: Job) -> Job:
            return job.done(token=lease, at=at)

        return await self._session.run(lambda raw: _change(raw, tenant_id, job_id, finish))


def _put(raw: sqlite3.Connection, job: Job, capacity: int) -> bool:
    if raw.execute("SELECT 1 FROM jobs WHERE id = ?", (job.id,)).fetchone():
        return False
    (waiting,) = raw.execute(
        "SELECT count(*) FROM jobs WHERE state IN ('new', 'leased')"
    ).fetchone()
    if waiting >= capacity:
        raise Unavailable(
            "job queue",
            "the queue of jobs is full",
            retry_after=FULL_RETRY_AFTER,
            code="jobs.queue_full",
        )
    raw.execute(_ADD, _row(job))
    return True


def _change(
    raw: sqlite3.Connection, tenant_id: TenantId, job_id: JobId, change: Callable[[Job], Job]
) -> Job:
    job = _find(raw, tenant_id, job_id)
    if job is None:
        raise _lease_lost()
    return _save(raw, change(job))


def _find(raw: sqlite3.Connection, tenant_id: TenantId, job_id: JobId) -> Job | None:
    row = raw.execute(_SELECT + "WHERE tenant_id = ? AND id = ?", (tenant_id, job_id)).fetchone()
    return None if row is None else _job(row)


def _save(raw: sqlite3.Connection, job: Job) -> Job:
    raw.execute(_SAVE, _row(job))
    return job


def _row(job: Job) -> Mapping[str, object]:
    document = job_to_document(job)
    error = job.last_error
    return {
        **document,
        "object": dump(document["object"]),
        "last_error": None if error is None else column_text(error),
    }


def _job(row: Sequence[Any]) -> Job:
    document: JobDocument = {
        "id": row[0],
        "tenant_id": row[1],
        "object": json.loads(row[2]),
        "source": row[3],
        "created_at": row[4],
        "state": row[5],
        "attempts": row[6],
        "not_before": row[7],
        "lease": row[8],
        "lease_until": row[9],
        "last_error": row[10],
        "finished_at": row[11],
    }
    return job_from_document(document)


def _lease_lost() -> Refused:
    return Refused("the lease of this job was lost", code="job.lease_lost")

"""What operators look at and clear away among the jobs in SQLite."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.documents.fields import time_of, time_text
from adapters.sqlite.database import Database
from adapters.sqlite.job_rows import SELECT, get_job, job_of, save_job
from application.ports.job_records import JobRecords
from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState

_ORDER = "ORDER BY created_at DESC, seq DESC LIMIT :limit"
_BEHIND = "(created_at, seq) < (SELECT created_at, seq FROM jobs WHERE id = :after) "
_NEWEST = SELECT + _ORDER
_NEWEST_BEHIND = SELECT + "WHERE " + _BEHIND + _ORDER
_NEWEST_OF_STATE = SELECT + "WHERE state = :state " + _ORDER
_NEWEST_OF_STATE_BEHIND = SELECT + "WHERE state = :state AND " + _BEHIND + _ORDER
_OF_TENANT = "WHERE tenant_id = :tenant_id AND (:state IS NULL OR state = :state) "
_NEWEST_OF_TENANT = SELECT + _OF_TENANT + _ORDER
_BEHIND_OWN = (
    "(created_at, seq) < "
    "(SELECT created_at, seq FROM jobs WHERE id = :after AND tenant_id = :tenant_id) "
)
_NEWEST_OF_TENANT_BEHIND = SELECT + _OF_TENANT + "AND " + _BEHIND_OWN + _ORDER
_COUNTS_OF_TENANT = "SELECT state, count(*) FROM jobs WHERE tenant_id = ? GROUP BY state"
# The conditions on states are those of the partial indexes, in their words.
_OLDEST_OPEN = """
SELECT created_at FROM jobs INDEXED BY jobs_open
WHERE state IN ('new', 'leased')
ORDER BY created_at, seq LIMIT 1
"""
_CLOSED_BEFORE = """
SELECT seq FROM jobs INDEXED BY jobs_closed
WHERE state IN ('done', 'discarded') AND finished_at < :before
ORDER BY finished_at LIMIT :limit
"""
_PRUNE = f"DELETE FROM jobs WHERE seq IN ({_CLOSED_BEFORE})"  # noqa: S608 - constant text


class SqliteJobRecords(JobRecords):
    """Read the table of jobs, and delete from it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, job_id: JobId) -> Job:
        """Return a job."""
        return await self._database.read(lambda raw: get_job(raw, job_id))

    async def counts(self) -> Mapping[JobState, int]:
        """Return the number of jobs in each state, zero included."""
        rows = await self._database.read(
            lambda raw: raw.execute("SELECT state, count FROM job_counts").fetchall()
        )
        return _counts(rows)

    async def all(
        self, *, state: JobState | None = None, after: JobId | None = None, limit: int = 100
    ) -> Sequence[Job]:
        """Return jobs of one state or of all, the newest first, from behind the job `after`."""
        if state is None:
            query = _NEWEST if after is None else _NEWEST_BEHIND
        else:
            query = _NEWEST_OF_STATE if after is None else _NEWEST_OF_STATE_BEHIND
        values = {"state": state, "after": after, "limit": max(limit, 0)}
        rows = await self._database.read(lambda raw: raw.execute(query, values).fetchall())
        return [job_of(row) for row in rows]

    async def counts_of(self, tenant_id: TenantId) -> Mapping[JobState, int]:
        """Return the number of a tenant's jobs in each state, zero included."""
        rows = await self._database.read(
            lambda raw: raw.execute(_COUNTS_OF_TENANT, (tenant_id,)).fetchall()
        )
        return _counts(rows)

    async def of_tenant(
        self,
        tenant_id: TenantId,
        *,
        state: JobState | None = None,
        after: JobId | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """Return a tenant's jobs of one state or of all, the newest first."""
        query = _NEWEST_OF_TENANT if after is None else _NEWEST_OF_TENANT_BEHIND
        values = {"tenant_id": tenant_id, "state": state, "after": after, "limit": max(limit, 0)}
        rows = await self._database.read(lambda raw: raw.execute(query, values).fetchall())
        return [job_of(row) for row in rows]

    async def oldest_open(self) -> datetime | None:
        """Return when the oldest job was made that is not finished."""
        row = await self._database.read(lambda raw: raw.execute(_OLDEST_OPEN).fetchone())
        return None if row is None else time_of(row[0])

    async def discard(self, job_id: JobId, *, at: datetime) -> Job:
        """Give a dead job up for good and return it."""
        return await self._database.write(
            lambda raw: save_job(raw, get_job(raw, job_id).discarded(at=at))
        )

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget jobs that were done or discarded before a time; returns how many."""
        values = {"before": time_text(before), "limit": max(limit, 0)}

        def work(raw: sqlite3.Connection) -> int:
            return raw.execute(_PRUNE, values).rowcount

        return await self._database.write(work)


def _counts(rows: Sequence[tuple[str, int]]) -> Mapping[JobState, int]:
    return {**dict.fromkeys(JobState, 0), **{JobState(state): count for state, count in rows}}

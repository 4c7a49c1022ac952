"""What operators look at and clear away among the jobs in MongoDB."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.documents.fields import time_of, time_text
from adapters.mongo.collection import NEWEST, OLDEST, Document, Filter
from adapters.mongo.database import HOT_TIMEOUT, Database
from adapters.mongo.job_rows import JOBS, behind, job_of, job_row, not_found
from application.ports.job_records import JobRecords
from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState

_ORDER = (("created_at", NEWEST), ("seq", NEWEST))


class MongoJobRecords(JobRecords):
    """Read the collection of jobs, and delete from it."""

    def __init__(self, database: Database) -> None:
        self._jobs = database.collection(JOBS)
        self._probed = database.collection(JOBS, patience=HOT_TIMEOUT)

    async def get(self, job_id: JobId) -> Job:
        """Return a job."""
        row = await self._jobs.find_one({"_id": job_id})
        if row is None:
            raise not_found()
        return job_of(row)

    async def counts(self) -> Mapping[JobState, int]:
        """Return the number of jobs in each state, zero included.

        Most jobs are done. They are what is left of all of them, whose number the server knows
        without looking.
        """
        counts: dict[JobState, int] = {
            state: await self._jobs.count({"state": state.value})
            for state in JobState
            if state is not JobState.DONE
        }
        done = await self._jobs.size() - sum(counts.values())
        return {**counts, JobState.DONE: max(done, 0)}

    async def all(
        self, *, state: JobState | None = None, after: JobId | None = None, limit: int = 100
    ) -> Sequence[Job]:
        """Return jobs of one state or of all, the newest first, from behind the job `after`."""
        return await self._listed({}, state=state, after=after, limit=limit)

    async def counts_of(self, tenant_id: TenantId) -> Mapping[JobState, int]:
        """Return the number of a tenant's jobs in each state, zero included."""
        groups = await self._jobs.aggregate(
            [
                {"$match": {"tenant_id": tenant_id}},
                {"$group": {"_id": "$state", "count": {"$sum": 1}}},
            ]
        )
        counts = {JobState(group["_id"]): group["count"] for group in groups}
        return {**dict.fromkeys(JobState, 0), **counts}

    async def of_tenant(
        self,
        tenant_id: TenantId,
        *,
        state: JobState | None = None,
        after: JobId | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """Return a tenant's jobs of one state or of all, the newest first."""
        return await self._listed({"tenant_id": tenant_id}, state=state, after=after, limit=limit)

    async def oldest_open(self) -> datetime | None:
        """Return when the oldest job was made that is not finished."""
        row = await self._probed.find_one(
            {"is_open": True}, sort=[("created_at", OLDEST), ("seq", OLDEST)]
        )
        return None if row is None else time_of(row["created_at"])

    async def _listed(
        self, whose: Filter, *, state: JobState | None, after: JobId | None, limit: int
    ) -> Sequence[Job]:
        where: Document = {**whose} if state is None else {**whose, "state": state.value}
        if after is not None:
            last = await self._jobs.find_one({**whose, "_id": after})
            if last is None:
                return []
            where |= behind(last, "$lt")
        rows = await self._jobs.find(where, sort=_ORDER, limit=limit)
        return [job_of(row) for row in rows]

    async def discard(self, job_id: JobId, *, at: datetime) -> Job:
        """Give a dead job up for good and return it."""
        while (row := await self._jobs.find_one({"_id": job_id})) is not None:
            discarded = job_of(row).discarded(at=at)
            revision = row["revision"]
            if await self._jobs.update(
                {"_id": job_id, "revision": revision},
                {"$set": {"revision": revision + 1, **job_row(discarded)}},
            ):
                return discarded
        raise not_found()

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget jobs that were done or discarded before a time; returns how many."""
        closed = await self._jobs.find(
            {"closed_at": {"$gt": "", "$lt": time_text(before)}},
            sort=[("closed_at", OLDEST)],
            limit=limit,
            fields=["_id"],
        )
        return await self._jobs.delete({"_id": {"$in": [row["_id"] for row in closed]}})

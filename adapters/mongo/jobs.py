"""The queue of analysis jobs in MongoDB, and their end in the transaction of their violations."""

import asyncio
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.documents.fields import time_text
from adapters.mongo.collection import OLDEST, Document, Filter
from adapters.mongo.database import Database
from adapters.mongo.job_rows import JOBS, behind, job_of, job_row, not_found
from adapters.mongo.session import Session
from adapters.mongo.writes import GATES, changed_meanwhile, meet
from application.ports.job_queue import QueueFull, StoredJobQueue
from application.ports.repositories import JobLedger
from domain.errors import ConcurrentUpdate, NotFound
from domain.identifiers import JobId, TenantId
from domain.job import Failure, Job, JobState, RetryPolicy, lease_lost

_PUTS = 12
_PAUSE = 0.004
_ORDER = (("created_at", OLDEST), ("seq", OLDEST))


class MongoJobQueue(StoredJobQueue):
    """Keep jobs in a collection: whatever is `new` or `leased` counts against the capacity."""

    def __init__(self, database: Database, *, capacity: int, retry: RetryPolicy) -> None:
        self._database = database
        self._jobs = database.collection(JOBS)
        self._capacity = capacity
        self._max_attempts = retry.max_attempts

    async def put(self, job: Job) -> bool:
        """Store a job durably; False when its id is known already."""
        # Announced more than once by any sender of events, and nobody has to wait for that.
        if await self._jobs.count({"_id": job.id}, limit=1):
            return False
        for count in range(1, _PUTS):
            try:
                return await self._put(job)
            except ConcurrentUpdate:
                # Different processes go apart by what they put.
                await asyncio.sleep(_PAUSE * count * (1 + zlib.crc32(job.id.encode()) % 8))
        return await self._put(job)

    async def _put(self, job: Job) -> bool:
        session = Session(self._database)
        await session.begin()
        try:
            jobs, gates = session.collection(JOBS), session.collection(GATES)
            seq = await meet(gates, JOBS)
            if await jobs.count({"_id": job.id}, limit=1):
                return False
            if await jobs.count({"is_open": True}, limit=self._capacity) >= self._capacity:
                raise QueueFull
            await jobs.insert({"seq": seq, "revision": 0, **job_row(job)})
            await session.commit()
        finally:
            await session.end()
        return True

    async def lease(self, *, token: str, at: datetime, duration: timedelta) -> Job | None:
        """Lease an available job under a new token, about the oldest."""
        # Whoever loses a job to another worker looks for the next one: somebody got on.
        while available := await self._first_of_each(at):
            row = min(available, key=lambda one: (one["created_at"], one["seq"]))
            job = self._leased(job_of(row), token, at, duration)
            if await self._save(job, row["revision"]) and job.lease == token:
                return job
        return None

    async def _first_of_each(self, at: datetime) -> Sequence[Document]:
        """Return the first job that waits, and the first whose delay or lease is over.

        Each is the first of an index. One order of both would have to look past every job whose
        delay, or lease, is not over.
        """
        waiting = await self._jobs.find_one({"is_open": True, "available_at": ""}, sort=_ORDER)
        over = await self._jobs.find_one(
            {"is_open": True, "available_at": {"$gt": "", "$lte": time_text(at)}},
            sort=(("available_at", OLDEST), *_ORDER),
        )
        return [row for row in (waiting, over) if row is not None]

    async def lease_one(
        self, job_id: JobId, *, token: str, at: datetime, duration: timedelta
    ) -> Job:
        """Lease this job if it is available, and return it as it stands then."""

        def lease(job: Job) -> Job:
            return self._leased(job, token, at, duration) if job.is_available(at) else job

        return await self._change({"_id": job_id}, lease)

    async def available(
        self, *, at: datetime, after: JobId | None = None, limit: int
    ) -> Sequence[JobId]:
        """Return jobs that could be leased now, the oldest first, from behind the job `after`."""
        where = _available(at)
        if after is not None:
            last = await self._jobs.find_one({"_id": after})
            if last is None:
                return []
            where = {**where, **behind(last, "$gt")}
        rows = await self._jobs.find(where, sort=_ORDER, limit=limit, fields=["_id"])
        return [JobId(row["_id"]) for row in rows]

    async def extend(
        self, tenant_id: TenantId, job_id: JobId, *, lease: str, until: datetime
    ) -> None:
        """Prolong a lease."""

        def extend(job: Job) -> Job:
            if job.state is not JobState.LEASED or job.lease != lease:
                raise lease_lost()
            return replace(job, lease_until=until)

        await self._change_leased(tenant_id, job_id, extend)

    async def acknowledge(self, tenant_id: TenantId, job_id: JobId) -> None:
        """Do nothing: the document that was finished is the queue as well."""

    async def fail(
        self, tenant_id: TenantId, job_id: JobId, failure: Failure, *, lease: str
    ) -> Job:
        """Put a leased job back for its next try, or among the dead."""

        def fail(job: Job) -> Job:
            return job.failed(failure, token=lease)

        return await self._change_leased(tenant_id, job_id, fail)

    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched."""

        def release(job: Job) -> Job:
            is_held = job.state is JobState.LEASED and job.lease == lease
            return job.released(token=lease) if is_held else job

        try:
            await self._change({"_id": job_id, "tenant_id": tenant_id}, release)
        except NotFound:
            return

    async def retry(self, job_id: JobId) -> Job:
        """Put a dead job back as a new one."""
        return await self._change({"_id": job_id}, Job.retried)

    async def _change(self, where: Filter, change: Callable[[Job], Job]) -> Job:
        """Store what becomes of a job, however often others change it meanwhile."""
        while (row := await self._jobs.find_one(where)) is not None:
            job = job_of(row)
            changed = change(job)
            if changed == job or await self._save(changed, row["revision"]):
                return changed
        raise not_found()

    async def _change_leased(
        self, tenant_id: TenantId, job_id: JobId, change: Callable[[Job], Job]
    ) -> Job:
        """Store what its holder says about a job; one that is not there has no lease either."""
        try:
            return await self._change({"_id": job_id, "tenant_id": tenant_id}, change)
        except NotFound:
            raise lease_lost() from None

    async def _save(self, job: Job, revision: int) -> bool:
        return await self._jobs.update(
            {"_id": job.id, "revision": revision},
            {"$set": {"revision": revision + 1, **job_row(job)}},
        )

    def _leased(self, job: Job, token: str, at: datetime, duration: timedelta) -> Job:
        return job.leased_or_dead(
            token=token, at=at, duration=duration, max_attempts=self._max_attempts
        )


class MongoJobLedger(JobLedger):
    """Finish jobs, and note what is known of them, in the session of a unit of work."""

    def __init__(self, session: Session) -> None:
        self._jobs = session.collection(JOBS)

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

        return await self._change(tenant_id, job_id, noted)

    async def finish(self, tenant_id: TenantId, job_id: JobId, *, lease: str, at: datetime) -> Job:
        """Mark a leased job as done."""

        def finish(job: Job) -> Job:
            return job.done(token=lease, at=at)

        return await self._change(tenant_id, job_id, finish)

    async def _change(
        self, tenant_id: TenantId, job_id: JobId, change: Callable[[Job], Job]
    ) -> Job:
        row = await self._jobs.find_one({"_id": job_id, "tenant_id": tenant_id})
        if row is None:
            raise lease_lost()
        changed = change(job_of(row))
        revision = row["revision"]
        if not await self._jobs.update(
            {"_id": job_id, "revision": revision},
            {"$set": {"revision": revision + 1, **job_row(changed)}},
        ):
            raise changed_meanwhile()
        return changed


def _available(at: datetime) -> dict[str, object]:
    return {"is_open": True, "available_at": {"$lte": time_text(at)}}

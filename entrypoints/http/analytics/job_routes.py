"""The routes by which an operator watches the jobs and decides about the dead ones."""

from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from application.analytics.dead_letters import DiscardDeadLetter, RetryDeadLetter
from application.ports.job_records import JobRecords
from domain.errors import NotFound
from domain.identifiers import JobId
from domain.job import Job, JobState
from entrypoints.http.analytics.operator import operator_only
from entrypoints.http.application import PROBLEMS

_MOST = 500


class JobBody(BaseModel):
    """A job as operators see it."""

    id: str
    tenant_id: str
    provider: str
    bucket: str
    key: str
    source: str
    state: JobState
    attempts: int
    created_at: datetime
    not_before: datetime | None
    lease_until: datetime | None
    finished_at: datetime | None
    stalled_since: datetime | None
    last_error: str | None
    pending_detectors: list[str]
    note: str

    @classmethod
    def of(cls, job: Job) -> "JobBody":
        """Return the body of a job."""
        return cls(
            id=job.id,
            tenant_id=job.tenant_id,
            provider=job.object.provider,
            bucket=job.object.bucket,
            key=job.object.key,
            source=job.source,
            state=job.state,
            attempts=job.attempts,
            created_at=job.created_at,
            not_before=job.not_before,
            lease_until=job.lease_until,
            finished_at=job.finished_at,
            stalled_since=job.stalled_since,
            last_error=job.last_error,
            pending_detectors=list(job.pending_detectors),
            note=job.note,
        )


class JobPage(BaseModel):
    """Some jobs, the newest first; `next_cursor` leads to those behind them."""

    items: list[JobBody]
    next_cursor: str | None


class JobList(JobPage):
    """How many jobs there are in each state, and some of them."""

    counts: dict[JobState, int]


def job_router(
    *,
    records: Callable[[], JobRecords],
    retry_dead_letter: Callable[[], RetryDeadLetter],
    discard_dead_letter: Callable[[], DiscardDeadLetter],
    admin_token: Callable[[], str],
) -> APIRouter:
    """Return the routes of jobs and dead letters; each takes the operator's token."""
    router = APIRouter(
        tags=["jobs"], responses=PROBLEMS, dependencies=[Depends(operator_only(admin_token))]
    )

    @router.get("/jobs", summary="Queue depth and the newest jobs")
    async def jobs(
        state: JobState | None = None, limit: int = 50, cursor: str | None = None
    ) -> JobList:
        """List jobs, of one state or of all."""
        page = await _page(records(), state, limit, cursor)
        return JobList(
            counts=dict(await records().counts()), items=page.items, next_cursor=page.next_cursor
        )

    @router.get("/jobs/{job_id}", summary="One job")
    async def job(job_id: str) -> JobBody:
        """Return a job's state and its last error."""
        return JobBody.of(await records().get(JobId(job_id)))

    @router.get("/dead-letters", summary="Jobs that nobody could do")
    async def dead_letters(limit: int = 50, cursor: str | None = None) -> JobPage:
        """List dead jobs with their reasons."""
        return await _page(records(), JobState.DEAD, limit, cursor)

    @router.get("/dead-letters/{job_id}", summary="One dead job")
    async def dead_letter(job_id: str) -> JobBody:
        """Return a dead job with its reason."""
        found = await records().get(JobId(job_id))
        if found.state is not JobState.DEAD:
            raise NotFound("there is no such dead letter", code="job.not_found")
        return JobBody.of(found)

    @router.post("/dead-letters/{job_id}/retry", summary="Try a dead job again")
    async def retry(job_id: str) -> JobBody:
        """Put a dead job back into the queue, from its first attempt."""
        return JobBody.of(await retry_dead_letter()(JobId(job_id)))

    @router.delete("/dead-letters/{job_id}", summary="Give a dead job up", status_code=204)
    async def discard(job_id: str) -> None:
        """Discard a dead job; its object stays, and does not become a job again."""
        await discard_dead_letter()(JobId(job_id))

    return router


async def _page(
    records: JobRecords, state: JobState | None, limit: int, cursor: str | None
) -> JobPage:
    limit = max(1, min(limit, _MOST))
    after = JobId(cursor) if cursor else None
    found = await records.all(state=state, after=after, limit=limit + 1)
    items = [JobBody.of(job) for job in found[:limit]]
    return JobPage(items=items, next_cursor=items[-1].id if len(found) > limit else None)

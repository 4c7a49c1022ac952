"""The routes by which operators and tenants' admins watch jobs and decide about the dead ones."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from application.analytics.dead_letters import DiscardDeadLetter, RetryDeadLetter
from application.analytics.list_jobs import ListJobs, ListJobsCommand, ShowJob
from domain.authorisation import Principal
from domain.identifiers import JobId
from domain.job import Job, JobState
from domain.tenant import Slug
from entrypoints.http.analytics.operator import Caller
from entrypoints.http.fields import SlugText

_MOST = 500
Tenant = Annotated[
    SlugText | None, Query(description="The slug of a tenant; else all that you see.")
]


class JobBody(BaseModel):
    """A job as those see it who look after it."""

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
    list_jobs: Callable[[], ListJobs],
    show_job: Callable[[], ShowJob],
    retry_dead_letter: Callable[[], RetryDeadLetter],
    discard_dead_letter: Callable[[], DiscardDeadLetter],
    caller: Caller,
) -> APIRouter:
    """Return the routes of jobs and dead letters, for the operator and for tenants' admins."""
    router = APIRouter(tags=["jobs"])
    by = Depends(caller)

    async def page(
        by: Principal | None, tenant: str | None, state: JobState | None, limit: int, cursor: str
    ) -> JobList:
        listing = await list_jobs()(
            ListJobsCommand(
                by=by,
                tenant=None if tenant is None else Slug.parse(tenant),
                state=state,
                after=JobId(cursor) if cursor else None,
                limit=max(1, min(limit, _MOST)),
            )
        )
        items = [JobBody.of(job) for job in listing.jobs]
        return JobList(
            counts=dict(listing.counts),
            items=items,
            next_cursor=items[-1].id if listing.has_more else None,
        )

    @router.get("/jobs", summary="Queue depth and the newest jobs")
    async def jobs(
        tenant: Tenant = None,
        state: JobState | None = None,
        limit: int = 50,
        cursor: str = "",
        by: Principal | None = by,
    ) -> JobList:
        """List jobs, of one state or of all; an admin sees those of the own tenant."""
        return await page(by, tenant, state, limit, cursor)

    @router.get("/jobs/{job_id}", summary="One job")
    async def job(job_id: str, by: Principal | None = by) -> JobBody:
        """Return a job's state and its last error."""
        return JobBody.of(await show_job()(JobId(job_id), by=by))

    @router.get("/dead-letters", summary="Jobs that nobody could do")
    async def dead_letters(
        tenant: Tenant = None, limit: int = 50, cursor: str = "", by: Principal | None = by
    ) -> JobPage:
        """List dead jobs with their reasons."""
        found = await page(by, tenant, JobState.DEAD, limit, cursor)
        return JobPage(items=found.items, next_cursor=found.next_cursor)

    @router.get("/dead-letters/{job_id}", summary="One dead job")
    async def dead_letter(job_id: str, by: Principal | None = by) -> JobBody:
        """Return a dead job with its reason."""
        return JobBody.of(await show_job()(JobId(job_id), by=by, is_dead=True))

    @router.post("/dead-letters/{job_id}/retry", summary="Try a dead job again")
    async def retry(job_id: str, by: Principal | None = by) -> JobBody:
        """Put a dead job back into the queue, from its first attempt."""
        return JobBody.of(await retry_dead_letter()(JobId(job_id), by=by))

    @router.delete("/dead-letters/{job_id}", summary="Give a dead job up", status_code=204)
    async def discard(job_id: str, by: Principal | None = by) -> None:
        """Discard a dead job; its object stays, and does not become a job again."""
        await discard_dead_letter()(JobId(job_id), by=by)

    return router

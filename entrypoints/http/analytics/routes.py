"""The routes of the analytics engine."""

import hmac
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from application.analytics.accept_event import AcceptEvent
from application.ports.job_queue import JobQueue
from application.ports.notifications import EventMessage, EventVerifier
from domain.errors import Unauthenticated
from domain.identifiers import JobId
from domain.job import Job, JobState
from entrypoints.http.application import PROBLEMS
from entrypoints.http.middleware import read_body

MAX_EVENT = 256 * 1024
"""Bytes of an event's body: more than any cloud sends."""


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
    last_error: str | None

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
            last_error=job.last_error,
        )


class JobList(BaseModel):
    """How many jobs there are in each state, and the newest ones."""

    counts: dict[JobState, int]
    items: list[JobBody]


def analytics_router(
    *,
    accept_event: Callable[[], AcceptEvent],
    local_events: Callable[[], EventVerifier],
    queue: Callable[[], JobQueue],
    admin_token: Callable[[], str],
) -> APIRouter:
    """Return the event and job routes."""
    router = APIRouter(tags=["analytics"], responses=PROBLEMS)

    def require_operator(request: Request) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        is_known = hmac.compare_digest(token.strip().encode(), admin_token().encode())
        if scheme.lower() != "bearer" or not is_known:
            raise Unauthenticated("this route takes the operator's token", code="operator.token")

    @router.post(
        "/events/local",
        summary="A local object was stored",
        openapi_extra={
            "parameters": [
                {
                    "in": "header",
                    "name": "x-trueport-signature",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "t=UNIX_SECONDS,v1=HMAC-SHA256 of 'UNIX_SECONDS.BODY'",
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["bucket", "key"],
                            "properties": {
                                "bucket": {"type": "string"},
                                "key": {"type": "string"},
                            },
                        }
                    }
                },
            },
        },
    )
    async def local_event(request: Request) -> JSONResponse:
        """Take a signed event; it is acknowledged once its job is stored."""
        body = await read_body(request, MAX_EVENT)
        message = EventMessage(body=body, headers=dict(request.headers))
        verified = await local_events().verify(message)
        results = [(await accept_event()(ref)).value for ref in verified.objects]
        return JSONResponse({"results": results})

    @router.get("/jobs", summary="Queue depth and the newest jobs")
    async def jobs(request: Request, state: JobState | None = None, limit: int = 50) -> JobList:
        """List jobs; the operator's token is needed."""
        require_operator(request)
        found = await queue().all(state=state, limit=max(1, min(limit, 500)))
        return JobList(
            counts=dict(await queue().counts()), items=[JobBody.of(job) for job in found]
        )

    @router.get("/jobs/{job_id}", summary="One job")
    async def job(job_id: str, request: Request) -> JobBody:
        """Return a job's state and its last error."""
        require_operator(request)
        return JobBody.of(await queue().get(JobId(job_id)))

    return router

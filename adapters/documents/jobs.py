"""Jobs as documents."""

from typing import TypedDict

from adapters.documents.fields import (
    optional_time_of,
    optional_time_text,
    time_of,
    time_text,
)
from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState, ObjectRef


class ObjectRefDocument(TypedDict):
    """One version of one stored object."""

    provider: str
    bucket: str
    key: str
    revision: str


class JobDocument(TypedDict):
    """One object to analyse."""

    id: str
    tenant_id: str
    object: ObjectRefDocument
    source: str
    created_at: str
    state: str
    attempts: int
    not_before: str | None
    lease: str | None
    lease_until: str | None
    last_error: str | None
    finished_at: str | None
    stalled_since: str | None
    pending_detectors: list[str]
    note: str


def job_to_document(job: Job) -> JobDocument:
    """Return a job as plain data."""
    return {
        "id": job.id,
        "tenant_id": job.tenant_id,
        "object": {
            "provider": job.object.provider,
            "bucket": job.object.bucket,
            "key": job.object.key,
            "revision": job.object.revision,
        },
        "source": job.source,
        "created_at": time_text(job.created_at),
        "state": job.state.value,
        "attempts": job.attempts,
        "not_before": optional_time_text(job.not_before),
        "lease": job.lease,
        "lease_until": optional_time_text(job.lease_until),
        "last_error": job.last_error,
        "finished_at": optional_time_text(job.finished_at),
        "stalled_since": optional_time_text(job.stalled_since),
        "pending_detectors": list(job.pending_detectors),
        "note": job.note,
    }


def job_from_document(document: JobDocument) -> Job:
    """Return the job that a document describes."""
    ref = document["object"]
    return Job(
        id=JobId(document["id"]),
        tenant_id=TenantId(document["tenant_id"]),
        object=ObjectRef(
            provider=ref["provider"],
            bucket=ref["bucket"],
            key=ref["key"],
            revision=ref["revision"],
        ),
        source=document["source"],
        created_at=time_of(document["created_at"]),
        state=JobState(document["state"]),
        attempts=document["attempts"],
        not_before=optional_time_of(document["not_before"]),
        lease=document["lease"],
        lease_until=optional_time_of(document["lease_until"]),
        last_error=document["last_error"],
        finished_at=optional_time_of(document["finished_at"]),
        stalled_since=optional_time_of(document["stalled_since"]),
        pending_detectors=tuple(document["pending_detectors"]),
        note=document["note"],
    )

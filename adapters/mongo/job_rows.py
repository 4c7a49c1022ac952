"""Jobs as documents of their collection, and how they are listed."""

from typing import Any

from adapters.documents.fields import time_text
from adapters.documents.jobs import job_from_document, job_to_document
from adapters.mongo.collection import Document
from adapters.mongo.values import load, stored
from domain.errors import NotFound
from domain.job import Job, JobState

JOBS = "jobs"
_OPEN = frozenset({JobState.NEW, JobState.LEASED})
_CLOSED = frozenset({JobState.DONE, JobState.DISCARDED})


def job_row(job: Job) -> Document:
    """Return a job's document; who inserts it adds `seq`, who changes it raises `revision`.

    `available_at` is from when on a worker may have it, `closed_at` when it was done for good.
    """
    due = job.not_before if job.state is JobState.NEW else job.lease_until
    is_closed = job.state in _CLOSED and job.finished_at is not None
    return {
        "_id": job.id,
        "tenant_id": job.tenant_id,
        "created_at": time_text(job.created_at),
        "state": job.state.value,
        "is_open": job.state in _OPEN,
        "available_at": "" if due is None else time_text(due),
        "closed_at": time_text(job.finished_at) if is_closed and job.finished_at else None,
        "document": stored(job_to_document(job)),
    }


def job_of(row: Document) -> Job:
    """Return the job of a document."""
    return load(row["document"], job_from_document)


def behind(last: Document, beyond: str) -> dict[str, Any]:
    """Return the condition on what is listed behind a job; `beyond` is `$gt` or `$lt`."""
    return {
        "$or": [
            {"created_at": {beyond: last["created_at"]}},
            {"created_at": last["created_at"], "seq": {beyond: last["seq"]}},
        ]
    }


def not_found() -> NotFound:
    """Return the answer about a job that is not there."""
    return NotFound("there is no such job", code="job.not_found")

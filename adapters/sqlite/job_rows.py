"""Jobs as rows of their table, and the changes that are the same wherever they are made."""

import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.documents.fields import column_text, dump
from adapters.documents.jobs import JobDocument, job_from_document, job_to_document
from domain.errors import NotFound
from domain.identifiers import JobId, TenantId
from domain.job import Job, lease_lost

SELECT = """
SELECT id, tenant_id, object, source, created_at, state, attempts, not_before, lease, lease_until,
    last_error, finished_at, stalled_since, pending_detectors, note
FROM jobs
"""
_ADD = """
INSERT INTO jobs (
    id, tenant_id, object, source, created_at, state, attempts, not_before, lease, lease_until,
    last_error, finished_at, stalled_since, pending_detectors, note
) VALUES (
    :id, :tenant_id, :object, :source, :created_at, :state, :attempts, :not_before, :lease,
    :lease_until, :last_error, :finished_at, :stalled_since, :pending_detectors, :note
)
"""
_SAVE = """
UPDATE jobs SET state = :state, attempts = :attempts, not_before = :not_before, lease = :lease,
    lease_until = :lease_until, last_error = :last_error, finished_at = :finished_at,
    stalled_since = :stalled_since, pending_detectors = :pending_detectors, note = :note
WHERE id = :id
"""


def add_job(raw: sqlite3.Connection, job: Job) -> None:
    """Insert a job."""
    raw.execute(_ADD, _row(job))


def save_job(raw: sqlite3.Connection, job: Job) -> Job:
    """Store what became of a job and return it."""
    raw.execute(_SAVE, _row(job))
    return job


def find_job(raw: sqlite3.Connection, tenant_id: TenantId, job_id: JobId) -> Job | None:
    """Return a tenant's job, None when there is none."""
    row = raw.execute(SELECT + "WHERE tenant_id = ? AND id = ?", (tenant_id, job_id)).fetchone()
    return None if row is None else job_of(row)


def get_job(raw: sqlite3.Connection, job_id: JobId) -> Job:
    """Return a job of whatever tenant.

    Raises:
        NotFound: there is none.
    """
    row = raw.execute(SELECT + "WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound("there is no such job", code="job.not_found")
    return job_of(row)


def change_leased(
    raw: sqlite3.Connection, tenant_id: TenantId, job_id: JobId, change: Callable[[Job], Job]
) -> Job:
    """Store what its holder says about a job; one that is not there has no lease either.

    Raises:
        Refused: the lease was lost.
    """
    job = find_job(raw, tenant_id, job_id)
    if job is None:
        raise lease_lost()
    return save_job(raw, change(job))


def job_of(row: Sequence[Any]) -> Job:
    """Return the job of a row of `SELECT`."""
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
        "stalled_since": row[12],
        "pending_detectors": row[13].split(),
        "note": row[14],
    }
    return job_from_document(document)


def _row(job: Job) -> Mapping[str, object]:
    document = job_to_document(job)
    error = job.last_error
    return {
        **document,
        "object": dump(document["object"]),
        "last_error": None if error is None else column_text(error),
        "pending_detectors": " ".join(document["pending_detectors"]),
        "note": column_text(document["note"]),
    }

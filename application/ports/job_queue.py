"""The conversation with the queue of analysis jobs."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState, RetryPolicy


class JobQueue(Protocol):
    """Keep jobs until a worker finished them; a worker that dies loses its lease, not the job."""

    @abstractmethod
    async def put(self, job: Job) -> bool:  # tenant-free: the job names its tenant
        """Store a job durably; False when its id is known already (then nothing changes).

        Raises:
            Unavailable: the queue is full; `retry_after` says when to come again.
        """

    @abstractmethod
    async def lease(
        self, *, token: str, at: datetime, duration: timedelta
    ) -> Job | None:  # tenant-free: workers serve every tenant
        """Lease the oldest available job under a new token, None when there is none.

        A job whose attempts are used up is not leased but set dead.
        """

    @abstractmethod
    async def extend(
        self, tenant_id: TenantId, job_id: JobId, *, lease: str, until: datetime
    ) -> None:
        """Prolong a lease.

        Raises:
            Refused: the lease was lost (`job.lease_lost`).
        """

    @abstractmethod
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
        """Put a leased job back for its next try, or among the dead, and return it.

        Raises:
            Refused: the lease was lost (`job.lease_lost`).
        """

    @abstractmethod
    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched; a lost lease is fine."""

    @abstractmethod
    async def get(self, job_id: JobId) -> Job:  # tenant-free: the operator's view
        """Return a job.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def counts(self) -> Mapping[JobState, int]:  # tenant-free: the operator's view
        """Return the number of jobs in each state, zero included."""

    @abstractmethod
    async def all(
        self, *, state: JobState | None = None, limit: int = 100
    ) -> Sequence[Job]:  # tenant-free: the operator's view
        """Return the newest jobs, of one state or of all."""

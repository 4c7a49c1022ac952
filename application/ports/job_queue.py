"""The conversation with the queue of analysis jobs."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Unavailable
from domain.identifiers import JobId, TenantId
from domain.job import Failure, Job


class QueueFull(Unavailable):
    """The queue takes no further job for now; `retry_after` says when to come again."""

    code = "jobs.queue_full"

    def __init__(self) -> None:
        super().__init__("job queue", "the queue of jobs is full", retry_after=5.0)


class JobQueue(Protocol):
    """Keep jobs until a worker finished them; a worker that dies loses its lease, not the job.

    What a job is stands in the store; a queue that lives elsewhere only says whose turn it is.
    """

    @abstractmethod
    async def put(self, job: Job) -> bool:  # tenant-free: the job names its tenant
        """Store a job durably; False when its id is known already (then nothing changes).

        Raises:
            QueueFull: as many jobs wait as the queue takes.
        """

    @abstractmethod
    async def lease(
        self, *, token: str, at: datetime, duration: timedelta
    ) -> Job | None:  # tenant-free: workers serve every tenant
        """Lease an available job under a new token, None when there is none.

        Jobs come about in the order they were put. One whose attempts are used up is not leased
        but set dead.
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
    async def acknowledge(self, tenant_id: TenantId, job_id: JobId) -> None:
        """Forget the turn of a job that was finished in the transaction of its violations.

        Never fails: a job that is not acknowledged has another turn, and is found finished.
        """

    @abstractmethod
    async def fail(
        self, tenant_id: TenantId, job_id: JobId, failure: Failure, *, lease: str
    ) -> Job:
        """Put a leased job back for its next try, or among the dead, and return it.

        Raises:
            Refused: the lease was lost (`job.lease_lost`).
        """

    @abstractmethod
    async def release(self, tenant_id: TenantId, job_id: JobId, *, lease: str) -> None:
        """Give a leased job back untouched; a lost lease is fine."""

    @abstractmethod
    async def retry(self, job_id: JobId) -> Job:  # tenant-free: the operator's decision
        """Put a dead job back as a new one, whatever the queue holds, and return it.

        Raises:
            NotFound: there is no such job.
            Conflict: it is not dead (`job.not_dead`).
        """


class StoredJobQueue(JobQueue, Protocol):
    """A queue in the store itself, complete alone, that a broker may deliver for."""

    @abstractmethod
    async def lease_one(
        self, job_id: JobId, *, token: str, at: datetime, duration: timedelta
    ) -> Job:  # tenant-free: workers serve every tenant
        """Lease this job if it is available, and return it as it stands then.

        The caller has it exactly when its `lease` is the token.

        Raises:
            NotFound: there is no such job.
        """

    @abstractmethod
    async def available(
        self, *, at: datetime, after: JobId | None = None, limit: int
    ) -> Sequence[JobId]:  # tenant-free: workers serve every tenant
        """Return jobs that could be leased now, the oldest first, from behind the job `after`."""

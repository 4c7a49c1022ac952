"""The conversation with the records of analysis jobs: what operators look at and clear away."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from domain.identifiers import JobId, TenantId
from domain.job import Job, JobState


class JobRecords(Protocol):  # tenant-free: the operator's view, over every tenant
    """Know every job, whatever became of it."""

    @abstractmethod
    async def get(self, job_id: JobId) -> Job:
        """Return a job.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def counts(self) -> Mapping[JobState, int]:
        """Return the number of jobs in each state, zero included."""

    @abstractmethod
    async def all(
        self, *, state: JobState | None = None, after: JobId | None = None, limit: int = 100
    ) -> Sequence[Job]:
        """Return jobs of one state or of all, the newest first, from behind the job `after`."""

    @abstractmethod
    async def counts_of(self, tenant_id: TenantId) -> Mapping[JobState, int]:
        """Return the number of a tenant's jobs in each state, zero included."""

    @abstractmethod
    async def of_tenant(
        self,
        tenant_id: TenantId,
        *,
        state: JobState | None = None,
        after: JobId | None = None,
        limit: int = 100,
    ) -> Sequence[Job]:
        """Return a tenant's jobs as `all` does; behind a job of somebody else is nothing."""

    @abstractmethod
    async def oldest_open(self) -> datetime | None:
        """Return when the oldest job was made that is not finished, None where there is none."""

    @abstractmethod
    async def discard(self, job_id: JobId, *, at: datetime) -> Job:
        """Give a dead job up for good and return it; its object does not become a job again.

        Raises:
            NotFound: there is no such job.
            Conflict: it is not dead (`job.not_dead`).
        """

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget jobs that were done or discarded before a time; returns how many, up to `limit`.

        An object that is announced once more after that is a new job.
        """

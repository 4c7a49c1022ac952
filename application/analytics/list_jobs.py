"""Show jobs to the operator, or a tenant's own to its admin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.analytics.job_access import JobAccess
from application.ports.job_records import JobRecords
from domain.authorisation import Action, Principal
from domain.errors import NotFound
from domain.identifiers import JobId
from domain.job import Job, JobState
from domain.tenant import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class ListJobsCommand:
    """Which jobs: of one tenant or of all that the caller may see, of one state or of all.

    `by` is None for the operator.
    """

    by: Principal | None = None
    tenant: Slug | None = None
    state: JobState | None = None
    after: JobId | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class JobListing:
    """Some jobs, the newest first, how many there are in each state, and whether more follow."""

    jobs: Sequence[Job]
    counts: Mapping[JobState, int]
    has_more: bool


class ListJobs:
    """List jobs, page by page."""

    def __init__(self, *, access: JobAccess, records: JobRecords) -> None:
        self._access = access
        self._records = records

    async def __call__(self, command: ListJobsCommand) -> JobListing:
        """Return a page behind the job `after`.

        Raises:
            Unauthenticated, NotFound, Refused, InvalidValue: as `JobAccess.tenant` says.
        """
        is_dead = command.state is JobState.DEAD
        action = Action.READ_DEAD_LETTERS if is_dead else Action.READ_JOBS
        tenant_id = await self._access.tenant(command.by, command.tenant, action)
        limit = command.limit + 1
        if tenant_id is None:
            counts = await self._records.counts()
            found = await self._records.all(state=command.state, after=command.after, limit=limit)
        else:
            counts = await self._records.counts_of(tenant_id)
            found = await self._records.of_tenant(
                tenant_id, state=command.state, after=command.after, limit=limit
            )
        return JobListing(
            jobs=found[: command.limit], counts=counts, has_more=len(found) > command.limit
        )


class ShowJob:
    """Show one job, or one that is dead."""

    def __init__(self, *, access: JobAccess) -> None:
        self._access = access

    async def __call__(
        self, job_id: JobId, *, by: Principal | None = None, is_dead: bool = False
    ) -> Job:
        """Return it.

        Raises:
            Unauthenticated, NotFound, Refused: as `JobAccess.job` says; a job that is not dead
                where a dead one is asked for is not there either.
        """
        action = Action.READ_DEAD_LETTERS if is_dead else Action.READ_JOBS
        job = await self._access.job(by, job_id, action)
        if is_dead and job.state is not JobState.DEAD:
            raise NotFound(f"this job is {job.state.value}, no dead letter", code="job.not_found")
        return job

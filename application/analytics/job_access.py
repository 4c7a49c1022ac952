"""Decide which jobs somebody may see and decide about: the operator's are all, an admin's own."""

from application.authorisation import Authorise
from application.ports.job_records import JobRecords
from application.ports.unit_of_work import Transactions
from domain.authorisation import Action, Principal, may
from domain.errors import InvalidValue, NotFound
from domain.identifiers import JobId, TenantId
from domain.job import Job
from domain.tenant import Slug, TenantState


class JobAccess:
    """Find the jobs for whoever asks; `by` is None for the operator.

    A job of somebody else's tenant is not there, in the same words as one that nobody has.
    """

    def __init__(
        self, *, authorise: Authorise, transactions: Transactions, records: JobRecords
    ) -> None:
        self._authorise = authorise
        self._transactions = transactions
        self._records = records

    async def tenant(
        self, by: Principal | None, slug: Slug | None, action: Action
    ) -> TenantId | None:
        """Return the tenant whose jobs are meant, None for those of all.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such tenant, or not the caller's.
            Refused: the member's role does not cover this (`role.insufficient`).
            InvalidValue: the caller administers several tenants and names none.
        """
        if by is not None:
            slug = slug or await self._only_tenant(by, action)
            return (await self._authorise(by, slug, action)).tenant.id
        if slug is None:
            return None
        async with self._transactions() as uow:
            return (await uow.tenants.by_slug(slug)).id

    async def job(self, by: Principal | None, job_id: JobId, action: Action) -> Job:
        """Return a job.

        Raises:
            Unauthenticated, Refused: as `tenant` says.
            NotFound: no such job, or one of a tenant that is not the caller's.
        """
        if by is None:
            return await self._records.get(job_id)
        async with self._transactions() as uow:
            await self._authorise.user(uow, by)
        job = await self._records.get(job_id)
        try:
            async with self._transactions() as uow:
                tenant = await uow.tenants.get(job.tenant_id)
                await self._authorise.within(uow, by, tenant.slug, action)
        except NotFound:
            raise NotFound("there is no such job", code="job.not_found") from None
        return job

    async def _only_tenant(self, by: Principal, action: Action) -> Slug:
        async with self._transactions() as uow:
            user = await self._authorise.user(uow, by)
            own = [
                tenant.slug
                for tenant in await uow.tenants.of_user(user.id)
                if tenant.state is not TenantState.DELETED
                and (role := tenant.role_of(user.id)) is not None
                and may(role, action)
            ]
        if not own:
            raise NotFound("you administer no tenant", code="tenant.not_found")
        if len(own) > 1:
            raise InvalidValue(
                "you administer several tenants: say whose jobs, with ?tenant=SLUG", field="tenant"
            )
        return own[0]

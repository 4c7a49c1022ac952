"""Decide whether somebody who is signed in may do something to a tenant."""

from dataclasses import dataclass

from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.authorisation import LOWEST_ROLE, Action, Caller, Operator, Principal, may
from domain.errors import NotFound, Refused, Unauthenticated
from domain.tenant import Slug, Tenant, TenantState
from domain.user import Role, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """A tenant as one of its members reaches it."""

    tenant: Tenant
    user: User
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A tenant as whoever may do something to it reaches it; `by` is None for the operator."""

    tenant: Tenant
    by: Principal | None


class Authorise:
    """Let a member do what the role covers; use cases ask before they do anything else."""

    def __init__(self, *, transactions: Transactions) -> None:
        self._transactions = transactions

    async def __call__(self, principal: Principal, slug: Slug, action: Action) -> Membership:
        """Return the membership that allows this, for reads that need no unit of work.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such tenant, a deleted one, or not the caller's: nobody learns which.
            Refused: the member's role does not cover this (`role.insufficient`).
        """
        async with self._transactions() as uow:
            return await self.within(uow, principal, slug, action)

    async def within(
        self, uow: UnitOfWork, principal: Principal, slug: Slug, action: Action
    ) -> Membership:
        """Do the same inside a unit of work, so that what it writes rests on the role it read."""
        user = await self.user(uow, principal)
        tenant = await uow.tenants.by_slug(slug)
        role = tenant.role_of(user.id)
        if role is None or tenant.state is TenantState.DELETED:
            raise NotFound("there is no such tenant", code="tenant.not_found")
        if not may(role, action):
            raise Refused(
                f"this takes the role {LOWEST_ROLE[action].value}, yours is {role.value}; "
                "an owner or admin of the tenant can change that",
                code="role.insufficient",
            )
        return Membership(tenant=tenant, user=user, role=role)

    async def access(self, uow: UnitOfWork, caller: Caller, slug: Slug, action: Action) -> Access:
        """Do the same for whoever may also be the operator, who is asked for no role.

        Raises:
            Unauthenticated, NotFound, Refused: as `within` does.
        """
        if isinstance(caller, Operator):
            return Access(tenant=await uow.tenants.by_slug(slug), by=None)
        membership = await self.within(uow, caller, slug, action)
        return Access(tenant=membership.tenant, by=caller)

    async def user(self, uow: UnitOfWork, principal: Principal) -> User:
        """Return the user behind a token.

        Raises:
            Unauthenticated: there is none any more, or the token was made before a sign-out
                everywhere.
        """
        try:
            user = await uow.users.get(principal.user_id)
        except NotFound:
            raise Unauthenticated("this user does not exist", code="token.ended") from None
        if user.token_version != principal.token_version:
            raise Unauthenticated("this session was signed out", code="token.ended")
        return user

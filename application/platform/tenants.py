"""Found, read, rename and delete tenants."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.deeds import Deeds, differences
from application.paging import Slice, slice_of
from application.platform.founding import Founding
from application.ports.readers import Page
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions, UnitOfWork
from application.repeated_calls import Created, made_before, remember
from domain.administration import Change
from domain.authorisation import Action, Caller, Principal
from domain.errors import Conflict, NotFound, Refused
from domain.events import TenantChanged
from domain.identifiers import TenantId, UserId
from domain.repeated_call import Once
from domain.subscription import Entitlements, Subscription
from domain.tenant import Slug, Tenant, TenantState
from domain.user import Email, Role, User

MOST_OWNED = 20
"""Tenants that one person may own, unless an operator makes more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundTenantCommand:
    """A new tenant and the person who owns it."""

    slug: Slug
    name: str
    owner_email: Email
    owner_name: str
    agreed: Entitlements | None = None


class FoundTenant:
    """Make a tenant with its owner and its log bucket, as the operator does."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        founding: Founding,
        log: AdministrationLog,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._founding = founding
        self._log = log
        self._clock = clock
        self._ids = ids

    async def __call__(self, command: FoundTenantCommand) -> Tenant:
        """Return the new tenant; its bucket exists before the tenant does.

        Raises:
            Conflict: the slug is taken.
            Unavailable, AccessDenied: the bucket cannot be made; nothing was stored.
        """
        storage = await self._founding.prepare(command.slug)
        async with self._transactions() as uow:
            try:
                owner = await uow.users.by_email(command.owner_email)
            except NotFound:
                owner = User.register(
                    user_id=UserId(self._ids.new("usr")),
                    email=command.owner_email,
                    name=command.owner_name,
                    at=self._clock.now(),
                )
                await uow.users.add(owner)
            tenant = await self._founding.found(
                uow, slug=command.slug, name=command.name, owner=owner.id, storage=storage
            )
            if command.agreed is not None:
                subscription = Subscription(tenant_id=tenant.id).agree(command.agreed)
                await uow.subscriptions.save(tenant.id, subscription)
                await uow.tenants.save(tenant.with_entitlements(command.agreed))
                tenant = await uow.tenants.get(tenant.id)
            await _note_founding(self._log, uow, tenant, by=None)
            await uow.commit()
        return tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateTenantCommand:
    """A new tenant of whoever asks for it."""

    slug: Slug
    name: str
    once: Once | None = None


class CreateTenant:
    """Make a tenant that the caller owns."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        authorise: Authorise,
        founding: Founding,
        log: AdministrationLog,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._authorise = authorise
        self._founding = founding
        self._log = log
        self._clock = clock

    async def __call__(self, principal: Principal, command: CreateTenantCommand) -> Created[Tenant]:
        """Return the new tenant; its bucket exists before the tenant does.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            Conflict: the slug is taken.
            Refused: the caller owns as many as one person may.
            Unavailable, AccessDenied: the bucket cannot be made; nothing was stored.
        """
        async with self._transactions() as uow:
            made = await self._made_before(uow, principal, command)
            if made is not None:
                return made
            await _require_free(uow, command.slug)
        # No bucket is made for somebody who gets no tenant.
        storage = await self._founding.prepare(command.slug)
        async with self._transactions() as uow:
            made = await self._made_before(uow, principal, command)
            if made is not None:
                return made
            tenant = await self._founding.found(
                uow,
                slug=command.slug,
                name=command.name,
                owner=principal.user_id,
                storage=storage,
            )
            await _note_founding(self._log, uow, tenant, by=principal)
            await remember(
                uow,
                principal.user_id,
                command.once,
                resource=tenant.id,
                at=self._clock.now(),
            )
            await uow.commit()
        return Created(item=tenant)

    async def _made_before(
        self, uow: UnitOfWork, principal: Principal, command: CreateTenantCommand
    ) -> Created[Tenant] | None:
        user = await self._authorise.user(uow, principal)
        made = await made_before(uow, user.id, command.once, at=self._clock.now())
        if made is not None:
            tenant = await uow.tenants.get(TenantId(made))
            if tenant.role_of(user.id) is None or tenant.state is TenantState.DELETED:
                raise NotFound("there is no such tenant", code="tenant.not_found")
            return Created(item=tenant, is_replay=True)
        owned = [
            tenant
            for tenant in await uow.tenants.of_user(user.id)
            if tenant.role_of(user.id) is Role.OWNER and tenant.state is not TenantState.DELETED
        ]
        if len(owned) >= MOST_OWNED:
            raise Refused(
                f"one person owns {MOST_OWNED} tenants at most; ask the operator for more",
                code="tenant.too_many",
            )
        return None


async def _require_free(uow: UnitOfWork, slug: Slug) -> None:
    try:
        await uow.tenants.by_slug(slug)
    except NotFound:
        return
    raise Conflict("this slug is taken", code="tenant.slug_taken")


async def _note_founding(
    log: AdministrationLog, uow: UnitOfWork, tenant: Tenant, *, by: Principal | None
) -> None:
    await log.note(
        uow,
        tenant.id,
        by=by,
        deed="tenant.create",
        target=tenant.id,
        changes=(
            Change(field="slug", after=tenant.slug.value),
            Change(field="name", after=tenant.name),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTenant:
    """A tenant with the role that somebody has in it."""

    tenant: Tenant
    role: Role


class ListTenants:
    """List the tenants that somebody is in."""

    def __init__(self, *, transactions: Transactions, authorise: Authorise) -> None:
        self._transactions = transactions
        self._authorise = authorise

    async def __call__(self, principal: Principal, page: Page) -> Slice[OwnTenant]:
        """Return a page of them, by slug; deleted ones are left out.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            InvalidValue: the cursor.
        """
        async with self._transactions() as uow:
            user = await self._authorise.user(uow, principal)
            tenants = await uow.tenants.of_user(user.id)
        own = own_tenants(tenants, user.id)
        return slice_of(own, page, key=lambda one: one.tenant.slug.value)


def own_tenants(tenants: Sequence[Tenant], user_id: UserId) -> list[OwnTenant]:
    """Return those tenants that a user is in and that are not deleted, with the user's role."""
    return [
        OwnTenant(tenant=tenant, role=role)
        for tenant in tenants
        if (role := tenant.role_of(user_id)) is not None and tenant.state is not TenantState.DELETED
    ]


class ReadTenant:
    """Show a tenant to one of its members."""

    def __init__(self, *, authorise: Authorise) -> None:
        self._authorise = authorise

    async def __call__(self, principal: Principal, slug: Slug) -> OwnTenant:
        """Return the tenant and the caller's role.

        Raises:
            Unauthenticated, NotFound: the caller may not do this.
        """
        membership = await self._authorise(principal, slug, Action.READ_TENANT)
        return OwnTenant(tenant=membership.tenant, role=membership.role)


class RenameTenant:
    """Call a tenant by another name; its slug stays what it is."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, name: str) -> Tenant:
        """Return the renamed tenant.

        Raises:
            InvalidValue: the name.
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.RENAME_TENANT) as deed:
            renamed = deed.tenant.rename(name)
            await deed.uow.tenants.save(renamed)
            deed.uow.record(TenantChanged(tenant_id=renamed.id))
            await deed.commit(
                target=renamed.id,
                changes=differences({"name": deed.tenant.name}, {"name": renamed.name}),
            )
        return renamed


class DeleteTenant:
    """Delete a tenant: nobody reaches it any more, and its keys are served no more.

    What it stored is kept until its retention ends.
    """

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> Tenant:
        """Return the deleted tenant.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.DELETE_TENANT) as deed:
            deleted = deed.tenant.delete(at=deed.at)
            await deed.uow.tenants.save(deleted)
            deed.uow.record(TenantChanged(tenant_id=deleted.id))
            await deed.commit(
                target=deleted.id,
                changes=differences(
                    {"state": deed.tenant.state.value},
                    {"state": deleted.state.value, "purge_after": deleted.purge_after},
                ),
            )
        return deleted

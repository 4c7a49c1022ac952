"""Show and change how a tenant pays."""

from dataclasses import dataclass
from datetime import datetime

from application.deeds import Deeds
from application.ports.billing import Checkout, Payments
from application.ports.quotas import RequestQuota
from application.ports.system import IdFactory
from application.ports.unit_of_work import UnitOfWork
from domain.administration import Change
from domain.authorisation import Action, Caller, Operator
from domain.errors import Conflict
from domain.events import PaymentFailed, TenantChanged
from domain.repeated_call import Once
from domain.subscription import (
    Entitlements,
    Plan,
    Subscription,
    has_new_problem,
    month_of,
)
from domain.tenant import Slug, Tenant

_SUCCESS = "/platform/app/billing?checkout=success"
_CANCEL = "/platform/app/billing?checkout=cancelled"
_RETURN = "/platform/app/billing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """What a tenant may use, what it has used of it, and how it pays.

    `requests` is None where another service counts them.
    """

    tenant: Tenant
    subscription: Subscription
    requests: int | None
    resets_at: datetime
    serving_keys: int | None


class ReadBilling:
    """Say what a tenant may use, what of it is used, and how it pays."""

    def __init__(self, *, deeds: Deeds, quota: RequestQuota | None, payments: Payments) -> None:
        self._deeds = deeds
        self._quota = quota
        self._payments = payments

    async def __call__(self, caller: Caller, slug: Slug) -> Billing:
        """Return how the tenant stands.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not see this.
            Unavailable: this deployment takes no payments, or the requests cannot be counted.
        """
        async with self._deeds.begin(caller, slug, Action.READ_BILLING) as deed:
            self._payments.require()
            subscription = await deed.uow.subscriptions.get(deed.tenant_id)
            keys = await deed.uow.api_keys.all(deed.tenant_id)
            serving = sum(key.counts_at(deed.at) for key in keys)
            tenant, at = deed.tenant, deed.at
        return Billing(
            tenant=tenant,
            subscription=subscription,
            requests=None if self._quota is None else await self._quota.used(tenant.id, at=at),
            resets_at=month_of(at)[1],
            # Keys lie where requests are counted.
            serving_keys=None if self._quota is None else serving,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheckoutCommand:
    """A plan to buy; `origin` is where our own pages are, which the payment page leads back to."""

    slug: Slug
    plan: Plan
    origin: str
    once: Once | None = None


class StartCheckout:
    """Lead an owner to the page on which a plan is paid for."""

    def __init__(self, *, deeds: Deeds, payments: Payments, ids: IdFactory) -> None:
        self._deeds = deeds
        self._payments = payments
        self._ids = ids

    async def __call__(self, caller: Caller, command: StartCheckoutCommand) -> str:
        """Return the address of the page.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            InvalidValue: the plan cannot be bought.
            Conflict: the tenant pays already, or has an agreement.
            Unavailable: this deployment takes no payments, or whoever takes them is away.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_BILLING) as deed:
            self._payments.require()
            subscription = await deed.uow.subscriptions.get(deed.tenant_id)
            subscription.require_checkout(command.plan)
            tenant, customer = deed.tenant, subscription.customer
            payer = None if deed.by is None else await deed.uow.users.get(deed.by.user_id)
        if customer is None:
            if payer is None:
                raise Conflict("an owner who is signed in buys", code="billing.no_payer")
            # Begun twice, this makes one customer: what it is made of is in `once` as well.
            made_of = f"{tenant.id}-{tenant.name}-{payer.email}"
            customer = await self._payments.new_customer(
                tenant.id, name=tenant.name, email=payer.email, once=f"customer-{made_of}"
            )
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_BILLING) as deed:
            subscription = await deed.uow.subscriptions.get(deed.tenant_id)
            if subscription.customer is None:
                await deed.uow.subscriptions.save(
                    deed.tenant_id, subscription.as_customer(customer)
                )
            # Another owner may have been quicker.
            customer = subscription.customer or customer
            await deed.commit(
                target=customer, changes=(Change(field="checkout", after=command.plan.value),)
            )
        once = self._ids.ulid() if command.once is None else command.once.key
        return await self._payments.checkout(
            tenant.id,
            Checkout(
                customer=customer,
                plan=command.plan,
                success_url=f"{command.origin}{_SUCCESS}&tenant={tenant.slug}",
                cancel_url=f"{command.origin}{_CANCEL}&tenant={tenant.slug}",
            ),
            once=f"checkout-{tenant.id}-{once}",
        )


class OpenPortal:
    """Lead an owner to the page with invoices, on which a plan is changed and cancelled."""

    def __init__(self, *, deeds: Deeds, payments: Payments) -> None:
        self._deeds = deeds
        self._payments = payments

    async def __call__(self, caller: Caller, slug: Slug, *, origin: str) -> str:
        """Return the address of the page.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            Conflict: the tenant never bought anything.
            Unavailable: this deployment takes no payments, or whoever takes them is away.
        """
        async with self._deeds.begin(caller, slug, Action.CHANGE_BILLING) as deed:
            self._payments.require()
            customer = (await deed.uow.subscriptions.get(deed.tenant_id)).customer
            tenant_id = deed.tenant_id
            if customer is None:
                raise Conflict(
                    "this tenant has bought nothing yet: begin with a checkout",
                    code="billing.no_customer",
                )
            # What is done there is Stripe's to write down; who was led there is ours.
            await deed.commit(target=customer, changes=(Change(field="portal", after="opened"),))
        return await self._payments.portal(
            tenant_id, customer, return_url=f"{origin}{_RETURN}?tenant={slug}"
        )


class AgreeOnPlan:
    """Put a tenant on the enterprise plan as agreed, or back on what it pays for."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, operator: Operator, slug: Slug, agreed: Entitlements | None) -> Tenant:
        """Return the tenant as it is now; nobody but the operator agrees.

        Raises:
            NotFound: no such tenant.
            InvalidValue: only enterprise is agreed.
            ConcurrentUpdate: the subscription changed at the same time.
        """
        async with self._deeds.begin(operator, slug, Action.CHANGE_BILLING) as deed:
            subscription = await deed.uow.subscriptions.get(deed.tenant_id)
            changed = subscription.agree(agreed)
            await deed.uow.subscriptions.save(deed.tenant_id, changed)
            tenant = await apply(deed.uow, subscription, changed)
            await deed.commit(
                target=tenant.id,
                changes=(
                    Change(
                        field="plan",
                        before=deed.tenant.entitlements.plan.value,
                        after=tenant.entitlements.plan.value,
                    ),
                ),
            )
        return tenant


async def apply(uow: UnitOfWork, before: Subscription, after: Subscription) -> Tenant:
    """Give a tenant what its subscription entitles it to, and record what follows from it."""
    tenant = await uow.tenants.get(after.tenant_id)
    entitlements = after.entitlements
    if tenant.entitlements != entitlements:
        tenant = tenant.with_entitlements(entitlements)
        await uow.tenants.save(tenant)
        uow.record(TenantChanged(tenant_id=tenant.id))
    if has_new_problem(before, after):
        uow.record(PaymentFailed(tenant_id=tenant.id))
    return tenant

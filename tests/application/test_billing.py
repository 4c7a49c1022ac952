"""Plans are bought, followed and enforced, with a stand-in for Stripe."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from adapters.in_process.request_quota import InProcessRequestQuota
from adapters.payments.none import NoPayments
from adapters.payments.stripe import StripeAccount, StripePayments
from application.gateway.keys import IssueKeyCommand
from application.outbox import RelayOutbox
from application.platform.account_mails import AccountMails
from application.platform.billing import (
    AgreeOnPlan,
    OpenPortal,
    ReadBilling,
    StartCheckout,
    StartCheckoutCommand,
)
from application.platform.end_payments import EndPayments
from application.platform.payment_events import Taken, TakePaymentEvent
from application.platform.payment_mails import SendPaymentProblem
from application.platform.tenants import FoundTenantCommand
from application.ports.billing import UnsignedEvent
from domain.authorisation import OPERATOR, Principal
from domain.errors import Conflict, InvalidValue, Refused, Unavailable
from domain.events import OutboxEntry, PaymentFailed, TenantChanged
from domain.identifiers import EventId, UserId
from domain.repeated_call import Once
from domain.subscription import (
    FREE,
    TEAM,
    UNLIMITED,
    NotInPlan,
    PaymentState,
    Plan,
)
from domain.tenant import Slug, Tenant
from domain.user import Email, Role, User
from tests.fakes.deployment import RETRY, Deployment, found_tenant_of
from tests.fakes.interruptions import FlakyMailer
from tests.fakes.stripe_server import (
    API_KEY,
    PRICE,
    WEBHOOK_SECRET,
    StripeOfTests,
    signed,
    stripe_server,
)

SLUG = Slug("paying")
ORIGIN = "https://trueport.example.com"


@pytest.fixture
def stripe() -> Iterator[StripeOfTests]:
    with stripe_server() as running:
        yield running


@dataclass
class Shop:
    """A tenant on the free plan, and everything that deals with its billing."""

    deployment: Deployment
    payments: StripePayments
    stripe: StripeOfTests
    owner: Principal
    mailer: FlakyMailer

    async def checkout(self, once: str | None = None, **changes: Any) -> str:
        command = StartCheckoutCommand(
            **{"slug": SLUG, "plan": Plan.TEAM, "origin": ORIGIN} | changes,  # type: ignore[arg-type]
            once=None if once is None else Once(key=once, fingerprint="f"),
        )
        buy = StartCheckout(
            deeds=self.deployment.deeds, payments=self.payments, ids=self.deployment.ids
        )
        return await buy(self.owner, command)

    async def portal(self) -> str:
        lead = OpenPortal(deeds=self.deployment.deeds, payments=self.payments)
        return await lead(self.owner, SLUG, origin=ORIGIN)

    async def take(self, body: bytes, signature: str | None = None) -> Taken:
        take = TakePaymentEvent(
            transactions=self.deployment.transactions,
            payments=self.payments,
            clock=self.deployment.clock,
        )
        at = self.deployment.clock.now().timestamp()
        return await take(body, signed(body, at) if signature is None else signature)

    async def tell(self, thing: dict[str, Any], kind: str = "updated", **fields: Any) -> Taken:
        return await self.take(self.stripe.event(f"customer.subscription.{kind}", thing, **fields))

    async def pay(self) -> dict[str, Any]:
        await self.checkout()
        subscription = self.stripe.pay(self.stripe.sessions[-1]["customer"])
        assert await self.tell(subscription, "created") is Taken.APPLIED
        return subscription

    async def tenant(self) -> Tenant:
        async with self.deployment.transactions() as uow:
            return await uow.tenants.by_slug(SLUG)

    async def relay(self) -> None:
        mails = AccountMails(
            mailer=self.mailer,
            templates=self.deployment.alert_mails._templates,
            telemetry=self.deployment.telemetry,
            public_url=ORIGIN,
        )
        handle = SendPaymentProblem(transactions=self.deployment.transactions, mails=mails)
        await RelayOutbox(
            outbox=self.deployment.store.outbox,
            handlers={PaymentFailed: [handle]},
            clock=self.deployment.clock,
            randomness=self.deployment.randomness,
            retry=RETRY,
        )()


@pytest.fixture
async def shop(deployment: Deployment, stripe: StripeOfTests) -> AsyncIterator[Shop]:
    found = found_tenant_of(
        transactions=deployment.transactions,
        storages=deployment.storages,
        clock=deployment.clock,
        ids=deployment.ids,
    )
    tenant = await found(
        FoundTenantCommand(
            slug=SLUG, name="Paying", owner_email=Email("ada@example.org"), owner_name="Ada"
        )
    )
    payments = StripePayments(
        StripeAccount(
            api_key=API_KEY,
            webhook_secret=WEBHOOK_SECRET,
            prices={Plan.TEAM: PRICE},
            address=stripe.address,
        )
    )
    yield Shop(
        deployment=deployment,
        payments=payments,
        stripe=stripe,
        owner=Principal(user_id=tenant.members[0].user_id),
        mailer=FlakyMailer(deployment.mailer),
    )
    await payments.close()


async def test_tenant_begins_on_the_free_plan(shop: Shop) -> None:
    assert (await shop.tenant()).entitlements == FREE


async def test_checkout_leads_to_stripe_and_back(shop: Shop) -> None:
    url = await shop.checkout()

    (session,) = shop.stripe.sessions
    assert url == session["url"]
    assert session["asked"]["success_url"].startswith(f"{ORIGIN}/platform/app/billing?")
    assert session["asked"]["cancel_url"].endswith("tenant=paying")
    assert (await shop.tenant()).entitlements == FREE


async def test_tenant_has_one_customer_however_often_it_looks_at_prices(shop: Shop) -> None:
    await asyncio.gather(*(shop.checkout() for _ in range(5)))
    await shop.checkout()

    assert len(shop.stripe.customers) == 1
    assert len(shop.stripe.sessions) == 6


async def test_same_call_leads_to_the_same_page(shop: Shop) -> None:
    assert await shop.checkout(once="one") == await shop.checkout(once="one")
    assert len(shop.stripe.sessions) == 1


async def test_paid_subscription_is_the_plan_team(shop: Shop) -> None:
    await shop.pay()

    assert (await shop.tenant()).entitlements == TEAM
    with pytest.raises(Conflict, match="portal"):
        await shop.checkout()
    assert await shop.portal() == shop.stripe.portals[0]["url"]


async def test_each_event_is_applied_once(shop: Shop) -> None:
    subscription = await shop.pay()
    before = await shop.tenant()

    taken = [await shop.tell(subscription, event_id="evt_again") for _ in range(3)]

    assert taken == [Taken.APPLIED, Taken.KNOWN, Taken.KNOWN]
    assert (await shop.tenant()).version == before.version


async def test_same_event_at_the_same_time_is_applied_once(shop: Shop) -> None:
    await shop.checkout()
    subscription = shop.stripe.pay(shop.stripe.sessions[-1]["customer"])

    taken = await asyncio.gather(*(shop.tell(subscription, event_id="evt_once") for _ in range(8)))

    assert taken.count(Taken.APPLIED) == 1
    assert taken.count(Taken.KNOWN) == 7


async def test_late_event_does_not_bring_back_what_is_over(shop: Shop) -> None:
    subscription = await shop.pay()
    old = shop.stripe.event("customer.subscription.updated", subscription)
    subscription["status"] = "canceled"
    await shop.tell(subscription, "deleted")

    # It says that the subscription is active, which was true when it was written.
    assert json.loads(old)["data"]["object"]["status"] == "active"
    assert await shop.take(old) is Taken.APPLIED

    assert (await shop.tenant()).entitlements == FREE


async def test_cancelled_tenant_keeps_what_it_has_and_can_buy_again(shop: Shop) -> None:
    subscription = await shop.pay()
    subscription["status"] = "canceled"
    await shop.tell(subscription, "deleted")

    await shop.pay()

    assert (await shop.tenant()).entitlements == TEAM


async def test_event_that_nobody_signed_changes_nothing(shop: Shop) -> None:
    await shop.checkout()
    subscription = shop.stripe.pay(shop.stripe.sessions[-1]["customer"])
    body = shop.stripe.event("customer.subscription.created", subscription)
    old = shop.deployment.clock.now() - timedelta(seconds=301)

    for signature in ("", "t=1,v1=00", signed(body, old.timestamp())):
        with pytest.raises(UnsignedEvent):
            await shop.take(body, signature)

    assert (await shop.tenant()).entitlements == FREE


async def test_event_of_a_stranger_is_ignored(shop: Shop) -> None:
    assert await shop.tell({"id": "sub_x", "customer": "cus_of_somebody_else"}) is Taken.IGNORED
    assert await shop.take(shop.stripe.event("product.created", {})) is Taken.IGNORED


async def test_event_is_not_used_up_while_stripe_is_away(shop: Shop) -> None:
    await shop.checkout()
    subscription = shop.stripe.pay(shop.stripe.sessions[-1]["customer"])
    shop.stripe.failures += [500] * 3

    with pytest.raises(Unavailable):
        await shop.tell(subscription, event_id="evt_1")

    assert await shop.tell(subscription, event_id="evt_1") is Taken.APPLIED
    assert (await shop.tenant()).entitlements == TEAM


async def test_payment_problem_is_mailed_to_owners_once_for_each_problem(shop: Shop) -> None:
    subscription = await shop.pay()
    subscription["status"] = "past_due"
    for _ in range(3):
        await shop.tell(subscription)
    await shop.relay()

    (mail,) = shop.mailer.sent
    assert mail.to == Email("ada@example.org")
    assert "Paying" in mail.subject
    assert "/platform/app/billing?tenant=paying" in mail.text
    # While it is tried again, the plan stays.
    assert (await shop.tenant()).entitlements == TEAM

    subscription["status"] = "active"
    await shop.tell(subscription)
    subscription["status"] = "past_due"
    await shop.tell(subscription)
    await shop.relay()

    assert len(shop.mailer.sent) == 2
    assert len({mail.id for mail in shop.mailer.sent}) == 2


async def test_problem_that_is_mended_before_the_mail_leaves_is_not_told(shop: Shop) -> None:
    subscription = await shop.pay()
    subscription["status"] = "past_due"
    await shop.tell(subscription)
    subscription["status"] = "active"
    await shop.tell(subscription)

    await shop.relay()

    assert shop.mailer.sent == []


async def test_unpaid_tenant_is_on_the_free_plan(shop: Shop) -> None:
    subscription = await shop.pay()
    subscription["status"] = "unpaid"
    await shop.tell(subscription)
    await shop.relay()

    assert (await shop.tenant()).entitlements == FREE
    assert "is on the free plan now" in shop.mailer.sent[0].text


async def test_admin_reads_and_only_an_owner_changes(shop: Shop) -> None:
    async with shop.deployment.transactions() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
        admin = User.register(
            user_id=UserId("usr_admin"),
            email=Email("bob@example.org"),
            name="Bob",
            at=shop.deployment.clock.now(),
        )
        await uow.users.add(admin)
        await uow.tenants.save(
            tenant.with_member(user_id=admin.id, role=Role.ADMIN, at=shop.deployment.clock.now())
        )
        await uow.commit()
    shop.owner = Principal(user_id=admin.id)
    read = ReadBilling(deeds=shop.deployment.deeds, quota=None, payments=shop.payments)

    billing = await read(shop.owner, SLUG)

    assert billing.tenant.entitlements == FREE
    assert (billing.requests, billing.serving_keys) == (None, None)
    with pytest.raises(Refused):
        await shop.checkout()
    with pytest.raises(Refused):
        await OpenPortal(deeds=shop.deployment.deeds, payments=shop.payments)(
            shop.owner, SLUG, origin=ORIGIN
        )


async def test_portal_of_nobody_who_bought_is_refused_with_what_to_do(shop: Shop) -> None:
    with pytest.raises(Conflict, match="checkout"):
        await OpenPortal(deeds=shop.deployment.deeds, payments=shop.payments)(
            shop.owner, SLUG, origin=ORIGIN
        )


async def test_without_payments_everything_says_why(shop: Shop) -> None:
    nobody = NoPayments()
    read = ReadBilling(deeds=shop.deployment.deeds, quota=None, payments=nobody)
    take = TakePaymentEvent(
        transactions=shop.deployment.transactions, payments=nobody, clock=shop.deployment.clock
    )

    with pytest.raises(Unavailable, match="STRIPE_API_KEY") as caught:
        await read(shop.owner, SLUG)
    with pytest.raises(Unavailable):
        await take(b"{}", "")

    assert caught.value.code == "billing.off"


async def test_operator_agrees_on_a_plan_and_ends_it(shop: Shop) -> None:
    agree = AgreeOnPlan(deeds=shop.deployment.deeds)
    await shop.pay()

    assert (await agree(OPERATOR, SLUG, UNLIMITED)).entitlements == UNLIMITED
    assert (await agree(OPERATOR, SLUG, None)).entitlements == TEAM
    with pytest.raises(InvalidValue):
        await agree(OPERATOR, SLUG, FREE)


async def test_nobody_pays_for_a_deleted_tenant(shop: Shop) -> None:
    subscription = await shop.pay()
    end = EndPayments(transactions=shop.deployment.transactions, payments=shop.payments)
    entry = OutboxEntry(
        id=EventId("evt_1"),
        event=TenantChanged(tenant_id=(await shop.tenant()).id),
        occurred_at=shop.deployment.clock.now(),
    )
    await end(entry)
    assert subscription["status"] == "active"

    async with shop.deployment.transactions() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
        await uow.tenants.save(tenant.delete(at=shop.deployment.clock.now()))
        await uow.commit()
    for _ in range(2):
        await end(entry)

    assert subscription["status"] == "canceled"
    assert await shop.tell(subscription, "deleted") is Taken.APPLIED
    await shop.payments.cancel(tenant.id, "sub_that_never_was")


async def issue(shop: Shop, name: str) -> Any:
    return await shop.deployment.issue_key(OPERATOR, IssueKeyCommand(slug=SLUG, name=name))


async def test_plan_bounds_the_keys_that_serve(shop: Shop) -> None:
    keys = [await issue(shop, f"key {number}") for number in range(3)]
    with pytest.raises(NotInPlan, match="3 keys"):
        await issue(shop, "one more")

    # A key in its grace does not count beside its successor, and a revoked one not at all.
    await shop.deployment.rotate_key(OPERATOR, SLUG, keys[0].key.id, grace=timedelta(hours=1))
    with pytest.raises(NotInPlan):
        await issue(shop, "one more")
    await shop.deployment.revoke_key(OPERATOR, SLUG, keys[1].key.id)
    await issue(shop, "in its place")

    await shop.pay()
    await issue(shop, "beyond free")


async def test_month_of_requests_is_counted_exactly(shop: Shop) -> None:
    quota = InProcessRequestQuota(
        reader=shop.deployment.store.usage_reader, clock=shop.deployment.clock
    )
    tenant = await shop.tenant()
    at = shop.deployment.clock.now()

    taken = await asyncio.gather(*(quota.take(tenant.id, limit=10, at=at) for _ in range(50)))

    assert taken.count(True) == 10
    assert await quota.used(tenant.id, at=at) == 10
    await quota.give_back(tenant.id, at=at)
    assert await quota.take(tenant.id, limit=10, at=at)
    assert await quota.take(tenant.id, limit=10, at=at + timedelta(days=31))


def test_states_are_those_that_stripe_documents() -> None:
    # https://docs.stripe.com/api/subscriptions/object#subscription_object-status
    assert {state.value for state in PaymentState} == {
        *("incomplete", "incomplete_expired", "trialing", "active", "past_due"),
        *("canceled", "unpaid", "paused"),
    }

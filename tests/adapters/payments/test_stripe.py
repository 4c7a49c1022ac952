"""Stripe's documented shapes, through its own SDK: customers, checkout, portal, subscriptions."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import pytest

from adapters.payments.stripe import StripeAccount, StripePayments
from application.ports.billing import Checkout
from domain.errors import Unavailable
from domain.identifiers import TenantId
from domain.subscription import Payment, PaymentState, Plan
from domain.user import Email
from tests.counterpart_servers import free_port
from tests.fakes.stripe_server import (
    API_KEY,
    PRICE,
    WEBHOOK_SECRET,
    StripeOfTests,
    stripe_server,
)

ACME = TenantId("ten_acme")
ADA = Email("ada@example.org")


@pytest.fixture
def server() -> Iterator[StripeOfTests]:
    with stripe_server() as running:
        yield running


def account(address: str, *, api_key: str = API_KEY, seconds: float = 5.0) -> StripeAccount:
    return StripeAccount(
        api_key=api_key,
        webhook_secret=WEBHOOK_SECRET,
        prices={Plan.TEAM: PRICE},
        address=address,
        seconds=seconds,
    )


@pytest.fixture
async def payments(server: StripeOfTests) -> AsyncIterator[StripePayments]:
    opened = StripePayments(account(server.address))
    yield opened
    await opened.close()


async def a_customer(payments: StripePayments, once: str = "1") -> str:
    return await payments.new_customer(ACME, name="Acme", email=ADA, once=once)


def a_checkout(customer: str) -> Checkout:
    return Checkout(
        customer=customer,
        plan=Plan.TEAM,
        success_url="https://trueport.example.com/ok",
        cancel_url="https://trueport.example.com/no",
    )


async def test_customer_carries_its_tenant(server: StripeOfTests, payments: StripePayments) -> None:
    customer = await a_customer(payments)

    made = server.customers[customer]
    assert made["email"] == "ada@example.org"
    assert made["name"] == "Acme"
    assert made["metadata[tenant_id]"] == ACME


async def test_same_call_again_makes_nothing_new(
    server: StripeOfTests, payments: StripePayments
) -> None:
    first, second = await a_customer(payments), await a_customer(payments)
    pages = [await payments.checkout(ACME, a_checkout(first), once="a") for _ in range(2)]
    other = await payments.checkout(ACME, a_checkout(first), once="b")

    assert first == second
    assert len(server.customers) == 1
    assert pages[0] == pages[1] != other
    assert len(server.sessions) == 2


async def test_checkout_asks_for_one_subscription_at_our_price(
    server: StripeOfTests, payments: StripePayments
) -> None:
    url = await payments.checkout(ACME, a_checkout(await a_customer(payments)), once="a")

    asked = server.sessions[0]["asked"]
    assert url == server.sessions[0]["url"]
    assert asked["mode"] == "subscription"
    assert asked["line_items[0][price]"] == PRICE
    assert asked["line_items[0][quantity]"] == "1"
    assert asked["client_reference_id"] == ACME
    assert asked["subscription_data[metadata][tenant_id]"] == ACME
    assert asked["success_url"] == "https://trueport.example.com/ok"
    assert asked["cancel_url"] == "https://trueport.example.com/no"


async def test_portal_leads_back(server: StripeOfTests, payments: StripePayments) -> None:
    customer = await a_customer(payments)

    url = await payments.portal(ACME, customer, return_url="https://trueport.example.com/back")

    assert url == server.portals[0]["url"]
    assert server.portals[0]["return_url"] == "https://trueport.example.com/back"


async def test_subscriptions_of_a_customer_are_read_whole(
    server: StripeOfTests, payments: StripePayments
) -> None:
    customer = await a_customer(payments)
    old = server.pay(customer, status="canceled")
    new = server.pay(customer, status="past_due")
    new["cancel_at_period_end"] = True
    foreign = server.pay(customer, price="price_of_something_else")
    server.pay("cus_other")

    found = await payments.payments(ACME, customer)

    end = datetime(2027, 1, 1, tzinfo=UTC)
    assert found == [
        Payment(id=foreign["id"], state=PaymentState.ACTIVE, plan=None, renews_at=end),
        Payment(
            id=new["id"],
            state=PaymentState.PAST_DUE,
            plan=Plan.TEAM,
            renews_at=end,
            ends_with_period=True,
        ),
        Payment(id=old["id"], state=PaymentState.CANCELED, plan=Plan.TEAM, renews_at=end),
    ]


async def test_period_of_older_api_versions_is_read_as_well(
    server: StripeOfTests, payments: StripePayments
) -> None:
    customer = await a_customer(payments)
    subscription = server.pay(customer)
    del subscription["items"]["data"][0]["current_period_end"]
    subscription["current_period_end"] = 1798761600

    (found,) = await payments.payments(ACME, customer)

    assert found.renews_at == datetime(2027, 1, 1, tzinfo=UTC)


async def test_passing_error_is_tried_again_and_makes_nothing_twice(
    server: StripeOfTests, payments: StripePayments
) -> None:
    server.failures += [500, 503]

    await a_customer(payments)

    assert len(server.customers) == 1
    assert len(server.asked) == 3


async def test_lasting_error_is_unavailable(
    server: StripeOfTests, payments: StripePayments
) -> None:
    server.failures += [500] * 10

    with pytest.raises(Unavailable):
        await a_customer(payments)


async def test_wrong_key_is_told_without_the_key(server: StripeOfTests) -> None:
    payments = StripePayments(account(server.address, api_key="sk_test_" + "wrong"))

    with pytest.raises(Unavailable, match="STRIPE_API_KEY") as caught:
        await a_customer(payments)

    await payments.close()
    assert "wrong" not in str(caught.value)
    assert API_KEY not in str(caught.value)


async def test_wrong_price_is_told_with_the_setting_to_check(server: StripeOfTests) -> None:
    payments = StripePayments(
        StripeAccount(
            api_key=API_KEY,
            webhook_secret=WEBHOOK_SECRET,
            prices={Plan.TEAM: "price_wrong"},
            address=server.address,
        )
    )

    with pytest.raises(Unavailable, match="TRUEPORT_STRIPE_PRICE_TEAM"):
        await payments.checkout(ACME, a_checkout(await a_customer(payments)), once="a")

    await payments.close()


async def test_stripe_that_is_away_is_unavailable() -> None:
    payments = StripePayments(account(f"http://127.0.0.1:{free_port()}", seconds=0.2))

    with pytest.raises(Unavailable, match="in time"):
        await a_customer(payments)

    await payments.close()


def test_secrets_are_shown_nowhere() -> None:
    shown = repr(account("http://127.0.0.1:1"))

    assert API_KEY not in shown
    assert WEBHOOK_SECRET not in shown

"""Billing over HTTP: signed events, plans in answers, and what a plan does not include."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from dependency_injector import providers

from adapters.payments.stripe import StripeAccount, StripePayments
from domain.authorisation import OPERATOR
from domain.subscription import UNLIMITED, Plan
from tests.entrypoints.conftest import Site
from tests.entrypoints.mailbox import bearer_of
from tests.fakes.stripe_server import (
    API_KEY,
    PRICE,
    WEBHOOK_SECRET,
    StripeOfTests,
    signed,
    stripe_server,
)

API = "/platform/api/v1"
OWNER = "ada@example.org"


@pytest.fixture
def stripe() -> Iterator[StripeOfTests]:
    with stripe_server() as running:
        yield running


@pytest.fixture
async def paid_site(site: Site, stripe: StripeOfTests) -> AsyncIterator[Site]:
    """A site that sells plans, with a tenant `shop` of its own."""
    payments = StripePayments(
        StripeAccount(
            api_key=API_KEY,
            webhook_secret=WEBHOOK_SECRET,
            prices={Plan.TEAM: PRICE},
            address=stripe.address,
        )
    )
    site.container.payments.override(providers.Object(payments))
    yield site
    await payments.close()


async def opened(site: Site) -> dict[str, str]:
    """Make the tenant `shop` as a person does; the owner's headers."""
    headers = await bearer_of(site, OWNER)
    made = await site.client.post(
        f"{API}/tenants", json={"slug": "shop", "name": "Shop"}, headers=headers
    )
    assert made.status_code == 201, made.text
    return headers


async def tell(site: Site, stripe: StripeOfTests, thing: Any, **fields: Any) -> httpx2.Response:
    body = stripe.event("customer.subscription.updated", thing, **fields)
    at = site.container.clock().now().timestamp()
    return await site.client.post(
        f"{API}/billing/stripe-webhook",
        content=body,
        headers={"stripe-signature": signed(body, at), "content-type": "application/json"},
    )


async def plan_of(site: Site, headers: dict[str, str]) -> dict[str, Any]:
    answer = await site.client.get(f"{API}/tenants/shop/billing", headers=headers)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def test_person_buys_a_plan_and_cancels_it(paid_site: Site, stripe: StripeOfTests) -> None:
    owner = await opened(paid_site)
    before = await plan_of(paid_site, owner)
    page = await paid_site.client.post(f"{API}/tenants/shop/billing/checkout", headers=owner)
    subscription = stripe.pay(stripe.sessions[0]["customer"])
    told = await tell(paid_site, stripe, subscription, event_id="evt_1")
    again = await tell(paid_site, stripe, subscription, event_id="evt_1")
    bought = await plan_of(paid_site, owner)
    portal = await paid_site.client.post(f"{API}/tenants/shop/billing/portal", headers=owner)
    subscription["status"] = "canceled"
    await tell(paid_site, stripe, subscription)
    after = await plan_of(paid_site, owner)

    assert before["plan"] == "free"
    assert before["included"] == {
        "requests_per_month": 10_000,
        "keys": 3,
        "members": 3,
        "retention_days": 30,
        "detectors": "basic",
    }
    assert before["used"]["members"] == 1
    assert (page.status_code, page.json()["url"]) == (201, stripe.sessions[0]["url"])
    asked = stripe.sessions[0]["asked"]
    assert asked["success_url"].startswith("http://trueport.example.com/platform/app/billing")
    assert (told.json(), again.json()) == ({"result": "applied"}, {"result": "known"})
    assert (bought["plan"], bought["included"]["keys"]) == ("team", 50)
    assert bought["subscription"]["state"] == "active"
    assert bought["subscription"]["renews_at"] == "2027-01-01T00:00:00Z"
    assert portal.json()["url"] == stripe.portals[0]["url"]
    assert after["plan"] == "free"


@pytest.mark.parametrize("signature", [None, "", "t=1,v1=00"])
async def test_event_that_nobody_signed_is_refused(
    paid_site: Site, stripe: StripeOfTests, signature: str | None
) -> None:
    headers = {} if signature is None else {"stripe-signature": signature}

    answer = await paid_site.client.post(
        f"{API}/billing/stripe-webhook",
        content=stripe.event("customer.subscription.updated", {"customer": "cus_1"}),
        headers=headers,
    )

    assert answer.status_code == 400
    assert answer.json()["code"] == "billing.signature"


async def test_signature_covers_the_bytes_and_not_what_they_mean(
    paid_site: Site, stripe: StripeOfTests
) -> None:
    body = stripe.event("customer.subscription.updated", {"customer": "cus_1"})
    at = paid_site.container.clock().now().timestamp()

    answer = await paid_site.client.post(
        f"{API}/billing/stripe-webhook",
        content=body.replace(b", ", b","),
        headers={"stripe-signature": signed(body, at)},
    )

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/tenants/shop/billing"),
        ("POST", "/tenants/shop/billing/checkout"),
        ("POST", "/tenants/shop/billing/portal"),
        ("POST", "/billing/stripe-webhook"),
    ],
)
async def test_site_without_payments_says_why(site: Site, method: str, path: str) -> None:
    owner = await opened(site)

    answer = await site.client.request(
        method, f"{API}{path}", headers=owner, content=b"{}" if "webhook" in path else None
    )

    assert answer.status_code == 503
    assert answer.json()["code"] == "billing.off"
    assert "STRIPE_API_KEY" in answer.json()["detail"]


async def test_what_the_plan_does_not_include_is_402(site: Site) -> None:
    owner = await opened(site)
    keys = "/trueportai-services/api/tenants/shop/keys"

    answers = [
        await site.client.post(keys, json={"name": f"key {number}"}, headers=owner)
        for number in range(4)
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 402]
    assert answers[3].json()["code"] == "plan.not_included"
    assert "3 keys" in answers[3].json()["detail"]
    retention = await site.client.patch(
        f"{API}/tenants/shop", json={"retention_days": 31}, headers=owner
    )
    assert retention.status_code == 402


async def test_used_up_month_is_429_with_its_reset_time(site: Site) -> None:
    await site.container.agree_on_plan()(
        OPERATOR, site.tenant.slug, replace(UNLIMITED, requests_per_month=2)
    )
    await site.settled()
    body = {"model": "echo", "messages": [{"role": "user", "content": "hello"}]}

    answers = [await site.client.post("/v1/chat/completions", json=body) for _ in range(3)]
    detect = await site.client.post("/v1/detect", json={"input": "hello"})

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert detect.status_code == 429
    error = answers[2].json()["error"]
    assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
    assert "2 requests a month" in error["message"]
    assert "-01 00:00:00 UTC" in error["message"]
    assert 0 < int(answers[2].headers["retry-after"]) <= 31 * 86400

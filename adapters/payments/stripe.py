"""Payments through Stripe: customers, Checkout, the billing portal, signed events."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import stripe

from adapters.payments.stripe_events import read_event
from adapters.payments.stripe_http import Httpx2Client
from application.ports.billing import Checkout, PaymentEvent, Payments
from domain.errors import Unavailable
from domain.identifiers import TenantId
from domain.subscription import Payment, PaymentState, Plan
from domain.user import Email

SERVICE = "billing"

_TRIES_AGAIN = 2
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeAccount:
    """How Stripe is reached, and which of its prices stands for which plan.

    `seconds` is the time of one request; the SDK repeats one that met a passing error.
    """

    api_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    prices: Mapping[Plan, str]
    address: str | None = None
    seconds: float = 8.0


class StripePayments(Payments):
    """Ask Stripe through its own SDK; every call that makes something is idempotent."""

    def __init__(self, account: StripeAccount) -> None:
        self._account = account
        self._plans = {price: plan for plan, price in account.prices.items()}
        self._http = Httpx2Client(seconds=account.seconds)
        self._client = stripe.StripeClient(
            account.api_key,
            base_addresses={} if account.address is None else {"api": account.address},
            http_client=self._http,
            max_network_retries=_TRIES_AGAIN,
        )

    def require(self) -> None:
        """Accept: Stripe takes payments."""

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close_async()

    async def new_customer(self, tenant_id: TenantId, *, name: str, email: Email, once: str) -> str:
        """Make a customer for a tenant and return its id."""
        with _translated():
            customer = await self._client.v1.customers.create_async(
                {"name": name, "email": email.value, "metadata": {"tenant_id": tenant_id}},
                {"idempotency_key": _key(once)},
            )
        return customer.id

    async def checkout(self, tenant_id: TenantId, checkout: Checkout, *, once: str) -> str:
        """Return the address of Stripe's page for a subscription."""
        metadata: dict[str, str] = {"tenant_id": tenant_id}
        with _translated():
            session = await self._client.v1.checkout.sessions.create_async(
                {
                    "mode": "subscription",
                    "customer": checkout.customer,
                    "client_reference_id": tenant_id,
                    "line_items": [{"price": self._account.prices[checkout.plan], "quantity": 1}],
                    "success_url": checkout.success_url,
                    "cancel_url": checkout.cancel_url,
                    "metadata": metadata,
                    "subscription_data": {"metadata": metadata},
                },
                {"idempotency_key": _key(once)},
            )
        return _url(session)

    async def portal(self, tenant_id: TenantId, customer: str, *, return_url: str) -> str:
        """Return the address of Stripe's billing portal."""
        with _translated():
            session = await self._client.v1.billing_portal.sessions.create_async(
                {"customer": customer, "return_url": return_url}
            )
        return _url(session)

    async def payments(self, tenant_id: TenantId, customer: str) -> Sequence[Payment]:
        """Return all subscriptions of a customer."""
        with _translated():
            # The newest first; nobody has more than a page of them.
            page = await self._client.v1.subscriptions.list_async(
                {"customer": customer, "status": "all", "limit": _PAGE}
            )
            return [self._payment(one.to_dict()) for one in page.data]

    async def cancel(self, tenant_id: TenantId, payment_id: str) -> None:
        """End a subscription at once."""
        with _translated():
            try:
                await self._client.v1.subscriptions.cancel_async(payment_id)
            except stripe.InvalidRequestError as error:
                if error.code != "resource_missing":
                    raise

    def read_event(self, body: bytes, signature: str, *, at: datetime) -> PaymentEvent:
        """Return the event in a signed message."""
        return read_event(body, signature, secret=self._account.webhook_secret, at=at)

    def _payment(self, subscription: Any) -> Payment:
        items = subscription["items"]["data"]
        plans = [self._plans.get(_price(item)) for item in items]
        # Since 2025 the period stands with each item, and with the subscription before.
        ends = [item.get("current_period_end") for item in (*items, subscription)]
        known = [end for end in ends if end is not None]
        return Payment(
            id=subscription["id"],
            state=PaymentState(subscription["status"]),
            plan=next((plan for plan in plans if plan is not None), None),
            renews_at=datetime.fromtimestamp(max(known), UTC) if known else None,
            ends_with_period=bool(
                subscription.get("cancel_at_period_end") or subscription.get("cancel_at")
            ),
        )


def _price(item: Any) -> str:
    """Return the id of an item's price, or of its plan, as prices were called before."""
    price = item.get("price") or item.get("plan") or {}
    return str(price.get("id", ""))


def _url(session: Any) -> str:
    url = session.url
    if not isinstance(url, str) or not url.startswith(("https://", "http://127.0.0.1:")):
        raise Unavailable(SERVICE, "Stripe answered without the address of its page")
    return url


def _key(once: str) -> str:
    """Return an idempotency key of Stripe's, which has at most 255 characters."""
    return hashlib.sha256(once.encode()).hexdigest()


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what the SDK raises as an error of the port; Stripe's own texts go no further."""
    try:
        yield
    except stripe.RateLimitError as error:
        raise Unavailable(SERVICE, "Stripe asks to come back later", retry_after=5.0) from error
    except stripe.AuthenticationError as error:
        raise Unavailable(
            SERVICE, "Stripe refuses the key: check STRIPE_API_KEY", code="billing.key_refused"
        ) from error
    except stripe.PermissionError as error:
        raise Unavailable(
            SERVICE,
            "Stripe does not let this key do that: it needs customers, checkout sessions, billing "
            "portal sessions and subscriptions",
            code="billing.key_refused",
        ) from error
    except stripe.APIConnectionError as error:
        raise Unavailable(SERVICE, "Stripe did not answer in time", retry_after=5.0) from error
    except stripe.InvalidRequestError as error:
        param = error.param if isinstance(error.param, str) else ""
        where = f" ({param})" if param.replace("_", "").replace("[", "").isalnum() else ""
        raise Unavailable(
            SERVICE,
            f"Stripe does not take this request{where}: check TRUEPORT_STRIPE_PRICE_TEAM and the "
            "settings of the billing portal",
            code="billing.request_refused",
        ) from error
    except stripe.StripeError as error:
        raise Unavailable(SERVICE, "Stripe answered with an error", retry_after=5.0) from error
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise Unavailable(SERVICE, "Stripe answered in a form that is not known") from error

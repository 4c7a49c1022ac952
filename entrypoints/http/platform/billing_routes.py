"""The routes of billing: what a plan includes, how it is paid, and what the payments tell."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, Field

from application.platform.billing import (
    Billing,
    OpenPortal,
    ReadBilling,
    StartCheckout,
    StartCheckoutCommand,
)
from application.platform.payment_events import TakePaymentEvent
from domain.authorisation import Principal
from domain.subscription import DetectorTier, PaymentState, Plan
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.idempotency import OnceKey
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 16 * 1024
_MAX_EVENT = 1024 * 1024


class IncludedBody(BaseModel):
    """What a plan includes; null is no limit."""

    requests_per_month: int | None
    keys: int | None
    members: int | None
    retention_days: int | None = Field(description="The longest retention that may be chosen.")
    detectors: DetectorTier


class UsedBody(BaseModel):
    """What of it is used."""

    requests: int | None = Field(
        description="Requests of this UTC month; null where another service counts them."
    )
    requests_reset_at: datetime
    keys: int | None = Field(
        description="Keys that serve; null where they are in another service's database."
    )
    members: int


class SubscriptionBody(BaseModel):
    """The subscription that pays for the plan."""

    state: PaymentState
    renews_at: datetime | None
    ends_with_period: bool = Field(description="True when it was cancelled for its end.")


class BillingBody(BaseModel):
    """A tenant's plan, what of it is used, and how it is paid."""

    plan: Plan
    included: IncludedBody
    used: UsedBody
    subscription: SubscriptionBody | None

    @classmethod
    def of(cls, billing: Billing) -> "BillingBody":
        """Return the body."""
        included, payment = billing.tenant.entitlements, billing.subscription.payment
        retention = included.retention
        return cls(
            plan=included.plan,
            included=IncludedBody(
                requests_per_month=included.requests_per_month,
                keys=included.keys,
                members=included.members,
                retention_days=None if retention is None else retention.days,
                detectors=included.detectors,
            ),
            used=UsedBody(
                requests=billing.requests,
                requests_reset_at=billing.resets_at,
                keys=billing.serving_keys,
                members=len(billing.tenant.members),
            ),
            subscription=None
            if payment is None
            else SubscriptionBody(
                state=payment.state,
                renews_at=payment.renews_at,
                ends_with_period=payment.ends_with_period,
            ),
        )


class CheckoutBody(Asked):
    """What to buy."""

    plan: Literal["team"] = "team"


class PageBody(BaseModel):
    """A page of whoever takes the payments."""

    url: str = Field(description="Where the person goes on; it is good once, and not for long.")


class TakenBody(BaseModel):
    """What became of an event."""

    result: Literal["applied", "known", "ignored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingUseCases:
    """What the routes do."""

    read: Callable[[], ReadBilling]
    checkout: Callable[[], StartCheckout]
    portal: Callable[[], OpenPortal]
    take_event: Callable[[], TakePaymentEvent]


def billing_router(
    use: BillingUseCases, *, signed_in: SignedIn, public_url: str | None
) -> APIRouter:
    """Return the routes of a tenant's billing; pages lead back to `public_url`, else to us."""
    router = APIRouter(
        prefix="/v1/tenants/{slug}/billing",
        tags=["billing"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )

    def origin(request: Request) -> str:
        return public_url or f"{request.url.scheme}://{request.url.netloc}"

    @router.get("", summary="Read plan and usage")
    async def read_billing(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> BillingBody:
        """Return the plan, what it includes, what of it is used, and how it is paid."""
        return BillingBody.of(await use.read()(principal, slug))

    @router.post("/checkout", summary="Buy a plan", status_code=201)
    async def start_checkout(
        slug: TenantSlug,
        request: Request,
        once: OnceKey,
        principal: Annotated[Principal, Depends(signed_in)],
        body: CheckoutBody | None = None,
    ) -> PageBody:
        """Return the page on which a plan is paid for; the plan follows once it is."""
        command = StartCheckoutCommand(
            slug=slug,
            plan=Plan((body or CheckoutBody()).plan),
            origin=origin(request),
            once=once,
        )
        return PageBody(url=await use.checkout()(principal, command))

    @router.post("/portal", summary="Open the billing portal", status_code=201)
    async def open_portal(
        slug: TenantSlug, request: Request, principal: Annotated[Principal, Depends(signed_in)]
    ) -> PageBody:
        """Return the page with invoices, on which a plan is changed and cancelled."""
        return PageBody(url=await use.portal()(principal, slug, origin=origin(request)))

    return router


def payment_events_router(use: BillingUseCases) -> APIRouter:
    """Return the route that Stripe tells of payments."""
    router = APIRouter(
        prefix="/v1/billing",
        tags=["billing"],
        route_class=bounded_route(_MAX_EVENT),
    )

    @router.post(
        "/stripe-webhook",
        summary="Take an event of Stripe",
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"type": "object"}}},
            }
        },
    )
    async def take_event(
        request: Request, stripe_signature: Annotated[str, Header(max_length=2000)] = ""
    ) -> TakenBody:
        """Apply an event once; its signature covers the bytes as they came."""
        taken = await use.take_event()(await request.body(), stripe_signature)
        return TakenBody(result=taken.value)

    return router

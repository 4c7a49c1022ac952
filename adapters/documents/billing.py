"""Entitlements and subscriptions as documents."""

from typing import NotRequired, TypedDict

from adapters.documents.fields import (
    duration_of,
    microseconds,
    optional_time_of,
    optional_time_text,
)
from domain.identifiers import TenantId
from domain.subscription import (
    INCLUDED,
    DetectorTier,
    Entitlements,
    Payment,
    PaymentState,
    Plan,
    Subscription,
)


class AgreedDocument(TypedDict):
    """What was agreed with an enterprise tenant; `retention` in microseconds."""

    requests_per_month: int | None
    keys: int | None
    members: int | None
    retention: int | None
    detectors: str


class EntitlementsDocument(TypedDict):
    """A plan; what it includes stands in the domain, unless it was agreed."""

    plan: str
    agreed: NotRequired[AgreedDocument]


class PaymentDocument(TypedDict):
    """A subscription as whoever takes the payments keeps it."""

    id: str
    state: str
    plan: str | None
    renews_at: str | None
    ends_with_period: bool


class SubscriptionDocument(TypedDict):
    """How a tenant pays."""

    tenant_id: str
    customer: str | None
    payment: PaymentDocument | None
    agreed: AgreedDocument | None
    version: int


def entitlements_to_document(entitlements: Entitlements) -> EntitlementsDocument:
    """Return entitlements as plain data."""
    if entitlements == INCLUDED.get(entitlements.plan):
        return {"plan": entitlements.plan.value}
    return {"plan": entitlements.plan.value, "agreed": _agreed_to_document(entitlements)}


def entitlements_from_document(document: EntitlementsDocument) -> Entitlements:
    """Return the entitlements that a document describes."""
    plan, agreed = Plan(document["plan"]), document.get("agreed")
    return INCLUDED[plan] if agreed is None else _agreed_from_document(plan, agreed)


def subscription_to_document(subscription: Subscription) -> SubscriptionDocument:
    """Return a subscription as plain data."""
    payment, agreed = subscription.payment, subscription.agreed
    return {
        "tenant_id": subscription.tenant_id,
        "customer": subscription.customer,
        "payment": None
        if payment is None
        else {
            "id": payment.id,
            "state": payment.state.value,
            "plan": None if payment.plan is None else payment.plan.value,
            "renews_at": optional_time_text(payment.renews_at),
            "ends_with_period": payment.ends_with_period,
        },
        "agreed": None if agreed is None else _agreed_to_document(agreed),
        "version": subscription.version,
    }


def subscription_from_document(document: SubscriptionDocument) -> Subscription:
    """Return the subscription that a document describes."""
    payment, agreed = document["payment"], document["agreed"]
    return Subscription(
        tenant_id=TenantId(document["tenant_id"]),
        customer=document["customer"],
        payment=None
        if payment is None
        else Payment(
            id=payment["id"],
            state=PaymentState(payment["state"]),
            plan=None if payment["plan"] is None else Plan(payment["plan"]),
            renews_at=optional_time_of(payment["renews_at"]),
            ends_with_period=payment["ends_with_period"],
        ),
        agreed=None if agreed is None else _agreed_from_document(Plan.ENTERPRISE, agreed),
        version=document["version"],
    )


def _agreed_to_document(agreed: Entitlements) -> AgreedDocument:
    return {
        "requests_per_month": agreed.requests_per_month,
        "keys": agreed.keys,
        "members": agreed.members,
        "retention": None if agreed.retention is None else microseconds(agreed.retention),
        "detectors": agreed.detectors.value,
    }


def _agreed_from_document(plan: Plan, agreed: AgreedDocument) -> Entitlements:
    retention = agreed["retention"]
    return Entitlements(
        plan=plan,
        requests_per_month=agreed["requests_per_month"],
        keys=agreed["keys"],
        members=agreed["members"],
        retention=None if retention is None else duration_of(retention),
        detectors=DetectorTier(agreed["detectors"]),
    )

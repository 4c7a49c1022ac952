"""How tenants pay, in MongoDB."""

from dataclasses import replace
from datetime import datetime

from adapters.documents.billing import subscription_from_document, subscription_to_document
from adapters.mongo.collection import Document
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import date, load
from adapters.mongo.writes import insert_new, require_owner, save_versioned
from application.ports.billing import Subscriptions
from domain.errors import Conflict
from domain.identifiers import TenantId
from domain.subscription import EVENTS_KEPT, Subscription


class MongoSubscriptions(Subscriptions):
    """A document a tenant that has something to do with payments, and one an applied event."""

    def __init__(self, session: Session) -> None:
        self._subscriptions = session.collection("subscriptions")
        self._events = session.collection("payment_events")

    async def get(self, tenant_id: TenantId) -> Subscription:
        """Return how a tenant pays."""
        row = await self._subscriptions.find_one({"_id": tenant_id})
        if row is None:
            return Subscription(tenant_id=tenant_id)
        return load(row["document"], subscription_from_document)

    async def by_customer(self, customer: str) -> Subscription | None:
        """Return the subscription of a customer."""
        row = await self._subscriptions.find_one({"customer": customer})
        return None if row is None else load(row["document"], subscription_from_document)

    async def save(self, tenant_id: TenantId, subscription: Subscription) -> None:
        """Store how a tenant pays."""
        require_owner(tenant_id, subscription.tenant_id)
        if subscription.customer is not None:
            # Asked for first: MongoDB ends a transaction that inserts what is there.
            owner = await self._subscriptions.find_one({"customer": subscription.customer})
            if owner is not None and owner["_id"] != tenant_id:
                raise _taken()
        changed = replace(subscription, version=subscription.version + 1)
        row: Document = {"_id": tenant_id, "tenant_id": tenant_id}
        if subscription.customer is not None:
            row["customer"] = subscription.customer
        try:
            await save_versioned(
                self._subscriptions,
                row,
                read=subscription.version,
                document=subscription_to_document(changed),
            )
        except Taken:
            raise _taken() from None

    async def is_applied(self, event_id: str) -> bool:
        """Tell whether a payment event was applied before."""
        return await self._events.count({"_id": event_id}, limit=1) == 1

    async def note_applied(self, event_id: str, *, at: datetime) -> bool:
        """Remember that an event is applied; the TTL index forgets it."""
        (is_new,) = await insert_new(
            self._events, [{"_id": event_id, "expires_at": date(at + EVENTS_KEPT)}]
        )
        return is_new


def _taken() -> Conflict:
    return Conflict("another tenant has this customer", code="billing.customer_taken")

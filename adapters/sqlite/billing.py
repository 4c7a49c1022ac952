"""How tenants pay, in SQLite."""

import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from adapters.documents.billing import subscription_from_document, subscription_to_document
from adapters.documents.fields import dump, load, time_text
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from application.ports.billing import Subscriptions
from domain.errors import Conflict
from domain.identifiers import TenantId
from domain.subscription import EVENTS_KEPT, Subscription


class SqliteSubscriptions(Subscriptions):
    """A row a tenant that has something to do with payments, and one an applied event."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def get(self, tenant_id: TenantId) -> Subscription:
        """Return how a tenant pays."""
        found = await self._one("tenant_id = ?", tenant_id)
        return found or Subscription(tenant_id=tenant_id)

    async def by_customer(self, customer: str) -> Subscription | None:
        """Return the subscription of a customer."""
        return await self._one("customer = ?", customer)

    async def save(self, tenant_id: TenantId, subscription: Subscription) -> None:
        """Store how a tenant pays."""
        require_owner(tenant_id, subscription.tenant_id)
        changed = replace(subscription, version=subscription.version + 1)
        row = {
            "tenant_id": tenant_id,
            "customer": subscription.customer,
            "version": changed.version,
            "read": subscription.version,
            "document": dump(subscription_to_document(changed)),
        }
        await self._session.run(lambda raw: _save(raw, row))

    async def is_applied(self, event_id: str) -> bool:
        """Tell whether a payment event was applied before."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT 1 FROM payment_events WHERE id = ?", (event_id,)
            ).fetchone()
        )
        return row is not None

    async def note_applied(self, event_id: str, *, at: datetime) -> bool:
        """Remember that an event is applied."""

        def work(raw: sqlite3.Connection) -> bool:
            old = (time_text(at - EVENTS_KEPT),)
            raw.execute("DELETE FROM payment_events WHERE applied_at < ?", old)
            added = raw.execute(
                "INSERT INTO payment_events (id, applied_at) VALUES (?, ?) ON CONFLICT DO NOTHING",
                (event_id, time_text(at)),
            )
            return added.rowcount == 1

        return await self._session.run(work)

    async def _one(self, condition: str, value: str) -> Subscription | None:
        row = await self._session.run(
            lambda raw: raw.execute(
                f"SELECT document FROM subscriptions WHERE {condition}",  # noqa: S608 - our own words
                (value,),
            ).fetchone()
        )
        return None if row is None else load(row[0], subscription_from_document)


def _save(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    try:
        if row["read"] == 0:
            # Version 0 is what holds while nothing is stored.
            changed = raw.execute(
                "INSERT INTO subscriptions (tenant_id, customer, version, document) "
                "VALUES (:tenant_id, :customer, :version, :document) "
                "ON CONFLICT (tenant_id) DO NOTHING",
                row,
            )
        else:
            changed = raw.execute(
                "UPDATE subscriptions SET customer = :customer, version = :version, "
                "document = :document WHERE tenant_id = :tenant_id AND version = :read",
                row,
            )
    except sqlite3.IntegrityError:
        raise Conflict("another tenant has this customer", code="billing.customer_taken") from None
    require_changed(changed)

"""Deliveries to webhooks in MongoDB: queued with their cause, claimed by whoever delivers."""

from collections.abc import Collection as Several
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.documents.alerts import alert_state_from_document, alert_state_to_document
from adapters.documents.fields import optional_time_text, time_text
from adapters.documents.webhooks import delivery_from_document, delivery_to_document
from adapters.mongo.collection import NEWEST, OLDEST, Document
from adapters.mongo.database import Database
from adapters.mongo.session import Session
from adapters.mongo.values import load, of_tenant, stored
from adapters.mongo.writes import insert_new, require_owner, save_versioned
from application.ports.repositories import Webhooks
from application.ports.webhooks import WebhookDeliveries
from domain.alert import AlertState
from domain.errors import Unavailable
from domain.identifiers import TenantId, WebhookId
from domain.webhook_delivery import WebhookDelivery

_DELIVERIES = "webhook_deliveries"
_WAITING, _DELIVERED, _FAILED = "waiting", "delivered", "failed"


class MongoWebhooks(Webhooks):
    """Queue deliveries inside a unit of work."""

    def __init__(self, session: Session) -> None:
        self._states = session.collection("webhook_states")
        self._deliveries = session.collection(_DELIVERIES)

    async def state(self, tenant_id: TenantId, webhook_id: WebhookId) -> AlertState:
        """Return how far a webhook was told."""
        row = await self._states.find_one({"_id": of_tenant(tenant_id, webhook_id)})
        if row is None:
            return AlertState(tenant_id=tenant_id)
        return load(row["document"], alert_state_from_document)

    async def save_state(
        self, tenant_id: TenantId, webhook_id: WebhookId, state: AlertState
    ) -> None:
        """Store how far it was told."""
        require_owner(tenant_id, state.tenant_id)
        document = alert_state_to_document(replace(state, version=state.version + 1))
        row: Document = {"_id": of_tenant(tenant_id, webhook_id), "tenant_id": tenant_id}
        await save_versioned(self._states, row, read=state.version, document=document)

    async def add(self, tenant_id: TenantId, delivery: WebhookDelivery) -> bool:
        """Store a delivery, and tell whether it is new."""
        require_owner(tenant_id, delivery.tenant_id)
        (is_new,) = await insert_new(self._deliveries, [_row(delivery)])
        return is_new


class MongoWebhookDeliveries(WebhookDeliveries):
    """Hand out deliveries; `available_at` says from when on, and is empty for new ones."""

    def __init__(self, database: Database) -> None:
        self._deliveries = database.collection(_DELIVERIES)

    async def claim(
        self, *, at: datetime, lease: timedelta, busy: Several[WebhookId]
    ) -> WebhookDelivery | None:
        """Return the oldest due delivery to a webhook that is not busy."""
        due = {
            "state": _WAITING,
            "available_at": {"$lte": time_text(at)},
            "webhook_id": {"$nin": list(busy)},
        }
        order = [("available_at", OLDEST), ("created_at", OLDEST), ("_id", OLDEST)]
        # Whoever loses a delivery to another claimant looks for the next one: somebody got on.
        while (row := await self._deliveries.find_one(due, sort=order)) is not None:
            unchanged = {name: row[name] for name in ("_id", "state", "attempts", "available_at")}
            try:
                delivery = load(row["document"], delivery_from_document).claimed(until=at + lease)
            except Unavailable:
                # As after a downgrade. One bad entry must not hold up those behind it.
                change = {"state": _FAILED, "finished_at": time_text(at)}
                await self._deliveries.update(unchanged, {"$set": change})
                continue
            if await self._deliveries.update(unchanged, {"$set": _row(delivery)}):
                return delivery
        return None

    async def save(self, tenant_id: TenantId, delivery: WebhookDelivery) -> None:
        """Store how a try ended, unless somebody else has begun another one."""
        require_owner(tenant_id, delivery.tenant_id)
        row = _row(delivery)
        where = {"_id": row["_id"], "state": {"$ne": _DELIVERED}}
        if row["state"] != _DELIVERED:
            where |= {"state": _WAITING, "attempts": row["attempts"]}
        await self._deliveries.update(where, {"$set": row})

    async def latest(
        self, tenant_id: TenantId, webhook_id: WebhookId, *, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Return deliveries to a webhook, the newest first."""
        rows = await self._deliveries.find(
            {"tenant_id": tenant_id, "webhook_id": webhook_id},
            sort=[("created_at", NEWEST), ("_id", NEWEST)],
            limit=limit,
        )
        return [load(row["document"], delivery_from_document) for row in rows]

    async def pending(self) -> int:
        """Return how many deliveries wait or are claimed."""
        return await self._deliveries.count({"state": _WAITING})

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget deliveries that ended before a time; return how many."""
        ended = await self._deliveries.find(
            {"finished_at": {"$gt": "", "$lt": time_text(before)}},
            sort=[("finished_at", OLDEST)],
            limit=limit,
            fields=["_id"],
        )
        return await self._deliveries.delete({"_id": {"$in": [row["_id"] for row in ended]}})


def _row(delivery: WebhookDelivery) -> Document:
    row: Document = {
        "_id": of_tenant(delivery.tenant_id, delivery.id),
        "tenant_id": delivery.tenant_id,
        "webhook_id": delivery.webhook_id,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "available_at": optional_time_text(delivery.not_before) or "",
        "created_at": time_text(delivery.created_at),
        "finished_at": optional_time_text(delivery.finished_at),
        "document": stored(delivery_to_document(delivery)),
    }
    return row

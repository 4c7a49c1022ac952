"""Deliveries to webhooks in SQLite: queued with their cause, claimed by whoever delivers."""

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.documents.alerts import alert_state_from_document, alert_state_to_document
from adapters.documents.fields import dump, load, optional_time_text, time_text
from adapters.documents.webhooks import delivery_from_document, delivery_to_document
from adapters.sqlite.database import Database
from adapters.sqlite.ownership import require_changed, require_owner
from adapters.sqlite.session import Session
from application.ports.repositories import Webhooks
from application.ports.webhooks import WebhookDeliveries
from domain.alert import AlertState
from domain.errors import Unavailable
from domain.identifiers import TenantId, WebhookId
from domain.webhook_delivery import WebhookDelivery

_ADD = """
INSERT INTO webhook_deliveries (
    tenant_id, id, webhook_id, state, attempts, available_at, created_at, finished_at, document
) VALUES (
    :tenant_id, :id, :webhook_id, :state, :attempts, :available_at, :created_at, :finished_at,
    :document
) ON CONFLICT (tenant_id, id) DO NOTHING
"""
_DUE = """
SELECT rowid, document FROM webhook_deliveries
WHERE state = 'waiting' AND available_at <= :at
AND webhook_id NOT IN (SELECT value FROM json_each(:busy))
ORDER BY available_at, created_at, rowid LIMIT 1
"""
_GIVE_UP = "UPDATE webhook_deliveries SET state = 'failed', finished_at = ? WHERE rowid = ?"
_SAVE = """
UPDATE webhook_deliveries SET state = :state, attempts = :attempts, available_at = :available_at,
    finished_at = :finished_at, document = :document
WHERE tenant_id = :tenant_id AND id = :id
"""
_SAVE_TRY = _SAVE + (
    "AND state <> 'delivered' AND (:state = 'delivered' OR (state = 'waiting' AND "
    "attempts = :attempts))"
)
_LATEST = """
SELECT document FROM webhook_deliveries WHERE tenant_id = ? AND webhook_id = ?
ORDER BY created_at DESC, rowid DESC LIMIT ?
"""
_PRUNE = """
DELETE FROM webhook_deliveries WHERE rowid IN (
    SELECT rowid FROM webhook_deliveries WHERE finished_at < ? ORDER BY finished_at LIMIT ?
)
"""


class SqliteWebhooks(Webhooks):
    """Queue deliveries inside a unit of work."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def state(self, tenant_id: TenantId, webhook_id: WebhookId) -> AlertState:
        """Return how far a webhook was told."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM webhook_states WHERE tenant_id = ? AND webhook_id = ?",
                (tenant_id, webhook_id),
            ).fetchone()
        )
        if row is None:
            return AlertState(tenant_id=tenant_id)
        return load(row[0], alert_state_from_document)

    async def save_state(
        self, tenant_id: TenantId, webhook_id: WebhookId, state: AlertState
    ) -> None:
        """Store how far it was told."""
        require_owner(tenant_id, state.tenant_id)
        changed = replace(state, version=state.version + 1)
        row = {
            "tenant_id": tenant_id,
            "webhook_id": webhook_id,
            "read": state.version,
            "version": changed.version,
            "document": dump(alert_state_to_document(changed)),
        }
        await self._session.run(lambda raw: _save_state(raw, row))

    async def add(self, tenant_id: TenantId, delivery: WebhookDelivery) -> bool:
        """Store a delivery, and tell whether it is new."""
        require_owner(tenant_id, delivery.tenant_id)
        row = _row(delivery)
        return await self._session.run(lambda raw: raw.execute(_ADD, row).rowcount == 1)


class SqliteWebhookDeliveries(WebhookDeliveries):
    """Hand out deliveries; `available_at` says from when on, and is empty for new ones."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(
        self, *, at: datetime, lease: timedelta, busy: Collection[WebhookId]
    ) -> WebhookDelivery | None:
        """Return the oldest due delivery to a webhook that is not busy."""
        due = {"at": time_text(at), "busy": json.dumps(list(busy))}
        # Asked many times a minute: most often nothing is due, and nobody has to wait for that.
        if await self._database.read(lambda raw: raw.execute(_DUE, due).fetchone()) is None:
            return None

        def work(raw: sqlite3.Connection) -> WebhookDelivery | None:
            while (row := raw.execute(_DUE, due).fetchone()) is not None:
                rowid, document = row
                try:
                    delivery = load(document, delivery_from_document).claimed(until=at + lease)
                except Unavailable:
                    # As after a downgrade. One bad row must not hold up those behind it.
                    raw.execute(_GIVE_UP, (time_text(at), rowid))
                    continue
                raw.execute(_SAVE, _row(delivery))
                return delivery
            return None

        return await self._database.write(work)

    async def save(self, tenant_id: TenantId, delivery: WebhookDelivery) -> None:
        """Store how a try ended, unless somebody else has begun another one."""
        require_owner(tenant_id, delivery.tenant_id)
        row = _row(delivery)
        await self._database.write(lambda raw: raw.execute(_SAVE_TRY, row).rowcount)

    async def latest(
        self, tenant_id: TenantId, webhook_id: WebhookId, *, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Return deliveries to a webhook, the newest first."""
        wanted = (tenant_id, webhook_id, max(limit, 0))
        rows = await self._database.read(lambda raw: raw.execute(_LATEST, wanted).fetchall())
        return [load(document, delivery_from_document) for (document,) in rows]

    async def pending(self) -> int:
        """Return how many deliveries wait or are claimed."""
        count: int = await self._database.read(
            lambda raw: raw.execute(
                "SELECT count(*) FROM webhook_deliveries WHERE state = 'waiting'"
            ).fetchone()[0]
        )
        return count

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget deliveries that ended before a time; return how many."""
        values = (time_text(before), max(limit, 0))
        return await self._database.write(lambda raw: raw.execute(_PRUNE, values).rowcount)


def _row(delivery: WebhookDelivery) -> Mapping[str, object]:
    return {
        "tenant_id": delivery.tenant_id,
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "available_at": optional_time_text(delivery.not_before) or "",
        "created_at": time_text(delivery.created_at),
        "finished_at": optional_time_text(delivery.finished_at),
        "document": dump(delivery_to_document(delivery)),
    }


def _save_state(raw: sqlite3.Connection, row: Mapping[str, object]) -> None:
    if row["read"] == 0:
        # Version 0 is what holds while nothing is stored.
        changed = raw.execute(
            "INSERT INTO webhook_states (tenant_id, webhook_id, version, document) "
            "VALUES (:tenant_id, :webhook_id, :version, :document) ON CONFLICT DO NOTHING",
            row,
        )
    else:
        changed = raw.execute(
            "UPDATE webhook_states SET version = :version, document = :document "
            "WHERE tenant_id = :tenant_id AND webhook_id = :webhook_id AND version = :read",
            row,
        )
    require_changed(changed)

"""The outbox in SQLite: events written with their causes, handed out to the relay."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.documents.events import event_from_document, event_to_document
from adapters.documents.fields import column_text, dump, load, time_of, time_text
from adapters.sqlite.database import Database
from application.ports.outbox import Outbox
from domain.errors import Unavailable
from domain.events import Event, OutboxEntry
from domain.identifiers import EventId

_ADD = """
INSERT INTO outbox (id, occurred_at, available_at, attempts, is_buried, document)
VALUES (?, ?, '', 0, 0, ?)
"""
_DUE = """
SELECT id, occurred_at, attempts, document FROM outbox
WHERE is_buried = 0 AND available_at <= ? ORDER BY seq LIMIT ?
"""
_CLAIM = "UPDATE outbox SET available_at = ?, attempts = attempts + 1 WHERE id = ?"
_BURY = "UPDATE outbox SET is_buried = 1, reason = ? WHERE id = ?"
_RETRY = "UPDATE outbox SET available_at = ?, reason = ? WHERE id = ? AND is_buried = 0"


class SqliteOutbox(Outbox):
    """Hand out events in the order they were stored; `available_at` says from when on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, *, limit: int, at: datetime, lease: timedelta) -> Sequence[OutboxEntry]:
        """Return the oldest due events, claimed until `at + lease`."""
        due = (time_text(at), max(limit, 0))
        until = time_text(at + lease)
        # Asked ten times a second: most often nothing is due, and nobody has to wait for that.
        if not await self._database.read(lambda raw: raw.execute(_DUE, due).fetchone()):
            return []

        def work(raw: sqlite3.Connection) -> list[OutboxEntry]:
            entries = []
            for event_id, occurred_at, attempts, document in raw.execute(_DUE, due).fetchall():
                try:
                    event = load(document, event_from_document)
                except Unavailable as error:
                    # As after a downgrade. One bad entry must not hold up those behind it.
                    raw.execute(_BURY, (error.message, event_id))
                    continue
                raw.execute(_CLAIM, (until, event_id))
                entries.append(
                    OutboxEntry(
                        id=EventId(event_id),
                        event=event,
                        occurred_at=time_of(occurred_at),
                        attempts=attempts + 1,
                    )
                )
            return entries

        return await self._database.write(work)

    async def delivered(self, event_id: EventId) -> None:
        """Forget an event."""
        await self._database.write(
            lambda raw: raw.execute("DELETE FROM outbox WHERE id = ?", (event_id,)).rowcount
        )

    async def retry(self, event_id: EventId, *, not_before: datetime, reason: str) -> None:
        """Give an event back, to be claimed again from `not_before` on."""
        row = (time_text(not_before), column_text(reason), event_id)
        await self._database.write(lambda raw: raw.execute(_RETRY, row).rowcount)

    async def bury(self, event_id: EventId, *, reason: str) -> None:
        """Set an event aside for a person."""
        row = (column_text(reason), event_id)
        await self._database.write(lambda raw: raw.execute(_BURY, row).rowcount)

    async def pending(self) -> int:
        """Return how many events wait or are claimed."""
        count: int = await self._database.read(
            lambda raw: raw.execute("SELECT count(*) FROM outbox WHERE is_buried = 0").fetchone()[0]
        )
        return count


def add_event(raw: sqlite3.Connection, event_id: EventId, event: Event, *, at: datetime) -> None:
    """Store an event that happened at this time; it can be claimed at once."""
    raw.execute(_ADD, (event_id, time_text(at), dump(event_to_document(event))))

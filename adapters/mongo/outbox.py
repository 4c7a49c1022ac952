"""The outbox in MongoDB: events written with their causes, handed out to the relay."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from adapters.documents.events import event_from_document, event_to_document
from adapters.documents.fields import time_of, time_text
from adapters.mongo.collection import OLDEST, Document
from adapters.mongo.database import Database
from adapters.mongo.values import load, stored
from application.ports.outbox import Outbox
from domain.errors import Unavailable
from domain.events import Event, OutboxEntry
from domain.identifiers import EventId

OUTBOX = "outbox"
_ORDER = (("occurred_at", OLDEST), ("position", OLDEST), ("_id", OLDEST))


class MongoOutbox(Outbox):
    """Hand out events by their time, and in a unit of work by their order."""

    def __init__(self, database: Database) -> None:
        self._events = database.collection(OUTBOX)

    async def claim(self, *, limit: int, at: datetime, lease: timedelta) -> Sequence[OutboxEntry]:
        """Return the oldest due events, claimed until `at + lease`.

        Each is claimed by a command of its own, which MongoDB gives to one claimant alone.
        """
        due = {"is_buried": False, "available_at": {"$lte": time_text(at)}}
        claim = {"$set": {"available_at": time_text(at + lease)}, "$inc": {"attempts": 1}}
        entries: list[OutboxEntry] = []
        while len(entries) < limit:
            row = await self._events.find_and_update(due, claim, sort=_ORDER)
            if row is None:
                break
            try:
                event = load(row["document"], event_from_document)
            except Unavailable as error:
                # As after a downgrade. One bad entry must not hold up those behind it.
                await self.bury(row["_id"], reason=error.message)
                continue
            entries.append(
                OutboxEntry(
                    id=EventId(row["_id"]),
                    event=event,
                    occurred_at=time_of(row["occurred_at"]),
                    attempts=row["attempts"],
                )
            )
        return entries

    async def delivered(self, event_id: EventId) -> None:
        """Forget an event."""
        await self._events.delete({"_id": event_id})

    async def retry(self, event_id: EventId, *, not_before: datetime, reason: str) -> None:
        """Give an event back, to be claimed again from `not_before` on."""
        change = {"available_at": time_text(not_before), "reason": stored(reason)}
        await self._events.update({"_id": event_id, "is_buried": False}, {"$set": change})

    async def bury(self, event_id: EventId, *, reason: str) -> None:
        """Set an event aside for a person."""
        change = {"is_buried": True, "reason": stored(reason)}
        await self._events.update({"_id": event_id}, {"$set": change})

    async def pending(self) -> int:
        """Return how many events wait or are claimed."""
        return await self._events.count({"is_buried": False})


def event_rows(events: Sequence[tuple[EventId, Event]], *, at: datetime) -> list[Document]:
    """Return the rows of what happened in a unit of work; they can be claimed at once."""
    return [
        {
            "_id": event_id,
            "occurred_at": time_text(at),
            "position": position,
            "available_at": "",
            "attempts": 0,
            "is_buried": False,
            "reason": None,
            "document": stored(event_to_document(event)),
        }
        for position, (event_id, event) in enumerate(events)
    ]

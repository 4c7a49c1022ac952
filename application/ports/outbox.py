"""The conversation of the relay with the outbox."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from domain.events import OutboxEntry
from domain.identifiers import EventId


class Outbox(Protocol):
    """Hand out stored events to the relay, each to one claimant at a time, at least once."""

    @abstractmethod
    async def claim(self, *, limit: int, at: datetime, lease: timedelta) -> Sequence[OutboxEntry]:
        """Return the oldest due events, claimed until `at + lease`; attempts are counted."""

    @abstractmethod
    async def delivered(self, event_id: EventId) -> None:
        """Forget an event: every handler is done with it. Unknown ids are ignored."""

    @abstractmethod
    async def retry(self, event_id: EventId, *, not_before: datetime, reason: str) -> None:
        """Give an event back, to be claimed again from `not_before` on."""

    @abstractmethod
    async def bury(self, event_id: EventId, *, reason: str) -> None:
        """Set an event aside for a person: it is not claimed again, and not lost."""

    @abstractmethod
    async def pending(self) -> int:
        """Return how many events wait or are claimed, buried ones not counted."""

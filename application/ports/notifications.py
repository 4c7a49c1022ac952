"""The conversation about events from outside: whether they are true, and what they say."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

from domain.errors import Refused
from domain.job import ObjectRef


class ForgedEvent(Refused):
    """An event that its sender did not sign as it should, or that no setting admits."""

    code = "event.forged"


class EventVerifier(Protocol):
    """Read one kind of message."""

    @abstractmethod
    async def verify(self, headers: Mapping[str, str], body: bytes) -> Sequence[ObjectRef]:
        """Return the objects that a message speaks of; header names are in lower case.

        Raises:
            ForgedEvent: the message cannot be trusted; nothing was done with it.
            InvalidValue: it can be trusted but not understood.
            Unavailable: it cannot be checked at the moment.
        """

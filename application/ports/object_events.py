"""The conversation about objects that were just stored."""

from abc import abstractmethod
from typing import Protocol

from domain.job import ObjectRef


class ObjectEvents(Protocol):
    """Tell the analytics engine of a new object where the store does not do so itself."""

    @abstractmethod
    async def created(self, ref: ObjectRef) -> None:
        """Announce an object; safe to repeat.

        Raises:
            Unavailable: nobody took the announcement; announce again later.
        """

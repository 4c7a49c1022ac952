"""The conversation with the machine: time, identity and chance."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tell the time."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time of day, aware, in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Return seconds on a clock that never runs backwards; only differences mean anything."""


class IdFactory(Protocol):
    """Make identifiers that nobody else makes."""

    @abstractmethod
    def new(self, prefix: str) -> str:
        """Return a new id, `ten_…`; ids of one process sort in the order they were made."""

    @abstractmethod
    def ulid(self) -> str:
        """Return the sortable body of an id alone, 26 characters."""


class Randomness(Protocol):
    """Give chance."""

    @abstractmethod
    def token(self, size: int) -> bytes:
        """Return `size` bytes fit for secrets."""

    @abstractmethod
    def fraction(self) -> float:
        """Return a number in (0, 1] for choices that need not be secret."""

"""The conversation with the store of a tenant's audit objects."""

from abc import abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.errors import Conflict, NotFound, Refused
from domain.tenant import StorageSettings


class ObjectNotFound(NotFound):
    """There is no such object, or no such bucket."""

    code = "storage.not_found"


class ObjectExists(Conflict):
    """An object of this key exists; audit objects are written once."""

    code = "storage.exists"


class AccessDenied(Refused):
    """The store refuses these credentials or this operation."""

    code = "storage.access_denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object as listings show it: key, bytes, revision (opaque) and time of writing."""

    key: str
    size: int
    revision: str
    modified_at: datetime


class ObjectStorage(Protocol):
    """Read and write the objects of one bucket.

    Keys have 1 to 1024 characters of `A-Za-z0-9!_.*'()=/-`, no empty, `.` or `..` segment, no
    leading slash; any other key raises `InvalidValue`. Every method may raise `AccessDenied` and
    `Unavailable`.
    """

    @abstractmethod
    async def prepare(self) -> None:
        """Make the bucket when it is not there, private and encrypted; safe to repeat."""

    @abstractmethod
    async def expire(self, prefix: str, *, after: timedelta) -> bool:
        """Have the store delete what lies under a prefix when it is older; safe to repeat.

        A later call for the same prefix replaces the time. Returns whether the store does so by
        itself: where not, nothing has happened, and whoever wants it has to delete.
        """

    @abstractmethod
    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        """Write an object once, durably and atomically: nobody ever sees a part of it.

        Not repeated inside: a caller that repeats it meets `ObjectExists` and compares.

        Raises:
            ObjectExists: the key is taken.
        """

    @abstractmethod
    def read(self, key: str) -> AsyncIterator[bytes]:
        """Stream an object in pieces of at most 1 MiB.

        Raises:
            ObjectNotFound: there is none.
        """

    @abstractmethod
    def list(self, prefix: str, *, start_after: str = "") -> AsyncIterator[StoredObject]:
        """List the objects under a prefix in order of their keys (by code point), after one key."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Delete an object (probes and retention only); one that is not there is fine."""


class ObjectStorages(Protocol):
    """Give the storage that a tenant's settings name."""

    @abstractmethod
    def of(self, settings: StorageSettings) -> ObjectStorage:
        """Return the bucket of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: the provider's library is not installed; the message names the extra.
        """

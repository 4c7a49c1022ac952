"""Object storage by way of an SDK that blocks, so that it runs in threads."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Generator
from contextlib import aclosing
from datetime import timedelta

from adapters.object_storage.blocking import BlockingCalls
from adapters.object_storage.key_rules import prefix_folders, segments
from adapters.object_storage.listing import Page
from application.ports.object_storage import ObjectStorage, StoredObject

PIECE = 1 << 20
"""Bytes of one piece of a streamed object."""


class ThreadedObjectStorage(ObjectStorage):
    """Keep the objects of one bucket; what asks the SDK for each of them is left to its family.

    Names are checked before a thread is taken, so that nothing wrong ever reaches a cloud.
    """

    def __init__(self, calls: BlockingCalls) -> None:
        self._calls = calls

    async def prepare(self) -> None:
        """Make the bucket when it is not there, private and encrypted; safe to repeat."""
        await self._calls.run(self._prepare)

    async def expire(self, prefix: str, *, after: timedelta) -> bool:
        """Have the cloud delete what lies under a prefix when it is older; False: it cannot."""
        prefix_folders(prefix)
        return await self._calls.run(lambda: self._expire(prefix, after))

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        """Write an object once, durably and atomically: nobody ever sees a part of it.

        Raises:
            ObjectExists: the key is taken.
        """
        segments(key)
        return await self._calls.run(lambda: self._create(key, data, content_type))

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Stream an object in pieces of at most 1 MiB.

        Raises:
            ObjectNotFound: there is none.
        """
        segments(key)
        async with aclosing(self._calls.stream(lambda: self._pieces(key))) as pieces:
            async for piece in pieces:
                yield piece

    async def list(self, prefix: str, *, start_after: str = "") -> AsyncIterator[StoredObject]:
        """List the objects under a prefix in order of their keys (by code point), after one key."""
        prefix_folders(prefix)
        async with aclosing(
            self._calls.stream(lambda: self._listing(prefix, start_after))
        ) as pages:
            async for page in pages:
                for found in page:
                    yield found

    async def delete(self, key: str) -> None:
        """Delete an object (probes and retention only); one that is not there is fine."""
        segments(key)
        await self._calls.run(lambda: self._delete(key))

    @abstractmethod
    def _prepare(self) -> None: ...

    @abstractmethod
    def _expire(self, prefix: str, after: timedelta) -> bool: ...

    @abstractmethod
    def _create(self, key: str, data: bytes, content_type: str) -> StoredObject: ...

    @abstractmethod
    def _pieces(self, key: str) -> Generator[bytes, None, None]: ...

    @abstractmethod
    def _listing(self, prefix: str, start_after: str) -> Generator[Page, None, None]: ...

    @abstractmethod
    def _delete(self, key: str) -> None: ...

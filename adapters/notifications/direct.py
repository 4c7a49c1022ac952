"""Announce objects inside one process, where local storage has nobody else to do it."""

from collections.abc import Awaitable, Callable

from application.ports.object_events import ObjectEvents
from domain.job import ObjectRef
from domain.tenant import StorageProvider


class DirectEvents(ObjectEvents):
    """Hand new local objects to a function; clouds announce their own."""

    def __init__(self, handle: Callable[[ObjectRef], Awaitable[object]]) -> None:
        self._handle = handle

    async def created(self, ref: ObjectRef) -> None:
        """Announce an object of local storage."""
        if ref.provider == StorageProvider.LOCAL.value:
            await self._handle(ref)

"""How the writes of one process to its store take turns, and how none is left half way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from domain.errors import Unavailable

T = TypeVar("T")

TURN_TIMEOUT = timedelta(seconds=30)
"""How long a write waits for those before it in this process."""


class Turns:
    """The right to write, held by one task at a time.

    Who waits longer than `timeout` is told to come again after `retry_after` seconds.
    """

    def __init__(self, *, timeout: timedelta, retry_after: float) -> None:
        self._timeout = timeout.total_seconds()
        self._retry_after = retry_after
        self._turn = asyncio.Lock()
        self._holder: asyncio.Task[object] | None = None

    @property
    def is_mine(self) -> bool:
        """Tell whether this task holds the right: waiting for its end would be for ever."""
        return self._holder is not None and self._holder is asyncio.current_task()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Hold the right to write.

        Raises:
            Unavailable, RuntimeError: as for `take`.
        """
        await self.take()
        try:
            yield
        finally:
            self.end()

    async def take(self) -> None:
        """Wait for the right to write, until `end`.

        Raises:
            Unavailable: too many others wait.
            RuntimeError: this task holds it already, and would wait for itself.
        """
        if self.is_mine:
            raise RuntimeError("a unit of work is open in this task: nothing else can write")
        try:
            async with asyncio.timeout(self._timeout):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Unavailable(
                "store", "the store is busy: too many writes wait", retry_after=self._retry_after
            ) from error
        self._holder = asyncio.current_task()

    def end(self) -> None:
        """Let the next one write."""
        self._holder = None
        self._turn.release()


async def to_its_end(future: "asyncio.Future[T]") -> T:
    """Wait for a call even when cancelled: nothing goes on behind the caller's back.

    The call itself must end in time, since this waits for it without a limit.
    """
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        while not future.done():
            # A second cancellation must not leave the call alone either; the first one is raised
            # on below.
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError:
                continue
        if not future.cancelled():
            future.exception()  # looked at, or asyncio would complain that nobody did
        raise

"""The connections of one database: one that writes, in turns, and one that reads beside it."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from adapters.sqlite.connection import BUSY_RETRY_AFTER, MEMORY, SERVICE, Connection
from adapters.sqlite.migrations import migrate, shipped_migrations
from domain.errors import Unavailable

T = TypeVar("T")

BUSY_TIMEOUT = timedelta(seconds=5)
TURN_TIMEOUT = timedelta(seconds=30)
"""How long a write waits for those before it in this process."""


class Database:
    """A file, or `:memory:`, with everything in this process that touches it.

    A file has a second connection for reads, which see the last commit. A database in memory
    belongs to one connection alone, so reads take turns with writes there.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        busy_timeout: timedelta = BUSY_TIMEOUT,
        turn_timeout: timedelta = TURN_TIMEOUT,
    ) -> None:
        self._writer = Connection(path, name="writer", busy_timeout=busy_timeout)
        self._reader: Connection | None = None
        if str(path) != MEMORY:
            self._reader = Connection(
                path, name="reader", busy_timeout=busy_timeout, read_only=True
            )
        self._turn = asyncio.Lock()
        self._turn_timeout = turn_timeout.total_seconds()
        self._holder: asyncio.Task[object] | None = None

    async def open(self) -> None:
        """Open the connections and bring the schema up to date.

        Raises:
            Unavailable: the file cannot be used, or a newer version wrote it.
        """
        is_open = False
        try:
            await self._writer.open()
            await self._writer.run(lambda raw: migrate(raw, shipped_migrations()))
            if self._reader is not None:
                await self._reader.open()
            is_open = True
        finally:
            if not is_open:
                await self._close_connections()

    async def close(self) -> None:
        """Close the connections once the writes that were begun have ended."""
        try:
            async with self.turn():
                pass
        finally:
            await self._close_connections()

    async def _close_connections(self) -> None:
        try:
            if self._reader is not None:
                await self._reader.close()
        finally:
            await self._writer.close()

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on one state of the database, without what is not committed."""
        if self._reader is not None:
            return await self._reader.run(lambda raw: _in_transaction(raw, "BEGIN", work))
        if self._holder is not None and self._holder is asyncio.current_task():
            # The caller's own unit of work is open: waiting for its end would be for ever.
            return await self._writer.run(work)
        async with self.turn():
            return await self._writer.run(lambda raw: _in_transaction(raw, "BEGIN", work))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` as one transaction, durable when this returns."""
        async with self.turn():
            return await self._writer.run(lambda raw: _in_transaction(raw, "BEGIN IMMEDIATE", work))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the writing connection, for who holds the turn."""
        return await self._writer.run(work)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the right to write."""
        await self.take_turn()
        try:
            yield
        finally:
            self.end_turn()

    async def take_turn(self) -> None:
        """Wait for the right to write, until `end_turn`.

        Raises:
            Unavailable: too many others wait.
            RuntimeError: this task holds it already, and would wait for itself.
        """
        task = asyncio.current_task()
        if self._holder is not None and self._holder is task:
            raise RuntimeError("a unit of work is open in this task: nothing else can write")
        try:
            async with asyncio.timeout(self._turn_timeout):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Unavailable(
                SERVICE, "the store is busy: too many writes wait", retry_after=BUSY_RETRY_AFTER
            ) from error
        self._holder = task

    def end_turn(self) -> None:
        """Let the next one write."""
        self._holder = None
        self._turn.release()


def _in_transaction(
    raw: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], T]
) -> T:
    raw.execute(begin)
    try:
        result = work(raw)
        raw.execute("COMMIT")
    finally:
        if raw.in_transaction:
            raw.execute("ROLLBACK")
    return result

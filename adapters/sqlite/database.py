"""The connections of one database: one that writes, in turns, and one that reads beside it."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from adapters.sqlite.connection import BUSY_RETRY_AFTER, MEMORY, Connection
from adapters.sqlite.migrations import migrate, shipped_migrations
from adapters.turns import TURN_TIMEOUT, Turns

T = TypeVar("T")

BUSY_TIMEOUT = timedelta(seconds=5)


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
        self.turns = Turns(timeout=turn_timeout, retry_after=BUSY_RETRY_AFTER)

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
            async with self.turns.taken():
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
        if self.turns.is_mine:
            return await self._writer.run(work)
        async with self.turns.taken():
            return await self._writer.run(lambda raw: _in_transaction(raw, "BEGIN", work))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` as one transaction, durable when this returns."""
        async with self.turns.taken():
            return await self._writer.run(lambda raw: _in_transaction(raw, "BEGIN IMMEDIATE", work))

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the writing connection, for who holds the turn."""
        return await self._writer.run(work)


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

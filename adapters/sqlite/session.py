"""One open transaction that several repositories work in."""

import sqlite3
from collections.abc import Callable
from enum import Enum, auto
from typing import TypeVar

from adapters.sqlite.connection import SERVICE
from adapters.sqlite.database import Database
from domain.errors import Unavailable

T = TypeVar("T")


class _State(Enum):
    NEW = auto()
    OPEN = auto()
    ENDED = auto()


class Session:
    """A transaction from `begin` to `commit` or `end`; it holds the only right to write."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = _State.NEW

    async def begin(self) -> None:
        """Wait for the right to write and open the transaction."""
        if self._state is not _State.NEW:
            raise RuntimeError("a unit of work is entered once")
        await self._database.turns.take()
        self._state = _State.OPEN
        has_begun = False
        try:
            await self._database.run(_begin)
            has_begun = True
        finally:
            if not has_begun:
                # Cancelled or refused: SQLite may have begun all the same.
                await self.end()

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` inside the transaction.

        Raises:
            RuntimeError: the transaction is not open, or over.
        """
        self._require_open()
        return await self._database.run(lambda raw: work(_still_open(raw)))

    async def commit(self, last: Callable[[sqlite3.Connection], None]) -> None:
        """Run `last` inside the transaction, make everything durable and end."""
        self._require_open()
        await self._database.run(lambda raw: _commit(_still_open(raw), last))
        self._state = _State.ENDED
        self._database.turns.end()

    async def end(self) -> None:
        """Roll back what was not committed and let others write; a second call does nothing."""
        if self._state is not _State.OPEN:
            return
        self._state = _State.ENDED
        try:
            await self._database.run(_roll_back)
        finally:
            self._database.turns.end()

    def _require_open(self) -> None:
        if self._state is not _State.OPEN:
            raise RuntimeError("work of a unit goes between entering it and its commit")


def _begin(raw: sqlite3.Connection) -> None:
    raw.execute("BEGIN IMMEDIATE")


def _still_open(raw: sqlite3.Connection) -> sqlite3.Connection:
    """Refuse to go on after SQLite rolled back by itself, as it does when the disk is full."""
    if not raw.in_transaction:
        raise Unavailable(SERVICE, "the store gave this transaction up")
    return raw


def _commit(raw: sqlite3.Connection, last: Callable[[sqlite3.Connection], None]) -> None:
    last(raw)
    raw.execute("COMMIT")


def _roll_back(raw: sqlite3.Connection) -> None:
    if raw.in_transaction:
        raw.execute("ROLLBACK")

"""One open transaction that several repositories work in."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto
from typing import Any, TypeVar

from adapters.mongo.collection import Collection, Scope
from adapters.mongo.database import Database, completed
from adapters.mongo.errors import SERVICE, translated
from domain.errors import ConcurrentUpdate, DomainError, InvalidValue, Unavailable

T = TypeVar("T")


class _State(Enum):
    NEW = auto()
    OPEN = auto()
    GIVEN_UP = auto()
    ENDED = auto()


class Session(Scope):
    """A transaction from `begin` to `commit` or `end`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = _State.NEW
        self._raw: Any = None

    def collection(self, name: str) -> Collection:
        """Return a collection, for calls inside the transaction."""
        return self._database.collection(name, self)

    async def begin(self) -> None:
        """Wait for the turn and open the transaction."""
        if self._state is not _State.NEW:
            raise RuntimeError("a unit of work is entered once")
        await self._database.turns.take()
        self._state = _State.OPEN
        has_begun = False
        try:
            self._raw = await self._database.session()
            has_begun = True
        finally:
            if not has_begun:
                await self.end()

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call inside the transaction, which holds the turn."""
        return await self.read(work)

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call inside the transaction.

        Raises:
            RuntimeError: the transaction is not open, or over.
            ConcurrentUpdate: another one got in between; this one can do nothing more.
        """
        self._require_open()
        try:
            with translated():
                return await completed(work(self._raw))
        except InvalidValue:
            raise  # found by the driver, before anything was sent
        except DomainError:
            # MongoDB ends a transaction at the first error.
            self._state = _State.GIVEN_UP
            raise

    async def commit(self) -> None:
        """Make everything durable and end."""
        self._require_open()
        with translated():
            await completed(self._raw.commit_transaction())
        await self.end()

    async def end(self) -> None:
        """Roll back what was not committed and let others begin; a second call does nothing."""
        if self._state in {_State.NEW, _State.ENDED}:
            return
        self._state = _State.ENDED
        try:
            if self._raw is not None:
                # A server that is away, or gave up by itself, has rolled back already. Ending the
                # session sends nothing but the rollback that is due.
                with suppress(Unavailable, ConcurrentUpdate), translated():
                    await completed(self._raw.end_session())
        finally:
            self._database.turns.end()

    def _require_open(self) -> None:
        if self._state is _State.GIVEN_UP:
            raise Unavailable(SERVICE, "the store gave this transaction up")
        if self._state is not _State.OPEN:
            raise RuntimeError("work of a unit goes between entering it and its commit")

"""The two databases of a deployment, and the turns that the writes of one process take."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar

from adapters.mongo.client import MongoClient, settled
from adapters.mongo.collection import Collection, Scope
from adapters.mongo.errors import RETRY_AFTER, SERVICE, translated
from domain.errors import Unavailable

T = TypeVar("T")

PLATFORM = "saas_platform_core"
OWN = "trueport_ai"
PLATFORM_COLLECTIONS = frozenset(
    {
        *("invitations", "otps", "payment_events", "sessions", "storage_places"),
        *("subscriptions", "tenants", "users"),
    }
)
"""What platform-backend alone writes; every other collection is in the service's own database."""

HOT_TIMEOUT = timedelta(seconds=3)
"""How long a read may take that a request, or a probe, waits for."""

REPORT_TIMEOUT = timedelta(seconds=30)

TURN_TIMEOUT = timedelta(seconds=30)
"""How long a write waits for those before it in this process."""


class Database:
    """One client's view of both databases, for one event loop.

    Without `writes_platform` what platform-backend owns can be read alone.
    """

    def __init__(
        self,
        client: MongoClient,
        *,
        own: str = OWN,
        platform: str = PLATFORM,
        writes_platform: bool = True,
        turn_timeout: timedelta = TURN_TIMEOUT,
    ) -> None:
        self._client = client
        self._own = own
        self._platform = platform
        self._writes_platform = writes_platform
        self._turn = asyncio.Lock()
        self._turn_timeout = turn_timeout.total_seconds()
        self._holder: asyncio.Task[object] | None = None

    def collection(
        self, name: str, scope: Scope | None = None, *, patience: timedelta | None = None
    ) -> Collection:
        """Return a collection, by default outside of transactions."""
        is_read_only = name in PLATFORM_COLLECTIONS and not self._writes_platform
        return Collection(
            self.raw(name), scope or Outside(self), is_read_only=is_read_only, patience=patience
        )

    def report(self, name: str) -> Collection:
        """Return a collection for reports, which may be some seconds behind."""
        raw = self.raw(name, may_be_stale=True)
        return Collection(raw, Outside(self), is_read_only=True, patience=REPORT_TIMEOUT)

    def raw(self, name: str, *, may_be_stale: bool = False) -> Any:
        """Return the driver's collection of this name, in the database that it belongs to."""
        database = self._platform if name in PLATFORM_COLLECTIONS else self._own
        return self._client.database(database, may_be_stale=may_be_stale)[name]

    async def session(self) -> Any:
        """Return a session with an open transaction; nothing is sent before its first call."""
        with translated():
            return await self._client.session()

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Hold the right to write."""
        await self.take_turn()
        try:
            yield
        finally:
            self.end_turn()

    async def take_turn(self) -> None:
        """Wait for the right to write in this process, until `end_turn`.

        Writes of the same would make each other fail otherwise, such as a sign of life the unit
        that ends its job, where taking turns costs a few milliseconds. Between processes the
        server decides.

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
                SERVICE, "the store is busy: too many writes wait", retry_after=RETRY_AFTER
            ) from error
        self._holder = task

    def end_turn(self) -> None:
        """Let the next one write."""
        self._holder = None
        self._turn.release()


class Outside(Scope):
    """Calls outside of transactions, each complete alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def read(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call without a session."""
        with translated():
            return await work(None)

    async def write(self, work: Callable[[Any], Awaitable[T]]) -> T:
        """Run a call without a session, and let no unit of this process be open beside it."""
        async with self._database.turn():
            with translated():
                return await to_its_end(work(None))


async def to_its_end(work: Awaitable[T]) -> T:
    """Wait for a call even when cancelled: nothing goes on behind the caller's back.

    The driver bounds every call in time, so that this ends.
    """
    future = asyncio.ensure_future(settled(work))
    try:
        result: T = await asyncio.shield(future)
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
    return result

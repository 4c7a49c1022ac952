"""The two databases of a deployment, and the turns that the writes of one process take."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from adapters.mongo.client import MongoClient, settled
from adapters.mongo.collection import Collection, Scope
from adapters.mongo.errors import RETRY_AFTER, translated
from adapters.turns import TURN_TIMEOUT, Turns, to_its_end

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
        # Writes of one process would make each other fail otherwise, such as a sign of life the
        # unit that ends its job, where taking turns costs a few milliseconds. Between processes
        # the server decides.
        self.turns = Turns(timeout=turn_timeout, retry_after=RETRY_AFTER)

    def collection(
        self, name: str, scope: Scope | None = None, *, patience: timedelta | None = None
    ) -> Collection:
        """Return a collection, by default outside of transactions."""
        return Collection(
            self.raw(name),
            scope or Outside(self),
            is_read_only=not self.may_write(name),
            patience=patience,
        )

    def may_write(self, name: str) -> bool:
        """Tell whether a collection is this service's to write."""
        return self._writes_platform or name not in PLATFORM_COLLECTIONS

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
        async with self._database.turns.taken():
            with translated():
                return await completed(work(None))


async def completed(work: Awaitable[T]) -> T:
    """Wait for a call of the driver even when cancelled; the driver bounds every one in time."""
    result: T = await to_its_end(asyncio.ensure_future(settled(work)))
    return result

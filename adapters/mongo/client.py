"""The connections to MongoDB: the only file that knows which driver makes them.

Motor and PyMongo's own asynchronous client answer some calls at once where the other has to be
awaited; `settled` takes either. Everything else of this family keeps to what both offer.
"""

import asyncio
import inspect
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import ReadPreference
from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from domain.errors import InvalidValue

TIMEOUT = timedelta(seconds=10)
"""How long one call may take, waiting for a server and for a connection included."""

SELECTION_TIMEOUT = timedelta(seconds=5)
POOL = 32

MAJORITY = WriteConcern("majority")
_OPTIONS: dict[str, Any] = {
    "appname": "trueport",
    "connectTimeoutMS": 3000,
    "maxPoolSize": POOL,
    "serverSelectionTimeoutMS": SELECTION_TIMEOUT // timedelta(milliseconds=1),
    "timeoutMS": TIMEOUT // timedelta(milliseconds=1),
}
"""What holds unless the address says otherwise, as `?maxPoolSize=2` does."""


def make_client(uri: str) -> "MongoClient":
    """Return a client of Motor; nothing is connected before its first call.

    Raises:
        InvalidValue: the address is none of MongoDB; the message never holds it.
    """
    try:
        return MongoClient(AsyncIOMotorClient(uri, **options(uri)))
    except (PyMongoError, ValueError, TypeError):
        raise InvalidValue(
            "is no address of a MongoDB, or has options that do not go together; it must be "
            "mongodb://USER:PASSWORD@HOST:27017/?replicaSet=NAME, or mongodb+srv://… of a name "
            "that DNS knows",
            field="MONGO_URI",
        ) from None


def options(uri: str) -> dict[str, Any]:
    """Return what a client of this address is made with beside the address."""
    given = {name.lower() for name, _ in parse_qsl(urlsplit(uri).query, keep_blank_values=True)}
    wanted = {name: value for name, value in _OPTIONS.items() if name.lower() not in given}
    # Writes survive the loss of a server, and nobody reads what a majority does not hold.
    return {**wanted, "w": "majority", "readConcernLevel": "majority", "retryWrites": True}


class MongoClient:
    """A driver's client of either kind, with what this family asks of it."""

    def __init__(self, raw: Any) -> None:
        self._raw = raw

    def database(self, name: str, *, may_be_stale: bool = False) -> Any:
        """Return a database; `may_be_stale` reads from a secondary where there is one."""
        preference = ReadPreference.SECONDARY_PREFERRED if may_be_stale else ReadPreference.PRIMARY
        return self._raw.get_database(name, read_preference=preference)

    async def session(self) -> Any:
        """Return a session with an open transaction."""
        session = await settled(self._raw.start_session())
        await settled(
            session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=MAJORITY,
                read_preference=ReadPreference.PRIMARY,
            )
        )
        return session

    async def drop_database(self, name: str) -> None:
        """Drop a database with all that is in it."""
        await self._raw.drop_database(name)

    async def close(self) -> None:
        """Close the connections.

        Motor says goodbye to the server before it returns, which the event loop must not wait for.
        """
        if inspect.iscoroutinefunction(self._raw.close):
            await self._raw.close()
        else:
            await asyncio.to_thread(self._raw.close)


async def settled(answer: Any) -> Any:
    """Return what a call of the driver answers, now or when it is awaited."""
    return await answer if inspect.isawaitable(answer) else answer

"""The connections to one Redis, and its scripts."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError

from domain.errors import InvalidValue, Unavailable

SERVICE = "redis"
CONNECTIONS = 32

_CLOSED = (RuntimeError,)
"""What uvloop raises where a connection was reset while nobody used it; asyncio raises OSError."""

_SCHEMES = ("redis://", "rediss://", "unix://")


class RedisUnavailable(Unavailable):
    """Redis did not answer in time or not as it should."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(SERVICE, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long Redis has to take a connection, and to answer a command, in seconds."""

    connect: float = 1.0
    answer: float = 1.0

    @property
    def together(self) -> float:
        """Return what one command may take with a new connection and its second try."""
        return self.connect + 2 * self.answer


@dataclass(frozen=True, slots=True)
class _Link:
    """Connections that belong to one event loop."""

    loop: asyncio.AbstractEventLoop
    redis: Redis
    free: asyncio.Semaphore


class RedisClient:
    """Ask one Redis, with a bound on connections and on every wait.

    A plain pool raises under a burst; here callers wait their turn, and only then does their time
    run. A command is sent once more when its connection turns out to be broken, as after a restart
    of the server: everything sent through here may be repeated. In another event loop the client
    begins anew, with connections of that loop.
    """

    def __init__(
        self, url: str, *, patience: Patience | None = None, connections: int = CONNECTIONS
    ) -> None:
        if not url.startswith(_SCHEMES):
            raise InvalidValue(f"begins with {', '.join(_SCHEMES)}", field="REDIS_URL")
        self._url = url
        self._patience = patience or Patience()
        self._connections = connections
        try:
            self._new_pool()
        except ValueError:
            raise InvalidValue("is no address of a Redis", field="REDIS_URL") from None
        self._link: _Link | None = None

    def script(self, name: str) -> "RedisScript":
        """Return a script of the folder `scripts`."""
        return RedisScript(self, self._source(name))

    async def claim_turn(self, key: str, *, every: timedelta) -> bool:
        """Tell whether nobody else has claimed this key for as long as `every`, and claim it."""
        async with self.connected() as redis:
            return bool(await redis.set(key, "1", nx=True, px=_milliseconds(every)))

    async def ping(self) -> None:
        """Ask for a sign of life.

        Raises:
            RedisUnavailable: there is none.
        """
        async with self.connected() as redis:
            await redis.ping()

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Redis]:
        """Give the connections for one command, as soon as one of them is free.

        Raises:
            RedisUnavailable: Redis is away, refused, or took too long.
        """
        link = self._current()
        async with link.free, _translated(), asyncio.timeout(self._patience.together):
            yield link.redis

    async def close(self) -> None:
        """Close the connections of this event loop."""
        link, self._link = self._link, None
        if link is not None and link.loop is asyncio.get_running_loop():
            await link.redis.aclose()

    def _source(self, name: str) -> str:
        return (files("adapters.redis") / "scripts" / f"{name}.lua").read_text("utf-8")

    def _current(self) -> _Link:
        loop = asyncio.get_running_loop()
        if self._link is None or self._link.loop is not loop:
            redis: Redis = Redis.from_pool(self._new_pool())
            self._link = _Link(loop, redis, asyncio.Semaphore(self._connections))
        return self._link

    def _new_pool(self) -> BlockingConnectionPool:
        return BlockingConnectionPool.from_url(
            self._url,
            max_connections=self._connections,
            timeout=self._patience.together,
            socket_timeout=self._patience.answer,
            socket_connect_timeout=self._patience.connect,
            retry=_once_more(),
            decode_responses=True,
            client_name="trueport",
        )


class RedisScript:
    """A script that Redis runs as a whole; one that has forgotten it is told again."""

    def __init__(self, client: RedisClient, source: str) -> None:
        self._client = client
        self._source = source
        self._digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()

    async def __call__(self, keys: Sequence[str], *arguments: str | int) -> object:
        """Run the script.

        Raises:
            RedisUnavailable: Redis is away, or refused.
        """
        async with self._client.connected() as redis:
            try:
                answer: object = await redis.evalsha(self._digest, len(keys), *keys, *arguments)
            except NoScriptError:
                answer = await redis.eval(self._source, len(keys), *keys, *arguments)
            return answer


def _once_more() -> Retry:
    retry = Retry(NoBackoff(), 1)
    retry.update_supported_errors(_CLOSED)  # type: ignore[arg-type] # takes any exception
    return retry


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        yield
    except RedisError as error:
        raise RedisUnavailable from error
    except (TimeoutError, OSError, *_CLOSED) as error:
        raise RedisUnavailable("redis cannot be reached") from error


def _milliseconds(duration: timedelta) -> int:
    return max(1, int(duration.total_seconds() * 1000))

"""The connections to one Redis, and its scripts."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.exceptions import RedisError

from domain.errors import InvalidValue, Unavailable

SERVICE = "redis"
CONNECTIONS = 32
TIMEOUT = timedelta(seconds=1)

_CLOSED = (RuntimeError,)
"""What uvloop raises where a connection was reset while nobody used it; asyncio raises OSError."""

_SCHEMES = ("redis://", "rediss://", "unix://")


class RedisUnavailable(Unavailable):
    """Redis did not answer in time or not as it should."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(SERVICE, message)


class RedisClient:
    """Ask one Redis, with a bound on connections and on every wait.

    A plain pool raises under a burst; this one makes callers wait for a connection. A command is
    sent once more when its connection turns out to be broken, as after a restart of the server:
    everything sent through here may be repeated.
    """

    def __init__(
        self, url: str, *, timeout: timedelta = TIMEOUT, connections: int = CONNECTIONS
    ) -> None:
        if not url.startswith(_SCHEMES):
            raise InvalidValue(f"begins with {', '.join(_SCHEMES)}", field="REDIS_URL")
        seconds = timeout.total_seconds()
        try:
            pool = BlockingConnectionPool.from_url(
                url,
                max_connections=connections,
                timeout=seconds,
                socket_timeout=seconds,
                socket_connect_timeout=seconds,
                retry=_once_more(),
                decode_responses=True,
                client_name="trueport",
            )
        except ValueError:
            raise InvalidValue("is no address of a Redis", field="REDIS_URL") from None
        self._redis: Redis = Redis.from_pool(pool)

    def script(self, name: str) -> "RedisScript":
        """Return a script of the folder `scripts`."""
        source = (files("adapters.redis") / "scripts" / f"{name}.lua").read_text("utf-8")
        return RedisScript(self._redis.register_script(source))

    async def claim_turn(self, key: str, *, every: timedelta) -> bool:
        """Tell whether nobody else has claimed this key for as long as `every`, and claim it."""
        async with _translated():
            return bool(await self._redis.set(key, "1", nx=True, px=_milliseconds(every)))

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()


class RedisScript:
    """A script that Redis runs as a whole; one that has forgotten it is told again."""

    def __init__(self, script: AsyncScript) -> None:
        self._script = script

    async def __call__(self, keys: Sequence[str], *arguments: str | int) -> object:
        """Run the script.

        Raises:
            RedisUnavailable: Redis is away, or refused.
        """
        async with _translated():
            answer: object = await self._script(keys=keys, args=arguments)
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
    except (OSError, *_CLOSED) as error:
        raise RedisUnavailable("redis cannot be reached") from error


def _milliseconds(duration: timedelta) -> int:
    return max(1, int(duration.total_seconds() * 1000))

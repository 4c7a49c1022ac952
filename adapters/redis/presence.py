"""Whether Redis is there, as everything in this process that needs it sees it."""

import logging
from collections.abc import Sequence

from adapters.redis.client import RedisClient, RedisScript, RedisUnavailable
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry

PAUSE_SECONDS = 0.25
"""After Redis was away, so long nobody asks; then one request finds out for all."""

_log = logging.getLogger(__name__)


class NotAsked(RedisUnavailable):
    """Redis is known to be away; nothing was sent."""


class RedisPresence:
    """Run scripts while Redis is there, and spare everybody the wait while it is not.

    A change of state is logged and counted once, however many requests notice it.
    """

    def __init__(
        self,
        *,
        redis: RedisClient,
        clock: Clock,
        telemetry: Telemetry,
        pause_seconds: float = PAUSE_SECONDS,
    ) -> None:
        self._redis = redis
        self._clock = clock
        self._telemetry = telemetry
        self._pause_seconds = pause_seconds
        self._ask_again_at = 0.0
        self.is_away = False

    def script(self, name: str) -> RedisScript:
        """Return a script of the folder `scripts`, to be run by `ask`."""
        return self._redis.script(name)

    async def ask(self, script: RedisScript, keys: Sequence[str], *arguments: str | int) -> object:
        """Run a script.

        Raises:
            RedisUnavailable: Redis is away, at once where that is known already.
        """
        if self.is_away:
            now = self._clock.monotonic()
            if now < self._ask_again_at:
                raise NotAsked("redis cannot be reached")
            self._ask_again_at = now + self._pause_seconds
        try:
            answer = await script(keys, *arguments)
        except RedisUnavailable as error:
            self._went_away(error)
            raise
        self._came_back()
        return answer

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.close()

    def _went_away(self, error: RedisUnavailable) -> None:
        self._ask_again_at = self._clock.monotonic() + self._pause_seconds
        if self.is_away:
            return
        self.is_away = True
        cause = type(error.__cause__).__name__
        _log.warning("redis is away: limits go by their fail modes", extra={"cause": cause})
        self._count()

    def _came_back(self) -> None:
        if not self.is_away:
            return
        self.is_away = False
        _log.warning("redis is back: limits are shared again")
        self._count()

    def _count(self) -> None:
        self._telemetry.count(Metric.REDIS_CHANGES, state="away" if self.is_away else "back")
        self._telemetry.gauge(Metric.REDIS_AWAY, float(self.is_away))

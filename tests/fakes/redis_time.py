"""A Redis that goes by the clock of the test."""

from collections.abc import Sequence

from adapters.redis.client import RedisClient, RedisScript
from application.ports.system import Clock


class FakeTimeRedis(RedisClient):
    """Run every script as it is, but for the time: that comes behind its arguments."""

    def __init__(self, url: str, *, clock: Clock) -> None:
        super().__init__(url)
        self._clock = clock

    def script(self, name: str) -> RedisScript:
        source = self._source(name)
        timed = source.replace("redis.call('TIME')", "{ARGV[#ARGV - 1], ARGV[#ARGV]}")
        return super().script(name) if timed == source else _TimedScript(self, timed, self._clock)


class _TimedScript(RedisScript):
    def __init__(self, client: RedisClient, source: str, clock: Clock) -> None:
        super().__init__(client, source)
        self._clock = clock

    async def __call__(self, keys: Sequence[str], *arguments: str | int) -> object:
        now = self._clock.now()
        return await super().__call__(keys, *arguments, int(now.timestamp()), now.microsecond)

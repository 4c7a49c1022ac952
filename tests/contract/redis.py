"""Redis for the contract suites that speak of time: it goes by the clock of the test."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from adapters.redis.presence import RedisPresence
from adapters.telemetry.prometheus import PrometheusTelemetry
from tests.fakes.clock import FakeClock
from tests.fakes.redis_time import FakeTimeRedis

Address = Callable[[str], str]
"""The address of a counterpart, by its name."""


@asynccontextmanager
async def redis_presence(clock: FakeClock, address: Address) -> AsyncIterator[RedisPresence]:
    url = address("valkey").replace("http:", "redis:")
    redis = RedisPresence(
        redis=FakeTimeRedis(url, clock=clock), clock=clock, telemetry=PrometheusTelemetry()
    )
    try:
        yield redis
    finally:
        await redis.close()

"""Connections that break while nobody uses them, on both event loops that we run on."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from adapters.redis.client import RedisClient, RedisUnavailable
from tests.adapters.redis.server import RedisServer
from tests.fakes.fault_proxy import FaultProxy, Line
from tests.fakes.tls_server import TlsServer

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
KEYS = ["{a}stream", "{a}turns", "{a}later"]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("pause", [0.0, 0.05], ids=["at once", "a little later"])
def test_command_after_a_reset_is_sent_on_a_new_connection(
    loop: str, pause: float, tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    server = RedisServer(counterpart("valkey"), tmp_path)

    async def commands() -> list[object]:
        answers = []
        async with FaultProxy("127.0.0.1", server.port) as proxy:
            redis = RedisClient(f"redis://127.0.0.1:{proxy.port}/0")
            deliver = redis.script("deliver")
            for number in range(3):
                answers.append(await deliver(KEYS, f"job-{number}"))
                proxy.cut()
                await asyncio.sleep(pause)
            answers.append(await deliver(KEYS, "job-0"))
            await redis.close()
        return answers

    server.start()
    try:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            answers = runner.run(commands())
    finally:
        server.stop()

    assert answers == [1, 1, 1, 0]


@pytest.mark.parametrize("loop", LOOPS)
def test_redis_that_refuses_after_a_reset_is_unavailable(
    loop: str, tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    server = RedisServer(counterpart("valkey"), tmp_path)

    async def commands() -> None:
        async with FaultProxy("127.0.0.1", server.port) as proxy:
            redis = RedisClient(f"redis://127.0.0.1:{proxy.port}/0")
            deliver = redis.script("deliver")
            await deliver(KEYS, "job")
            proxy.line = Line(refuses=True)
            proxy.cut()
            await asyncio.sleep(0.05)
            with pytest.raises(RedisUnavailable):
                await deliver(KEYS, "job")
            await redis.close()

    server.start()
    try:
        with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
            runner.run(commands())
    finally:
        server.stop()


async def test_rediss_speaks_tls_and_checks_the_certificate(
    tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    server = RedisServer(counterpart("valkey"), tmp_path)
    server.start()
    try:
        async with TlsServer(server.port, tmp_path) as tls:
            url = f"rediss://127.0.0.1:{tls.port}/0"
            knows = RedisClient(f"{url}?ssl_ca_certs={tls.certificate}")
            answer = await knows.script("deliver")(KEYS, "job")
            await knows.close()
            stranger = RedisClient(url)
            with pytest.raises(RedisUnavailable):
                await stranger.ping()
            await stranger.close()
    finally:
        server.stop()

    assert answer == 1


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_client_begins_anew_in_another_event_loop(
    tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    server = RedisServer(counterpart("valkey"), tmp_path)
    server.start()
    redis = RedisClient(server.url)
    deliver = redis.script("deliver")

    async def command(*, closes: bool) -> object:
        answer = await deliver(KEYS, "job")
        if closes:
            await redis.close()
        return answer

    try:
        with asyncio.Runner() as first:
            one = first.run(command(closes=False))
        with asyncio.Runner() as second:
            two = second.run(command(closes=True))
    finally:
        server.stop()

    assert (one, two) == (1, 0)
    # The connection of the loop that has ended can be closed by nobody: it is collected, here.
    gc.collect()

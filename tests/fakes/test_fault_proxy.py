"""The proxy does to connections what it is told, and nothing else."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.fakes.fault_proxy import BLACK_HOLE, GOOD, FaultProxy, Line

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Echo:
    """A server that sends back what it gets, and remembers it."""

    def __init__(self) -> None:
        self.heard = b""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while piece := await reader.read(65_536):
                self.heard += piece
                writer.write(piece)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()


@asynccontextmanager
async def proxied(echo: Echo) -> AsyncIterator[FaultProxy]:
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    async with server, FaultProxy("127.0.0.1", server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


@asynccontextmanager
async def connected(proxy: FaultProxy) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def said(streams: Streams, words: bytes) -> bytes:
    streams[1].write(words)
    return await streams[0].readexactly(len(words))


async def is_silent(streams: Streams, words: bytes) -> bool:
    try:
        async with asyncio.timeout(0.15):
            await said(streams, words)
    except TimeoutError:
        return True
    return False


async def test_good_line_passes_everything_on_until_both_have_ended() -> None:
    words = bytes(range(256)) * 4096
    async with proxied(Echo()) as proxy, connected(proxy) as streams:
        streams[1].write(words)
        streams[1].write_eof()
        answer = await streams[0].read(-1)

    assert answer == words
    assert (proxy.accepted, proxy.open_connections) == (1, 0)


async def test_latency_delays_each_way() -> None:
    async with proxied(Echo()) as proxy, connected(proxy) as streams:
        proxy.line = Line(latency=0.05)
        started = time.monotonic()
        answer = await said(streams, b"hello")
        seconds = time.monotonic() - started

    assert answer == b"hello"
    assert seconds >= 0.1


async def test_narrow_line_lets_so_many_bytes_a_second_through() -> None:
    async with proxied(Echo()) as proxy, connected(proxy) as streams:
        proxy.line = Line(rate=100_000)
        started = time.monotonic()
        answer = await said(streams, b"x" * 25_000)
        seconds = time.monotonic() - started

    assert answer == b"x" * 25_000
    assert seconds >= 0.2


async def test_cut_resets_what_is_open_and_new_connections_work() -> None:
    async with proxied(Echo()) as proxy:
        async with connected(proxy) as streams:
            await said(streams, b"one")
            proxy.cut()
            with pytest.raises(ConnectionResetError):
                await streams[0].readexactly(1)
        async with connected(proxy) as streams:
            again = await said(streams, b"two")

    assert again == b"two"


async def test_refusing_line_resets_new_connections_alone() -> None:
    async with proxied(Echo()) as proxy, connected(proxy) as before:
        await said(before, b"one")
        proxy.line = Line(refuses=True)
        async with connected(proxy) as after:
            with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
                await said(after, b"two")
        still = await said(before, b"three")

    assert still == b"three"


async def test_mute_line_brings_the_request_and_no_answer() -> None:
    echo = Echo()
    async with proxied(echo) as proxy, connected(proxy) as streams:
        await said(streams, b"one")
        proxy.line = Line(is_mute=True)
        silent = await is_silent(streams, b"two")

    assert silent
    assert echo.heard == b"onetwo"


async def test_black_hole_swallows_both_ways() -> None:
    echo = Echo()
    async with proxied(echo) as proxy, connected(proxy) as streams:
        await said(streams, b"one")
        proxy.line = BLACK_HOLE
        silent = await is_silent(streams, b"two")

    assert silent
    assert echo.heard == b"one"


async def test_connection_that_lost_something_stays_silent_until_it_is_healed_and_then_ends() -> (
    None
):
    async with proxied(Echo()) as proxy, connected(proxy) as lossy, connected(proxy) as whole:
        await said(whole, b"one")
        proxy.line = BLACK_HOLE
        await is_silent(lossy, b"one")
        proxy.line = GOOD
        silent = await is_silent(lossy, b"two")
        proxy.heal()
        with pytest.raises(ConnectionResetError):
            await lossy[0].readexactly(1)
        still = await said(whole, b"two")

    assert silent
    assert still == b"two"


async def test_line_may_answer_in_place_of_the_server() -> None:
    echo = Echo()
    async with proxied(echo) as proxy:
        proxy.line = Line(answer=b"HTTP/1.1 503 Slow Down\r\n\r\n")
        async with connected(proxy) as streams:
            streams[1].write(b"GET / HTTP/1.1\r\n\r\n")
            answer = await streams[0].read(-1)

    assert answer == b"HTTP/1.1 503 Slow Down\r\n\r\n"
    assert echo.heard == b""


async def test_server_that_is_away_resets_its_clients() -> None:
    async with FaultProxy("127.0.0.1", 1) as proxy, connected(proxy) as streams:
        with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
            await said(streams, b"hello")

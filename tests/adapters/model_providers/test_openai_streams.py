"""Streams of the OpenAI dialect against a server that misbehaves in the middle of them."""

import asyncio
import json
import time
from typing import Any

import pytest

from adapters.model_providers.openai import OpenAiProvider
from application.ports.model_provider import UpstreamUnavailable
from domain.routing import Timeouts
from tests.adapters.model_providers.local_server import Exchange, LocalServer, local_server
from tests.adapters.model_providers.openai_upstream import (
    ANSWER,
    HIDDEN,
    answer,
    ask,
    chunk,
    collect,
    make_provider,
)


async def test_chunks_arrive_while_the_upstream_is_still_speaking(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    may_go_on = asyncio.Event()

    async def hesitate(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.event(chunk("first"))
        await may_go_on.wait()
        await exchange.event(chunk("second"))
        await exchange.event(b"[DONE]")
        await exchange.end()

    server.script = hesitate

    async with provider.stream(ask(server)) as chunks:
        first = await anext(aiter(chunks))
        may_go_on.set()
        rest = [item async for item in chunks]

    assert first == chunk("first")
    assert rest == [chunk("second")]


async def test_a_stream_may_be_cut_into_pieces_anywhere(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    text = f": hello\r\n\r\ndata: {json.dumps(chunk('grün 🏝️'), ensure_ascii=False)}\r\n\r\n"

    async def shred(exchange: Exchange) -> None:
        await exchange.begin()
        for byte in (text + "data: [DONE]\r\n\r\n").encode():
            await exchange.piece(bytes([byte]))
        await exchange.end()

    server.script = shred

    assert await collect(provider, ask(server)) == [chunk("grün 🏝️")]


async def test_what_follows_the_end_mark_is_not_read(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    async def go_on(exchange: Exchange) -> None:
        await exchange.begin()
        await exchange.event(b"[DONE]")
        await exchange.event(chunk("too late"))
        await exchange.until_closed()

    server.script, started = go_on, time.monotonic()

    assert await collect(provider, ask(server)) == []
    assert time.monotonic() - started < 1.0


async def _end_without_mark(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    await exchange.end()


async def _cut_in_the_stream(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    exchange.writer.close()


async def _stall_in_the_stream(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    await exchange.until_closed()


async def _speak_no_json(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    await exchange.event(HIDDEN.encode())
    await exchange.until_closed()


async def _report_an_error(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    await exchange.event({"error": {"message": HIDDEN, "type": "server_error"}})
    await exchange.until_closed()


async def _name_an_event_error(exchange: Exchange) -> None:
    await exchange.begin()
    await exchange.event(chunk("first"))
    await exchange.piece(b'event: error\ndata: {"message": "overloaded"}\n\n')
    await exchange.until_closed()


@pytest.mark.parametrize(
    ("fault", "is_timeout", "has_body"),
    [
        (_end_without_mark, False, False),
        (_cut_in_the_stream, False, False),
        (_stall_in_the_stream, True, False),
        (_speak_no_json, False, False),
        (_report_an_error, False, True),
        (_name_an_event_error, False, True),
    ],
)
async def test_a_stream_that_goes_wrong_is_a_failure_after_what_came_before(
    server: LocalServer, provider: OpenAiProvider, fault: Any, is_timeout: bool, has_body: bool
) -> None:
    server.script = fault
    timeouts = Timeouts(connect=1.0, first_byte=1.0, idle=0.2, total=5.0)

    async with provider.stream(ask(server, timeouts=timeouts)) as chunks:
        first = await anext(aiter(chunks))
        with pytest.raises(UpstreamUnavailable) as failure:
            await anext(aiter(chunks))

    assert first == chunk("first")
    assert failure.value.is_timeout is is_timeout
    assert (failure.value.body is not None) is has_body
    assert HIDDEN not in str(failure.value)


async def _seconds_until_noticed(provider: OpenAiProvider, *, how: str) -> float:
    """Return how long the server takes to notice that its client leaves, in one of three ways."""
    arrived, noticed = asyncio.Event(), asyncio.Event()

    async def watch(exchange: Exchange) -> None:
        if exchange.body.get("stream"):
            await exchange.begin()
            await exchange.event(chunk("first"))
        arrived.set()
        await exchange.until_closed()
        noticed.set()

    async with local_server(watch) as server:
        asked = ask(server)
        if how == "leave the stream":
            async with provider.stream(asked) as chunks:
                await anext(aiter(chunks))
                left = time.monotonic()
        else:
            streams = how == "cancel the stream"
            call_ = collect(provider, asked) if streams else provider.complete(asked)
            waiting = asyncio.ensure_future(call_)
            await arrived.wait()
            left = time.monotonic()
            waiting.cancel()
            await asyncio.wait([waiting])
            assert waiting.cancelled()
        async with asyncio.timeout(5.0):
            await noticed.wait()
        return time.monotonic() - left


@pytest.mark.parametrize("how", ["leave the stream", "cancel the stream", "cancel the whole call"])
async def test_leaving_a_call_closes_its_connection_within_50_ms(
    provider: OpenAiProvider, how: str
) -> None:
    # The best of a few: a busy machine says nothing about the provider.
    seconds = [await _seconds_until_noticed(provider, how=how) for _ in range(3)]

    assert min(seconds) < 0.05


async def test_cancelled_calls_leave_room_in_the_pool(server: LocalServer) -> None:
    provider = make_provider(max_connections=2)
    server.script = Exchange.until_closed
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.03):
                await provider.complete(ask(server))
    server.script = answer

    answers = [await provider.complete(ask(server)) for _ in range(2)]
    await provider.close()

    assert answers == [ANSWER, ANSWER]

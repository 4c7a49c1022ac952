"""The HTTP client against a real server: broken connections, time, TLS, proxies."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from typing import Any

import pytest

from adapters.model_providers.openai import OpenAiProvider
from domain.routing import Timeouts
from tests.adapters.model_providers.calls import call, upstream
from tests.adapters.model_providers.certificates import Certificates, make_certificates
from tests.adapters.model_providers.local_server import Exchange, LocalServer, local_server
from tests.adapters.model_providers.openai_upstream import (
    ANSWER,
    IMPATIENT,
    answer,
    answer_in_pieces,
    ask,
    chunk,
    collect,
    failure_of,
    make_provider,
)


async def test_connections_are_used_again(server: LocalServer, provider: OpenAiProvider) -> None:
    await provider.complete(ask(server))
    server.script = answer_in_pieces
    await collect(provider, ask(server))
    server.script = answer
    await provider.complete(ask(server))

    assert server.connections == 1


async def test_upstreams_do_not_share_connections(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    await provider.complete(call(upstream(server.address, number=1)))
    await provider.complete(call(upstream(server.address, number=2)))

    assert server.connections == 2


async def test_idle_connections_of_forgotten_upstreams_are_closed(server: LocalServer) -> None:
    provider = make_provider(max_pools=1)

    for number in (1, 2, 1):
        await provider.complete(call(upstream(server.address, number=number)))
    await provider.close()

    assert server.connections == 3


async def test_an_answer_larger_than_the_limit_is_not_read_to_its_end(server: LocalServer) -> None:
    provider = make_provider(max_answer_bytes=100_000)
    sent = 0

    async def endless(exchange: Exchange) -> None:
        nonlocal sent
        await exchange.begin(media_type="application/json")
        while sent < 50_000_000:
            await exchange.piece(b" " * 10_000)
            sent += 10_000

    server.script = endless
    failure = await failure_of(provider, ask(server))
    await provider.close()

    assert "larger than 100000 bytes" in str(failure)
    assert sent < 50_000_000


async def test_an_endless_event_is_a_failure(server: LocalServer, provider: OpenAiProvider) -> None:
    async def endless(exchange: Exchange) -> None:
        await exchange.begin()
        while True:
            await exchange.piece(b"data: " + b"x" * 60_000)

    server.script = endless

    failure = await failure_of(provider, ask(server), streams=True)

    assert "larger than" in str(failure)


async def _cut_at_once(exchange: Exchange) -> None:
    exchange.cut()


async def _cut_in_the_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\ncontent-ty")
    exchange.writer.close()


async def _cut_in_the_body(exchange: Exchange) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 999\r\n\r\n"
    await exchange.send(head + b'{"choices": [')
    exchange.writer.close()


async def _cut_in_the_body_without_a_length(exchange: Exchange) -> None:
    head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
    await exchange.send(head + b'{"choices": [')
    exchange.writer.close()


async def _no_http(exchange: Exchange) -> None:
    await exchange.send(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
    exchange.writer.close()


async def _endless_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n" + b"x-more: " + b"y" * 300_000)
    await exchange.until_closed()


@pytest.mark.parametrize(
    "fault",
    [
        _cut_at_once,
        _cut_in_the_headers,
        _cut_in_the_body,
        _cut_in_the_body_without_a_length,
        _no_http,
        _endless_headers,
    ],
)
async def test_a_broken_connection_is_a_failure(
    server: LocalServer, provider: OpenAiProvider, fault: Any
) -> None:
    server.script = fault

    failure = await failure_of(provider, ask(server))

    assert not failure.is_timeout


async def test_a_port_where_nobody_listens_is_a_failure(provider: OpenAiProvider) -> None:
    async with local_server(answer) as gone:
        asked = ask(gone)

    failure = await failure_of(provider, asked)

    assert str(failure) == "the upstream could not be reached (no connection)"


async def _silent(exchange: Exchange) -> None:
    await exchange.until_closed()


async def _dripping_headers(exchange: Exchange) -> None:
    await exchange.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await exchange.send(b"x-drip: 1\r\n")
        await asyncio.sleep(0.02)


async def _stalled_body(exchange: Exchange) -> None:
    await exchange.begin(media_type="application/json")
    await exchange.piece(b'{"choices":')
    await exchange.until_closed()


@pytest.mark.parametrize("fault", [_silent, _dripping_headers, _stalled_body])
async def test_an_answer_that_does_not_come_in_time_is_a_timeout(
    server: LocalServer, provider: OpenAiProvider, fault: Any
) -> None:
    server.script, started = fault, time.monotonic()

    failure = await failure_of(provider, ask(server, timeouts=IMPATIENT))

    assert failure.is_timeout
    assert time.monotonic() - started < 1.5


async def test_an_answer_that_drips_for_ever_ends_with_the_total_time(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    async def drip(exchange: Exchange) -> None:
        await exchange.begin(media_type="application/json")
        while True:
            await exchange.piece(b" ")
            await asyncio.sleep(0.02)

    server.script, started = drip, time.monotonic()
    hurried = Timeouts(connect=1.0, first_byte=1.0, idle=1.0, total=0.3)

    failure = await failure_of(provider, ask(server, timeouts=hurried))

    assert failure.is_timeout
    assert time.monotonic() - started < 1.5


async def test_a_stream_may_think_before_its_first_chunk_as_long_as_before_its_headers(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    async def think(exchange: Exchange) -> None:
        await exchange.begin()
        await asyncio.sleep(0.3)
        await exchange.event(chunk("thought"))
        await exchange.event(b"[DONE]")
        await exchange.end()

    server.script = think
    timeouts = Timeouts(connect=1.0, first_byte=2.0, idle=0.1, total=5.0)

    assert len(await collect(provider, ask(server, timeouts=timeouts))) == 1


async def test_a_slow_reader_is_not_taken_for_a_stalled_upstream(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    server.script = answer_in_pieces
    timeouts = Timeouts(connect=1.0, first_byte=1.0, idle=0.05, total=5.0)
    seen = []

    async with provider.stream(ask(server, timeouts=timeouts)) as chunks:
        async for item in chunks:
            seen.append(item)
            await asyncio.sleep(0.1)

    assert len(seen) == 3


async def test_a_full_pool_is_a_failure_and_not_the_upstreams_silence(server: LocalServer) -> None:
    provider = make_provider(max_connections=1)
    server.script = answer_in_pieces
    timeouts = Timeouts(connect=0.05, first_byte=1.0, idle=1.0, total=5.0)

    async with provider.stream(ask(server)):
        failure = await failure_of(provider, ask(server, timeouts=timeouts))
    await provider.close()

    assert str(failure) == "all connections to the upstream are busy"
    assert not failure.is_timeout


async def test_a_refused_address_is_a_failure_that_says_its_kind() -> None:
    async def inside(host: str, port: int) -> Sequence[str]:
        return ["10.0.0.1"]

    provider = make_provider(allow_private=False, resolver=inside)
    literal = await failure_of(provider, call(upstream("https://192.168.0.1/v1")))
    resolved = await failure_of(provider, call(upstream("https://api.example.com/v1")))
    await provider.close()

    assert str(literal) == "the upstream is not called: its address is not allowed (private)"
    assert str(resolved) == str(literal)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"), name="api.example.com")


async def _local(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def test_the_certificate_is_checked_against_the_name_and_not_the_address(
    certificates: Certificates,
) -> None:
    provider = make_provider(resolver=_local, ssl_context=certificates.client())
    async with local_server(answer, ssl_context=certificates.server()) as server:
        named = upstream(f"https://api.example.com:{server.port}/v1")
        other = upstream(f"https://other.example.com:{server.port}/v1", number=2)

        assert await provider.complete(call(named)) == ANSWER
        failure = await failure_of(provider, call(other))
        await provider.close()

        assert server.exchanges[0].headers["host"] == f"api.example.com:{server.port}"

    assert str(failure) == "the upstream could not be reached (TLS failed)"


async def test_an_unknown_certificate_is_refused(certificates: Certificates) -> None:
    provider = make_provider(resolver=_local, ssl_context=ssl.create_default_context())
    async with local_server(answer, ssl_context=certificates.server()) as server:
        named = upstream(f"https://api.example.com:{server.port}/v1")

        failure = await failure_of(provider, call(named))
        await provider.close()

    assert str(failure) == "the upstream could not be reached (TLS failed)"


async def test_a_server_without_tls_is_refused(server: LocalServer) -> None:
    provider = make_provider(resolver=_local, ssl_context=ssl.create_default_context())

    failure = await failure_of(
        provider, call(upstream(f"https://api.example.com:{server.port}/v1", timeouts=IMPATIENT))
    )
    await provider.close()

    assert "could not be reached" in str(failure) or failure.is_timeout


async def test_a_proxy_of_the_environment_is_used_only_where_that_is_wanted(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:pass%21@127.0.0.1:{server.port}")
    monkeypatch.setenv("no_proxy", "inner.example.com")

    async def nowhere(host: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    trusting = make_provider(trust_env=True, resolver=nowhere)
    wary = make_provider(resolver=nowhere)
    outer = call(upstream("http://api.example.com/v1"))
    inner = call(upstream("http://inner.example.com/v1"))

    assert await trusting.complete(outer) == ANSWER
    await failure_of(trusting, inner)
    await failure_of(wary, outer)
    await trusting.close()
    await wary.close()

    assert [exchange.line for exchange in server.exchanges] == [
        "POST http://api.example.com:80/v1/chat/completions HTTP/1.1"
    ]
    assert server.exchanges[0].headers["proxy-authorization"] == "Basic dXNlcjpwYXNzIQ=="

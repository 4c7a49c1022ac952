"""The OpenAI dialect: what is sent, and what answers mean."""

import logging
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from adapters.model_providers.openai import OpenAiProvider
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from tests.adapters.model_providers.local_server import LocalServer
from tests.adapters.model_providers.openai_upstream import (
    ANSWER,
    HIDDEN,
    answer_in_pieces,
    ask,
    collect,
    failure_of,
)
from tests.fakes.clock import START


async def test_the_body_is_forwarded_unchanged(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    more: dict[str, Any] = {
        "temperature": 0.25,
        "metadata": {"deep": [1, None, "grün 🏝️ \ud800"]},
        "seed": 2**53 + 1,
    }

    await provider.complete(ask(server, model="gpt-4o", **more))

    body = server.exchanges[0].body
    assert body == {"model": "gpt-4o", "messages": body["messages"], **more}
    assert server.exchanges[0].line == "POST /v1/chat/completions HTTP/1.1"


async def test_an_answer_is_returned_as_the_provider_gave_it(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    assert await provider.complete(ask(server)) == ANSWER


async def test_only_the_gateways_own_headers_are_sent(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    await provider.complete(ask(server, credential="example-credential"))

    headers = dict(server.exchanges[0].headers)
    assert headers.pop("content-length") == str(len(server.exchanges[0].content))
    assert headers == {
        "host": f"127.0.0.1:{server.port}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "authorization": "Bearer example-credential",
        "content-type": "application/json",
        "user-agent": "trueport",
        "x-request-id": "req_1",
    }


async def test_without_a_credential_there_is_no_authorization_header(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    await provider.complete(ask(server))

    assert "authorization" not in server.exchanges[0].headers


@pytest.mark.parametrize("credential", ["line\nbreak", "crlf\r\nx-injected: 1", "schlüssel", "\0"])
async def test_a_credential_that_no_header_can_hold_is_not_sent(
    server: LocalServer, provider: OpenAiProvider, credential: str
) -> None:
    failure = await failure_of(provider, ask(server, credential=credential))

    assert credential not in str(failure)
    assert server.exchanges == []


async def test_the_way_of_answering_follows_the_method_not_the_body(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    asked = ask(server, stream=True, stream_options={"include_usage": True})
    await provider.complete(asked)
    server.script = answer_in_pieces
    await collect(provider, asked)

    whole, pieces = (exchange.body for exchange in server.exchanges)
    assert whole["stream"] is False
    assert "stream_options" not in whole
    assert pieces["stream"] is True
    assert pieces["stream_options"] == {"include_usage": True}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 413, 422, 429])
async def test_a_refusal_carries_status_and_body(
    server: LocalServer, provider: OpenAiProvider, status: int, streams: bool
) -> None:
    body = {"error": {"message": HIDDEN, "type": "invalid_request_error", "code": "x"}}
    server.script = lambda exchange: exchange.respond(body, status=status)

    with pytest.raises(UpstreamRefused) as refusal:
        await (collect(provider, ask(server)) if streams else provider.complete(ask(server)))

    assert refusal.value.status == status
    assert refusal.value.body == body
    assert HIDDEN not in str(refusal.value)
    assert len(server.exchanges) == 1


@pytest.mark.parametrize("raw", [b"", b"<html>", b"[1]", b'{"cut', b"\xff\xfe"])
async def test_a_refusal_without_json_has_no_body(
    server: LocalServer, provider: OpenAiProvider, raw: bytes
) -> None:
    server.script = lambda exchange: exchange.respond(raw, status=400, media_type="text/html")

    with pytest.raises(UpstreamRefused) as refusal:
        await provider.complete(ask(server))

    assert refusal.value.body is None


async def test_a_refusal_that_quotes_the_credential_has_no_body(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    credential = "example-credential"
    body = {"error": {"message": f"Incorrect API key provided: {credential}"}}
    server.script = lambda exchange: exchange.respond(body, status=401)

    with pytest.raises(UpstreamRefused) as refusal:
        await provider.complete(ask(server, credential=credential))

    assert refusal.value.body is None


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("0", 0.0),
        (format_datetime(START + timedelta(seconds=90), usegmt=True), 90.0),
        (format_datetime(START - timedelta(seconds=90), usegmt=True), 0.0),
        ("-1", None),
        ("soon", None),
        ("1" * 20, None),
        ("1.5", None),
        ("", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_time_to_wait_is_read_as_seconds_or_as_a_date(
    server: LocalServer, provider: OpenAiProvider, status: int, value: str, seconds: float | None
) -> None:
    headers = {"retry-after": value}
    server.script = lambda exchange: exchange.respond({}, status=status, headers=headers)

    with pytest.raises((UpstreamRefused, UpstreamUnavailable)) as error:
        await provider.complete(ask(server))

    assert error.value.retry_after == seconds  # type: ignore[attr-defined]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503, 504, 529, 301, 307, 304])
async def test_other_statuses_are_failures_and_redirects_are_not_followed(
    server: LocalServer, provider: OpenAiProvider, status: int, streams: bool
) -> None:
    elsewhere = {"location": server.address}
    server.script = lambda exchange: exchange.respond(b"", status=status, headers=elsewhere)

    failure = await failure_of(provider, ask(server), streams=streams)

    assert failure.status == status
    assert not failure.is_timeout
    assert len(server.exchanges) == 1


@pytest.mark.parametrize(
    ("raw", "media_type"),
    [
        (HIDDEN.encode(), "application/json"),
        (b'{"choices": [' + HIDDEN.encode(), "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b'{"x": NaN}', "application/json"),
        (b'{"x": 1e999}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b'{"x":' * 70 + b"1" + b"}" * 70, "application/json"),
        (b'{"x": "\xff"}', "application/json"),
        (b"", "application/json"),
        (b"{}", "text/html"),
        (b"{}", "application/problem+json"),
        (b"data: {}\n\n", "text/event-stream"),
        (b"{}", ""),
    ],
)
async def test_an_answer_that_is_no_json_object_is_a_failure(
    server: LocalServer, provider: OpenAiProvider, raw: bytes, media_type: str
) -> None:
    server.script = lambda exchange: exchange.respond(raw, media_type=media_type)

    failure = await failure_of(provider, ask(server))

    assert failure.status == 200


@pytest.mark.parametrize("streams", [False, True])
async def test_a_compressed_answer_is_a_failure(
    server: LocalServer, provider: OpenAiProvider, streams: bool
) -> None:
    headers = {"content-encoding": "gzip"}
    server.script = lambda exchange: exchange.respond(b"{}", headers=headers)

    await failure_of(provider, ask(server), streams=streams)


async def test_a_stream_that_is_answered_with_a_whole_body_is_a_failure(
    server: LocalServer, provider: OpenAiProvider
) -> None:
    await failure_of(provider, ask(server), streams=True)


async def test_no_log_line_holds_a_credential_or_a_text(
    server: LocalServer, provider: OpenAiProvider, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    await provider.complete(ask(server, text=HIDDEN, credential="example-credential"))

    assert HIDDEN not in caplog.text
    assert "example-credential" not in caplog.text

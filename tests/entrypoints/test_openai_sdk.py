"""The official OpenAI SDK, and bare sockets, against a real server on 127.0.0.1."""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import openai
import pytest
import uvicorn

from application.ports.model_provider import UpstreamUnavailable
from domain.api_key import KeyLimits
from domain.authorisation import OPERATOR
from tests.entrypoints.conftest import Site
from tests.fakes.detectors import AWS_KEY, CARD, INSULT
from tests.fakes.model_providers import chunk, text_chunks


class Server(uvicorn.Server):
    """A server that leaves the signals of the test run alone."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@pytest.fixture
async def port(site: Site) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(site.app, lifespan="off", log_config=None, access_log=False)
    server = Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def client(site: Site, port: int) -> AsyncIterator[openai.AsyncOpenAI]:
    async with client_of(site.key, port) as opened:
        yield opened


def client_of(key: str, port: int) -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(
        api_key=key, base_url=f"http://127.0.0.1:{port}/v1", max_retries=0, timeout=10
    )


def user(text: str) -> Any:
    return [{"role": "user", "content": text}]


async def test_chat_answers(client: openai.AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="echo", messages=user("hello"))

    assert answer.choices[0].message.content == "hello"
    assert answer.usage is not None
    assert answer.usage.total_tokens > 0


async def test_answer_is_masked(client: openai.AsyncOpenAI, site: Site) -> None:
    answer = await client.chat.completions.create(model="echo", messages=user(f"card {CARD}"))

    await site.settled()
    (violation,) = await site.violations()
    assert answer.choices[0].message.content == "card [CREDIT_CARD]"
    assert violation.type == "CREDIT_CARD"


async def test_stream_arrives_with_usage(client: openai.AsyncOpenAI) -> None:
    text = "some words and more of them " * 30
    stream = await client.chat.completions.create(
        model="echo", messages=user(text), stream=True, stream_options={"include_usage": True}
    )

    chunks = [item async for item in stream]

    said = "".join(one.delta.content or "" for item in chunks for one in item.choices)
    assert said == text
    assert [one.finish_reason for item in chunks for one in item.choices][-1] == "stop"
    assert chunks[-1].usage is not None


async def test_stream_that_is_blocked_ends_with_content_filter(
    client: openai.AsyncOpenAI, site: Site
) -> None:
    site.provider.chunks = text_chunks("key: ", AWS_KEY)
    stream = await client.chat.completions.create(
        model="scripted", messages=user("hello"), stream=True
    )

    chunks = [item async for item in stream]

    assert chunks[-1].choices[0].finish_reason == "content_filter"
    assert AWS_KEY not in "".join(item.model_dump_json() for item in chunks)


async def test_stream_of_a_tool_call_arrives(client: openai.AsyncOpenAI, site: Site) -> None:
    function = {"name": "pay", "arguments": ""}
    site.provider.chunks = [
        chunk(
            {"role": "assistant", "tool_calls": [{"index": 0, "id": "c1", "function": function}]}
        ),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": '{"card":'}}]}),
        chunk({"tool_calls": [{"index": 0, "function": {"arguments": f'"{CARD}"}}'}}]}),
        chunk({}, finish_reason="tool_calls"),
    ]
    stream = await client.chat.completions.create(
        model="scripted", messages=user("hello"), stream=True
    )

    calls = [
        call async for item in stream for one in item.choices for call in one.delta.tool_calls or ()
    ]

    arguments = "".join(
        call.function.arguments or "" for call in calls if call.function is not None
    )
    assert calls[0].id == "c1"
    assert json.loads(arguments) == {"card": "[CREDIT_CARD]"}


async def test_stream_that_breaks_off_raises(client: openai.AsyncOpenAI, site: Site) -> None:
    site.provider.chunks = [*text_chunks("half")[:2], UpstreamUnavailable("up", "it broke off")]
    stream = await client.chat.completions.create(
        model="scripted", messages=user("hello"), stream=True
    )

    with pytest.raises(openai.APIError) as failure:
        _ = [item async for item in stream]

    assert "it broke off" in str(failure.value)


async def test_models_and_moderations_answer(client: openai.AsyncOpenAI) -> None:
    models = [model.id async for model in client.models.list()]
    moderation = await client.moderations.create(input=INSULT)

    assert "echo" in models
    assert moderation.results[0].flagged
    assert moderation.results[0].categories.harassment


async def test_wrong_key_is_an_authentication_error(port: int) -> None:
    async with client_of("sk-nobody", port) as client:
        with pytest.raises(openai.AuthenticationError) as failure:
            await client.chat.completions.create(model="echo", messages=user("hello"))

    assert failure.value.code == "invalid_api_key"


async def test_blocked_request_is_a_permission_error_with_its_rule(
    client: openai.AsyncOpenAI,
) -> None:
    with pytest.raises(openai.PermissionDeniedError) as failure:
        await client.chat.completions.create(model="echo", messages=user(AWS_KEY))

    assert failure.value.code == "content_blocked"
    assert failure.value.type == "policy_violation"
    assert failure.value.param == "block-secrets"
    assert "vio_" in failure.value.message


async def test_unknown_model_is_a_not_found_error(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as failure:
        await client.chat.completions.create(model="nope", messages=user("hello"))

    assert failure.value.code == "model_not_found"


async def test_wrong_body_is_a_bad_request_error(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as failure:
        await client.chat.completions.create(model="echo", messages=[])

    assert failure.value.param == "messages"


async def test_used_up_limit_is_a_rate_limit_error(site: Site, port: int) -> None:
    headers = await site.issue(limits=KeyLimits(requests_per_minute=1))
    async with client_of(headers["authorization"].removeprefix("Bearer "), port) as client:
        await client.chat.completions.create(model="echo", messages=user("hello"))
        with pytest.raises(openai.RateLimitError) as failure:
            await client.chat.completions.create(model="echo", messages=user("hello"))

    assert failure.value.code == "rate_limit_exceeded"
    assert failure.value.response.headers["retry-after"]


async def test_upstream_that_is_away_is_an_internal_server_error(
    client: openai.AsyncOpenAI,
) -> None:
    with pytest.raises(openai.InternalServerError) as failure:
        await client.chat.completions.create(model="echo-fail-503", messages=user("hello"))

    assert failure.value.status_code == 503


async def send(port: int, key: str, body: bytes) -> tuple[asyncio.StreamReader, Any]:
    """Send a chat over a bare socket and return it with its answer begun."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nhost: trueport\r\n"
        f"authorization: Bearer {key}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    return reader, writer


async def test_reader_that_hangs_up_in_the_middle_cancels_the_upstream_and_is_recorded(
    site: Site, port: int
) -> None:
    site.provider.chunks = [*text_chunks("many words " * 60)[:-1], None]
    body = {"model": "scripted", "stream": True, "messages": user(f"card {CARD}")}
    reader, writer = await send(port, site.key, json.dumps(body).encode())
    await reader.readuntil(b"many words")

    writer.transport.abort()
    for _ in range(500):
        if site.provider.closed:
            break
        await asyncio.sleep(0.01)
    await site.settled()

    (violation,) = await site.violations()
    storage = site.container.storages().of(site.tenant.storage)
    report = await site.container.verify_audit()(OPERATOR, site.tenant.slug)
    assert site.provider.opened == site.provider.closed == 1
    assert violation.type == "CREDIT_CARD"
    assert (report.records, report.damages) == (1, ())
    assert [item.key async for item in storage.list("audit/v1/dt=")]


async def test_reader_that_hangs_up_while_it_waits_for_the_first_chunk_is_recorded(
    site: Site, port: int
) -> None:
    site.provider.chunks = [*text_chunks("x")[:1], None]
    body = {"model": "scripted", "stream": True, "messages": user("hello")}
    reader, writer = await send(port, site.key, json.dumps(body).encode())
    await reader.readuntil(b"\r\n\r\n")

    writer.transport.abort()
    for _ in range(500):
        if site.provider.closed:
            break
        await asyncio.sleep(0.01)
    await site.settled()

    report = await site.container.verify_audit()(OPERATOR, site.tenant.slug)
    assert site.provider.closed == 1
    assert report.records == 1


async def test_connection_is_kept_for_the_next_request(site: Site, port: int) -> None:
    body = json.dumps({"model": "echo", "stream": True, "messages": user("hello")}).encode()
    reader, writer = await send(port, site.key, body)
    await reader.readuntil(b"data: [DONE]\n\n")
    await reader.readuntil(b"0\r\n\r\n")

    writer.write(b"GET /healthz HTTP/1.1\r\nhost: trueport\r\n\r\n")
    answer = await reader.readuntil(b'{"status":"ok"}')
    writer.close()
    await writer.wait_closed()

    assert answer.startswith(b"HTTP/1.1 200")

"""What every model provider promises, asked of `echo` and of `openai` with a server behind it.

The server answers in OpenAI's dialect with what `echo` says, and translates its faults into faults
of a connection.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from adapters.guarded_network import GuardedNetwork
from adapters.model_providers.echo import EchoProvider
from adapters.model_providers.openai import OpenAiProvider
from adapters.model_providers.transport import HttpTransport
from application.ports.model_provider import (
    ModelCall,
    ModelProvider,
    UpstreamRefused,
    UpstreamUnavailable,
)
from domain.routing import Timeouts, UpstreamKind
from tests.adapters.model_providers.calls import PATIENT, call, upstream
from tests.adapters.model_providers.local_server import Exchange, Script, local_server
from tests.fakes.clock import FakeClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A provider under test and where its upstream is."""

    provider: ModelProvider
    address: str
    kind: UpstreamKind

    def call(
        self,
        text: str = "Tell me about ports.",
        *,
        timeouts: Timeouts = PATIENT,
        **more: Any,
    ) -> ModelCall:
        model = str(more.pop("model", "echo"))
        to = upstream(self.address, kind=self.kind, timeouts=timeouts)
        return call(to, text, model=model, **more)


def _dialect(echo: EchoProvider) -> Script:
    async def answer(exchange: Exchange) -> None:
        body = exchange.body
        asked = ModelCall(
            upstream=upstream(kind=UpstreamKind.ECHO),
            body=body,
            request_id=exchange.headers["x-request-id"],
        )
        try:
            if body.get("stream"):
                await _stream(exchange, asked)
            else:
                await exchange.respond(await echo.complete(asked))
        except UpstreamRefused as refusal:
            await _respond(exchange, refusal.status, refusal.body, refusal.retry_after)
        except UpstreamUnavailable as failure:
            if failure.status is None:
                exchange.cut()
            else:
                await _respond(exchange, failure.status, failure.body, failure.retry_after)

    async def _stream(exchange: Exchange, asked: ModelCall) -> None:
        async with echo.stream(asked) as chunks:
            await exchange.begin()
            async for chunk in chunks:
                await exchange.event(chunk)
        await exchange.event(b"[DONE]")
        await exchange.end()

    async def _respond(
        exchange: Exchange,
        status: int,
        body: Mapping[str, object] | None,
        retry_after: float | None,
    ) -> None:
        headers = {} if retry_after is None else {"retry-after": str(int(retry_after))}
        await exchange.respond(body or {}, status=status, headers=headers)

    return answer


@asynccontextmanager
async def _echo() -> AsyncIterator[Subject]:
    provider = EchoProvider(clock=FakeClock())
    yield Subject(provider=provider, address="", kind=UpstreamKind.ECHO)
    await provider.close()


@asynccontextmanager
async def _openai() -> AsyncIterator[Subject]:
    clock = FakeClock()
    async with local_server(_dialect(EchoProvider(clock=clock))) as server:
        network = GuardedNetwork(allow_private=True)
        transport = HttpTransport(network=network, allow_private=True)
        provider = OpenAiProvider(transport=transport, clock=clock)
        yield Subject(provider=provider, address=server.address, kind=UpstreamKind.OPENAI)
        await provider.close()


@pytest.fixture(params=[_echo, _openai], ids=["echo", "openai"])
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    make: Callable[[], AsyncIterator[Subject]] = request.param
    async with make() as made:  # type: ignore[attr-defined]
        yield made


Chunks = list[Mapping[str, object]]


async def _collect(subject: Subject, asked: ModelCall, *, into: Chunks | None = None) -> Chunks:
    collected = [] if into is None else into
    async with subject.provider.stream(asked) as chunks:
        async for chunk in chunks:
            collected.append(chunk)
    return collected


async def _fail_while_reading(subject: Subject, asked: ModelCall, error: Exception) -> None:
    async with subject.provider.stream(asked) as chunks:
        await anext(aiter(chunks))
        raise error


def _content(chunks: Chunks) -> str:
    deltas = [
        choice["delta"].get("content")
        for chunk in chunks
        for choice in chunk["choices"]  # type: ignore[attr-defined]
    ]
    return "".join(delta for delta in deltas if delta)


async def test_a_whole_answer_is_a_chat_completion(subject: Subject) -> None:
    answer = await subject.provider.complete(subject.call("Tell me about ports."))

    assert answer["object"] == "chat.completion"
    assert answer["id"] == "chatcmpl-req_1"
    assert answer["choices"][0]["message"]["content"] == "Tell me about ports."  # type: ignore[index]
    assert answer["choices"][0]["finish_reason"] == "stop"  # type: ignore[index]


async def test_a_stream_says_the_same_as_the_whole_answer(subject: Subject) -> None:
    text = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich 🏝️.\n\nEnde."

    chunks = await _collect(subject, subject.call(text))

    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert len(chunks) > 3
    assert _content(chunks) == text


async def test_usage_ends_a_stream_that_asks_for_it(subject: Subject) -> None:
    asked = subject.call("Count me.", stream_options={"include_usage": True})

    chunks = await _collect(subject, asked)

    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"] == {
        "prompt_tokens": 3,
        "completion_tokens": 3,
        "total_tokens": 6,
    }


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("status", "retry_after"), [(400, None), (401, None), (429, 1.0)])
async def test_a_refusal_keeps_its_status_body_and_waiting_time(
    subject: Subject, status: int, retry_after: float | None, streams: bool
) -> None:
    asked = subject.call(model=f"echo-fail-{status}")

    with pytest.raises(UpstreamRefused) as refusal:
        await (_collect(subject, asked) if streams else subject.provider.complete(asked))

    assert refusal.value.status == status
    assert refusal.value.retry_after == retry_after
    assert refusal.value.body is not None
    assert refusal.value.body["error"]["code"] == f"echo_{status}"  # type: ignore[index]


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize(("status", "retry_after"), [(500, None), (503, 1.0)])
async def test_a_failing_server_is_unavailable(
    subject: Subject, status: int, retry_after: float | None, streams: bool
) -> None:
    asked = subject.call(model=f"echo-fail-{status}")

    with pytest.raises(UpstreamUnavailable) as failure:
        await (_collect(subject, asked) if streams else subject.provider.complete(asked))

    assert failure.value.status == status
    assert failure.value.retry_after == retry_after
    assert failure.value.service == "primary"
    assert not failure.value.is_timeout


@pytest.mark.parametrize("streams", [False, True])
async def test_a_late_answer_is_a_timeout(subject: Subject, streams: bool) -> None:
    impatient = Timeouts(connect=0.05, first_byte=0.05, idle=0.05, total=1.0)
    asked = subject.call(model="echo-slow-3000", timeouts=impatient)

    async with asyncio.timeout(2.0):
        with pytest.raises(UpstreamUnavailable) as failure:
            await (_collect(subject, asked) if streams else subject.provider.complete(asked))

    assert failure.value.is_timeout


async def test_the_total_time_bounds_a_stream_that_never_stalls(subject: Subject) -> None:
    hurried = Timeouts(connect=1.0, first_byte=1.0, idle=1.0, total=0.5)
    asked = subject.call("word " * 400, model="echo-slow-20", timeouts=hurried)
    seen: Chunks = []

    with pytest.raises(UpstreamUnavailable) as failure:
        await _collect(subject, asked, into=seen)

    assert failure.value.is_timeout
    assert seen


async def test_a_stream_that_breaks_off_does_not_end_like_a_good_one(subject: Subject) -> None:
    asked = subject.call("word " * 40, model="echo-break-3")
    seen: Chunks = []

    with pytest.raises(UpstreamUnavailable) as failure:
        await _collect(subject, asked, into=seen)

    assert len(seen) == 3
    assert not failure.value.is_timeout


async def test_a_whole_answer_that_breaks_off_is_unavailable(subject: Subject) -> None:
    with pytest.raises(UpstreamUnavailable):
        await subject.provider.complete(subject.call(model="echo-break-0"))


async def test_a_stream_can_be_left_in_the_middle_and_the_provider_used_again(
    subject: Subject,
) -> None:
    async with subject.provider.stream(subject.call("word " * 400, model="echo-slow-1")) as chunks:
        first = await anext(aiter(chunks))
    answer = await subject.provider.complete(subject.call("Still here?"))

    assert first["object"] == "chat.completion.chunk"
    assert answer["choices"][0]["message"]["content"] == "Still here?"  # type: ignore[index]


async def test_an_exception_of_the_reader_passes_through_unchanged(subject: Subject) -> None:
    with pytest.raises(LookupError, match="mine"):
        await _fail_while_reading(subject, subject.call(), LookupError("mine"))


async def test_a_tool_call_streams_the_same_arguments(subject: Subject) -> None:
    tools = [{"type": "function", "function": {"name": "weather", "parameters": {}}}]
    asked = subject.call("Rain in Bergen?", model="echo-tool", tools=tools)

    answer = await subject.provider.complete(asked)
    chunks = await _collect(subject, asked)

    function = answer["choices"][0]["message"]["tool_calls"][0]["function"]  # type: ignore[index]
    pieces = [
        tool_call["function"]["arguments"]
        for chunk in chunks
        for choice in chunk["choices"]  # type: ignore[attr-defined]
        for tool_call in choice["delta"].get("tool_calls", ())
    ]
    assert function == {"name": "weather", "arguments": '{"text": "Rain in Bergen?"}'}
    assert "".join(pieces) == function["arguments"]


async def test_many_calls_at_once_keep_their_answers_apart(subject: Subject) -> None:
    texts = [f"caller {number}" for number in range(20)]

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_collect(subject, subject.call(text))) for text in texts]

    assert [_content(task.result()) for task in tasks] == texts


def test_the_credential_is_not_in_the_repr_of_a_call() -> None:
    assert "hidden-value" not in repr(
        call(upstream("https://example.com"), credential="hidden-value")
    )

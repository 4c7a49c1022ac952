"""The echo provider: its table of behaviours, and that a stream loses nothing."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.model_providers.echo import EchoProvider
from application.ports.model_provider import ModelCall, UpstreamRefused, UpstreamUnavailable
from domain.chat import response_parts
from domain.routing import Timeouts, UpstreamKind
from tests.adapters.model_providers.calls import PATIENT, call, upstream
from tests.fakes.clock import START, FakeClock


def ask(
    text: str = "Hello there.",
    *,
    model: str = "echo",
    timeouts: Timeouts = PATIENT,
    **more: Any,
) -> ModelCall:
    return call(upstream(kind=UpstreamKind.ECHO, timeouts=timeouts), text, model=model, **more)


async def complete(asked: ModelCall) -> dict[str, Any]:
    return dict(await EchoProvider(clock=FakeClock()).complete(asked))


async def said(asked: ModelCall) -> str:
    content = (await complete(asked))["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


async def chunks_of(asked: ModelCall) -> list[dict[str, Any]]:
    async with EchoProvider(clock=FakeClock()).stream(asked) as chunks:
        return [dict(chunk) async for chunk in chunks]


async def test_the_same_request_gets_the_same_answer() -> None:
    assert await complete(ask()) == await complete(ask())
    assert await chunks_of(ask()) == await chunks_of(ask())


async def test_an_answer_names_its_request_its_model_and_the_time_of_the_clock() -> None:
    answer = await complete(ask(model="echo-slow-1"))

    assert answer["id"] == "chatcmpl-req_1"
    assert answer["model"] == "echo-slow-1"
    assert answer["created"] == int(START.timestamp())


async def test_the_last_message_of_the_user_is_repeated() -> None:
    asked = ask(
        messages=[
            {"role": "system", "content": "You are brief."},
            {"role": "user", "content": "first"},
            {"role": "assistant", "content": "first"},
            {
                "role": "user",
                "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}],
            },
            {"role": "assistant", "content": "prefill"},
        ]
    )

    assert await said(asked) == "one\ntwo"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("echo: said instead", "said instead"),
        ("Summarise this page.\necho: one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("Translate.\n  echo:\nbelow\r\nit", "below\r\nit"),
        ("echo: first\necho: second", "first\necho: second"),
        ("an echo: in the middle is no command", "an echo: in the middle is no command"),
        ("echo:", ""),
        ("", ""),
    ],
)
async def test_a_line_can_say_what_comes_back(text: str, answer: str) -> None:
    assert await said(ask(text)) == answer


async def test_without_a_user_message_the_answer_is_empty() -> None:
    assert await said(ask(messages=[{"role": "system", "content": "Nobody asked."}])) == ""


@pytest.mark.parametrize("stop", ["END", ["nowhere", "END", ""]])
async def test_an_answer_ends_before_the_first_stop_sequence(stop: object) -> None:
    answer = await complete(ask("before END after", stop=stop))

    assert answer["choices"][0]["message"]["content"] == "before "
    assert answer["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
async def test_four_characters_are_one_token_of_the_limit(name: str) -> None:
    limit: dict[str, Any] = {name: 2}

    answer = await complete(ask("abcdefghijkl", **limit))

    assert answer["choices"][0]["message"]["content"] == "abcdefgh"
    assert answer["choices"][0]["finish_reason"] == "length"
    assert answer["usage"]["completion_tokens"] == 2


async def test_a_limit_of_nothing_leaves_nothing() -> None:
    assert await said(ask("words", max_completion_tokens=0, max_tokens=5)) == ""


async def test_every_choice_is_answered_and_counted() -> None:
    asked = ask("twelve chars", n=3)

    answer, chunks = await complete(asked), await chunks_of(asked)

    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert len({part.text for part in response_parts(answer)}) == 1
    assert answer["usage"] == {"prompt_tokens": 3, "completion_tokens": 9, "total_tokens": 12}
    ends = [chunk["choices"][0] for chunk in chunks if chunk["choices"][0]["finish_reason"]]
    assert [end["index"] for end in ends] == [0, 1, 2]


@pytest.mark.parametrize("n", [0, 9, -1, True, "2", 1.5])
async def test_an_impossible_number_of_choices_is_refused(n: object) -> None:
    with pytest.raises(UpstreamRefused) as refusal:
        await complete(ask(n=n))

    assert refusal.value.status == 400


async def test_a_tool_is_called_once_and_its_result_repeated() -> None:
    messages = [{"role": "user", "content": "Look it up."}]
    calls = await complete(ask(model="echo-tool", messages=messages))

    result = {"role": "tool", "tool_call_id": "call_0_req_1", "content": "found"}
    final = await complete(ask(model="echo-tool", messages=[*messages, result]))

    message = calls["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"][0]["function"]["name"] == "echo"
    assert message["tool_calls"][0]["function"]["arguments"] == '{"text": "Look it up."}'
    assert calls["choices"][0]["finish_reason"] == "tool_calls"
    assert final["choices"][0]["message"]["content"] == "found"


async def test_behaviours_combine() -> None:
    started = time.monotonic()

    answer = await complete(ask(model="any-name-slow-60-tool"))

    assert time.monotonic() - started >= 0.05
    assert answer["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    "model", ["gpt-4o", "echo-fail-200", "echo-slow-", "echo-tools", "fail-503"]
)
async def test_other_names_ask_for_nothing_special(model: str) -> None:
    assert await said(ask("plain", model=model)) == "plain"


@pytest.mark.parametrize("breaks_after", [0, 1, 3, 1000])
async def test_a_stream_breaks_off_after_as_many_chunks_as_asked_for(breaks_after: int) -> None:
    provider, seen = EchoProvider(clock=FakeClock()), []
    asked = ask("word " * 30, model=f"echo-break-{breaks_after}")

    async def read(chunks: AsyncIterator[Mapping[str, object]]) -> None:
        async for chunk in chunks:
            seen.append(chunk)  # noqa: PERF401 - what came before the failure counts

    async with provider.stream(asked) as chunks:
        with pytest.raises(UpstreamUnavailable):
            await read(chunks)

    assert len(seen) == min(breaks_after, 13)


async def test_a_slow_answer_stops_when_its_caller_leaves() -> None:
    started = time.monotonic()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.02):
            await complete(ask(model="echo-slow-5000"))

    assert time.monotonic() - started < 1.0


async def test_a_stall_between_chunks_is_a_timeout() -> None:
    stalled = Timeouts(connect=1.0, first_byte=1.0, idle=0.01, total=5.0)

    with pytest.raises(UpstreamUnavailable) as failure:
        await chunks_of(ask(model="echo-slow-30", timeouts=stalled))

    assert failure.value.is_timeout


# Lone surrogates can arrive, since JSON may escape them.
texts = st.text(st.characters(exclude_categories=())) | st.text(
    st.sampled_from("ab \n\t\u00a0\u3000🏝️\ud83c\udffd"), max_size=200
)


@given(text=texts, n=st.integers(1, 3), tool=st.booleans())
def test_the_pieces_of_a_stream_join_to_the_whole_answer(text: str, n: int, tool: bool) -> None:
    asked = ask(text, n=n, model="echo-tool" if tool else "echo")

    answer, chunks = asyncio.run(complete(asked)), asyncio.run(chunks_of(asked))

    for choice in answer["choices"]:
        deltas = [
            part["delta"]
            for chunk in chunks
            for part in chunk["choices"]
            if part["index"] == choice["index"]
        ]
        message = choice["message"]
        if tool:
            whole = message["tool_calls"][0]["function"]["arguments"]
            pieces = [
                item["function"]["arguments"] for d in deltas for item in d.get("tool_calls", ())
            ]
        else:
            whole, pieces = message["content"], [delta.get("content", "") for delta in deltas]
        assert "".join(pieces) == whole

"""A streamed answer: what goes out, what is held back, and how it ends."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from application.gateway.relay import StreamedChat
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from domain.api_key import KeyLimits
from domain.errors import Unavailable
from domain.policy.rule import AuditContent, Effect, FailureEffect, Mode, Replacement
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import AWS_KEY, CARD, FlakyDetector, KeywordDetector
from tests.fakes.interruptions import FusedJournal
from tests.fakes.model_providers import chunk, text_chunks
from tests.fakes.policies import blocking, masking

LONG = "some quiet words " * 30

Chunks = list[Any]


async def read(answer: StreamedChat) -> Chunks:
    """Read a stream to its end and close it."""
    try:
        return [item async for item in answer.chunks]
    finally:
        await answer.aclose()


async def take(answer: StreamedChat, into: Chunks) -> None:
    """Read a stream into a list, which holds what came before an error as well."""
    async for item in answer.chunks:
        into.append(item)


def text_of(chunks: Chunks, *, choice: int = 0, field: str = "content") -> str:
    return "".join(
        one["delta"].get(field) or ""
        for item in chunks
        for one in item["choices"]
        if one["index"] == choice
    )


def arguments_of(chunks: Chunks, *, index: int = 0) -> str:
    return "".join(
        call["function"]["arguments"]
        for item in chunks
        for one in item["choices"]
        for call in one["delta"].get("tool_calls", ())
        if call["index"] == index
    )


def reasons_of(chunks: Chunks) -> list[str]:
    return [
        one["finish_reason"]
        for item in chunks
        for one in item["choices"]
        if one["finish_reason"] is not None
    ]


async def only_record(deployment: Deployment) -> Any:
    (record,) = await deployment.records()
    return record


async def test_clean_stream_arrives_whole_and_is_recorded_as_a_whole_answer(
    deployment: Deployment, acme: Customer
) -> None:
    answer = await acme.stream(LONG, stream_options={"include_usage": True})

    chunks = await read(answer)

    record = await only_record(deployment)
    assert text_of(chunks) == LONG
    assert reasons_of(chunks) == ["stop"]
    assert {item["model"] for item in chunks} == {"echo"}
    assert chunks[-1]["choices"] == []
    assert chunks[-1]["usage"]["prompt_tokens"] == record["tokens"]["input"]
    assert record["status"] == 200
    assert record["response"]["object"] == "chat.completion"
    assert record["response"]["choices"][0]["message"]["content"] == LONG
    assert record["tokens"]["estimated"] is False


async def test_stream_without_counts_has_estimated_tokens(
    deployment: Deployment, acme: Customer
) -> None:
    await read(await acme.stream("hello"))

    record = await only_record(deployment)
    assert record["tokens"] == {"input": 2, "output": 2, "estimated": True}


async def test_answer_is_masked_and_recorded_in_full(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = text_chunks("card ", "4111 11", "11 1111 1", "111", " ok")

    answer = await acme.stream("hello", model="scripted")
    chunks = await read(answer)

    record = await only_record(deployment)
    assert text_of(chunks) == "card [CREDIT_CARD] ok"
    assert answer.guarded.decision is Effect.MASK
    assert record["response"]["choices"][0]["message"]["content"] == f"card {CARD} ok"
    assert record["decision"]["response_enforced"] == "mask"


async def test_block_in_the_middle_ends_with_content_filter_and_nothing_after(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = text_chunks(LONG, AWS_KEY, LONG, "the end")

    answer = await acme.stream("hello", model="scripted")
    chunks = await read(answer)

    record = await only_record(deployment)
    assert reasons_of(chunks) == ["content_filter"]
    assert chunks[-1]["choices"][0]["finish_reason"] == "content_filter"
    assert LONG.startswith(text_of(chunks))
    assert answer.guarded.decision is Effect.BLOCK
    assert deployment.provider.opened == deployment.provider.closed == 1
    assert record["decision"]["response_enforced"] == "block"
    assert record["response"]["choices"][0]["finish_reason"] == "content_filter"
    assert [finding["type"] for finding in record["findings"]] == ["CLOUD_KEY"]


async def test_observe_mode_lets_a_stream_pass_as_it_comes(deployment: Deployment) -> None:
    customer = await deployment.customer(
        policy=blocking(mode=Mode.OBSERVE, on_detector_failure=FailureEffect.BLOCK)
    )
    deployment.detectors = [KeywordDetector(), FlakyDetector(is_away=True)]
    deployment.provider.chunks = text_chunks(LONG, AWS_KEY, CARD, LONG)

    chunks = await read(await customer.stream("hello", model="scripted"))

    record = await only_record(deployment)
    assert text_of(chunks) == LONG + AWS_KEY + CARD + LONG
    assert reasons_of(chunks) == ["stop"]
    assert record["decision"]["response"] == "block"
    assert record["decision"]["response_enforced"] == "flag"


async def test_stream_that_nobody_can_inspect_is_stopped_where_the_policy_says_so(
    deployment: Deployment,
) -> None:
    customer = await deployment.customer(policy=masking(on_detector_failure=FailureEffect.BLOCK))
    detector = FlakyDetector()
    deployment.detectors = [detector]
    deployment.provider.chunks = text_chunks(LONG)
    answer = await customer.stream("hello", model="scripted")

    detector.is_away = True
    chunks = await read(answer)

    record = await only_record(deployment)
    assert text_of(chunks) == ""
    assert reasons_of(chunks) == ["content_filter"]
    assert record["decision"]["response_enforced"] == "block"
    assert record["decision"]["missing_detectors"] == ["flaky"]


async def test_record_is_durable_before_the_answer_ends(
    deployment: Deployment, acme: Customer
) -> None:
    answer = await acme.stream(LONG, stream_options={"include_usage": True})
    seen: list[tuple[bool, int]] = []

    async for item in answer.chunks:
        is_ending = any(one["finish_reason"] for one in item["choices"]) or not item["choices"]  # type: ignore[attr-defined]
        seen.append((is_ending, len(await deployment.records())))
    await answer.aclose()

    assert [is_ending for is_ending, _ in seen][-2:] == [True, True]
    assert all(count == (1 if is_ending else 0) for is_ending, count in seen)


async def test_stream_without_a_record_never_ends_well(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.journal = journal = FusedJournal(deployment.journal)
    journal.is_full = True
    answer = await acme.stream("hello")
    chunks: Chunks = []

    with pytest.raises(Unavailable):
        await take(answer, chunks)
    await answer.aclose()

    assert reasons_of(chunks) == []


async def test_whole_answer_without_a_record_is_not_delivered(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.journal = journal = FusedJournal(deployment.journal)
    journal.is_full = True

    with pytest.raises(Unavailable):
        await acme.chat("hello")


async def test_reader_that_goes_away_before_the_first_chunk_is_recorded_once(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [*text_chunks("hello")[:2], None]
    answer = await acme.stream("hello", model="scripted")

    await answer.aclose()
    await answer.aclose()

    record = await only_record(deployment)
    assert record["status"] == 499
    assert deployment.provider.closed == 1


async def test_reader_that_goes_away_in_the_middle_cancels_the_upstream(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [*text_chunks(LONG, f"and {AWS_KEY}")[:3], None]
    answer = await acme.stream("hello", model="scripted")

    reader = asyncio.ensure_future(take(answer, []))
    await deployment.provider.waits.wait()
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    await answer.aclose()

    record = await only_record(deployment)
    assert record["status"] == 499
    assert deployment.provider.closed == 1
    assert record["response"]["choices"][0]["message"]["content"].startswith("some quiet words")


async def test_reader_that_goes_away_while_a_chunk_is_delivered_is_recorded_once(
    deployment: Deployment, acme: Customer
) -> None:
    answer = await acme.stream(LONG)
    await anext(answer.chunks)
    await anext(answer.chunks)

    await answer.aclose()

    record = await only_record(deployment)
    assert record["status"] == 499


async def test_reader_that_goes_away_gives_its_place_back(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(concurrent=1))
    answer = await customer.stream(LONG)
    await anext(answer.chunks)

    await answer.aclose()

    await customer.chat("hello")


async def test_upstream_that_breaks_off_is_recorded_and_raised(
    deployment: Deployment, acme: Customer
) -> None:
    trouble = UpstreamUnavailable("scripted", "it broke off")
    deployment.provider.chunks = [*text_chunks(f"card {CARD} and so")[:2], trouble]
    answer = await acme.stream("hello", model="scripted")
    chunks: Chunks = []

    with pytest.raises(UpstreamUnavailable):
        await take(answer, chunks)
    await answer.aclose()

    record = await only_record(deployment)
    assert record["status"] == 502
    assert reasons_of(chunks) == []
    assert CARD not in text_of(chunks)
    assert [finding["type"] for finding in record["findings"]] == ["CREDIT_CARD"]


async def test_error_before_the_first_chunk_is_an_error_of_the_call(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.before = [UpstreamRefused(status=400, body={"error": {}}, retry_after=None)]

    with pytest.raises(UpstreamRefused):
        await acme.stream("hello", model="scripted")

    record = await only_record(deployment)
    assert record["status"] == 400


async def test_stream_that_breaks_off_at_its_first_chunk_is_an_error_of_the_call(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [UpstreamUnavailable("scripted", "it broke off")]

    with pytest.raises(UpstreamUnavailable):
        await acme.stream("hello", model="scripted")

    assert deployment.provider.opened == deployment.provider.closed == 1


async def test_choices_are_guarded_each_by_itself(deployment: Deployment, acme: Customer) -> None:
    deployment.provider.chunks = [
        chunk({"role": "assistant"}, choice=0),
        chunk({"role": "assistant"}, choice=1),
        chunk({"content": "4111 1111 "}, choice=0),
        chunk({"content": "1111 1111"}, choice=1),
        chunk({"content": "1111 1111"}, choice=0),
        chunk({"content": f" or {CARD}"}, choice=1),
        chunk({}, choice=1, finish_reason="length"),
        chunk({}, choice=0, finish_reason="stop"),
    ]

    chunks = await read(await acme.stream("hello", model="scripted", n=2))

    record = await only_record(deployment)
    assert text_of(chunks, choice=0) == "[CREDIT_CARD]"
    assert text_of(chunks, choice=1) == "1111 1111 or [CREDIT_CARD]"
    assert sorted(reasons_of(chunks)) == ["length", "stop"]
    assert [one["message"]["content"] for one in record["response"]["choices"]] == [
        CARD,
        f"1111 1111 or {CARD}",
    ]


async def test_block_in_one_choice_ends_them_all(deployment: Deployment, acme: Customer) -> None:
    deployment.provider.chunks = [
        chunk({"content": LONG}, choice=0),
        chunk({"content": AWS_KEY}, choice=1),
        chunk({}, choice=1, finish_reason="stop"),
        chunk({}, choice=0, finish_reason="stop"),
    ]

    chunks = await read(await acme.stream("hello", model="scripted", n=2))

    assert reasons_of(chunks) == ["content_filter", "content_filter"]
    assert text_of(chunks, choice=1) == ""


def call_chunk(index: int | None, arguments: str, **more: object) -> Any:
    call: dict[str, object] = {"function": {"arguments": arguments}, **more}
    if index is not None:
        call["index"] = index
    return chunk({"tool_calls": [call]})


@pytest.mark.parametrize("first", [0, 3])
async def test_arguments_of_tool_calls_are_guarded_lane_by_lane(
    deployment: Deployment, first: int
) -> None:
    customer = await deployment.customer(policy=masking(audit_content=AuditContent.MASKED))
    deployment.provider.chunks = [
        chunk(
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {
                        "index": first,
                        "id": "call_a",
                        "type": "function",
                        "function": {"name": "pay", "arguments": ""},
                    }
                ],
            }
        ),
        call_chunk(first, '{"card":"4111 1111'),
        call_chunk(first + 1, '{"no":', id="call_b", function={"name": "see", "arguments": "{}"}),
        call_chunk(first, ' 1111 1111"}'),
        chunk({}, finish_reason="tool_calls"),
    ]

    chunks = await read(await customer.stream("hello", model="scripted"))

    record = await only_record(deployment)
    calls = record["response"]["choices"][0]["message"]["tool_calls"]
    assert arguments_of(chunks, index=first) == '{"card":"[CREDIT_CARD]"}'
    assert arguments_of(chunks, index=first + 1) == "{}"
    assert reasons_of(chunks) == ["tool_calls"]
    assert [call["id"] for call in calls] == ["call_a", "call_b"]
    assert [call["function"] for call in calls] == [
        {"name": "pay", "arguments": '{"card":"[CREDIT_CARD]"}'},
        {"name": "see", "arguments": "{}"},
    ]
    assert record["findings"][0]["part"].endswith("message/tool_calls/0/function/arguments")


async def test_tool_call_in_one_chunk_with_the_ending_opens_before_its_arguments(
    deployment: Deployment, acme: Customer
) -> None:
    call = {"index": 0, "id": "call_a", "function": {"name": "pay", "arguments": '{"a":1}'}}
    deployment.provider.chunks = [chunk({"tool_calls": [call]}, finish_reason="tool_calls")]

    chunks = await read(await acme.stream("hello", model="scripted"))

    first = chunks[0]["choices"][0]["delta"]["tool_calls"][0]
    assert (first["id"], first["function"]) == ("call_a", {"name": "pay", "arguments": ""})
    assert arguments_of(chunks) == '{"a":1}'
    assert chunks[-1]["choices"][0]["finish_reason"] == "tool_calls"


@pytest.mark.parametrize(
    "delta",
    [
        {"content": f"x {CARD}"},
        {"content": [{"type": "text", "text": f"x {CARD}"}]},
        {"content": [f"x {CARD}"]},
        {"refusal": f"x {CARD}"},
        {"reasoning_content": f"x {CARD}"},
        {"reasoning": f"x {CARD}"},
        {"function_call": {"name": "f", "arguments": f"x {CARD}"}},
        {"audio": {"id": "1", "transcript": f"x {CARD}"}},
        {"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": f"x {CARD}"}}]},
        {"tool_calls": [{"index": None, "function": {"arguments": f"x {CARD}"}}]},
        {"tool_calls": [{"index": "a/b", "custom": {"name": "f", "input": f"x {CARD}"}}]},
    ],
)
@pytest.mark.parametrize("content", AuditContent)
async def test_text_is_guarded_wherever_a_delta_holds_it(
    deployment: Deployment, delta: Mapping[str, object], content: AuditContent
) -> None:
    customer = await deployment.customer(policy=masking(audit_content=content))
    deployment.provider.chunks = [
        chunk({"role": "assistant"}),
        chunk(delta),
        chunk({}, finish_reason="stop"),
    ]

    chunks = await read(await customer.stream("hello", model="scripted"))

    record = await only_record(deployment)
    assert CARD not in json.dumps(chunks)
    assert "x [CREDIT_CARD]" in json.dumps(chunks)
    assert (CARD in json.dumps(record)) is (content is AuditContent.FULL)


async def test_log_probabilities_do_not_run_ahead_of_the_guard(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = text_chunks(CARD)
    for item in deployment.provider.chunks:
        item["choices"][0]["logprobs"] = {"content": [{"token": CARD}]}  # type: ignore[index]

    chunks = await read(await acme.stream("hello", model="scripted", logprobs=True))

    assert CARD not in json.dumps(chunks)
    assert text_of(chunks) == "[CREDIT_CARD]"


@pytest.mark.parametrize("index", [-1, 10**9, None, "x", True])
async def test_strange_index_of_a_choice_is_survived(
    deployment: Deployment, acme: Customer, index: object
) -> None:
    deployment.provider.chunks = [
        {"choices": [{"index": index, "delta": {"content": f"x {CARD}"}, "finish_reason": "stop"}]}
    ]

    chunks = await read(await acme.stream("hello", model="scripted"))

    assert CARD not in json.dumps(chunks)
    assert len(await deployment.records()) == 1


@pytest.mark.parametrize(
    "strange",
    [
        {"choices": None},
        {"choices": ["x"]},
        {"choices": [{"index": 0}]},
        {"choices": [{"index": 0, "delta": "x"}]},
        {"choices": [{"index": 0, "delta": {"tool_calls": ["x", {"index": 0}]}}]},
        {"choices": [], "prompt_filter_results": []},
        {},
    ],
)
async def test_strange_chunk_is_survived(
    deployment: Deployment, acme: Customer, strange: Mapping[str, object]
) -> None:
    deployment.provider.chunks = [strange, *text_chunks("fine")]

    chunks = await read(await acme.stream("hello", model="scripted"))

    assert any(
        one["delta"].get("content") == "fine"
        for item in chunks
        for one in item.get("choices") or ()
    )
    assert (await only_record(deployment))["status"] == 200


async def test_empty_stream_is_recorded(deployment: Deployment, acme: Customer) -> None:
    deployment.provider.chunks = []

    chunks = await read(await acme.stream("hello", model="scripted"))

    record = await only_record(deployment)
    assert chunks == []
    assert record["response"]["choices"] == []


async def test_pseudonyms_hold_from_the_request_to_the_stream(deployment: Deployment) -> None:
    customer = await deployment.customer(policy=masking(replacement=Replacement.PSEUDONYM))
    deployment.provider.chunks = text_chunks(f"it is {CARD[:10]}", CARD[10:])

    chunks = await read(await customer.stream(f"whose is {CARD}?", model="scripted"))

    assert text_of(chunks) == "it is [CREDIT_CARD_1]"


def total_text(chunks: Sequence[Any]) -> int:
    return len(text_of(list(chunks)))


async def test_text_flows_before_the_answer_is_complete(
    deployment: Deployment, acme: Customer
) -> None:
    pieces = [f"word{number:04d} " for number in range(100)]
    deployment.provider.chunks = text_chunks(*pieces)
    answer = await acme.stream("hello", model="scripted")
    arrived: list[Any] = []
    largest = 0

    async for item in answer.chunks:
        arrived.append(item)
        came = sum(map(len, answer.guarded._guard.texts().values()))
        largest = max(largest, came - total_text(arrived))
    await answer.aclose()

    # The window of 64 characters, and what arrives between two looks.
    assert total_text(arrived) == 900
    assert largest <= 64 + 64 + 9

"""Logs of other writers: what is read of each format, and what is said of lines nobody can read."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.analytics.parse import LogParser
from application.analytics.parsed_exchange import LogFormat, ParsedExchange
from application.audit_objects import UnreadableObject
from domain.policy.rule import Direction
from domain.tenant import Slug
from tests.fakes.clock import START

WRITTEN_AT = START - timedelta(days=3)


def parser(key: str = "logs/a.jsonl") -> LogParser:
    return LogParser(key=key, tenant=Slug("acme"), written_at=WRITTEN_AT)


def read(*lines: object, key: str = "logs/a.jsonl") -> list[ParsedExchange]:
    """Read lines: bytes as they are, anything else as JSON."""
    one = parser(key)
    found = [
        exchange
        for line in lines
        for exchange in one.feed(line if isinstance(line, bytes) else json.dumps(line).encode())
    ]
    return [*found, *one.finish()]


def texts(exchange: ParsedExchange) -> list[tuple[str, str, str]]:
    return [(part.path, part.text, part.direction.value) for part in exchange.parts]


def said(exchanges: Sequence[ParsedExchange]) -> list[str]:
    return [part.text for exchange in exchanges for part in exchange.parts]


def test_training_line_of_openai() -> None:
    (exchange,) = read(
        {
            "messages": [
                {"role": "system", "content": "be nice"},
                {"role": "user", "content": "hello"},
                {"role": "assistant", "content": "hi", "weight": 1},
            ]
        }
    )

    assert exchange.format is LogFormat.OPENAI
    assert exchange.time == WRITTEN_AT
    assert texts(exchange) == [
        ("request/messages/0/content", "be nice", "request"),
        ("request/messages/1/content", "hello", "request"),
        ("request/messages/2/content", "hi", "response"),
    ]
    assert [part.is_trusted for part in exchange.parts] == [True, False, False]


def test_pair_of_request_and_response() -> None:
    (exchange,) = read(
        {
            "request": {
                "model": "gpt-4o",
                "user": "u1",
                "messages": [
                    {"role": "user", "content": [{"type": "text", "text": "look"}]},
                    {"role": "assistant", "content": "before"},
                    {"role": "tool", "tool_call_id": "c1", "content": "page"},
                ],
            },
            "response": {
                "id": "chatcmpl-1",
                "created": 1_764_000_000,
                "model": "gpt-4o-2024-08-06",
                "choices": [
                    {
                        "index": 0,
                        "message": {
                            "role": "assistant",
                            "content": "done",
                            "tool_calls": [
                                {"function": {"name": "send", "arguments": '{"to": "ada"}'}}
                            ],
                        },
                    }
                ],
            },
        }
    )

    assert (exchange.record_id, exchange.model, exchange.user) == (
        "chatcmpl-1",
        "gpt-4o-2024-08-06",
        "u1",
    )
    assert exchange.time == datetime.fromtimestamp(1_764_000_000, UTC)
    assert texts(exchange) == [
        ("request/messages/0/content/0/text", "look", "request"),
        ("request/messages/1/content", "before", "request"),
        ("request/messages/2/content", "page", "tool_result"),
        ("response/choices/0/message/content", "done", "response"),
        (
            "response/choices/0/message/tool_calls/0/function/arguments",
            '{"to": "ada"}',
            "response",
        ),
    ]


def test_batch_input_and_output_of_openai() -> None:
    asked, answered = read(
        {
            "custom_id": "r-1",
            "method": "POST",
            "url": "/v1/chat/completions",
            "body": {"model": "m", "messages": [{"role": "user", "content": "q"}]},
        },
        {
            "id": "batch_req_1",
            "custom_id": "r-1",
            "response": {
                "status_code": 200,
                "request_id": "x",
                "body": {"created": 1_764_000_000, "choices": [{"message": {"content": "a"}}]},
            },
            "error": None,
        },
    )

    assert (asked.record_id, texts(asked)) == (
        "r-1",
        [("request/messages/0/content", "q", "request")],
    )
    assert (answered.record_id, texts(answered)) == (
        "batch_req_1",
        [("response/choices/0/message/content", "a", "response")],
    )


def test_bodies_that_were_logged_as_text_are_read() -> None:
    (exchange,) = read({"request": '{"prompt": "p"}', "response": '{"choices": [{"text": "t"}]}'})

    assert said([exchange]) == ["p", "t"]


def test_responses_of_openai() -> None:
    (exchange,) = read(
        {
            "request": {"instructions": "be brief", "input": [{"role": "user", "content": "q"}]},
            "response": {
                "id": "resp_1",
                "created_at": 1_764_000_000.0,
                "output": [
                    {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
                    {"type": "function_call", "arguments": '{"x": 1}'},
                ],
            },
        }
    )

    assert said([exchange]) == ["q", "be brief", "a", '{"x": 1}']


def test_prompt_and_completion() -> None:
    (exchange,) = read({"prompt": "p", "completion": "c"})

    assert texts(exchange) == [
        ("request/prompt", "p", "request"),
        ("response/completion", "c", "response"),
    ]


def test_standard_logging_payload_of_litellm() -> None:
    (exchange,) = read(
        {
            "id": "chatcmpl-77",
            "call_type": "acompletion",
            "status": "success",
            "startTime": 1_764_000_000.25,
            "endTime": 1_764_000_001.0,
            "model": "gpt-4o",
            "model_group": "chat",
            "end_user": "ada",
            "metadata": {"user_api_key_hash": "abc", "user_api_key_alias": "search"},
            "messages": [{"role": "user", "content": "hello"}],
            "response": {"choices": [{"message": {"role": "assistant", "content": "hi"}}]},
        }
    )

    assert exchange.format is LogFormat.LITELLM
    assert (exchange.record_id, exchange.key_id, exchange.user, exchange.model) == (
        "chatcmpl-77",
        "search",
        "ada",
        "gpt-4o",
    )
    assert exchange.time == datetime.fromtimestamp(1_764_000_000.25, UTC)
    assert texts(exchange) == [
        ("request/messages/0/content", "hello", "request"),
        ("response/choices/0/message/content", "hi", "response"),
    ]


def test_litellm_payload_whose_fields_are_text() -> None:
    (exchange,) = read(
        {
            "id": "1",
            "startTime": "2026-11-24T02:00:00.000001",
            "messages": "embed this",
            "response": '{"choices": [{"message": {"content": "x"}}]}',
        }
    )

    assert exchange.time == datetime(2026, 11, 24, 2, 0, 0, 1, tzinfo=UTC)
    assert said([exchange]) == ["embed this", "x"]


def invocation(
    request: object, answer: object, operation: str = "InvokeModel"
) -> dict[str, object]:
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-11-24T02:00:17Z",
        "accountId": "123456789012",
        "identity": {"arn": "arn:aws:sts::123456789012:assumed-role/app/x"},
        "region": "eu-central-1",
        "requestId": "915a6a04-3f83-4c70-a277-7fbf7ea546b3",
        "operation": operation,
        "modelId": "some.model-v1:0",
        "input": {"inputContentType": "application/json", "inputBodyJson": request},
        "output": {"outputContentType": "application/json", "outputBodyJson": answer},
    }


CONVERSE = (
    {
        "system": [{"text": "be nice"}],
        "messages": [
            {"role": "user", "content": [{"text": "hello"}]},
            {"role": "assistant", "content": [{"toolUse": {"name": "f", "input": {"q": "x"}}}]},
            {
                "role": "user",
                "content": [{"toolResult": {"content": [{"text": "page"}, {"json": {"a": 1}}]}}],
            },
        ],
    },
    {"output": {"message": {"role": "assistant", "content": [{"text": "hi"}]}}},
    ["be nice", "hello", '{"q": "x"}', "page", '{"a": 1}', "hi"],
)
ANTHROPIC = (
    {
        "anthropic_version": "bedrock-2023-05-31",
        "system": "be nice",
        "messages": [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "content": [{"type": "tool_use", "input": {"q": "x"}}]},
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "content": [{"type": "text", "text": "page"}]},
                    {"type": "image", "source": {"type": "base64", "data": "aGVsbG8="}},
                ],
            },
        ],
    },
    {
        "id": "msg_1",
        "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "hi"}],
    },
    ["be nice", "hello", '{"q": "x"}', "page", "hm", "hi"],
)
ANTHROPIC_STREAM = (
    {"messages": [{"role": "user", "content": "hello"}]},
    [
        {"type": "message_start", "message": {"content": []}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "my c"},
        },
        {"type": "content_block_delta", "index": 1, "delta": {"partial_json": '{"a"'}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "ard"}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ],
    ["hello", "my card", '{"a"'],
)
CONVERSE_STREAM = (
    {"messages": [{"role": "user", "content": [{"text": "hello"}]}]},
    [
        {"contentBlockDelta": {"delta": {"text": "h"}, "contentBlockIndex": 0}},
        {"contentBlockDelta": {"delta": {"text": "i"}, "contentBlockIndex": 0}},
    ],
    ["hello", "hi"],
)
OTHERS = [
    ({"inputText": "p"}, {"results": [{"outputText": "t"}]}, ["p", "t"]),
    ({"inputText": "p"}, [{"outputText": "a"}, {"outputText": "b"}], ["p", "ab"]),
    ({"prompt": "p"}, {"generation": "t", "stop_reason": "stop"}, ["p", "t"]),
    ({"prompt": "p"}, {"outputs": [{"text": "t"}]}, ["p", "t"]),
    ({"prompt": "p"}, {"generations": [{"text": "t"}]}, ["p", "t"]),
    ({"prompt": "p"}, {"completion": "t"}, ["p", "t"]),
    ({"prompt": "p"}, {"completions": [{"data": {"text": "t"}}]}, ["p", "t"]),
    ({"message": "p", "chat_history": [{"message": "q"}]}, {"text": "t"}, ["q", "p", "t"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("request_body", "answer", "expected"),
    [CONVERSE, ANTHROPIC, ANTHROPIC_STREAM, CONVERSE_STREAM, *OTHERS],
)
def test_invocation_log_of_bedrock(
    request_body: object, answer: object, expected: list[str]
) -> None:
    (exchange,) = read(invocation(request_body, answer))

    assert exchange.format is LogFormat.BEDROCK
    assert exchange.record_id == "915a6a04-3f83-4c70-a277-7fbf7ea546b3"
    assert exchange.time == datetime(2026, 11, 24, 2, 0, 17, tzinfo=UTC)
    assert exchange.key_id == "arn:aws:sts::123456789012:assumed-role/app/x"
    assert said([exchange]) == expected


def test_results_of_tools_go_their_own_way() -> None:
    (exchange,) = read(invocation(CONVERSE[0], CONVERSE[1]))

    assert [part.direction for part in exchange.parts] == [
        Direction.REQUEST,
        Direction.REQUEST,
        Direction.REQUEST,
        Direction.TOOL_RESULT,
        Direction.TOOL_RESULT,
        Direction.RESPONSE,
    ]


def test_large_body_that_bedrock_stored_by_itself_is_read() -> None:
    key = "AWSLogs/1/BedrockModelInvocationLogs/eu/2026/11/24/02/data/915a_input.json.gz"

    assert said(read(CONVERSE[0], key=key)) == CONVERSE[2][:-1]
    assert said(read({"content": [{"type": "text", "text": "hi"}]}, key=key)) == ["hi"]


def test_document_over_many_lines_and_array() -> None:
    documents = [{"prompt": "p"}, {"prompt": "q"}]
    pretty = json.dumps(documents, indent=2).encode().split(b"\n")

    over_lines = read(*pretty, key="a.json")
    in_one = read(documents, key="a.json")

    assert said(over_lines) == said(in_one) == ["p", "q"]
    assert len({one.record_id for one in in_one}) == 2


def test_json_file_that_is_really_lines_is_read_as_lines() -> None:
    one = parser("a.json")
    found = [
        exchange
        for line in (b'{"prompt": "p"', b'{"prompt": "q"}', b'{"prompt": "r"}')
        for exchange in one.feed(line)
    ]

    assert said([*found, *one.finish()]) == ["q", "r"]
    assert (one.skipped.count, one.skipped.first) == (1, (1,))


def test_plain_text_is_read_in_blocks() -> None:
    exchanges = read(b"my name", b"is Ada\r", b"", b"", b"next", key="chat.txt")

    assert [texts(one) for one in exchanges] == [
        [("lines/1", "my name\nis Ada", "request")],
        [("lines/5", "next", "request")],
    ]
    assert all(one.format is LogFormat.TEXT and one.time == WRITTEN_AT for one in exchanges)


def test_blocks_of_plain_text_are_bounded_and_nothing_is_lost() -> None:
    lines = [b"x" * 100 for _ in range(500)]

    exchanges = read(*lines, key="chat.txt")

    assert len(exchanges) > 5
    assert "\n".join(said(exchanges)) == "\n".join("x" * 100 for _ in range(500))
    assert max(one.size for one in exchanges) <= 8_192


@pytest.mark.parametrize("first", [b"[2026-11-24] started", b"{not json", b"plain"])
def test_log_file_whose_lines_only_look_like_json_is_text(first: bytes) -> None:
    assert said(read(first, key="app.log")) == [first.decode()]


def test_json_of_no_known_shape_is_text_in_a_log_file_and_nowhere_else() -> None:
    line = {"level": "info", "msg": "card 4111"}
    one = parser("a.jsonl")

    assert said(read(line, key="app.log")) == [json.dumps(line)]
    assert one.feed(json.dumps(line).encode()) == []
    with pytest.raises(UnreadableObject, match="1 lines could not be read: 1"):
        one.finish()


def test_broken_lines_are_counted_and_the_rest_is_read() -> None:
    one = parser()
    lines = [b"{}", b'{"prompt": "p"}', b"{broken", b"[1]", b"\xff\xfe", b'{"prompt": "q"}', b""]

    found = [exchange for line in lines for exchange in one.feed(line)]

    assert said([*found, *one.finish()]) == ["p", "q"]
    assert str(one.skipped) == "4 lines could not be read: 1, 3, 4, 5"


def test_only_the_first_broken_lines_are_named() -> None:
    one = parser()
    found = one.feed(b'{"prompt": "p"}')
    for _ in range(30):
        found += one.feed(b"{broken secret")

    one.finish()

    assert one.skipped.count == 30
    assert str(one.skipped).endswith("10, 11, …")
    assert "secret" not in str(one.skipped)


def test_empty_object_is_no_error() -> None:
    assert read() == read(b"", b"  ") == []


def test_binary_lines_are_not_text() -> None:
    with pytest.raises(UnreadableObject):
        read(b"\x00\x01\x02", key="a.txt")


def test_ids_are_the_same_at_every_reading_and_differ_by_place() -> None:
    lines = [{"prompt": "p"}, {"prompt": "p"}]

    first, again, elsewhere = read(*lines), read(*lines), read(*lines, key="other.jsonl")

    assert [one.record_id for one in first] == [one.record_id for one in again]
    assert len({one.record_id for one in (*first, *elsewhere)}) == 4


def test_byte_order_mark_is_no_text() -> None:
    assert said(read(b'\xef\xbb\xbf{"prompt": "p"}')) == ["p"]


def test_what_is_no_name_is_not_kept_as_one() -> None:
    long_id, strange = read(
        {"prompt": "p", "id": "x" * 201, "model": "m" * 10_000},
        {"prompt": "p", "id": "a\nb", "model": {"secret": 1}},
    )
    stream = [{"index": "my secret", "delta": {"text": "t"}}]
    (streamed,) = read(invocation({"prompt": "p"}, stream))

    assert long_id.record_id.startswith("log_")
    assert (long_id.model or "") == "m" * 200
    assert strange.record_id.startswith("log_")
    assert strange.model is None
    assert all("secret" not in part.path for part in streamed.parts)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            [
                "messages", "content", "text", "role", "request", "response", "body", "choices",
                "message", "input", "output", "schemaType", "inputBodyJson", "outputBodyJson",
                "startTime", "metadata", "delta", "toolUse", "toolResult", "created", "id",
                "schema", "record_id", "type",
            ]
        ),
        inner,
        max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@given(
    st.lists(JSON | st.binary(max_size=20), max_size=6),
    st.sampled_from(["a.jsonl", "a.json", "a.log"]),
)
def test_nothing_that_a_line_may_hold_breaks_the_parser(lines: list[object], key: str) -> None:
    one = parser(key)
    for line in lines:
        data = line if isinstance(line, bytes) else json.dumps(line).encode()
        for exchange in one.feed(data.replace(b"\n", b"")):
            assert all(part.text for part in exchange.parts)
    try:
        one.finish()
    except UnreadableObject:
        assert one.skipped.count

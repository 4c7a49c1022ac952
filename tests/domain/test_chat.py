"""Chat: which texts an exchange holds, how they are replaced, and which JSON is let in."""

import copy
import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.audit import canonical
from domain.chat import (
    MAX_DEPTH,
    ChatRequest,
    TextPart,
    parse_json_object,
    replace_texts,
    request_parts,
    response_parts,
    without_texts,
)
from domain.errors import InvalidValue
from domain.policy.rule import Direction
from tests.strategies import chat_requests, chat_responses, json_objects, texts

Body = dict[str, object]


# ---- JSON


@given(json_objects())
def test_every_json_object_is_read(document: Body) -> None:
    assert parse_json_object(json.dumps(document).encode()) == document


@given(texts())
def test_a_text_is_read_whether_escaped_or_not(text: str) -> None:
    for is_escaped in (True, False):
        raw = json.dumps({"a": text}, ensure_ascii=is_escaped).encode()
        assert parse_json_object(raw) == {"a": text}


@given(st.binary(max_size=40) | texts(40).map(str.encode))
def test_any_other_bytes_are_refused_without_being_quoted(raw: bytes) -> None:
    try:
        assert isinstance(json.loads(raw), dict)
    except ValueError:
        with pytest.raises(InvalidValue) as refusal:
            parse_json_object(b'{"secret-4711":' + raw)
        assert "4711" not in str(refusal.value)
    except AssertionError:
        with pytest.raises(InvalidValue):
            parse_json_object(raw)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b'"text"',
        b"null",
        b"{",
        b"{}x",
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":-Infinity}',
        b'{"a":[{"b":1e999}]}',
        b'{"a":-1e999}',
        b"{'a':1}",
        b'{"a":1,}',
        b'{"a":"\n"}',
        b'{"a":01}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"\xff"}',
        b'{"a":"\xed\xa0\x80"}',
        b'\xef\xbb\xbf{"a":1}',
        '{"a":1}'.encode("utf-16"),
        '{"a":1}'.encode("utf-32-le"),
    ],
)
def test_json_that_readers_disagree_about_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidValue):
        parse_json_object(raw)


@pytest.mark.parametrize("opening", [b'{"a":', b"["])
def test_nesting_has_a_bound(opening: bytes) -> None:
    closing = {b"[": b"]", b'{"a":': b"}"}[opening]

    def nested(depth: int) -> bytes:
        return b'{"a":' + opening * (depth - 1) + b"1" + closing * (depth - 1) + b"}"

    assert parse_json_object(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 900, 100_000):
        with pytest.raises(InvalidValue, match="nested deeper"):
            parse_json_object(nested(depth))


def test_of_a_name_that_stands_twice_the_last_one_counts_and_is_passed_on() -> None:
    body = parse_json_object(b'{"model":"a","messages":[],"model":"b"}')

    assert json.loads(json.dumps(body)) == {"model": "b", "messages": []}


@pytest.mark.parametrize("text", [r"\ud800", r"\udc00x", r"\ude00\ud83d"])
def test_lone_surrogates_stay_until_the_audit_record(text: str) -> None:
    raw = f'{{"a":"{text}"}}'.encode()

    assert canonical(parse_json_object(raw)) == raw


# ---- what the gateway needs to know


def test_a_request_is_read() -> None:
    body: Body = {
        "model": "gpt-4o",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "user": "u-1",
        "max_tokens": 5,
        "max_completion_tokens": 7,
    }

    request = ChatRequest.parse(body)

    assert (request.model, request.stream, request.user) == ("gpt-4o", True, "u-1")
    assert request.max_tokens == 7
    assert request.body is body


@given(chat_requests())
def test_what_a_client_may_send_is_accepted(body: Body) -> None:
    assert ChatRequest.parse(body).model == body["model"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"model": 4}, "model"),
        ({"messages": None}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"messages": [{"role": "user"}, {"content": "hello"}]}, "messages[1]"),
        ({"stream": "yes"}, "stream"),
        ({"stream": 1}, "stream"),
        ({"user": 5}, "user"),
        ({"max_tokens": "5"}, "max_tokens"),
        ({"max_tokens": 1.5}, "max_tokens"),
        ({"max_tokens": True}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_completion_tokens": -10_000}, "max_completion_tokens"),
        ({"max_completion_tokens": False}, "max_completion_tokens"),
    ],
)
def test_what_the_gateway_cannot_rely_on_is_refused_by_name(change: Body, field: str) -> None:
    body: Body = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}

    with pytest.raises(InvalidValue) as refusal:
        ChatRequest.parse({**body, **change})

    assert refusal.value.field == field


@pytest.mark.parametrize("name", ["stream", "user", "max_tokens", "max_completion_tokens"])
def test_null_is_as_good_as_nothing(name: str) -> None:
    body: Body = {"model": "m", "messages": [{"role": "user"}], name: None}

    request = ChatRequest.parse(body)

    assert (request.stream, request.user, request.max_tokens) == (False, None, None)


# ---- texts


def texts_at(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a JSON value with its path."""
    if isinstance(node, str):
        yield path, node
    elif isinstance(node, dict):
        for name, child in node.items():
            yield from texts_at(child, f"{path}/{name}" if path else str(name))
    elif isinstance(node, list):
        for index, child in enumerate(node):
            yield from texts_at(child, f"{path}/{index}")


def at(body: object, path: str) -> object:
    node = body
    for step in path.split("/"):
        node = node[int(step)] if isinstance(node, list) else node[step]  # type: ignore[index]
    return node


EXCHANGES = st.one_of(
    chat_requests().map(lambda body: (body, request_parts(body))),
    chat_responses().map(lambda body: (body, response_parts(body))),
)


@given(EXCHANGES)
def test_every_part_is_a_text_at_its_path_named_once(
    exchange: tuple[Body, tuple[TextPart, ...]],
) -> None:
    body, parts = exchange

    assert all(at(body, part.path) == part.text != "" for part in parts)
    assert len({part.path for part in parts}) == len(parts)


@given(EXCHANGES)
def test_no_text_of_a_message_goes_unseen(exchange: tuple[Body, tuple[TextPart, ...]]) -> None:
    body, parts = exchange
    technical = {"role", "type", "name", "id", "url"}

    unseen = {
        path
        for path, text in texts_at(body)
        if text
        and path.startswith(("messages/", "choices/"))
        and "x_unknown" not in path
        and path.rpartition("/")[2] not in technical
    } - {part.path for part in parts}

    assert unseen == set()


@given(EXCHANGES, texts(10))
def test_replacing_texts_changes_these_texts_and_nothing_else(
    exchange: tuple[Body, tuple[TextPart, ...]], text: str
) -> None:
    body, parts = exchange
    before = copy.deepcopy(body)

    changed = replace_texts(body, {part.path: text for part in parts})

    assert body == before
    assert all(at(changed, part.path) == text for part in parts)
    assert replace_texts(changed, {part.path: part.text for part in parts}) == before


@given(EXCHANGES)
def test_replacing_texts_by_themselves_or_none_changes_nothing(
    exchange: tuple[Body, tuple[TextPart, ...]],
) -> None:
    body, parts = exchange

    assert replace_texts(body, {part.path: part.text for part in parts}) == body
    assert replace_texts(body, {}) == body


@pytest.mark.parametrize(
    "path",
    [
        "",
        "x",
        "messages",
        "messages/0",
        "messages/7/content",
        "messages/-1/content",
        "messages/x/content",
        "messages/0/other",
        "messages/0/content/0",
        "messages/0/content/0/text",
    ],
)
def test_a_path_without_text_is_refused(path: str) -> None:
    body: Body = {"messages": [{"role": "user", "content": "hello"}]}

    with pytest.raises(InvalidValue):
        replace_texts(body, {path: "x"})


@given(EXCHANGES)
def test_without_texts_only_lengths_are_left(
    exchange: tuple[Body, tuple[TextPart, ...]],
) -> None:
    body, parts = exchange

    bare = without_texts(body, parts)

    assert [at(bare, part.path) for part in parts] == [
        f"[{len(part.text)} characters]" for part in parts
    ]


def test_parts_say_which_way_they_go_and_whom_they_are_from() -> None:
    body: Body = {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hi"}, "there"]},
            {"role": "assistant", "tool_calls": [{"function": {"arguments": "{}"}}]},
            {"role": "tool", "content": "42"},
        ],
        "prediction": {"type": "content", "content": [{"type": "text", "text": "Hi"}]},
    }

    parts = [(part.path, part.direction, part.is_trusted) for part in request_parts(body)]

    assert parts == [
        ("messages/0/content", Direction.REQUEST, True),
        ("messages/1/content/0/text", Direction.REQUEST, False),
        ("messages/1/content/1", Direction.REQUEST, False),
        ("messages/2/tool_calls/0/function/arguments", Direction.REQUEST, False),
        ("messages/3/content", Direction.TOOL_RESULT, False),
        ("prediction/content/0/text", Direction.REQUEST, False),
    ]


@given(json_objects())
def test_any_json_object_has_parts_or_none(body: Body) -> None:
    messages = list(body.values())
    request: Body = {"messages": messages, "prediction": body}
    response: Body = {"choices": [{"message": message} for message in messages]}

    assert all(at(request, part.path) == part.text for part in request_parts(request))
    assert all(at(response, part.path) == part.text for part in response_parts(response))


@pytest.mark.parametrize("body", [{}, {"messages": "x"}, {"choices": 3}, {"choices": [None]}])
def test_a_body_of_another_shape_has_no_parts(body: Body) -> None:
    assert request_parts(body) == response_parts(body) == ()

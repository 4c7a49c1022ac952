"""Server-sent events: the rules of WHATWG, wherever the stream is cut."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.server_sent_events import (
    EventParser,
    ServerSentEvent,
    encode_comment,
    encode_event,
)
from domain.errors import InvalidValue


def parse(*pieces: bytes, max_event_bytes: int = 1024) -> list[ServerSentEvent]:
    parser = EventParser(max_event_bytes=max_event_bytes)
    return [event for piece in pieces for event in parser.feed(piece)]


def event(data: bytes, name: str = "message", last_id: str = "") -> ServerSentEvent:
    return ServerSentEvent(data=data, event=name, last_id=last_id)


# The examples of the standard, https://html.spec.whatwg.org/multipage/server-sent-events.html
@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b"data: YHOO\ndata: +2\ndata: 10\n\n", [event(b"YHOO\n+2\n10")]),
        (
            b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\n"
            b"data:  third event\n\n",
            [event(b"first event", last_id="1"), event(b"second event"), event(b" third event")],
        ),
        (b"data\n\ndata\ndata\n\ndata:", [event(b""), event(b"\n")]),
        (b"data:test\n\ndata: test\n\n", [event(b"test"), event(b"test")]),
        (b"event: add\ndata: 73857293\n\n", [event(b"73857293", "add")]),
        (b"event: add\n\ndata: later\n\n", [event(b"later")]),
        (b"\xef\xbb\xbfdata: mark\n\n", [event(b"mark")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfdata: two marks\n\ndata: x\n\n", [event(b"x")]),
        (b"id: a\0b\ndata: x\n\n", [event(b"x")]),
        (b"id: 7\ndata: x\n\ndata: y\n\n", [event(b"x", last_id="7"), event(b"y", last_id="7")]),
        (
            b"data: cr\r\rdata: crlf\r\n\r\ndata: lf\n\n",
            [event(b"cr"), event(b"crlf"), event(b"lf")],
        ),
        (b"data: a\r\ndata: b\r\n\r\n", [event(b"a\nb")]),
        (b"retry: 10\nunknown: field\ndata: x\n\n", [event(b"x")]),
        (b"Data: case\n\n data: space\n\n", []),
        (b"data: without a blank line\n", []),
        (b"", []),
    ],
)
def test_a_stream_is_read_as_the_standard_says(
    stream: bytes, expected: list[ServerSentEvent]
) -> None:
    assert parse(stream) == expected
    assert parse(*(bytes([byte]) for byte in stream)) == expected


line_ends = [b"\r", b"\n", b"\r\n"]
contents = ["grün 🏝️".encode(), b"\xff", b"\xef\xbb\xbf", b"\0", b"x" * 9, b""]
fragments = st.lists(
    st.sampled_from(
        [b"data", b"data: ", b"data:", b"event: ping", b"id: 3", b": note", *line_ends, *contents]
    ),
    max_size=40,
).map(b"".join)


def _until_refused(pieces: list[bytes], limit: int) -> tuple[list[ServerSentEvent], bool]:
    parser, events = EventParser(max_event_bytes=limit), []
    try:
        for piece in pieces:
            for found in parser.feed(piece):
                events.append(found)  # noqa: PERF402 - what came before a refusal counts
    except InvalidValue:
        return events, True
    return events, False


@given(stream=fragments, cuts=st.lists(st.integers(0, 300)), limit=st.sampled_from([12, 20, 1000]))
def test_any_cut_of_the_stream_gives_the_same_events(
    stream: bytes, cuts: list[int], limit: int
) -> None:
    ends = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(ends)]

    whole = _until_refused([stream], limit)
    assert _until_refused(pieces, limit) == whole
    assert _until_refused([bytes([byte]) for byte in stream], limit) == whole


@given(stream=fragments)
def test_the_parser_agrees_with_a_plain_reading_of_the_whole_text(stream: bytes) -> None:
    expected: list[ServerSentEvent] = []
    data: list[bytes] = []
    name, last_id = "", ""
    *lines, _ = re.split(rb"\r\n|\r|\n", stream.removeprefix(b"\xef\xbb\xbf"))
    for line in lines:
        field, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if not line:
            if data:
                expected.append(event(b"\n".join(data), name or "message", last_id))
            data, name = [], ""
        elif field == b"data":
            data.append(value)
        elif field == b"event":
            name = value.decode(errors="replace")
        elif field == b"id" and b"\0" not in value:
            last_id = value.decode(errors="replace")

    assert parse(stream) == expected


@given(datas=st.lists(st.binary(max_size=60)), name=st.sampled_from([None, "ping", "grün"]))
def test_what_is_encoded_is_read_back(datas: list[bytes], name: str | None) -> None:
    stream = b"".join(encode_event(data, event=name) + encode_comment("alive") for data in datas)

    expected = [event(re.sub(rb"\r\n?", b"\n", data), name or "message") for data in datas]
    assert parse(stream) == expected


@given(text=st.text(max_size=60))
def test_a_comment_is_never_an_event(text: str) -> None:
    assert parse(encode_comment(text) + b"data: x\n\n") == [event(b"x")]


def test_a_line_that_does_not_end_is_refused_before_it_fills_the_memory() -> None:
    with pytest.raises(InvalidValue, match="larger than 100 bytes"):
        parse(*[b"x" * 10] * 11, max_event_bytes=100)


def test_an_event_of_many_small_lines_is_refused_as_well() -> None:
    with pytest.raises(InvalidValue, match="larger than 100 bytes"):
        parse(b"data: 12345\n" * 20, max_event_bytes=100)


def test_an_event_is_reported_as_soon_as_its_blank_line_is_there() -> None:
    parser = EventParser()

    assert list(parser.feed(b"data: now\r\n\r")) == [event(b"now")]
    assert list(parser.feed(b"\ndata: next\r\n\r\n")) == [event(b"next")]


def test_the_name_of_an_event_is_one_line() -> None:
    with pytest.raises(InvalidValue, match="one line"):
        encode_event(b"x", event="a\ndata: smuggled")

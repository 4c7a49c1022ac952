"""Read and write server-sent events (WHATWG HTML, section 9.2), without any I/O."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.errors import InvalidValue

MAX_EVENT_BYTES = 1024 * 1024

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSentEvent:
    """One event; `data` stays bytes, since its readers parse JSON, with its lines joined by LF.

    `last_id` is the id of this event or of the last one before it that had one.
    """

    data: bytes
    event: str = "message"
    last_id: str = ""


class EventParser:
    """Parse a stream of bytes that arrives in pieces, cut anywhere.

    The fields `retry` and unknown ones are ignored: nothing here connects again. An event that the
    stream leaves without its blank line is never reported.
    """

    def __init__(self, *, max_event_bytes: int = MAX_EVENT_BYTES) -> None:
        self._max_event_bytes = max_event_bytes
        self._is_at_start = True
        self._after_carriage_return = False
        self._line = bytearray()
        self._data: list[bytes] = []
        self._size = 0
        self._event = ""
        self._last_id = ""

    def feed(self, piece: bytes) -> Iterator[ServerSentEvent]:
        """Yield the events that this piece completes; iterate to the end before feeding again.

        Raises:
            InvalidValue: an event, or one line, is larger than `max_event_bytes`.
        """
        piece = self._without_mark(piece)
        if self._after_carriage_return and piece:
            piece = piece.removeprefix(b"\n")
            self._after_carriage_return = False
        start = 0
        for end in _LINE_END.finditer(piece):
            self._line += piece[start : end.start()]
            start = end.end()
            line = bytes(self._line)
            self._line.clear()
            self._check(len(line))
            if line:
                self._read_field(line)
            elif (event := self._dispatch()) is not None:
                yield event
        self._line += piece[start:]
        self._after_carriage_return = self._after_carriage_return or piece.endswith(b"\r")
        self._check(len(self._line))

    def _without_mark(self, piece: bytes) -> bytes:
        if not self._is_at_start:
            return piece
        head = bytes(self._line) + piece
        self._line.clear()
        if len(head) < len(_BYTE_ORDER_MARK) and _BYTE_ORDER_MARK.startswith(head):
            self._line += head
            return b""
        self._is_at_start = False
        return head.removeprefix(_BYTE_ORDER_MARK)

    def _check(self, more: int) -> None:
        if self._size + more > self._max_event_bytes:
            raise InvalidValue(f"an event is larger than {self._max_event_bytes} bytes")

    def _read_field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._data.append(value)
            self._size += len(value) + 1
        elif name == b"event":
            self._event = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._last_id = value.decode("utf-8", "replace")

    def _dispatch(self) -> ServerSentEvent | None:
        data, event = self._data, self._event
        self._data, self._event, self._size = [], "", 0
        if not data:
            return None
        return ServerSentEvent(
            data=b"\n".join(data), event=event or "message", last_id=self._last_id
        )


def encode_event(data: bytes, *, event: str | None = None) -> bytes:
    """Return the bytes of one event; each kind of line end in `data` arrives as LF.

    Raises:
        InvalidValue: the name of the event holds a line end.
    """
    lines = [b"data: " + line for line in _LINE_END.split(data)]
    if event is not None:
        name = event.encode()
        if _LINE_END.search(name):
            raise InvalidValue("the name of an event is one line", field="event")
        lines.insert(0, b"event: " + name)
    return b"\n".join(lines) + b"\n\n"


def encode_comment(text: str) -> bytes:
    """Return the bytes of a comment, which readers skip; it keeps idle connections open."""
    return (
        b"".join(b": " + line + b"\n" for line in _LINE_END.split(text.encode("utf-8", "replace")))
        + b"\n"
    )

"""Logs as one JSON object a line.

JSON's escapes keep a line a line: no text, whoever sent it, can begin another one or reach the
terminal (ASCII with escapes: CR, LF, ANSI sequences and separators of Unicode as well). Exceptions
are told by type and place; their words only where a `DomainError` promises that they may be shown.
"""

import json
import logging
import math
import traceback
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from pathlib import PurePath
from typing import TextIO

from domain.audit import format_time
from domain.errors import DomainError

MAX_LINE = 16 * 1024
"""Bytes of one line, its line feed included."""

_MAX_DEPTH = 4
_MAX_ITEMS = 50
_MAX_CAUSES = 5
_MAX_FRAMES = 20
_MAX_INTEGER_BITS = 1024
_SHORT_TEXT = 500
_TALKATIVE = ("httpx", "httpcore", "httpx2", "httpcore2", "asyncio")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",  # uvicorn's second copy of its message, with ANSI sequences
}

Context = Mapping[str, ContextVar[str | None]]


class ContextFilter(logging.Filter):
    """Add the context of the request, such as `request_id`, to each record that lacks it."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        for name, variable in self._context.items():
            value = variable.get(None)
            if value is not None and not hasattr(record, name):
                setattr(record, name, value)
        return True


class JsonFormatter(logging.Formatter):
    """Write `time`, `level`, `logger`, `message` and whatever `extra` holds."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line of ASCII without its line feed, at most `MAX_LINE` bytes."""
        line: dict[str, object] = {
            "time": format_time(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _message(record),
        }
        extra = {name: value for name, value in vars(record).items() if name not in _STANDARD}
        for name, value in extra.items():
            line.setdefault(str(name), _plain(value))
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _exceptions(record.exc_info[1])
        return _fit(line)


def configure(level: int | str, stream: TextIO, context: Context | None = None) -> None:
    """Send everything that the process logs to `stream`; a second call replaces the first."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    handler.addFilter(ContextFilter(context or {}))
    root = logging.getLogger()
    for old in tuple(root.handlers):
        if isinstance(old.formatter, JsonFormatter):
            root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    # Clients log every request with its address at INFO.
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        # The standard handler would print the arguments, whatever they are.
        return str(record.msg)


def _plain(value: object, depth: int = 0) -> object:
    """Return a value as JSON; of an object that JSON does not know only its type is told."""
    plain: object = f"<{type(value).__qualname__}>"
    match value:
        case None | bool():
            plain = value
        case int() if value.bit_length() <= _MAX_INTEGER_BITS:
            plain = value
        case float():
            plain = value if math.isfinite(value) else str(value)
        case str() | PurePath():
            plain = str(value)
        case datetime() | date():
            plain = value.isoformat()
        case timedelta():
            plain = value.total_seconds()
        case Mapping() if depth < _MAX_DEPTH:
            items = list(value.items())[:_MAX_ITEMS]
            plain = {str(name): _plain(item, depth + 1) for name, item in items}
        case list() | tuple() | set() | frozenset() if depth < _MAX_DEPTH:
            plain = [_plain(item, depth + 1) for item in list(value)[:_MAX_ITEMS]]
    return plain


def _exceptions(error: BaseException) -> Sequence[Mapping[str, object]]:
    """Return an exception and its causes, the outermost first."""
    told: list[Mapping[str, object]] = []
    current: BaseException | None = error
    while current is not None and len(told) < _MAX_CAUSES:
        frames = traceback.extract_tb(current.__traceback__)[-_MAX_FRAMES:]
        one: dict[str, object] = {
            "type": f"{type(current).__module__}.{type(current).__qualname__}",
            "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        if isinstance(current, DomainError):
            one["message"] = current.message
        told.append(one)
        following = current.__cause__
        if following is None and not current.__suppress_context__:
            following = current.__context__
        current = following
    return told


def _fit(line: dict[str, object]) -> str:
    """Return the line as JSON; one too long loses the ends of its texts, then its extras."""
    encoded = json.dumps(line, ensure_ascii=True, allow_nan=False)
    if len(encoded) < MAX_LINE:
        return encoded
    short = {name: _shortened(value) for name, value in line.items()} | {"truncated": True}
    encoded = json.dumps(short, ensure_ascii=True, allow_nan=False)
    if len(encoded) < MAX_LINE:
        return encoded
    base = ("time", "level", "logger", "message", "request_id", "tenant_id", "truncated")
    return json.dumps({name: short[name] for name in base if name in short}, ensure_ascii=True)


def _shortened(value: object) -> object:
    if isinstance(value, str):
        return value if len(value) <= _SHORT_TEXT else value[:_SHORT_TEXT] + "…"
    if isinstance(value, Mapping):
        return {name: _shortened(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_shortened(item) for item in value]
    return value

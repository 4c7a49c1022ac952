"""The forms that times, durations and texts have inside a document."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from domain.errors import InvalidValue, Unavailable

_T = TypeVar("_T")
_MICROSECOND = timedelta(microseconds=1)


def time_text(at: datetime) -> str:
    """Return a time in UTC as sortable text of one length: `2026-11-24T02:44:00.000123Z`."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def time_of(text: str) -> datetime:
    """Return the time that `time_text` wrote."""
    return datetime.fromisoformat(text).astimezone(UTC)


def optional_time_text(at: datetime | None) -> str | None:
    """Return `time_text` of a time, None for None."""
    return None if at is None else time_text(at)


def optional_time_of(text: str | None) -> datetime | None:
    """Return the time that `optional_time_text` wrote."""
    return None if text is None else time_of(text)


def microseconds(duration: timedelta) -> int:
    """Return a duration in microseconds, exactly."""
    return duration // _MICROSECOND


def duration_of(count: int) -> timedelta:
    """Return the duration of this many microseconds."""
    return count * _MICROSECOND


def dump(document: Mapping[str, object]) -> str:
    """Return a document as JSON in ASCII, which holds any text, also half a surrogate pair."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def load(text: str, from_document: Callable[..., _T]) -> _T:
    """Return what a document stored as JSON describes.

    Raises:
        Unavailable: the document is damaged: no JSON, or a field is missing or of another kind.
    """
    return described(text, lambda text: from_document(json.loads(text)))


def described(document: object, from_document: Callable[..., _T]) -> _T:
    """Return what a stored document describes.

    Raises:
        Unavailable: the document is damaged: a field is missing or of another kind.
    """
    try:
        return from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError, InvalidValue) as error:
        raise Unavailable("store", "a stored document cannot be read") from error


def column_text(text: str) -> str:
    """Return a text as a column can hold it: half a surrogate pair becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")

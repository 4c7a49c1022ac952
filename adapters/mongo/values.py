"""Documents as BSON can hold them, and back: exactly what JSON would have kept."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from adapters.documents.fields import described

_T = TypeVar("_T")
_MILLISECOND = timedelta(milliseconds=1)

# A code point that no text means: Unicode sets it aside for inside use.
_MARK = "\ufdd0"
_UNSAFE = re.compile(f"[\ud800-\udfff{_MARK}]")
_ESCAPED = re.compile(f"{_MARK}([0-9a-f]{{4}})")


def stored(value: Any) -> Any:
    """Return a document with texts that UTF-8 can hold: half a surrogate pair is marked."""
    match value:
        case str():
            return value if value.isascii() else _UNSAFE.sub(_escape, value)
        case Mapping():
            return {key: stored(one) for key, one in value.items()}
        case list() | tuple():
            return [stored(one) for one in value]
    return value


def restored(value: Any) -> Any:
    """Return the document that `stored` was given."""
    match value:
        case str():
            return value if _MARK not in value else _ESCAPED.sub(_unescape, value)
        case Mapping():
            return {key: restored(one) for key, one in value.items()}
        case list():
            return [restored(one) for one in value]
    return value


def load(document: Any, from_document: Callable[..., _T]) -> _T:
    """Return what a stored document describes.

    Raises:
        Unavailable: the document is damaged: a field is missing or of another kind.
    """
    return described(restored(document), from_document)


def date(at: datetime) -> datetime:
    """Return a time for a TTL index, as BSON can hold it: the next whole millisecond."""
    return at + (timedelta(0) - timedelta(microseconds=at.microsecond)) % _MILLISECOND


def of_tenant(tenant_id: str, name: str) -> str:
    """Return the `_id` of what a tenant has one of under a name."""
    return f"{tenant_id}:{name}"


def _escape(found: re.Match[str]) -> str:
    return f"{_MARK}{ord(found[0]):04x}"


def _unescape(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))

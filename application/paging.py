"""Lists in pages: some items, and an opaque cursor that leads to those behind them."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from application.ports.readers import Page
from domain.errors import InvalidValue

T = TypeVar("T")

_LONGEST_CURSOR = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Generic[T]):
    """One page of a list; `next_cursor` is None at its end."""

    items: Sequence[T]
    next_cursor: str | None = None


def cursor_at(*position: str) -> str:
    """Return the cursor that stands for a position in a list."""
    text = json.dumps(position, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def position_of(cursor: str, parts: int) -> tuple[str, ...]:
    """Return the position that a cursor of so many parts stands for.

    Raises:
        InvalidValue: `cursor_at` did not make it, or made it for another list.
    """
    padded = cursor[:_LONGEST_CURSOR] + "=" * (-len(cursor) % 4)
    try:
        position = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        position = None
    is_ours = isinstance(position, list) and all(isinstance(part, str) for part in position)
    if not is_ours or len(position) != parts:
        raise InvalidValue(
            "this cursor is not one that this list gave; begin without one", field="cursor"
        )
    return tuple(position)


def slice_of(items: Sequence[T], page: Page, *, key: Callable[[T], str]) -> Slice[T]:
    """Return a page of a short list that is there as a whole, ordered by `key`, which is unique.

    Raises:
        InvalidValue: the cursor is not one of this list, or the limit below 1.
    """
    if page.limit < 1:
        raise InvalidValue("a page holds at least one item", field="limit")
    ordered = sorted(items, key=key)
    if page.cursor is not None:
        (after,) = position_of(page.cursor, 1)
        ordered = [item for item in ordered if key(item) > after]
    found = ordered[: page.limit]
    has_more = len(ordered) > len(found)
    return Slice(items=found, next_cursor=cursor_at(key(found[-1])) if has_more else None)

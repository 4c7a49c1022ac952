"""Cursors of lists in order of time and id: opaque outside, checked when they come back."""

import base64
import re
from datetime import datetime

from adapters.documents.fields import time_of, time_text
from domain.errors import InvalidValue

_CURSOR = re.compile(r"([0-9]{4}-[0-9T:.-]{21}Z) (vio_[0-9a-z_]{1,64})", re.ASCII)
_LONGEST_CURSOR = 200


def place_cursor(at: datetime, last_id: str) -> str:
    """Return the cursor of a page that ended with this item."""
    place = f"{time_text(at)} {last_id}"
    return base64.urlsafe_b64encode(place.encode("ascii")).decode("ascii").rstrip("=")


def read_place(cursor: str) -> tuple[str, str]:
    """Return the time, as `time_text`, and the id of the item that a page ended with.

    Raises:
        InvalidValue: the cursor is none of these lists.
    """
    place = _CURSOR.fullmatch(_decoded(cursor)) if len(cursor) <= _LONGEST_CURSOR else None
    if place is None or not _is_time(place[1]):
        raise InvalidValue("this is not a cursor of this list", field="cursor")
    return place[1], place[2]


def _decoded(cursor: str) -> str:
    """Return what base64url says, nothing for anything else."""
    padded = cursor + "=" * (-len(cursor) % 4)
    try:
        return base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        return ""


def _is_time(text: str) -> bool:
    try:
        return time_text(time_of(text)) == text
    except (ValueError, OverflowError):
        return False

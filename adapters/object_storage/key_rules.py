"""Which keys an audit object may have, as the port says it, for every store."""

import re

from domain.errors import InvalidValue

MAX_KEY = 1024
_ALPHABET = re.compile(r"[A-Za-z0-9!_.*'()=/-]*")
_RULE = (
    f"an object key has 1 to {MAX_KEY} characters of A-Za-z0-9!_.*'()=/- "
    "and no empty, . or .. segment"
)


def is_name(text: str) -> bool:
    """Tell whether a text can be one segment of a key."""
    return "/" not in text and _ALPHABET.fullmatch(text) is not None and text not in ("", ".", "..")


def segments(key: str) -> tuple[str, ...]:
    """Return the segments of a key.

    Raises:
        InvalidValue: it breaks the rule; the key itself is not repeated.
    """
    parts = tuple(key.split("/"))
    if len(key) > MAX_KEY or not all(is_name(part) for part in parts):
        raise InvalidValue(_RULE, field="key")
    return parts


def prefix_folders(prefix: str) -> tuple[str, ...]:
    """Return the whole segments of a prefix, which may end anywhere inside a legal key.

    Raises:
        InvalidValue: no legal key begins so.
    """
    *folders, rest = prefix.split("/")
    legal = all(is_name(part) for part in folders) and _ALPHABET.fullmatch(rest) is not None
    if len(prefix) > MAX_KEY or not legal:
        raise InvalidValue(_RULE, field="prefix")
    return tuple(folders)

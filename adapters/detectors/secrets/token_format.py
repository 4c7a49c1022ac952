"""A small notation for the shape of a token: one line gives the expression, the gate and a sample.

Literals stand for themselves, `(a|b|)` is a choice of literals, `{w36}` a run: a letter for the
alphabet, then the length as `36`, `20-40` or `20+`; `{uuid}` is a UUID in lower or upper case.
So `sk_(live|test)_{w24-247}` is a Stripe key.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from adapters.detectors.linear_time import escape

_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()

ALPHABETS = {
    "d": ("0-9", _DIGITS),
    "h": ("0-9a-f", _DIGITS + "abcdef"),
    "H": ("0-9A-Fa-f", _DIGITS + "ABCDEF"),
    "a": ("a-z", _LOWER),
    "A": ("A-Z", _UPPER),
    "l": ("0-9a-z", _DIGITS + _LOWER),
    "u": ("0-9A-Z", _DIGITS + _UPPER),
    "c": ("A-Za-z", _UPPER + _LOWER),
    "w": ("0-9A-Za-z", _DIGITS + _UPPER + _LOWER),
    "B": ("A-Z2-7", _UPPER + "234567"),
    "x": ("0-9A-Za-z_", _DIGITS + _UPPER + _LOWER),
    "s": ("0-9A-Za-z_-", _DIGITS + _UPPER + _LOWER + "_-"),
    "t": ("0-9A-Za-z_~.-", _DIGITS + _UPPER + _LOWER + "_~.-"),
    "b": ("0-9A-Za-z+/", _DIGITS + _UPPER + _LOWER + "+/"),
    "e": ("0-9A-Za-z+/=_-", _DIGITS + _UPPER + _LOWER),
}
"""Alphabets by their letter: the inside of a character class, and the characters of samples."""

_UUID = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"
_UUID_SHAPE = (8, 4, 4, 4, 12)
_OPEN_END = 480
_SURE_HEAD = 6
_GATE_RUN = 8
_PART = re.compile(
    r"\{uuid\}|\{(?P<run>[A-Za-z])(?P<length>[0-9]+(?:-[0-9]+|\+)?)\}|\((?P<choice>[^)]*)\)|"
    r"(?P<literal>[^{(]+)"
)


@dataclass(frozen=True, slots=True)
class _Run:
    alphabet: str
    least: int
    most: int


@dataclass(frozen=True)
class TokenFormat:
    """The shape of a token, read from the notation of this module."""

    notation: str

    @property
    def expression(self) -> str:
        """Return the RE2 expression of the whole token, without groups or boundaries."""
        written = []
        for part in self._parts:
            match part:
                case _Run():
                    members = ALPHABETS[part.alphabet][0]
                    count = (
                        f"{part.least}" if part.least == part.most else f"{part.least},{part.most}"
                    )
                    written.append(f"[{members}]{{{count}}}")
                case tuple():
                    written.append("(?:" + "|".join(map(escape, part)) + ")")
                case None:
                    written.append(_UUID)
                case str():
                    written.append(escape(part))
        return "".join(written)

    @property
    def gate(self) -> str:
        """Return an expression for the fixed head of the token, or for all of it without one.

        A short head takes some characters of the run behind it along, since a gate that opens
        on two letters saves nothing.
        """
        head: list[str] = []
        fixed = 0
        for part in self._parts:
            match part:
                case str():
                    head.append(escape(part))
                    fixed += len(part)
                case tuple():
                    head.append("(?:" + "|".join(map(escape, part)) + ")")
                    fixed += min(map(len, part))
                case _Run() if head and fixed < _SURE_HEAD:
                    members = ALPHABETS[part.alphabet][0]
                    head.append(f"[{members}]{{{min(part.least, _GATE_RUN)}}}")
                    break
                case _:
                    break
        return "".join(head) or self.expression

    @property
    def closing_class(self) -> str:
        """Return the members of the character class that may not follow the token."""
        *_, last = self._parts
        if isinstance(last, _Run) and last.alphabet in "sxte":
            return "0-9A-Za-z_-" if last.alphabet != "x" else "0-9A-Za-z_"
        return "0-9A-Za-z"

    def sample(self, seed: str, *, shortened: int = 0) -> str:
        """Return a token of this shape that nobody issued, the same for the same seed.

        `shortened` takes so many characters from the longest run, below its least length, or
        from the UUID of a format without runs.
        """
        stream = _characters(seed)
        written: list[str] = []
        parts = self._parts
        longest = max(
            (part for part in parts if isinstance(part, _Run)),
            key=lambda run: run.least,
            default=None,
        )
        for part in parts:
            match part:
                case _Run():
                    length = part.least - (shortened if part is longest else 0)
                    letters = ALPHABETS[part.alphabet][1]
                    written.extend(letters[next(stream) % len(letters)] for _ in range(length))
                case tuple():
                    written.append(part[0])
                case None:
                    groups = (
                        "".join(f"{next(stream) % 16:x}" for _ in range(n)) for n in _UUID_SHAPE
                    )
                    uuid = "-".join(groups)
                    written.append(uuid[:-shortened] if shortened and longest is None else uuid)
                case str():
                    written.append(part)
        return "".join(written)

    def body(self, token: str) -> str:
        """Return the token without its fixed head: what a check for randomness should read."""
        for choices in self._heads:
            for choice in choices:
                if token.startswith(choice):
                    token = token.removeprefix(choice)
                    break
        return token

    @cached_property
    def _heads(self) -> list[list[str]]:
        """Return what may stand in each place of the fixed head, the longest first."""
        heads: list[list[str]] = []
        for part in self._parts:
            match part:
                case str():
                    heads.append([part])
                case tuple():
                    heads.append(sorted(filter(None, part), key=len, reverse=True))
                case _:
                    break
        return heads

    @cached_property
    def _parts(self) -> list["_Run | tuple[str, ...] | str | None"]:
        parts: list[_Run | tuple[str, ...] | str | None] = []
        at = 0
        for found in _PART.finditer(self.notation):
            if found.start() != at:
                break
            at = found.end()
            if found["run"]:
                least, _, most = found["length"].rstrip("+").partition("-")
                upper = int(most or least)
                if found["length"].endswith("+"):
                    upper = max(_OPEN_END, 2 * int(least))
                parts.append(_Run(found["run"], int(least), upper))
            elif found["choice"] is not None:
                parts.append(tuple(found["choice"].split("|")))
            else:
                parts.append(found["literal"])
        if at != len(self.notation):
            raise ValueError(f"not a token format, at character {at}: {self.notation}")
        return parts


def _characters(seed: str) -> Iterator[int]:
    block = hashlib.sha256(seed.encode()).digest()
    while True:
        yield from block
        block = hashlib.sha256(block).digest()

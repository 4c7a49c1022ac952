"""Walk along a hash chain and say where it does not hold."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.audit import GENESIS, ChainHead, canonical
from domain.errors import InvalidValue

DAMAGED = "the line is damaged"
UNCHAINED = "prev or hash is missing"
NOT_LINKED = "it does not follow the record before it: one was dropped, moved or put in between"
CHANGED = "the record was changed"

_HASH_MEMBER = re.compile(rb'"hash":"[0-9a-f]{64}",')


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainBreak:
    """Where a chain does not hold: the line (from 1) and what is wrong there."""

    line: int
    reason: str


class ChainWalk:
    """Check the records of one chain in order, remembering nothing but the last hash.

    `prev` is the hash that the first record must point to; None takes what it says, as for an
    object looked at by itself. Checking goes on behind a break, from what is there.
    """

    def __init__(self, prev: str | None = None) -> None:
        self._expected = prev
        self._count = 0
        self.first_prev: str | None = None
        """What the first record points to, None when it was no record."""
        self._lines = 0

    @property
    def head(self) -> ChainHead:
        """Return the end of what was seen, and how many records that were."""
        return ChainHead(hash=self._expected or GENESIS, count=self._count)

    def forget(self) -> None:
        """Take the next record as it comes: what lies before it could not be read."""
        self._expected = None

    def step(self, document: Mapping[str, object] | None, line: bytes = b"") -> tuple[str, ...]:
        """Return what is wrong with the next record; None stands for no JSON object.

        `line` is what the document was read from, which saves writing its canonical form again.
        """
        self._lines += 1
        if document is None:
            self._expected = None
            return (DAMAGED,)
        said_prev, said_hash = document.get("prev"), document.get("hash")
        if not isinstance(said_prev, str) or not isinstance(said_hash, str):
            self._expected = None
            return (UNCHAINED,)
        if self._lines == 1:
            self.first_prev = said_prev
        reasons = []
        if self._expected is not None and said_prev != self._expected:
            reasons.append(NOT_LINKED)
        if not _is_unchanged(document, said_hash, line):
            reasons.append(CHANGED)
        self._expected = said_hash
        self._count += 1
        return tuple(reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainCheck:
    """The outcome of checking some lines: their end, how many held, and every break."""

    first_prev: str | None
    head: ChainHead
    breaks: tuple[ChainBreak, ...]


def verify_chain(
    documents: Iterable[Mapping[str, object] | None], *, prev: str | None = None
) -> ChainCheck:
    """Check parsed lines in order; `prev` and None are those of `ChainWalk`."""
    walk = ChainWalk(prev)
    breaks = tuple(
        ChainBreak(line=number, reason=reason)
        for number, document in enumerate(documents, start=1)
        for reason in walk.step(document)
    )
    return ChainCheck(first_prev=walk.first_prev, head=walk.head, breaks=breaks)


def _is_unchanged(document: Mapping[str, object], said_hash: str, line: bytes) -> bool:
    """Tell whether a record is what its hash was made of.

    A line that is canonical but for its hash, as written, needs no second writing: where the
    digest of the rest is the hash, the rest is the canonical form that was hashed. Any other line
    must be the canonical form itself: one with a name twice would say more than its document.
    """
    if line:
        rest = _HASH_MEMBER.sub(b"", line, count=1)
        if rest != line and hashlib.sha256(rest).hexdigest() == said_hash:
            return True
    body = {name: value for name, value in document.items() if name != "hash"}
    try:
        if line and line != canonical(document):
            return False
        return hashlib.sha256(canonical(body)).hexdigest() == said_hash
    except InvalidValue:
        return False

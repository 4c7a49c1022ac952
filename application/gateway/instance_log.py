"""The audit log of one writing instance, checked while it is read."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from application.audit_anchors import Anchor, AnchorKind
from domain.audit import ChainHead
from domain.audit_chain import ChainWalk


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What an anchor says of a chain: the hash of the record at a position, counted from 1."""

    anchor: str
    position: int
    hash: str


class InstanceLog:
    """The chain of one instance as it is read, object by object.

    A log begins with the first record of its instance, or behind the one that a signed beginning
    names. Records may be gone from there on where an anchor from before `expired_before` says that
    they were stored by then, or one that they expired: the retention took them.

    What is kept in memory does not grow with the log: only what anchors say of it.
    """

    def __init__(
        self, before: ChainHead, anchors: Iterable[Anchor], *, expired_before: datetime
    ) -> None:
        anchors = list(anchors)
        self._start = max(
            (anchor.head for anchor in anchors if anchor.kind is AnchorKind.BEGINNING),
            key=lambda head: head.count,
            default=ChainHead(),
        )
        self._expired = max(
            (
                anchor.head.count
                for anchor in anchors
                if anchor.time <= expired_before or anchor.kind is AnchorKind.EXPIRED
            ),
            default=0,
        )
        self.walk = ChainWalk(self._start.hash)
        self.first_key: str | None = None
        self.last_key: str | None = None
        self.has_lines = False
        self._position = self._start.count
        self._end = before
        self._end_was_met = before.count == 0 or before == self._start
        # From the last position to the first, so that the next one to be met is at the end.
        self._claims = sorted(
            (
                _Claim(anchor=one.key, position=one.head.count, hash=one.head.hash)
                for one in anchors
                if one.kind is not AnchorKind.BEGINNING
            ),
            key=lambda claim: claim.position,
            reverse=True,
        )
        self._broken: list[_Claim] = []
        # Lines that were read while nobody knew their position, None when it is known.
        self._since_gap: int | None = None
        self._known: Mapping[str, int] = {}
        self.has_lost_its_beginning = False
        self._forget_up_to(self._start)

    @property
    def may_lack_what_expired(self) -> bool:
        """Tell whether an anchor is old enough to explain that records are gone."""
        return self._expired > 0

    def begin(self, prev: object, *, key: str) -> None:
        """Take note of what the first record of all says that it follows.

        Where that is not the beginning, and the retention may have taken what lies before, the
        position is not known until a record comes of which an anchor, or the store, knows it.
        """
        self.first_key = key
        is_beginning = prev == self._start.hash or not isinstance(prev, str)
        if is_beginning or not self.may_lack_what_expired:
            return
        self.walk.forget()
        self._known = {claim.hash: claim.position for claim in self._claims}
        self._known[self._end.hash] = self._end.count
        self._since_gap = 0
        if prev in self._known:
            self._found(self._known[prev])

    def line_was_read(self, document: Mapping[str, object] | None) -> None:
        """Compare the record just walked over with what is said of its position."""
        self.has_lines = True
        digest = None if document is None else str(document.get("hash"))
        if self._since_gap is not None:
            self._since_gap += 1
            if digest is not None and digest in self._known:
                self._found(self._known[digest])
        else:
            self._position += 1
        if digest == self._end.hash:
            self._end_was_met = True
        if self._since_gap is None:
            while self._claims and self._claims[-1].position <= self._position:
                claim = self._claims.pop()
                if claim.position != self._position or claim.hash != digest:
                    self._broken.append(claim)

    def _found(self, position: int) -> None:
        """Go on from a position that is known now: the lines so far were those before it."""
        missing = position - (self._since_gap or 0)
        self._since_gap = None
        self._position = position
        self.has_lost_its_beginning = not self._start.count <= missing <= self._expired
        while self._claims and self._claims[-1].position <= missing:
            self._claims.pop()

    def _forget_up_to(self, start: ChainHead) -> None:
        """Leave out what is said of records that lie elsewhere."""
        while self._claims and self._claims[-1].position <= start.count:
            claim = self._claims.pop()
            if claim.position == start.count and claim.hash != start.hash:
                self._broken.append(claim)

    def unmet_claims(self) -> list[tuple[str, int]]:
        """Return (anchor, position) of records that are another one or were never reached."""
        unmet = [*self._broken, *reversed(self._claims)]
        if not self.has_lines:
            unmet = [claim for claim in unmet if claim.position > self._expired]
        return [(claim.anchor, claim.position) for claim in unmet]

    def ending_damage(self, after: ChainHead) -> str | None:
        """Return what is wrong with where the chain ends; `after` is its head after the reading."""
        if after.count == 0:
            return "no instance of this name ever wrote here" if self.has_lines else None
        if not self.has_lines and self._end.count <= self._expired:
            return None
        if not self._end_was_met:
            there = self._position if self.has_lines else max(self._position, self._expired)
            missing = self._end.count - there
            if missing > 0:
                return f"the last {missing} records of this instance are missing"
            return "the end of this instance's chain is not the one that was written"
        is_still = self._end == after
        if (is_still and self._last_hash() != after.hash) or self._position > after.count:
            return "records stand behind the end of this instance's chain"
        return None

    def _last_hash(self) -> str:
        return self.walk.head.hash if self.has_lines else self._start.hash

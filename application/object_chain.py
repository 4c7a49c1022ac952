"""The hash chain inside one audit object, checked while the object is read."""

from collections.abc import Mapping

from domain.audit_chain import ChainBreak, ChainWalk

NAMED = 20
"""Breaks of one object that are kept; of the others only the number."""


class ObjectChain:
    """Check records in order, each against the one before it.

    Without a walk, what came before the first one is another object's business: a job sees one
    object, `trueport audit verify` goes through all of them on one walk for each instance.
    """

    def __init__(self, walk: ChainWalk | None = None) -> None:
        self._walk = ChainWalk() if walk is None else walk
        self._number = 0
        self.count = 0
        self.breaks: tuple[ChainBreak, ...] = ()

    def add(self, document: Mapping[str, object] | None, line: bytes) -> None:
        """Check the next line and what was read from it, None where that is no JSON object."""
        self._number += 1
        reasons = self._walk.step(document, line)
        if reasons:
            self.count += len(reasons)
            named = (ChainBreak(line=self._number, reason=reason) for reason in reasons)
            self.breaks = (*self.breaks, *named)[:NAMED]

    def __str__(self) -> str:
        if not self.breaks:
            return ""
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        first = self.breaks[0]
        return f"the audit chain is broken at line {first.line}{more}: {first.reason}"

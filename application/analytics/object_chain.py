"""The hash chain inside one audit object, checked while the object is read."""

from collections.abc import Mapping

from domain.audit import GENESIS, ChainBreak, verify_chain

NAMED = 20
"""Breaks of one object that are kept; of the others only the number."""


class ObjectChain:
    """Check records in order, each against the one before it.

    What came before the first one is another object's business: `trueport audit verify` looks at
    all of them together.
    """

    def __init__(self) -> None:
        self._expected: str | None = None
        self._number = 0
        self.count = 0
        self.breaks: tuple[ChainBreak, ...] = ()

    def add(self, document: Mapping[str, object] | None) -> None:
        """Check the next line; None stands for one that is no JSON object."""
        self._number += 1
        check = verify_chain([document], prev=self._expected)
        self._expected = None if check.head.hash == GENESIS else check.head.hash
        self.count += len(check.breaks)
        named = (ChainBreak(line=self._number, reason=one.reason) for one in check.breaks)
        self.breaks = (*self.breaks, *named)[:NAMED]

    def __str__(self) -> str:
        if not self.breaks:
            return ""
        more = f" and {self.count - 1} more" if self.count > 1 else ""
        first = self.breaks[0]
        return f"the audit chain is broken at line {first.line}{more}: {first.reason}"

"""Findings in files of others, each with what somebody who looked at it says: a Markdown table.

A run writes the table, a reader its last column. The next run keeps that column for the findings
that are still there, and says which ones nobody has looked at.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

NOBODY = "not looked at"
WRONG = "wrong"
"""How the verdict on a finding begins of which a careful reader would say that it is none."""

_HEADING = (
    "| package | file | line | rule | evidence, masked | what it is |",
    "|---|---|---:|---|---|---|",
)
_ROW = re.compile(r"\| (\S+ \S+) \| `([^`]+)` \| (\d+) \| `([^`]+)` \| .* \| ([^|]+) \|")
_BEFORE, _BEHIND = 28, 10
"""Little behind a match: the other parts of a key may stand there."""

Key = tuple[str, str, int, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding in a file of a package; `evidence` has `[type]` in place of the match."""

    package: str
    path: str
    line: int
    rule: str
    type: str
    evidence: str

    @property
    def key(self) -> Key:
        """Return what tells it from others."""
        return self.package, self.path, self.line, self.rule


def known_verdicts(page: Path) -> Mapping[Key, str]:
    """Return what the table of a page says about each finding; nothing where there is no page."""
    if not page.is_file():
        return {}
    rows = map(_ROW.fullmatch, page.read_text(encoding="utf-8").splitlines())
    return {(row[1], row[2], int(row[3]), row[4]): row[5] for row in rows if row}


def table(findings: Sequence[Finding], verdicts: Mapping[Key, str]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield from _HEADING
    for one in findings:
        verdict = verdicts.get(one.key, NOBODY)
        yield (
            f"| {one.package} | `{one.path}` | {one.line} | `{one.rule}` | {_shown(one)} "
            f"| {verdict} |"
        )


def _shown(one: Finding) -> str:
    """Return the match's place in its line with a little around it, safe inside a table."""
    text = " ".join(one.evidence.split())
    mark = f"[{one.type}]"
    at = max(0, text.find(mark))
    start, end = max(0, at - _BEFORE), at + len(mark) + _BEHIND
    cut = ("…" if start else "") + text[start:end] + ("…" if end < len(text) else "")
    return "`" + cut.replace("`", "'").replace("|", "¦") + "`"

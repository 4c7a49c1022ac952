"""Texts with their findings written into them: `call {PHONE|+44 20 7946 0958} now`."""

import re
from collections.abc import Iterable

from domain.detection.finding import Finding
from domain.detection.taxonomy import AUXILIARY_PII

_MARK = re.compile(r"\{([A-Z_]+)\|([^{}]+)\}")


def unmark(marked: str) -> tuple[str, list[tuple[int, int, str]]]:
    """Return the plain text and the spans that the marks name."""
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    length = last = 0
    for match in _MARK.finditer(marked):
        before = marked[last : match.start()]
        start = length + len(before)
        spans.append((start, start + len(match.group(2)), match.group(1)))
        parts += [before, match.group(2)]
        length = start + len(match.group(2))
        last = match.end()
    parts.append(marked[last:])
    return "".join(parts), spans


def operative(findings: Iterable[Finding]) -> list[tuple[int, int, str]]:
    """Return the spans and types of the findings that are reported by default."""
    return [
        (finding.span.start, finding.span.end, finding.type)
        for finding in findings
        if finding.is_operative
    ]


def sensitive(findings: Iterable[Finding]) -> list[tuple[int, int, str]]:
    """Return the same without names of people and what is no personal data by itself."""
    return [hit for hit in operative(findings) if hit[2] not in AUXILIARY_PII | {"PERSON"}]

"""Find lists of people: many lines or objects, each with several personal fields."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache

from adapters.detectors.exfiltration.evidence import (
    ChannelRecogniser,
    channel_finding,
    channel_rule,
)
from adapters.detectors.linear_time import Pattern, Subject
from domain.detection.finding import Finding

_RULE = channel_rule(
    "bulk-personal-records",
    "BULK_RECORDS",
    "Many records of personal data",
    "five or more lines or objects that follow each other, each with two kinds of personal fields",
    source="https://attack.mitre.org/techniques/T1119/",
    examples=(
        "\n".join(f"{n},Ada Lovelace,ada{n}@example.org,078-05-112{n}" for n in range(6)),
        "["
        + ",".join(f'{{"mail": "a{n}@example.org", "ssn": "078-05-112{n}"}}' for n in range(6))
        + "]",
    ),
    near_misses=(
        "\n".join(f"Ada Lovelace <ada{n}@example.org>" for n in range(12)),
        "Ada Lovelace, ada@example.org, 078-05-1120",
    ),
)
_LEAST_RECORDS = 5
_SHORTEST, _LONGEST = 8, 4000
_LEAST_KINDS = 2
_FIELDS = (
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,63})+",
    r"(?<![\d-])\d{3}[- ]\d{2}[- ]\d{4}(?![\d-])",
    r"(?<![\d.-])(?:\d{4}[- ]?){3}\d{4}(?![\d-])",
    (
        r"(?<![\w.])\+?\d{0,3}[ .-]?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)|(?<![\w.])\+\d{2,"
        r"3}[ \d()/.-]{8,16}\d"
    ),
    r"\b[A-Z]{2}\d{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b",
    r"\b(?:19|20)\d\d-[01]\d-[0-3]\d\b|\b[0-3]?\d[./][0-3]?\d[./](?:19|20)\d\d\b",
    r"\b[A-Z][a-z]+ (?:[A-Z]\. )?[A-Z][a-z]+(?:-[A-Z][a-z]+)?\b",
    (
        r"(?i)\b\d{1,5} [A-Z][\w.]+(?: [A-Z]?\w+){0,3} (?:st|street|ave|avenue|rd|road|lane|"
        r"ln|dr|drive|blvd|way|court|ct)\b"
    ),
    r"(?i)\b(?:mrn|patient|member|policy|account|customer)[ _#:-]{0,3}\w*\d{4,}",
)
_STRONG = frozenset(range(5))
_ANCHOR = r"@[0-9A-Za-z-]+\.|\b[0-9]{3}[- ][0-9]{2}[- ][0-9]{4}\b|\b(?:[0-9]{4}[ -]?){3}[0-9]{4}\b"
_RECORD_BREAK = re.compile(r"\n|\\n|(?<=\}),\s*(?=\{)")


class BulkRecords(ChannelRecogniser):
    """Find runs of records, in CSV, tables, JSON or plain lines."""

    gates = (_ANCHOR,)
    rules = (_RULE,)

    def __init__(self) -> None:
        self._anchor = Pattern(_ANCHOR)

    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield each run of records from its first to its last character."""
        anchors = [match.span()[0] for match in self._anchor.finditer(subject)]
        if len(anchors) < _LEAST_RECORDS:
            return
        run: list[tuple[int, int, int]] = []
        misses = 0
        for start, end in _records(subject.text):
            at = bisect_left(anchors, start)
            anchored = at < len(anchors) and anchors[at] < end
            strong = _strong_fields(subject.text[start:end]) if anchored else 0
            if strong:
                run.append((start, end, strong))
                misses = 0
            elif end > start:
                misses += 1
                if misses > 1:
                    yield from _run(run)
                    run, misses = [], 0
        yield from _run(run)


def _records(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    for found in _RECORD_BREAK.finditer(text):
        yield at, found.start()
        at = found.end()
    yield at, len(text)


@cache
def _fields() -> tuple[re.Pattern[str], ...]:
    """Return the expressions of the fields; most texts have no use for them."""
    return tuple(re.compile(field) for field in _FIELDS)


def _strong_fields(record: str) -> int:
    """Return how many kinds of personal fields a record has; 0 unless two, one of them strong."""
    if not _SHORTEST <= len(record) <= _LONGEST:
        return 0
    kinds = {index for index, pattern in enumerate(_fields()) if pattern.search(record)}
    strong = len(kinds & _STRONG)
    if len(kinds) < _LEAST_KINDS or not strong or kinds == {0, 6}:
        return 0
    return strong


def _run(run: list[tuple[int, int, int]]) -> Iterator[Finding]:
    if len(run) < _LEAST_RECORDS:
        return
    several = sum(strong > 1 for _, _, strong in run) > len(run) // 2
    score = min(0.97, (0.75 if several else 0.45) + 0.01 * len(run))
    yield channel_finding(
        _RULE,
        run[0][0],
        run[-1][1],
        score,
        "records of personal data that follow each other",
        attributes={"records": str(len(run))},
    )

"""Write a text without what was found in it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain.detection.finding import Span
from domain.policy.rule import Replacement

_MIN_SPREAD = 4
"""Shorter matches are hidden only where they were found: `1234` again is the same, `12` may not."""

_FEW = 32
"""So many values are sought one by one, which is quicker for them and quadratic for many."""

_HEAD = 8
"""Characters by which many values are sought together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """One span to hide, of an entity type, in one of three ways.

    `label` stands in its place instead of the type, where there is one.
    """

    span: Span
    type: str
    replacement: Replacement = Replacement.REPLACE
    label: str = ""


class Pseudonyms:
    """Names for values, the same for equal values within one exchange: `EMAIL_1`, `EMAIL_2`."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}

    def name(self, entity_type: str, value: str) -> str:
        """Return the pseudonym of a value, numbered by first appearance."""
        key = (entity_type, value)
        if key not in self._names:
            self._counts[entity_type] = self._counts.get(entity_type, 0) + 1
            self._names[key] = f"{entity_type}_{self._counts[entity_type]}"
        return self._names[key]


def redact(
    text: str,
    redactions: Iterable[Redaction],
    *,
    digest: Callable[[str, str], str],
    pseudonyms: Pseudonyms | None = None,
) -> str:
    """Return `text` with every span replaced by a placeholder, `[EMAIL]`.

    Overlapping spans are hidden together under the placeholder of the longest. Further occurrences
    of a hidden value are hidden too. `digest(type, value)` gives the keyed fingerprint that
    `HASH` shows the beginning of; spans beyond the text are cut to it.
    """
    names = pseudonyms or Pseudonyms()
    groups = _merge(_spread(text, _clip(text, redactions)))
    pieces: list[str] = []
    position = 0
    for span, leader in groups:
        value = text[span.start : span.end]
        pieces.append(text[position : span.start])
        pieces.append(_placeholder(leader, value, digest, names))
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces)


def _placeholder(
    redaction: Redaction, value: str, digest: Callable[[str, str], str], names: Pseudonyms
) -> str:
    name = redaction.label or redaction.type
    if redaction.replacement is Replacement.HASH:
        return f"[{name}:{digest(redaction.type, value)[:12]}]"
    if redaction.replacement is Replacement.PSEUDONYM:
        return f"[{names.name(name, value)}]"
    return f"[{name}]"


def _clip(text: str, redactions: Iterable[Redaction]) -> list[Redaction]:
    clipped = (
        replace(one, span=Span(one.span.start, min(one.span.end, len(text))))
        for one in redactions
        if one.span.start < len(text)
    )
    return sorted(clipped, key=_order)


def _order(redaction: Redaction) -> tuple[Span, str, str, str]:
    return (redaction.span, redaction.type, redaction.replacement, redaction.label)


def _spread(text: str, redactions: Sequence[Redaction]) -> list[Redaction]:
    """Return the redactions and one for each further occurrence of a hidden value."""
    firsts: dict[str, Redaction] = {}
    for one in redactions:
        value = text[one.span.start : one.span.end]
        if len(value) >= _MIN_SPREAD:
            firsts.setdefault(value, one)
    search = _occurrences_of_each if len(firsts) <= _FEW else _occurrences_of_all
    further = (
        replace(firsts[value], span=Span(start, start + len(value)))
        for value, start in search(text, firsts)
    )
    return [*redactions, *further]


def _occurrences_of_each(text: str, values: Iterable[str]) -> Iterator[tuple[str, int]]:
    for value in values:
        start = text.find(value)
        while start != -1:
            yield value, start
            start = text.find(value, start + 1)


def _occurrences_of_all(text: str, values: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the same, reading the text once for each length of head (five at most)."""
    lengths: dict[int, dict[str, set[int]]] = {}
    known = set(values)
    for value in known:
        head = value[:_HEAD]
        lengths.setdefault(len(head), {}).setdefault(head, set()).add(len(value))
    for size, heads in lengths.items():
        for start in range(len(text) - size + 1):
            for length in heads.get(text[start : start + size], ()):
                value = text[start : start + length]
                if value in known and len(value) == length:
                    yield value, start


def _merge(redactions: Sequence[Redaction]) -> list[tuple[Span, Redaction]]:
    """Return disjoint spans in order, each with the redaction that names it."""
    groups: list[tuple[Span, Redaction]] = []
    for one in sorted(redactions, key=_order):
        if groups and one.span.start < groups[-1][0].end:
            span, leader = groups[-1]
            longer = max(leader, one, key=lambda r: len(r.span))
            groups[-1] = (Span(span.start, max(span.end, one.span.end)), longer)
        else:
            groups.append((one.span, one))
    return groups

"""Places in the texts of an exchange where something is known already."""

from bisect import bisect_left, insort

from domain.detection.finding import Span, is_custom_rule
from domain.detection.taxonomy import Category

_LABELLING = frozenset({Category.TOXICITY, Category.INJECTION})
"""Categories in which several types can be true of the same words."""


class Claims:
    """Remember what was found where, so that a second look does not find it again.

    A claim holds for a part and a category, where types are labels for a type: another detector, or
    another version of one, draws the span a little differently and means the same. What a policy
    describes stands beside all that, and each of its rules claims for itself. The same type in
    exactly the same place is always the same.
    """

    def __init__(self) -> None:
        self._spans: dict[tuple[str, Category, str], list[Span]] = {}
        self._exact: set[tuple[str, Category, str, Span]] = set()
        self._longest: dict[tuple[str, Category, str], int] = {}

    def add(self, part: str, category: Category, entity_type: str, rule: str, span: Span) -> None:
        """Remember a place."""
        self._exact.add((part, category, entity_type, span))
        kind = _kind(part, category, entity_type, rule)
        insort(self._spans.setdefault(kind, []), span)
        self._longest[kind] = max(len(span), self._longest.get(kind, 0))

    def holds(self, part: str, category: Category, entity_type: str, rule: str, span: Span) -> bool:
        """Tell whether a place overlaps one that is remembered."""
        if (part, category, entity_type, span) in self._exact:
            return True
        kind = _kind(part, category, entity_type, rule)
        spans = self._spans.get(kind, [])
        first = bisect_left(
            spans, span.start - self._longest.get(kind, 0), key=lambda one: one.start
        )
        last = bisect_left(spans, span.end, key=lambda one: one.start)
        return any(one.overlaps(span) for one in spans[first:last])


def _kind(part: str, category: Category, entity_type: str, rule: str) -> tuple[str, Category, str]:
    if is_custom_rule(rule):
        return part, category, rule
    return part, category, entity_type if category in _LABELLING else ""

"""Numbers of fixed form, all found in one pass: by the mask of digits, letters and separators.

A mask has 9 for a digit, A for a letter in upper case, a for one in lower case, and every other
character as itself; `123-45-6789` has the mask `999-99-9999`. Looking masks up in a table costs
the same for two formats and for two hundred.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import HIGHEST, Hit, bare, is_bounded
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import ContextWord

_RUN = LazyPattern(r"\d(?:[0-9A-Za-z]|[ .\-/+](?:[A-Za-z]{0,8}\d|[A-Za-z]\b)){6,}")
# Counting further would spare few texts more, and costs long runs of letters and digits dear.
_SHAPE = r"\d(?:[ .\-/+]?[0-9A-Za-z]){2}"
_HEAD = re.compile(r"(?:[A-Za-z]{1,3}[ \-.])?(?:[A-Za-z]{1,3}[ \-])?[A-Za-z]{0,8}\Z")
_ENDS_HEAD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz .-")
_LONGEST_HEAD = 16
_MOST_PARTS = 7
_SHORTEST = 8
_LESS_FOR_GENERIC = 0.06
_DOUBTED = 0.35
_SEPARATOR = re.compile(r"[ .\-/+]")
_TO_MASK = str.maketrans(
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "9" * 10 + "A" * 26 + "a" * 26,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskRule:
    """One fixed form of a number with its check and its words of context.

    `masks` are alternatives separated by bars. Scores as in `PatternRule`: `alone` once the check
    passes and no word of context stands near, 0 to say nothing then.
    """

    info: RuleInfo
    masks: str
    check: Callable[[str], bool | None]
    check_name: str
    context: tuple[str, ...]
    alone: float = 0.0
    labelled: float = 0.96
    near: float = 0.8
    before: int = 45
    after: int = 28
    rank: int = 1
    separators: str = " -./()"


class MaskedNumbers:
    """Find the numbers of many rules in one pass over the text.

    A mask has at least eight characters, and seven of them follow on its first digit.
    """

    __slots__ = ("_table", "gates", "infos")

    def __init__(self, rules: Iterable[MaskRule]) -> None:
        self._table: dict[str, list[MaskRule]] = {}
        known: dict[str, RuleInfo] = {}
        for rule in rules:
            known[rule.info.id] = rule.info
            for mask in rule.masks.split("|"):
                if len(mask) - mask.index("9") < _SHORTEST - 1 or len(mask) < _SHORTEST:
                    raise ValueError(f"{rule.info.id}: the mask {mask} is too short to be found")
                for form in {mask, mask.replace("A", "a")}:
                    self._table.setdefault(form, []).append(rule)
        self.infos = tuple(known.values())
        self.gates = (_SHAPE,)

    def find(self, document: Document) -> Iterator[Hit]:
        """Yield the numbers whose mask, surroundings, check and context agree."""
        for match in _RUN.finditer(document.subject):
            first, last = match.span()
            if first and document.text[first - 1] in _ENDS_HEAD:
                head = _HEAD.search(document.text, max(0, first - _LONGEST_HEAD), first)
                first = head.start() if head else first
            mask = document.text[first:last].translate(_TO_MASK)
            for start, end in _parts(mask):
                rules = self._table.get(mask[start:end])
                if rules is not None:
                    yield from _judged(rules, document, first + start, first + end)


def _judged(rules: Iterable[MaskRule], document: Document, start: int, end: int) -> Iterator[Hit]:
    groups = document.groups
    for rule in rules:
        if not rule.alone and groups.isdisjoint(rule.context):
            continue
        if is_bounded(document, start, end):
            hit = _judge(rule, document, start, end)
            if hit is not None:
                yield hit


def _parts(mask: str) -> Iterator[tuple[int, int]]:
    """Yield the ranges that begin and end at separators, the whole among them."""
    starts = [0, *(match.end() for match in _SEPARATOR.finditer(mask)), len(mask) + 1]
    for first in range(len(starts) - 1):
        for last in range(first + 1, min(len(starts), first + 1 + _MOST_PARTS)):
            if starts[last] - starts[first] > _SHORTEST:
                yield starts[first], starts[last] - 1


def _another_between(text: str, start: int, word: ContextWord) -> bool:
    """Tell whether another number stands between a word and the value after it."""
    first = start - word.distance
    said = text[max(0, first - len(word.word)) : first].lower() == word.word
    return said and any(char.isdigit() for char in text[first:start])


def _doubted(rule: MaskRule, document: Document, start: int, end: int) -> Hit | None:
    """Keep a value whose check fails below every operating point, if its own name labels it."""
    found = document.nearest(rule.context[0], start, end, before=rule.before, after=0)
    if found is None or not found[1]:
        return None
    verdict = f"{rule.check_name}: invalid"
    steps = (("pattern", 0.2), (verdict, 0.1), (f"context {found[0].word!r}", _DOUBTED))
    return Hit(start, end, rule.info, _DOUBTED, verdict, (found[0],), steps, (), rule.rank)


def _judge(rule: MaskRule, document: Document, start: int, end: int) -> Hit | None:
    if not rule.check(bare(document.text[start:end], rule.separators)):
        return _doubted(rule, document, start, end)
    best: tuple[ContextWord, bool] | None = None
    own = False
    for group in rule.context:
        after = rule.after if group == rule.context[0] else 0
        found = document.nearest(group, start, end, before=rule.before, after=after)
        if found is not None and not found[1] and _another_between(document.text, start, found[0]):
            continue
        if found is not None and (
            best is None or (found[1], -found[0].distance) > (best[1], -best[0].distance)
        ):
            best, own = found, group == rule.context[0]
    verdict = f"{rule.check_name}: valid"
    steps = [("pattern", 0.2), (verdict, max(0.2, rule.alone))]
    if best is None:
        if not rule.alone:
            return None
        return Hit(start, end, rule.info, rule.alone, verdict, (), tuple(steps), (), rule.rank)
    word, labels = best
    said = (rule.labelled if labels else rule.near) - (0.0 if own else _LESS_FOR_GENERIC)
    score = min(HIGHEST, max(rule.alone, said))
    steps.append((f"context {word.word!r}", score))
    return Hit(start, end, rule.info, score, verdict, (word,), tuple(steps), (), rule.rank)

"""Find the context words of all concepts in one pass over the words of a text.

Words are runs of letters; a phrase may have up to three other characters between its words, so
that `account number` also finds `account_number`, `Account-Number` and `accountNumber`. The longest
phrase wins. Phrases in scripts that write no blanks are found anywhere.
"""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.detectors.linear_time import Gate, Subject, escape
from domain.detection.glance import kinds, kinds_in

_WORD = re.compile(r"[^\W\d_]+")
_FIRST_BEYOND_ASCII = 0x80
_TO_WORDS = bytes(
    byte if byte >= _FIRST_BEYOND_ASCII or chr(byte).isalpha() else ord(" ") for byte in range(256)
)
_CASES = kinds({"a": string.ascii_lowercase, "A": string.ascii_uppercase})
_MARKS = "“”„‘’«»–—…•·\u00a0：，。、（）「」"
_HUMP = "aA"
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_LAST_WORD = re.compile(r"([^\W\d_]+)[\W\d_]{0,4}\Z")
_MOST_BETWEEN = 3
_LONGEST_WORD = 32
_FEW = 5
_AFTER = ">"
_NEARBY = 40
"""Characters in which a word stands that leads up to another or goes on from it."""
_FEWEST_FOR_PLURAL = 3
_FIRST_UNSPACED = "\u0590"


@dataclass(frozen=True, slots=True)
class Word:
    """A context word or phrase in a text, in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    before: tuple[str, ...]
    after: tuple[str, ...]
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """A text with what may be found in it: words of phrases, which need not be there as a whole."""

    text: str
    lower: str
    anchors: Sequence[str]
    literals: Sequence[int]


class Lexicon:
    """Know the phrases of every group; `bits` has a number with one bit for each group."""

    __slots__ = ("_anchors", "_literals", "_literals_gate", "_may_show", "_phrases", "bits")

    def __init__(self, groups: Mapping[str, str]) -> None:
        self.bits: Mapping[str, int] = {group: 1 << at for at, group in enumerate(groups)}
        owners: dict[str, list[str]] = {}
        for group, phrases in groups.items():
            for phrase in phrases.split("|"):
                owners.setdefault(phrase, []).append(group)
        self._phrases: dict[str, dict[str, list[_Phrase]]] = {}
        literals: dict[str, tuple[str, ...]] = {}
        for phrase, owning in sorted(owners.items()):
            words = _WORD.findall(phrase)
            if phrase[0] >= _FIRST_UNSPACED or phrase[-1] == ":" or max(map(len, words)) == 1:
                literals[phrase] = tuple(owning)
            else:
                self._add(words, tuple(owning))
        self._literals = tuple(literals.items())
        self._literals_gate = Gate([escape(literal) for literal in literals])
        self._anchors = frozenset(word.encode() for word in self._phrases)
        self._may_show = {
            word: self.shown(
                group for phrases in known.values() for phrase in phrases for group in phrase.groups
            )
            for word, known in self._phrases.items()
        }

    def shown(self, groups: Iterable[str]) -> int:
        """Return groups as one number, with a bit for each as in `bits`."""
        shown = 0
        for group in groups:
            shown |= self.bits[group]
        return shown

    def _add(self, words: list[str], groups: tuple[str, ...]) -> None:
        """File a phrase under its longest word, which is likely its rarest."""
        at = max(range(len(words)), key=lambda index: len(words[index]))
        phrase = _Phrase(tuple(reversed(words[:at])), tuple(words[at + 1 :]), groups)
        beside = _AFTER + words[at + 1] if words[at + 1 :] else words[at - 1] if at else ""
        forms = [words[at]]
        if at == len(words) - 1 and len(words[at]) >= _FEWEST_FOR_PLURAL:
            forms.append(words[at] + "s")
        for form in forms:
            self._phrases.setdefault(form, {}).setdefault(beside, []).append(phrase)

    def glance(self, text: str) -> Glance:
        """Return what may be found in a text, told at a fraction of the cost of finding it."""
        lower = lowered(text)
        subject = Subject(lower)
        return Glance(
            text, lower, self._anchors_in(text, subject), self._literals_gate.hits(subject)
        )

    def possible(self, glance: Glance) -> int:
        """Return the groups, as `shown` has them, of which something may be found; no other is."""
        shown = 0
        for anchor in glance.anchors:
            shown |= self._may_show[anchor]
        for at in glance.literals:
            shown |= self.shown(self._literals[at][1])
        return shown

    def find(self, text: str) -> dict[str, list[Word]]:
        """Return the occurrences by group, from left to right."""
        return self.found(self.glance(text))

    def found(self, glance: Glance) -> dict[str, list[Word]]:
        """Return the occurrences by group, from left to right."""
        matches = sorted(self._matches(glance), key=lambda match: (match[0], -match[1]))
        found: dict[str, list[Word]] = {}
        covered_from = covered_to = -1
        for start, end, groups in matches:
            if covered_from < start < covered_to:
                continue
            if end > covered_to:
                covered_from, covered_to = start, end
            word = Word(start, end, glance.lower[start:end])
            for group in groups:
                known = found.setdefault(group, [])
                if not known or known[-1].start != start:
                    known.append(word)
        return found

    def _matches(self, glance: Glance) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        text, lower = glance.text, glance.lower
        for anchor in glance.anchors:
            known = self._phrases[anchor]
            if len(known) == 1 and "" in known:
                for start, end in _places(anchor, text, lower):
                    if _closes(text, end):
                        yield from ((start, end, phrase.groups) for phrase in known[""])
                continue
            for start, end in _places(anchor, text, lower):
                for phrase in _candidates(known, text, lower, start, end):
                    first = _reach_back(phrase.before, text, lower, start)
                    last = _reach(phrase.after, text, lower, end)
                    if first >= 0 and last:
                        yield first, last, phrase.groups
        for at in glance.literals:
            literal, groups = self._literals[at]
            yield from _literal_places(literal, groups, text, lower)

    def _anchors_in(self, text: str, lower: Subject) -> list[str]:
        """Return the words under which phrases are filed and that occur, camels' parts included.

        Cutting bytes at a table's blanks is three times as quick as an expression for words.
        """
        encoded = lower.data
        if not lower.is_ascii:
            spaced = lower.text
            for mark in _MARKS:
                spaced = spaced.replace(mark, " ")
            encoded = spaced.encode("utf-8", "replace")
        words = self._anchors.intersection(encoded.translate(_TO_WORDS).split())
        camels = {text[start:end] for start, end in _camels(text)}
        if camels:
            parts = (part.lower() for camel in camels for part in _HUMPS.findall(camel))
            words |= self._anchors.intersection(part.encode() for part in parts)
        return [word.decode() for word in words]


def _camels(text: str) -> Iterator[tuple[int, int]]:
    """Yield the words that have a capital after a small letter, up to a length of names."""
    shape = kinds_in(text, _CASES)
    hump = shape.find(_HUMP)
    while hump >= 0:
        start, end = hump, hump + len(_HUMP)
        while start > 0 and text[start - 1].isalpha() and hump - start < _LONGEST_WORD:
            start -= 1
        while end < len(text) and text[end].isalpha() and end - hump - len(_HUMP) < _LONGEST_WORD:
            end += 1
        yield start, end
        hump = shape.find(_HUMP, end)


def _candidates(
    known: dict[str, list[_Phrase]], text: str, lower: str, start: int, end: int
) -> Iterator[_Phrase]:
    """Yield the phrases of an anchor whose word next to it may stand in the text."""
    if len(known) <= _FEW:
        lead, rest = lower[max(0, start - _NEARBY) : start], lower[end : end + _NEARBY]
        for beside, phrases in known.items():
            if beside[1:] in rest if beside.startswith(_AFTER) else beside in lead:
                yield from phrases
        return
    yield from known.get("", ())
    if len(known) > 1:
        before = _LAST_WORD.search(lower, max(0, start - _LONGEST_WORD), start)
        after = _WORD.search(lower, end, end + _LONGEST_WORD)
        if before:
            yield from known.get(before.group(1), ())
            for hump in _HUMPS.findall(text, before.start(1), before.end(1))[-1:]:
                if len(hump) < before.end(1) - before.start(1):
                    yield from known.get(hump.lower(), ())
        if after:
            yield from known.get(_AFTER + after.group(), ())
            first = _HUMPS.match(text, after.start(), after.end())
            if first and first.end() < after.end():
                yield from known.get(_AFTER + first.group().lower(), ())
            yield from known.get(_AFTER + after.group().removesuffix("s"), ())


def lowered(text: str) -> str:
    """Return a text in lower case with every character at its place."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def _places(word: str, text: str, lower: str) -> Iterator[tuple[int, int]]:
    """Yield where a word stands whole, up to a plural s; a hump as in `userName` is a border."""
    start = lower.find(word)
    while start >= 0:
        end = start + len(word)
        if _opens(text, start):
            yield start, end
        start = lower.find(word, end)


def _literal_places(
    literal: str, groups: tuple[str, ...], text: str, lower: str
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield where a phrase stands that is no run of words, such as `a/c`, `t:` or Chinese."""
    unspaced = literal[0] >= _FIRST_UNSPACED
    start = lower.find(literal)
    while start >= 0:
        end = start + len(literal)
        if unspaced or (_opens(text, start) and not text[end : end + 1].isalpha()):
            yield start, end, groups
        start = lower.find(literal, end)


def _reach(words: tuple[str, ...], text: str, lower: str, end: int) -> int:
    """Return where words end that go on from `end`, or 0 when they do not stand there."""
    for expected in words:
        if not _closes(text, end):
            return 0
        start = end
        while start - end < _MOST_BETWEEN and start < len(text) and not text[start].isalnum():
            start += 1
        if not lower.startswith(expected, start):
            return 0
        end = start + len(expected)
    return end if _closes(text, end) else 0


def _reach_back(words: tuple[str, ...], text: str, lower: str, start: int) -> int:
    """Return where words begin that lead up to `start`, nearest first, or -1."""
    for expected in words:
        end = start
        while start - end < _MOST_BETWEEN and end > 0 and not text[end - 1].isalnum():
            end -= 1
        if not lower.endswith(expected, 0, end):
            return -1
        start = end - len(expected)
        if not _opens(text, start):
            return -1
    return start


def _opens(text: str, start: int) -> bool:
    before = text[start - 1 : start]
    return not before.isalpha() or (before.islower() and text[start].isupper())


def _closes(text: str, end: int) -> bool:
    after = text[end : end + 1]
    if after in {"s", "S"} and not text[end + 1 : end + 2].isalpha():
        return True
    return not after.isalpha() or (after.isupper() and text[end - 1].islower())

"""Find the context words of all concepts in one pass over the words of a text.

Words are runs of letters; a phrase may have up to three other characters between its words, so
that `account number` also finds `account_number`, `Account-Number` and `accountNumber`. The longest
phrase wins. Phrases in scripts that write no blanks are found anywhere.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"[a-z][A-Z]")
_HUMPS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_MOST_BETWEEN = 3
_FIRST_UNSPACED = "\u0590"


@dataclass(frozen=True, slots=True)
class Word:
    """A context word or phrase in a text, in code points."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    rest: tuple[str, ...]
    tail: str
    groups: tuple[str, ...]


class Lexicon:
    """Know the phrases of every group."""

    __slots__ = ("_firsts", "_phrases", "_unspaced")

    def __init__(self, groups: Mapping[str, str]) -> None:
        owners: dict[str, list[str]] = {}
        for group, phrases in groups.items():
            for phrase in phrases.split("|"):
                owners.setdefault(phrase, []).append(group)
        self._phrases: dict[str, list[_Phrase]] = {}
        self._unspaced: dict[str, tuple[str, ...]] = {}
        for phrase, owning in sorted(owners.items(), key=lambda item: (-len(item[0]), item[0])):
            if phrase[0] >= _FIRST_UNSPACED:
                self._unspaced[phrase] = tuple(owning)
                continue
            first, *rest = _WORD.findall(phrase)
            tail = ":" if phrase.endswith(":") else ""
            self._phrases.setdefault(first, []).append(_Phrase(tuple(rest), tail, tuple(owning)))
        plurals = {first + "s": first for first in self._phrases}
        for plural, first in plurals.items():
            self._phrases.setdefault(plural, []).extend(
                _Phrase(phrase.rest, phrase.tail, phrase.groups)
                for phrase in self._phrases[first]
                if not phrase.rest and not phrase.tail
            )
        self._firsts = frozenset(self._phrases)

    def find(self, text: str) -> dict[str, list[Word]]:
        """Return the occurrences by group, from left to right."""
        lower = lowered(text)
        firsts = self._firsts.intersection(_WORD.findall(lower))
        if _HUMP.search(text):
            firsts |= self._firsts.intersection(part.lower() for part in _HUMPS.findall(text))
        matches: list[tuple[int, int, tuple[str, ...]]] = []
        for first in firsts:
            for start, end in _places(first, text, lower):
                matches += (
                    (start, last, phrase.groups)
                    for phrase in self._phrases[first]
                    if (last := _end_of(phrase, text, lower, end))
                )
        if not text.isascii():
            matches += self._unspaced_in(text)
        matches.sort(key=lambda match: (match[0], -match[1]))
        found: dict[str, list[Word]] = {}
        covered_from = covered_to = -1
        for start, end, groups in matches:
            if covered_from < start < covered_to:
                continue
            if end > covered_to:
                covered_from, covered_to = start, end
            word = Word(start, end, lower[start:end])
            for group in groups:
                known = found.setdefault(group, [])
                if not known or known[-1].start != start:
                    known.append(word)
        return found

    def _unspaced_in(self, text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        for phrase, groups in self._unspaced.items():
            start = text.find(phrase)
            while start >= 0:
                yield start, start + len(phrase), groups
                start = text.find(phrase, start + len(phrase))


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
        before = text[start - 1] if start else " "
        if not before.isalpha() or (before.islower() and text[start].isupper()):
            yield start, end
        start = lower.find(word, end)


def _end_of(phrase: _Phrase, text: str, lower: str, end: int) -> int:
    """Return where a phrase ends whose first word ends at `end`, or 0 when it is not there."""
    for expected in phrase.rest:
        start = end
        while start - end < _MOST_BETWEEN and start < len(text) and not text[start].isalnum():
            start += 1
        if not _closes(text, end) or not lower.startswith(expected, start):
            return 0
        end = start + len(expected)
    if phrase.tail:
        return end if text.startswith(phrase.tail, end) else 0
    return end if _closes(text, end) else 0


def _closes(text: str, end: int) -> bool:
    after = text[end : end + 1]
    if after in {"s", "S"} and not text[end + 1 : end + 2].isalpha():
        return True
    return not after.isalpha() or (after.isupper() and text[end - 1].islower())

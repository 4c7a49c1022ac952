"""One text as recognisers read it: its words of context, its tables and key-value pairs."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from adapters.detectors.linear_time import Subject
from adapters.detectors.patterns.lexicon import Lexicon, Word
from adapters.detectors.patterns.tables import Tables
from adapters.detectors.patterns.word_lists import word_set
from domain.detection.finding import ContextWord

_NONE: Mapping[str, Lexicon] = MappingProxyType({})
_LONGEST_PHRASE = 24
_LINK_CHARACTERS = frozenset(" \t\r\n:=\"'`-–—>#|*_([{}]).,;/\\：、")


class Document:
    """Hold a text, or a window of a longer one, with what is computed about it once."""

    __slots__ = (
        "_glance",
        "_header_words",
        "_lexicon",
        "_local",
        "_reaches",
        "_starts",
        "_tables",
        "_words",
        "carried_header",
        "subject",
        "text",
    )

    def __init__(
        self,
        text: str,
        lexicon: Lexicon,
        local: Mapping[str, Lexicon] = _NONE,
        *,
        carried_header: str = "",
    ) -> None:
        self.text = text
        self.subject = Subject(text)
        self.carried_header = carried_header
        self._lexicon = lexicon
        self._local = local
        self._glance = lexicon.glance(text)
        self._words: dict[str, list[Word]] | None = None
        self._starts: dict[str, list[int]] = {}
        self._header_words: dict[tuple[str, str], dict[str, list[Word]]] = {}
        self._reaches: dict[
            tuple[tuple[str, ...], int, int], tuple[list[int], list[int]] | None
        ] = {}
        self._tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """Return the tables of the text."""
        if self._tables is None:
            self._tables = Tables(self.text, carried_header=self.carried_header)
        return self._tables

    @property
    def groups(self) -> frozenset[str]:
        """Return the context groups that occur in the text or in the header of its table."""
        return frozenset((*self._found(), *self._groups_of_header()))

    @property
    def possible_groups(self) -> int:
        """Return, by the bits of the lexicon, what may occur; whether it does takes longer."""
        return self._lexicon.possible(self._glance) | self._header_shows()

    @property
    def shown_groups(self) -> int:
        """Return, by the bits of the lexicon, the context groups that occur."""
        return self._lexicon.shown(self._found()) | self._header_shows()

    def words(self, group: str) -> list[Word]:
        """Return the occurrences of a context group."""
        return self._found().get(group, [])

    def _found(self) -> dict[str, list[Word]]:
        if self._words is None:
            self._words = self._lexicon.found(self._glance)
        return self._words

    def _groups_of_header(self) -> Iterable[str]:
        if not self.carried_header:
            return ()
        return self._words_of_header(self.carried_header, "")

    def _header_shows(self) -> int:
        return self._lexicon.shown(self._groups_of_header())

    def heads_column(self, group: str) -> bool:
        """Tell whether a word of the group heads a column of a table."""
        return any(group in self._words_of_header(cell, group) for cell in self.tables.headers)

    def reach(
        self, groups: Sequence[str], before: int, after: int
    ) -> tuple[list[int], list[int]] | None:
        """Return the stretches outside which `nearest` finds no word of these groups.

        They are disjoint and in order, first where each begins, then where each ends. None where a
        table or the text itself would have to be looked through to tell.
        """
        key = (tuple(groups), before, after)
        if key not in self._reaches:
            self._reaches[key] = self._reach(groups, before, after)
        return self._reaches[key]

    def _reach(
        self, groups: Sequence[str], before: int, after: int
    ) -> tuple[list[int], list[int]] | None:
        if any(group in self._local or self.heads_column(group) for group in groups):
            return None
        starts: list[int] = []
        ends: list[int] = []
        found = sorted(
            (word.start - after, word.end + before)
            for group in groups
            for word in self.words(group)
        )
        for start, end in found:
            if ends and start <= ends[-1]:
                ends[-1] = max(end, ends[-1])
            else:
                starts.append(start)
                ends.append(end)
        return starts, ends

    def label_of(self, group: str, start: int) -> ContextWord | None:
        """Return the word of the group in the header of the table column that holds `start`."""
        header = self.tables.header_of(start)
        if not header:
            return None
        words = self._words_of_header(header, group).get(group)
        return ContextWord(word=words[0].text, distance=0) if words else None

    def nearest(
        self, group: str, start: int, end: int, *, before: int, after: int
    ) -> tuple[ContextWord, bool] | None:
        """Return the nearest context word and whether it labels the value directly.

        Words before count over a line break only as a label of their own line; words after must
        stand on the same line. A label has nothing but punctuation and short connecting words
        between itself and the value, or heads the value's column.
        """
        header = self.label_of(group, start)
        if header is not None:
            return header, True
        if group in self._local:
            words = self._words_beside(group, start, end, before, after)
            starts = [word.start for word in words]
        else:
            words, starts = self._indexed(group)
        if not words:
            return None
        best: tuple[ContextWord, bool] | None = None
        for at in range(bisect_left(starts, start) - 1, -1, -1):
            word = words[at]
            if word.end > start:
                continue
            if start - word.end > before:
                break
            between = self.text[word.end : start]
            if "\n" in between and any(char not in _LINK_CHARACTERS for char in between):
                break
            best = (
                ContextWord(word=word.text, distance=start - word.end),
                _is_link(between),
            )
            break
        at = bisect_left(starts, end) if after else len(words)
        if at < len(words):
            distance = words[at].start - end
            if (
                distance <= after
                and (best is None or (distance < best[0].distance and not best[1]))
                and "\n" not in self.text[end : words[at].start]
            ):
                best = (ContextWord(word=words[at].text, distance=distance), False)
        return best

    def _indexed(self, group: str) -> tuple[list[Word], list[int]]:
        words = self.words(group)
        if group not in self._starts:
            self._starts[group] = [word.start for word in words]
        return words, self._starts[group]

    def _words_beside(
        self, group: str, start: int, end: int, before: int, after: int
    ) -> list[Word]:
        first = max(0, start - before - _LONGEST_PHRASE)
        last = min(len(self.text), end + after + _LONGEST_PHRASE) if after else end
        found = self._local[group].find(self.text[first:last]).get(group, [])
        return [Word(word.start + first, word.end + first, word.text) for word in found]

    def _words_of_header(self, header: str, group: str) -> dict[str, list[Word]]:
        lexicon = self._local.get(group, self._lexicon)
        key = (header, group if group in self._local else "")
        if key not in self._header_words:
            self._header_words[key] = lexicon.find(header)
        return self._header_words[key]


_CONNECTORS = word_set(
    "is are was no nr num number numbers id ids code the a of to my your his her their our it "
    "its im i'm est es è e é is: on card value are: ist lautet lauten war er är ér to: "
    "jest número numéro nummer numero le la el il o os num: key with for and und y et ed "
    "currently now still old new current # via: digits ending full default temporary primary "
    "n° nº n.º n № 番号 号 号码 號碼 번호 は 是 为 numaram"
)
_COUNTED = re.compile(r"\A\d(?=\s?[:=#)]|\s\w)")
"""The count of a label, as in `IMEI1: …` and `Phone 2: …`."""
_ASIDE = re.compile(r"\([^()\d\n]{1,16}\)")
"""What narrows a label down, as in `Passport (UK): …`."""
_LONGEST_LINK = 28
_LINK_WORDS = 3


def _is_link(between: str) -> bool:
    between = _ASIDE.sub(" ", _COUNTED.sub("", between))
    if len(between) > _LONGEST_LINK or any(char.isdigit() for char in between):
        return False
    words = between.strip("".join(_LINK_CHARACTERS)).casefold()
    if not words:
        return True
    parts = [part.strip(".:#=\"'()[]-") for part in words.split()]
    return len(parts) <= _LINK_WORDS and all(not part or part in _CONNECTORS for part in parts)

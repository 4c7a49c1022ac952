"""Runs of capitalised words: the candidates for names of people, places and organisations."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.detectors.context.words import NOT_NAMES, PARTICLES, TITLES
from adapters.detectors.gazetteer import given_names, surnames

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_MOST_WORDS = 7
_SHORTEST_SURNAME = 4
_LONGEST_ABBREVIATION = 4


@dataclass(frozen=True, slots=True)
class Token:
    """A word and where it stands."""

    start: int
    end: int
    text: str

    @property
    def folded(self) -> str:
        """Return the word for comparison."""
        return self.text.casefold()


@dataclass(frozen=True, slots=True)
class Run:
    """Capitalised words that follow each other on a line; `title` stood before, and is left out."""

    tokens: tuple[Token, ...]
    title: str = ""

    @property
    def start(self) -> int:
        """Return where the first word begins."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """Return where the last word ends."""
        return self.tokens[-1].end


def words(text: str) -> list[Token]:
    """Return the words of a text."""
    return [Token(match.start(), match.end(), match.group()) for match in _WORD.finditer(text)]


def runs(text: str, tokens: list[Token]) -> Iterator[Run]:
    """Yield the runs, with particles and initials inside, without titles and sentence words."""
    current: list[Token] = []
    title = ""
    for token in tokens:
        if not (current or title) and _is_plain(token.text):
            continue
        joined = bool(current) and _joins(text, current[-1], token)
        if current and not joined:
            yield from _closed(current, title)
            current, title = [], ""
        if _is_title(text, token) and not (joined and len(token.text) == 1):
            yield from _closed(current, title)
            current, title = [], token.folded
        elif _belongs(text, token, current, joined=joined) or (
            title and not current and token.folded in PARTICLES
        ):
            if not current and text[token.start - 1 : token.start] == "\n":
                title = ""
            current.append(token)
        else:
            yield from _closed(current, title)
            current, title = [], ""
    yield from _closed(current, title)


def _belongs(text: str, token: Token, current: list[Token], *, joined: bool) -> bool:
    folded = token.folded
    if folded in NOT_NAMES:
        return _may_be_name(text, token, current, joined=joined)
    if (
        token.text.isupper()
        and 1 < len(token.text) <= _LONGEST_ABBREVIATION
        and not (current and current[-1].text.isupper())
    ):
        return folded in surnames() or folded in given_names()
    return _is_capitalised(token.text) or (bool(current) and folded in PARTICLES)


def _may_be_name(text: str, token: Token, current: list[Token], *, joined: bool) -> bool:
    """Let `Page` and `I.` pass behind a given name: `Debra Page`, `Deborah I. Juarez`."""
    if not current or not joined or not token.text[0].isupper():
        return False
    if len(token.text) == 1:
        return text[token.end : token.end + 1] == "."
    return (
        len(token.text) >= _SHORTEST_SURNAME
        and not token.text.isupper()
        and current[0].folded in given_names()
        and token.folded in surnames()
    )


def _closed(tokens: list[Token], title: str) -> Iterator[Run]:
    kept = list(tokens)
    while kept and not _is_capitalised(kept[-1].text):
        kept.pop()
    if kept:
        yield Run(tuple(kept[:_MOST_WORDS]), title)


def _joins(text: str, left: Token, right: Token) -> bool:
    between = text[left.end : right.start]
    if between == " ":
        return True
    return between == ". " and len(left.text) == 1


def _is_capitalised(word: str) -> bool:
    return word[0].isupper() or (word[1:2] in {"'", "’"} and word[2:3].isupper())


def _is_plain(word: str) -> bool:
    """Tell at a glance that a word begins no name, as most do not."""
    return word[0].islower() and word[1:2] not in {"'", "’"}


def _is_title(text: str, token: Token) -> bool:
    if token.folded not in TITLES or not token.text[0].isupper():
        return False
    return len(token.text) > 1 or text[token.end : token.end + 1] == "."

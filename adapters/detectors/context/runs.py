"""Runs of capitalised words: the candidates for names of people, places and organisations."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from adapters.detectors.context.words import NOT_NAMES, PARTICLES, TITLES
from adapters.detectors.gazetteer import given_names, places, surnames
from adapters.detectors.patterns.word_lists import word_set

_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*")
_JOINTS = frozenset("'’-")
# A letter that is no small ASCII one, at the beginning of a word, or behind `d'` as in `d'Angelo`.
# What looks back stands behind the letter: an expression that begins with a class of characters is
# looked for by that class, which is many times as quick.
_CAPITAL = re.compile(
    r"[^\W\d_a-z](?:(?<![^\W\d_].)(?<![^\W\d_]['’\-].)|(?<=[^\W\d_]['’].)())"
    r"[^\W\d_]*(?:['’\-][^\W\d_]+)*",
    re.DOTALL,
)
_CONTRACTED = ("'m", "'ll", "'re", "'ve", "'d", "n't", "’m", "’ll", "’re", "’ve", "’d", "n’t")
_POSSESSIVE = ("'s", "’s", "'S", "’S")
_PARTS = re.compile("['’-]")
_INNER_CAPITAL = re.compile(
    r"(?:Mc|Mac|Fitz|De|Di|Da|Du|Del|Des|Le|La|Lo|Van|Von|St|San|Jo|Al|El|Ben|Ap|O)[^\W\d_a-z][^\W\d_A-Z]+"
)
ABBREVIATED_TITLES = word_set(
    "mr mrs ms mx dr prof rev capt lt sgt col gen hr fr mme mlle m sr sra srta dott dottssa sig "
    "avv ing dhr mevr dra pt mag cllr revd sen rep gov"
)
_MOST_WRITTEN = 16_384
_MOST_WORDS = 7
_NEW = "new"
_SHORTEST_SURNAME = 3
_SHORTEST_GENITIVE = 3
_LONGEST_ABBREVIATION = 4


class Token(NamedTuple):
    """A word, where it stands, and how it is compared."""

    start: int
    end: int
    text: str
    folded: str


class Run(NamedTuple):
    """Capitalised words that follow each other on a line; `title` stood before, and is left out."""

    tokens: tuple[Token, ...]
    title: str
    start: int
    end: int


def run_of(tokens: tuple[Token, ...], title: str = "") -> Run:
    """Return words that follow each other as a run."""
    return Run(tokens, title, tokens[0].start, tokens[-1].end)


class _Written(NamedTuple):
    """What a word says by itself, however often a text repeats it."""

    text: str
    folded: str
    is_title: bool
    is_no_name: bool
    is_capitalised: bool
    may_be_name: bool
    """Written as a name, and no contraction such as `I'm`."""
    is_abbreviation: bool
    is_known: bool
    """An abbreviation that is a name: `KIM`."""


@lru_cache(maxsize=_MOST_WRITTEN)
def _written(word: str) -> _Written:
    """Return what a word says, without the ending of the genitive: `Ada's` names Ada."""
    if word.endswith(_POSSESSIVE) and len(word) > _SHORTEST_GENITIVE:
        word = word[:-2]
    folded = word.casefold()
    is_abbreviation = word.isupper() and 1 < len(word) <= _LONGEST_ABBREVIATION
    return _Written(
        text=word,
        folded=folded,
        is_title=folded in TITLES and word[0].isupper(),
        is_no_name=folded in NOT_NAMES,
        is_capitalised=_is_capitalised(word),
        may_be_name=not folded.endswith(_CONTRACTED) and is_written_as_name(word),
        is_abbreviation=is_abbreviation,
        is_known=is_abbreviation and (folded in surnames() or folded in given_names()),
    )


def word_at(text: str, at: int) -> Token | None:
    """Return the word that begins at a place, None where none does."""
    match = _WORD.match(text, at)
    return None if match is None or not _is_word_start(text, at) else _token(match)


def _token(match: re.Match[str]) -> Token:
    written = _written(match.group())
    start = match.start()
    return Token(start, start + len(written.text), written.text, written.folded)


def _is_word_start(text: str, at: int) -> bool:
    before = text[max(0, at - 2) : at]
    return not before[-1:].isalpha() and not (before[-1:] in _JOINTS and before[:1].isalpha())


@dataclass(frozen=True, slots=True)
class Capitals:
    """The capitalised words of a text, and their runs."""

    runs: list[Run]
    words: list[Token]


def capitals(text: str) -> Capitals:
    """Return the runs, with particles and initials inside, without titles and sentence words.

    Words in lower case are looked at only behind what may go on with them: most begin no name.
    """
    runs: list[Run] = []
    seen: list[Token] = []
    current: list[Token] = []
    title: Token | None = None
    at = 0
    while True:
        match = _WORD.search(text, at) if current or title else _next_capital(text, at)
        if match is None:
            break
        at = match.end()
        written = _written(match.group())
        start = match.start()
        token = Token(start, start + len(written.text), written.text, written.folded)
        if token.text[0].isupper():
            seen.append(token)
        elif not (current or title) and _is_plain(token.text):
            continue
        if title and not current and not _follows_title(text, title, token):
            title = None
        joined = bool(current) and _joins(text, current[-1], token)
        if current and not joined:
            runs += _closed(current, title)
            current, title = [], None
        if written.is_title and _is_title(text, token) and not (joined and len(token.text) == 1):
            runs += _closed(current, title)
            current, title = [], token
        elif _belongs(text, token, written, current, joined=joined) or (
            title and not current and token.folded in PARTICLES
        ):
            if not current and text[token.start - 1 : token.start] == "\n":
                title = None
            current.append(token)
        else:
            runs += _closed(current, title)
            current, title = [], None
    runs += _closed(current, title)
    return Capitals(runs, seen)


def _next_capital(text: str, at: int) -> re.Match[str] | None:
    """Return the next word that begins with a capital, if only behind an apostrophe."""
    capital = _CAPITAL.search(text, at)
    while capital is not None and capital.lastindex is not None:
        start = capital.start() - 2
        if start >= at and _is_word_start(text, start):
            return _WORD.match(text, start)
        capital = _CAPITAL.search(text, capital.start() + 1)
    return capital


def _belongs(
    text: str, token: Token, written: _Written, current: list[Token], *, joined: bool
) -> bool:
    if written.is_no_name:
        if written.folded == _NEW:
            return token.text[0].isupper() and _is_new_place(text, token)
        return _may_be_name(text, token, current, joined=joined)
    if not written.may_be_name:
        return False
    if written.is_abbreviation and not (current and current[-1].text.isupper()):
        return written.is_known
    return written.is_capitalised or (bool(current) and written.folded in PARTICLES)


def _is_new_place(text: str, token: Token) -> bool:
    """Tell `New York` from `New Features`."""
    following = word_at(text, token.end + 1)
    return following is not None and f"{_NEW} {following.folded}" in places()


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


def _follows_title(text: str, title: Token, token: Token) -> bool:
    """Tell `President Lee` and `Dr. Lee` from `the President, Lee` and `the President. Lee`."""
    between = text[title.end : token.start]
    if between in {" ", "\xa0", ": ", "\n"}:
        return True
    return between in {".", ". ", ".\xa0"} and title.folded in ABBREVIATED_TITLES


def is_written_as_name(word: str) -> bool:
    """Tell `McDonald`, `DeShawn` and `Jean-Luc` from `TypeError`, `CPython` and `SDKs`."""
    if word[1:].islower() or word.isupper():
        return True
    return all(
        part[1:].islower()
        or part.isupper()
        or part.islower()
        or not part
        or _INNER_CAPITAL.fullmatch(part) is not None
        or part.casefold() in given_names()
        or part.casefold() in surnames()
        for part in _PARTS.split(word)
    )


def _closed(tokens: list[Token], title: Token | None) -> tuple[Run, ...]:
    if not tokens:
        return ()
    kept = list(tokens)
    while kept and not _is_capitalised(kept[-1].text):
        kept.pop()
    return (run_of(tuple(kept[:_MOST_WORDS]), title.folded if title else ""),) if kept else ()


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
    return len(token.text) > 1 or text[token.end : token.end + 1] == "."

"""A text as a string of token classes, one letter a token, on which the address grammar runs.

Letters: C capitalised word, B word that begins a street name, b such a word in lower case, S word
that ends one, K compound street name, k such a word in lower case, j what
may be one, L link word, U unit word,
R region, X two to four capitals, M military post office, 1 to 3 digits `1`, 4 to 6 and 8 digits by
their number, h house number with a letter or range, z code with hyphen, P code with letters or a
blank, and `, n - / ( )` for themselves; o anything else.
"""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from dataclasses import dataclass
from functools import lru_cache

from adapters.detectors.patterns import address_words as words

_TOKEN = re.compile(
    # Most tokens are words in lower case: they need not be tried as codes one after the other.
    r"(?=[A-Z\d])(?:\b(?P<code>[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}\b|"
    r"[A-Z]\d[A-Z][ -]?\d[A-Z]\d\b|[A-Z]\d[\dW] "
    r"?[A-Z0-9]{4}\b"
    r"|\d{4} ?[A-Z]{2}\b|\d{3} \d{2}\b(?! ?\d))"
    r"|\b(?P<zip>\d{5}-\d{3,4}\b|\d{4}-\d{3}\b|\d{2}-\d{3}\b|[A-Z]{1,2}-\d{4,5}\b)"
    r"|\b(?P<floor>\d{1,2}[ºª°]\.?(?: ?(?:[A-Z]|izqda?|izq|dcha|derecha|izquierda|int|ext)\b\.?"
    r"|(?=,|\n)))"
    r"|\b(?P<house>\d{1,5} (?:bis|ter|quater)\b|\d{1,5}(?:[a-zA-Z]\b|[-/]\d{1,4}[a-z]?\b|[ªº])))"
    r"|(?P<number>\d+)"
    r"|(?P<word>[^\W\d_]+(?:['’-][^\W\d_]+)*)"
    r"|(?P<mark>[,\n\-/()#.&])"
    r"|(?P<other>\S)"
)
_CAPITALS = 4
_SHORTEST_COMPOUND = 3
_KNOWN = {
    word: letter
    for letter, known in (
        ("L", words.LINKS),
        ("b", words.LOWER_STREETS),
        ("S", words.STREET_ENDS),
        ("B", words.STREET_STARTS),
        ("M", words.MILITARY),
        ("R", words.REGIONS),
        ("o", words.STOPS),
    )
    for word in known
}
_NUMBERS = {4: "4", 5: "5", 6: "6", 8: "8"}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The classes of the tokens and where each token stands."""

    classes: str
    starts: list[int]
    ends: list[int]


def tokenise(text: str, offset: int, end: int) -> Tokens:
    """Return the tokens between two positions; positions are those of the whole text."""
    classes: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text, offset, end):
        kind, value = match.lastgroup, match.group()
        if kind == "mark":
            if value == "." and starts and _keeps_stop(text[starts[-1] : ends[-1]]):
                ends[-1] = match.end()
                continue
            letter = "n" if value == "\n" else "o" if value == "." else value
        elif value == ":" and classes and classes[-1] == "U" and ends[-1] == match.start():
            # As in `No: 12`.
            ends[-1] = match.end()
            continue
        else:
            letter = _classify(kind or "other", value)
            glued = starts and ends[-1] == match.start() and value[0].isalnum()
            if glued and text[match.start() - 1].isalnum():
                letter = classes[-1] = "o"
        classes.append(letter)
        starts.append(match.start())
        ends.append(match.end())
    return Tokens("".join(classes), starts, ends)


def _classify(kind: str, value: str) -> str:
    if kind == "number":
        return "1" if len(value) < 4 else _NUMBERS.get(len(value), "o")
    if kind == "word":
        return _word_class(value)
    return {"code": "P", "zip": "z", "house": "h", "floor": "U"}.get(kind, "o")


@lru_cache(maxsize=8192)
def _word_class(word: str) -> str:
    known = _KNOWN.get(word)
    if known:
        return known
    lower = word.lower()
    if lower in words.UNITS and (word[0].isupper() or len(word) > 1):
        return "U"
    if word[0].islower():
        return _lower_class(word)
    if lower.endswith(words.COMPOUND_ENDS) and len(word) > _SHORTEST_COMPOUND + 2:
        return "K"
    return "X" if word.isupper() and len(word) <= _CAPITALS else "C"


def _lower_class(word: str) -> str:
    if word in words.TAILS or (word[1:2] in {"'", "’"} and word[2:3].isupper()):
        return "C"
    if len(word) >= _CAPITALS:
        if word.endswith(words.COMPOUND_ENDS):
            return "k"
        if word.endswith(words.WEAK_ENDS):
            return "j"
    return "o"


def _keeps_stop(word: str) -> bool:
    return (
        word.lower().endswith("str")
        or word.lower() in words.ABBREVIATIONS
        or (len(word) == 1 and word.isupper())
    )

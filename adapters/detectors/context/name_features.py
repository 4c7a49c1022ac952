"""What the model of names looks at: the words of a run of capitalised words, and those beside it.

What is known of a word in its run is a few *keys*; each key stands for a handful of features. A
text repeats its words, so whoever sums weights can keep the sum of a key. The program that fits the
model takes its features from here, which makes both read a text alike.

Names themselves are no features: a word counts by the lists that have it, by its ending and its
shape. Only words that are no names, such as `Street`, count as they are.
"""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import NamedTuple

from adapters.detectors.context import words
from adapters.detectors.context.runs import Run
from adapters.detectors.gazetteer import common_words, given_names, places, surnames

Key = tuple[str, ...]

_WINDOW = 24
_NEIGHBOUR = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|\n|_")
_FOLLOWING = re.compile(
    r"[^\S\n]*(['’][sS]\b|[^\W_]+(?:['’][^\W_]+)*|[^\w\s]|\n|_)"
    r"(?:[^\S\n]*([^\W_]+(?:['’][^\W_]+)*|[^\w\s]|\n|_))?"
)
_BEGINNING, _END = "^", "$"
_OPENS_SENTENCE = frozenset('^.!?\n:"“')
_MOST_COUNTED = 4
_MOST_KINDS = 16_384


class Known(NamedTuple):
    """What is known of a run: keys that hold for every word of it, and those of each word."""

    around: tuple[Key, ...]
    inside: tuple[tuple[Key, ...], ...]


def known_of(text: str, run: Run) -> Known:
    """Return the keys of a run."""
    before = _NEIGHBOUR.findall(text, max(0, run.start - _WINDOW), run.start)
    first = _plain(before[-1]) if before else _BEGINNING
    second = _plain(before[-2]) if len(before) > 1 else _BEGINNING
    match = _FOLLOWING.match(text, run.end, run.end + _WINDOW)
    after = _plain(match.group(1)) if match else _END
    later = _plain(match.group(2) or _END) if match else _END
    around = (("before", first, second), ("after", after, later), ("title", run.title))
    opens = "+" if first in _OPENS_SENTENCE else "-"
    tokens = run.tokens
    if len(tokens) == 1:
        word = tokens[0].text
        kind = kind_of(word)
        alone = (("word", word), ("place", kind, "o1", opens), ("beside", "<", kind, ">"))
        return Known(around, (alone,))
    last = len(tokens) - 1
    count = str(min(len(tokens), _MOST_COUNTED))
    texts = ["", *(token.text for token in tokens), ""]
    kinds = ["<", *(kind_of(token.text) for token in tokens), ">"]
    inside = tuple(
        (
            ("word", texts[at]),
            ("place", kinds[at], ("f" if at == 1 else "l" if at > last else "m") + count, opens),
            ("beside", kinds[at - 1], kinds[at], kinds[at + 1]),
            ("words", texts[at - 1], texts[at + 1]),
        )
        for at in range(1, last + 2)
    )
    return Known(around, inside)


def features(key: Key) -> list[str]:
    """Return the features that a key stands for."""
    return _MAKERS[key[0]](*key[1:])


@lru_cache(maxsize=_MOST_KINDS)
def kind_of(word: str) -> str:
    """Return which lists have a word, and how it is written: `gs.Xx`."""
    folded = word.casefold()
    flags = (
        ("g", folded in given_names()),
        ("s", folded in surnames()),
        ("p", folded in places()),
        ("c", folded in common_words()),
        ("n", folded in words.NOT_NAMES),
        ("t", folded in words.TITLES),
        ("o", folded in words.COMPANY_FORMS),
        ("v", folded in words.PARTICLES),
        ("N", folded in words.NATIONALITIES),
    )
    return "".join(flag for flag, holds in flags if holds) + "." + _shape(word)


def _shape(word: str) -> str:
    if len(word) == 1:
        return "X" if word.isupper() else "x"
    if word.isupper():
        return "XX"
    if word.islower():
        return "xx"
    if word[1:].islower():
        return "Xx"
    return "X-x" if "-" in word else "XxX"


def _plain(word: str) -> str:
    return "0" if word[0].isdigit() else word


def _of_word(word: str) -> list[str]:
    folded = word.casefold()
    kind = kind_of(word)
    made = ["b", f"s3={folded[-3:]}", f"s2={folded[-2:]}", f"p3={folded[:3]}", f"c={kind}"]
    return [*made, f"w={folded}"] if _is_no_name(folded) else made


def _of_place(kind: str, place: str, opens: str) -> list[str]:
    lists, _, shape = kind.partition(".")
    return [
        f"pos={place}",
        f"c+pos={lists}|{place}",
        f"sh+pos={shape}|{place[0]}",
        f"st={opens}|{lists}",
        f"stp={opens}|{place[0]}",
    ]


def _of_beside(left: str, kind: str, right: str) -> list[str]:
    return [
        f"pc={left}",
        f"nc={right}",
        f"pcc={left}|{kind}",
        f"ccn={kind}|{right}",
        f"pccn={left}|{kind}|{right}",
    ]


def _of_words(left: str, right: str) -> list[str]:
    found = []
    if left and _is_no_name(left.casefold()):
        found.append(f"pw={left.casefold()}")
    if right and _is_no_name(right.casefold()):
        found.append(f"nw={right.casefold()}")
    return found


def _of_neighbours(name: str, near: str, far: str) -> list[str]:
    kind = kind_of(near) if near[0].isalpha() else "."
    near, far = near.lower(), far.lower()
    return [f"{name}1={near}", f"{name}1k={kind}", f"{name}2={far}", f"{name}12={near} {far}"]


def _is_no_name(folded: str) -> bool:
    return folded in common_words() or folded in words.NOT_NAMES


_MAKERS: Mapping[str, Callable[..., list[str]]] = {
    "word": _of_word,
    "place": _of_place,
    "beside": _of_beside,
    "words": _of_words,
    "before": lambda near, far: _of_neighbours("l", near, far),
    "after": lambda near, far: _of_neighbours("f", near, far),
    "title": lambda title: [f"ti={title}"],
}

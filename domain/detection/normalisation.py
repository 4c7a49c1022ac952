"""Write letters that stand in disguise as they are read, and remember where each one stood.

Percent and HTML escapes, escapes of programming languages and of JSON in strings, compatibility
forms (Unicode NFKC: full width, mathematical, circled), letters of other scripts that look Latin
(after Unicode's confusables), invisible characters between letters, tag characters; and, for what
is told from words, letters with blanks between them and digits for letters.
"""

import html
import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from domain.detection.glance import kinds, kinds_in

CONTEXT = 160
"""Characters on either side of a disguise that are read with it."""

# Zero-width space, joiners, direction marks, word joiner and invisible operators, soft hyphen,
# Mongolian vowel separator, byte order mark.
_INVISIBLE = "\u00ad\u034f\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_TAGS = "\U000e0020-\U000e007e"
# Enclosed, full width, mathematical, and letters and digits in squares: forms of ASCII characters.
_FORMS = "\u2460-\u24ff\uff01-\uff5e\U0001d400-\U0001d7ff\U0001f130-\U0001f189"

_LOOK_ALIKES: dict[str, str] = {}
for _others, _latins in (
    # Cyrillic.
    (
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u04bb"
        "\u051b\u051d\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c\u041d\u041e"
        "\u0420\u0421\u0422\u0425\u0423",
        "aeopcyxijsdhqwSIJABEKMHOPCTXY",
    ),
    # Greek.
    (
        "\u03bf\u03b1\u03b9\u03bd\u03c1\u03c4\u03c5\u03ba\u03c7\u03b3\u0391\u0392"
        "\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7",
        "oaivptukxyABEZHIKMNOPTYX",
    ),
    # Latin extensions, Roman numerals, Coptic, Armenian.
    (
        "\u0261\u0251\u0131\u217c\u2170\u03f2\u0578\u057d\u0581\u0585",
        "gailicnugo",
    ),
):
    _LOOK_ALIKES |= dict(zip(_others, _latins, strict=True))
_LOOKS_LATIN = "".join(sorted(_LOOK_ALIKES))
# Begins with a class of characters that few texts have, by which it is looked for.
_MIXED = re.compile(f"[{_LOOKS_LATIN}](?:(?=[A-Za-z])|(?<=[A-Za-z].))", re.DOTALL)
_ASCII = bytes(range(0x80))
_NON_ASCII = re.compile(f"[{_INVISIBLE}{_TAGS}{_FORMS}]")

# Each shape begins with a literal where it can: an alternative of such is looked for by the first
# character, which is many times as quick as trying it at every place.
_PERCENT = r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*"
_HTML = r"&(?:\#[xX][0-9A-Fa-f]{1,6}|\#[0-9]{1,7}|[A-Za-z][A-Za-z0-9]{1,9});"
_ESCAPE = (
    r"\\(?:u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*|u\{[0-9A-Fa-f]{1,6}\}"
    r"|x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*|U[0-9A-Fa-f]{8})"
)
_JSON = r"\\(?:\\)*[\"/nrt]"
_CODE_POINTS = re.compile(
    r"\\u([0-9A-Fa-f]{4})|\\u\{([0-9A-Fa-f]{1,6})\}|\\x([0-9A-Fa-f]{2})|\\U([0-9A-Fa-f]{8})"
)
_LAST_CODE_POINT = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)
_HIGH, _LOW = range(0xD800, 0xDC00), range(0xDC00, 0xE000)
# As common in HTML as a blank, and read as one already.
_BLANK = "\u00a0"
_SHORT = {"n": "\n", "r": "\r", "t": "\t"}

_SPACED = re.compile(r"(?<!\S)\S(?: {1,3}\S(?!\S)){7,}")
# What costs little tells that most texts have neither.
_SPACED_GATE = re.compile(r" \S {1,3}\S {1,3}\S {1,3}\S ")
_IN_LEET = kinds({"a": string.ascii_letters, "d": "013457$"})
_LEET_WITHIN = "ada"
_WORD = re.compile(r"(?<![^\s(\[<\"'.,;:])[A-Za-z0-9$!@]{2,20}(?![^\s)\]>\"'.,;:?])")
_LEET_DIGITS = "013457@$!"
_LEET = str.maketrans(_LEET_DIGITS, "oieastasi")
_FEW_WORDS = 3

Letters = tuple[str, int, int]
"""A character as it is read, and where its writing begins and ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewriting:
    """A stretch of a text as it is read.

    Character i was written as `[starts[i], ends[i])`; `changed[i]` says whether otherwise.
    """

    text: str
    chain: tuple[str, ...]
    starts: Sequence[int]
    ends: Sequence[int]
    changed: Sequence[bool]


@dataclass(frozen=True, slots=True)
class _Change:
    """A stretch that is read otherwise than it is written; nothing is read where it is unseen."""

    start: int
    end: int
    letters: Sequence[Letters]
    name: str


def rewritings_of(text: str) -> Iterator[Rewriting]:
    """Yield the stretches of a text that are read otherwise than written, with their surroundings.

    Stretches whose surroundings meet are one.
    """
    changes = _changes(text)
    if changes:
        yield from _windows(text, changes)


def disguised_words(text: str) -> Iterator[Rewriting]:
    """Yield stretches of words written letter by letter, or with digits for letters."""
    changes: list[_Change] = []
    for match in _spaced(text):
        changes += _joined(match)
    if _LEET_WITHIN in kinds_in(text, _IN_LEET):
        changes += _leet(text)
    if changes:
        changes.sort(key=lambda change: change.start)
        yield from _windows(text, changes)


_Kind = tuple[str, str, Callable[[re.Match[str]], Sequence[Letters]]]
"""The name of a way to write letters, its shape, and what reads it."""


def _changes(text: str) -> Sequence[_Change]:
    """Return all that is written otherwise than read, from left to right, without overlaps."""
    kinds = _kinds_in(text)
    if not kinds:
        return ()
    pattern = _compiled(tuple(shape for _, shape, _ in kinds))
    changes: list[_Change] = []
    for match in pattern.finditer(text):
        name, _, read = kinds[(match.lastindex or 1) - 1]
        letters = read(match)
        if letters or name == "invisible":
            changes.append(_Change(match.start(), match.end(), letters, name))
    return changes


def _kinds_in(text: str) -> Sequence[_Kind]:
    """Return what a text may hold, told by what costs next to nothing."""
    kinds: list[_Kind] = []
    if "%" in text:
        kinds.append(("percent", _PERCENT, _percent))
    if "&" in text and ";" in text:
        kinds.append(("html", _HTML, _entity))
    if "\\" in text:
        kinds.append(("escapes", _ESCAPE, _escaped))
        if '\\"' in text:
            kinds.append(("json", _JSON, _json))
    if not text.isascii():
        kinds += _kinds_beyond_ascii(text)
    return kinds


def _kinds_beyond_ascii(text: str) -> Iterator[_Kind]:
    beyond = _beyond_ascii(text)
    if _NON_ASCII.search(beyond):
        yield ("invisible", f"[{_INVISIBLE}]+", lambda _: ())
        yield ("tags", f"[{_TAGS}]+", _tags)
        yield ("compatibility", f"[{_FORMS}]+", _compatible)
    if not _LOOK_ALIKES.keys().isdisjoint(beyond) and _MIXED.search(text):
        yield ("homoglyphs", f"[{_LOOKS_LATIN}]+", _latin)


def _beyond_ascii(text: str) -> str:
    """Return the characters of a text that are not ASCII, most often few."""
    encoded = text.encode("utf-8", "surrogatepass").translate(None, _ASCII)
    return encoded.decode("utf-8", "surrogatepass")


@cache
def _compiled(shapes: tuple[str, ...]) -> re.Pattern[str]:
    # An empty group behind each alternative tells which one it was.
    return re.compile("|".join(f"{shape}()" for shape in shapes))


def _windows(text: str, changes: Sequence[_Change]) -> Iterator[Rewriting]:
    group: list[_Change] = []
    for change in changes:
        if group and change.start - group[-1].end > 2 * CONTEXT:
            yield _rewriting(text, group)
            group = []
        group.append(change)
    if group:
        yield _rewriting(text, group)


def _rewriting(text: str, changes: Sequence[_Change]) -> Rewriting:
    first = _edge_before(text, changes[0].start)
    last = _edge_after(text, changes[-1].end)
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    changed: list[bool] = []
    at, is_behind_unseen = first, False
    for change in changes:
        letters.append(text[at : change.start])
        starts += range(at, change.start)
        ends += range(at + 1, change.start + 1)
        changed += [False] * (change.start - at)
        if is_behind_unseen and change.start > at:
            changed[at - change.start] = True
        for letter, start, end in change.letters:
            letters.append(letter)
            starts.append(start)
            ends.append(end)
            changed.append(True)
        # What is unseen shows in the letters around it: they stand together where they did not.
        is_behind_unseen = not change.letters
        if is_behind_unseen and changed:
            changed[-1] = True
        at = change.end
    letters.append(text[at:last])
    starts += range(at, last)
    ends += range(at + 1, last + 1)
    changed += [False] * (last - at)
    if is_behind_unseen and last > at:
        changed[at - last] = True
    return Rewriting(
        text="".join(letters),
        chain=tuple(dict.fromkeys(change.name for change in changes)),
        starts=starts,
        ends=ends,
        changed=changed,
    )


def _edge_before(text: str, at: int) -> int:
    """Return where to begin so that no word is cut."""
    first = max(0, at - CONTEXT)
    while first > 0 and at - first < 2 * CONTEXT and not text[first - 1].isspace():
        first -= 1
    return first


def _edge_after(text: str, at: int) -> int:
    last = min(len(text), at + CONTEXT)
    while last < len(text) and last - at < 2 * CONTEXT and not text[last].isspace():
        last += 1
    return last


def _percent(match: re.Match[str]) -> Sequence[Letters]:
    try:
        decoded = bytes.fromhex(match.group().replace("%", "")).decode()
    except UnicodeDecodeError:
        return ()
    letters, at = [], match.start()
    for letter in decoded:
        end = at + 3 * len(letter.encode())
        letters.append((letter, at, end))
        at = end
    return letters


def _entity(match: re.Match[str]) -> Sequence[Letters]:
    decoded = html.unescape(match.group())
    if decoded in {match.group(), _BLANK}:
        return ()
    return [(letter, match.start(), match.end()) for letter in decoded]


def _escaped(match: re.Match[str]) -> Sequence[Letters]:
    letters: list[Letters] = []
    high: tuple[int, int] | None = None
    for one in _CODE_POINTS.finditer(match.group()):
        code = int(next(digits for digits in one.groups() if digits), 16)
        start, end = match.start() + one.start(), match.start() + one.end()
        if high is not None and code in _LOW:
            code = 0x10000 + ((high[0] - 0xD800) << 10) + (code - 0xDC00)
            start = high[1]
        high = (code, start) if code in _HIGH else None
        if code not in _SURROGATES and code <= _LAST_CODE_POINT:
            letters.append((chr(code), start, end))
    return letters


def _json(match: re.Match[str]) -> Sequence[Letters]:
    last = match.group()[-1]
    return [(_SHORT.get(last, last), match.start(), match.end())]


def _tags(match: re.Match[str]) -> Sequence[Letters]:
    return [
        (chr(ord(letter) - 0xE0000), at, at + 1)
        for at, letter in enumerate(match.group(), start=match.start())
    ]


def _compatible(match: re.Match[str]) -> Sequence[Letters]:
    return [
        (plain, at, at + 1)
        for at, letter in enumerate(match.group(), start=match.start())
        for plain in unicodedata.normalize("NFKC", letter)
    ]


def _latin(match: re.Match[str]) -> Sequence[Letters]:
    return [
        (_LOOK_ALIKES[letter], at, at + 1)
        for at, letter in enumerate(match.group(), start=match.start())
    ]


def _spaced(text: str) -> Iterator[re.Match[str]]:
    """Yield what `_SPACED` matches, asked only where four letters stand alone."""
    done = 0
    for gate in _SPACED_GATE.finditer(text):
        second = gate.start() + 1
        if second <= done:
            continue
        first = second - 2
        while first > 0 and text[first] == " ":
            first -= 1
        match = _SPACED.match(text, max(first, 0)) or _SPACED.match(text, second)
        if match is not None:
            done = match.end()
            yield match


def _joined(match: re.Match[str]) -> Iterator[_Change]:
    """Yield the blanks between letters as unseen, and those between words as one."""
    for blank in re.finditer(r" +", match.group()):
        start, end = match.start() + blank.start(), match.start() + blank.end()
        if end - start == 1:
            yield _Change(start, end, (), "spaced")
        else:
            yield _Change(start, end, ((" ", start, end),), "spaced")


def _leet(text: str) -> Sequence[_Change]:
    if 4 * sum(map(text.count, _LEET_DIGITS)) < text.count(" ") + 1:
        return ()
    words = [match for match in _WORD.finditer(text) if _is_leet(match.group())]
    if len(words) < _FEW_WORDS or len(words) * 4 < text.count(" ") + 1:
        return ()
    return [
        _Change(
            match.start(),
            match.end(),
            [
                (letter.translate(_LEET), at, at + 1)
                for at, letter in enumerate(match.group(), start=match.start())
            ],
            "leet",
        )
        for match in words
    ]


def _is_leet(word: str) -> bool:
    """Tell whether digits stand for letters: among letters, and not so many as in a number."""
    letters = sum(letter.isalpha() for letter in word)
    is_one_case = word[1:] == word[1:].lower() or word == word.upper()
    is_number = not 0 < len(word) - letters <= 2 * letters
    return is_one_case and not is_number and word.translate(_LEET) != word

"""Postal addresses: forms of many countries, and streets on their own.

The grammar runs on token classes (see `address_tokens`), which keeps it small and readable.
"""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.detectors.linear_time import LazyPattern, Pattern, Subject
from adapters.detectors.patterns import address_words as words
from adapters.detectors.patterns.address_tokens import Tokens, tokenise
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.taxonomy import Severity

_W = "[CSBKXR]"
_NAME = f"{_W}(?:L{{0,2}}-?[CSBKXR1hkj]){{0,5}}"
_LEAD = "(?:[bB]L{0,2})?"
_TOWN = f"L{{0,2}}{_W}(?:L{{0,3}}-?[CSBKXRh]){{0,6}}"
_SEP = "(?:,n?|n)"
_UNITS = "(?:,?n?U[#1h456CX]?U?)*"
_HOUSE = "[1h45]"
_CODE = "(?:[456z8P]|X-[45])"
_AFTER = r"(?:\([XRU]\)|/[XRUC])?"
_ASIDE = r"(?:\([CBXR]{1,3}\))?"


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    grammar: str
    score: float


_WHOLE = (
    _Form("military", rf"[XCU][1456CX]{{1,2}},?(?:U[145])?{_SEP}?M,?[XR],?[5z]", 0.97),
    _Form(
        "number first, region and code last",
        rf"(?:U[1h4X],?n?{_HOUSE}|UP|U?{_HOUSE}),?{_NAME}{_UNITS}{_SEP}(?:{_TOWN}{_SEP})?{_TOWN},?R,?[45zP]",
        0.95,
    ),
    _Form(
        "number first, town, British or Irish code",
        rf"(?:U[1h4]{_SEP}(?:{_HOUSE},?)?|{_HOUSE},?){_NAME}(?:{_SEP}{_TOWN}){{0,3}}{_SEP}?P"
        rf"(?:{_TOWN})?",
        0.93,
    ),
    _Form(
        "street and number, code and town",
        rf"{_LEAD}{_NAME},?U?{_HOUSE}[1h]?{_UNITS}{_SEP}"
        rf"(?:{_CODE}{_SEP}?{_TOWN}{_AFTER}|{_TOWN}{_SEP}{_CODE}{_TOWN}{_AFTER})",
        0.92,
    ),
    _Form(
        "number and street, code and town",
        rf"{_HOUSE},?{_LEAD}{_NAME}{_UNITS}{_SEP}{_CODE},?{_TOWN}",
        0.9,
    ),
    _Form(
        "street and number, town and code",
        rf"{_LEAD}{_NAME},?U?{_HOUSE}[1h]?{_UNITS}{_SEP}{_TOWN}{_ASIDE}(?:,?[XR]{{1,2}})?,?-?{_CODE}",
        0.9,
    ),
    _Form(
        "street and number, district, town, state and code",
        rf"{_LEAD}{_NAME},?U?{_HOUSE}{_UNITS}(?:{_SEP}|-){_TOWN}(?:{_SEP}|-){_TOWN}(?:-|/|,)[XR]{_SEP}?[z8]",
        0.92,
    ),
    _Form(
        "house number, locality and six-digit code",
        rf"(?:UU?)?[1h4](?:,?n?{_TOWN}){{1,3}},?-?6",
        0.9,
    ),
    _Form(
        "named street, code",
        rf"[Bb]{_TOWN}{_UNITS}{_SEP}(?:{_TOWN}{_SEP}{_CODE}{_TOWN}{_AFTER}"
        rf"|{_TOWN}{_ASIDE}(?:,[XR])?,?{_CODE}|{_CODE},?{_TOWN}{_AFTER})",
        0.85,
    ),
)
_PARTS = (
    _Form(
        "house number and street",
        rf"{_HOUSE},?[CXR](?:[CXR]){{0,3}}S(?:,?U[1hX4])?(?:,{_TOWN}(?:,?R)?)?",
        0.7,
    ),
    _Form("compound street name and number", rf"C?[Kk][1h](?:{_SEP}{_CODE}{_TOWN})?", 0.7),
    _Form("street word and number", rf"[bB]L{{0,2}}{_W}(?:L{{0,2}}{_W}){{0,3}},?U?[1h]", 0.65),
    _Form("number and street word", rf"[1h],?bL{{0,2}}{_W}(?:L{{0,2}}{_W}){{0,3}}", 0.65),
)
_NAMED = frozenset("CSBKkbjMPU")
"""Of abbreviations and numbers alone, such as `NGC 1234, HD 209458`, no address is made."""
_STREETS = frozenset("SBKkb")
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_YEAR_SPAN = re.compile(r"((?:19|20)\d{2})[-–]((?:19|20)\d{2}),?\s")
_POSTAL = re.compile(r"\d{4}")
_YEAR_FIRST = re.compile(r"(?:19|20)\d{2}\b")
_CODE_SYSTEMS = ("LOINC ", "SNOMED ", "ICD-", "ICD ", "CPT ", "HCPCS ", "NDC ", "RxNorm ", "DRG ")
"""What codes of health care begin with, which have the form of a street with its number."""
_REACH_BEFORE, _REACH_AFTER, _REACH_STREET = 120, 140, 48
_COMPOUND = "|".join(words.COMPOUND_ENDS + words.WEAK_ENDS)
_CODE_LIKE = re.compile(
    r"[\n, \-](?:[A-Z]{1,2}[ \-])?"
    r"(?:\d{4,6}(?!\d|\.\d)|\d{2}-\d{3}|\d{3} \d{2}(?!\d)|\d{8})(?![\w%])"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d?[A-Z]"
)


def _opened(word: str) -> str:
    r"""Return an expression for a word; to RE2, `\b` only knows ASCII."""
    return (r"\b" if word[0].isascii() else "") + word


def _bounded(word: str) -> str:
    return _opened(word) + (r"\b" if word[-1].isascii() else "")


# Whatever those two match, these do, found by an engine that costs next to nothing.
_CODE_SOMEWHERE = LazyPattern(
    r"[\n, \-](?:[A-Z]{1,2}[ \-])?(?:\d{4}|\d{2}-\d{3}|\d{3} \d{2})"
    r"|[A-Z]\d[A-Z\d]? ?\d?[A-Z]"
)
_STREET_SOMEWHERE = LazyPattern(
    "|".join(
        (
            *(_bounded(word) for word in sorted(words.STREET_ENDS | words.STREET_STARTS)),
            *(_opened(word) + "[ .]" for word in sorted(words.LOWER_STREETS - {"c/"})),
            _COMPOUND,
        )
    )
)

ADDRESS = pii(
    "postal-address",
    "ADDRESS",
    "Postal address",
    "Street and house number with town and postal code in the order of many countries, military "
    "mail, or a street with its number.",
    sources=("UPU S42", "https://github.com/google/libaddressinput"),
    examples=(
        "1600 Pennsylvania Avenue, Washington, DC 20500",
        "Unter den Linden 77, 10117 Berlin",
    ),
    near_misses=("Chapter 12, Section 4", "Version 10, Build 22000", "12 Angry Men"),
    severity=Severity.HIGH,
)


@cache
def _grammars() -> tuple[tuple[tuple[_Form, ...], Pattern], ...]:
    return tuple(
        (forms, Pattern("|".join(f"({form.grammar})" for form in forms)))
        for forms in (_WHOLE, _PARTS)
    )


@cache
def _anchor(letters: str) -> Pattern:
    """Return what marks a stretch of text that could hold an address, `ascii` or `any` letters."""
    capital, letter = (r"[A-Z]", "A-Za-z") if letters == "ascii" else (r"\p{Lu}", r"\p{L}")
    starts = "|".join(sorted(words.STREET_STARTS | words.LOWER_STREETS - {"c/"}))
    return Pattern(
        rf"{capital}[{letter}'’.\-]*,? (?:[Nn]r?[.º°]* ?)?\d{{1,5}}"
        r"(?:[a-zA-Z]|[\-/]\d{1,4}[a-z]?)?"
        r"(?: ?[,\n]| [A-Z]| \d|\z)"
        rf"|\d[a-zA-Z]?(?:/\d+)?(?:,|\n|,? ){capital}['’{letter}]"
        rf"|\b(?:{starts})[ .]|(?:{_COMPOUND})\.? \d|\d, {capital}"
        r"|[AFD]PO,? A[AEP]\b"
    )


def _find(document: Document) -> Iterator[Hit]:
    for start, end in _regions(document):
        tokens = tokenise(document.text, start, end)
        subject = Subject(tokens.classes)
        for forms, grammar in _grammars():
            for match in grammar.finditer(subject):
                first, last = match.span()
                form = next(f for at, f in enumerate(forms, 1) if match.took_part(at))
                yield from _hit(document, tokens, first, last, form)


def _regions(document: Document) -> Iterator[tuple[int, int]]:
    """Yield the stretches of text around what could be a house number or a postal code."""
    text = document.text
    length = len(text)
    first = last = -1
    for match in _anchor("ascii" if text.isascii() else "any").finditer(document.subject):
        at = match.span()[0]
        reach = min(length, at + _REACH_AFTER)
        if at < last - _REACH_AFTER // 2 or not _is_promising(document.subject, at, reach):
            continue
        if last < 0:
            first = max(0, at - _REACH_BEFORE)
        elif at - _REACH_BEFORE > last:
            yield first, last
            first = at - _REACH_BEFORE
        last = reach
    if last > 0:
        yield first, last


@cache
def _street_like() -> re.Pattern[str]:
    return re.compile(
        rf"\b(?:{'|'.join(sorted(words.STREET_ENDS | words.STREET_STARTS))})\b"
        rf"|(?:\b(?:{'|'.join(sorted(words.LOWER_STREETS - {'c/'}))})[ .]|{_COMPOUND})"
    )


def _is_promising(subject: Subject, at: int, reach: int) -> bool:
    """Ask for a postal code or the word for a street near by."""
    text = subject.text
    if _CODE_SOMEWHERE.search(subject, at, reach) and _CODE_LIKE.search(text, at, reach):
        return True
    first, last = max(0, at - _REACH_STREET), min(reach, at + _REACH_STREET)
    return (
        _STREET_SOMEWHERE.search(subject, first, last) is not None
        and _street_like().search(text, first, last) is not None
    )


def _hit(document: Document, tokens: Tokens, first: int, last: int, form: _Form) -> Iterator[Hit]:
    text = document.text
    start, end = tokens.starts[first], tokens.ends[last - 1]
    while text[end - 1] in ".,":
        end -= 1
    if _is_cut_number(text, start):
        skipped = 2 if tokens.classes[first + 1 : first + 2] == "," else 1
        first = min(first + skipped, last - 1)
        start = tokens.starts[first]
    if _NAMED.isdisjoint(tokens.classes[first:last]):
        return
    if _lists_years(text[start:end]) and not _STREETS.intersection(tokens.classes[first:last]):
        return
    if _spans_years(text[start:end]):
        return
    if text[start - 3 : start] in {"C/ ", "c/ "}:
        start -= 3
    if _is_cut(text, start, end) or text.startswith(_CODE_SYSTEMS, start):
        return
    score, context = form.score, ()
    steps = [(form.name, score)]
    found = document.nearest("address", start, end, before=40, after=0)
    if found is not None:
        score = min(0.98, score + 0.1)
        steps.append((f"context {found[0].word!r}", score))
        yield Hit(
            start, end, ADDRESS, score, None, (found[0],), tuple(steps), (("form", form.name),), 1
        )
        return
    yield Hit(start, end, ADDRESS, score, None, context, tuple(steps), (("form", form.name),), 1)


def _is_cut_number(text: str, start: int) -> bool:
    """Tell a number that goes on to the left, as in `880320-0016, Storgatan 12`."""
    return (
        text[start : start + 1].isdigit()
        and text[start - 1 : start] == "-"
        and text[start - 2 : start - 1].isdigit()
    )


def _lists_years(value: str) -> bool:
    """Tell lines of copyrights, a year and a name each, from numbers and streets."""
    return _YEAR_FIRST.match(value) is not None and len(_YEAR.findall(value)) > 1


def _spans_years(value: str) -> bool:
    """Tell `1991-1998, Thomas G. Lane`, whose name ends as streets do, from a house."""
    span = _YEAR_SPAN.match(value)
    return (
        span is not None and int(span[1]) < int(span[2]) and not _POSTAL.search(value, len(span[0]))
    )


def _is_cut(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return before.isalnum() or before in "_#$€£." or after.isalnum() or after == "_"


RECOGNISERS = (Custom(infos=(ADDRESS,), gates=(r"\d",), search=_find),)

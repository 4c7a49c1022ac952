"""Postal addresses: forms of many countries and a general one, and streets on their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.detectors.linear_time import Pattern
from adapters.detectors.patterns import address_words as words
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.taxonomy import Severity

_CAP = r"(?:\p{Lu}|[dlD]['’]\p{Lu})[\p{L}'’\-]*\.?"
_LINK = f"(?:{words.LINKS})"
_NAME = rf"{_CAP}(?: (?:{_LINK} ){{0,2}}(?:{_CAP}|\d{{1,2}}(?:st|nd|rd|th|ª|º)?)){{0,5}}"
_SHORT_NAME = rf"{_CAP}(?:[ \-](?:{_LINK}[ \-]){{0,2}}{_CAP}){{0,4}}"
_SEP = r"[ \t]{0,2}(?:,[ \t]?\n?|\n)[ \t]{0,2}"
_HOUSE = r"\d{1,5}(?: ?[a-zA-Z])?(?:[\-/]\d{1,4}[a-z]?)?"
_UNIT = rf"(?:{_SEP}| )(?:{words.UNITS})\.? ?#?[0-9]{{0,5}}[A-Za-z]?(?:[\-/]\d{{1,4}})?\b"
_UNITS = rf"(?:{_UNIT}){{0,3}} ?"
_US_ZIP = r"\d{5}(?:-\d{4})?"
_CA_CODE = r"[A-Z]\d[A-Z][ \-]?\d[A-Z]\d"
_UK_CODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}"
_CODE = (
    r"(?:[A-Z]{1,2}-)?(?:\d{5}-\d{3,4}|\d{2}-\d{3}|\d{3} \d{2}|\d{4} ?[A-Z]{2}|\d{4,6}|\d{8})"
)
_PROVINCE = r"(?: ?\([A-Z]{2}\)| ?[/\-] ?[A-Z]{2})?"


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    expression: str
    score: float


_FORMS = (
    _Form(
        "number first, region and code last",
        rf"(?:(?:{words.UNITS})\.? ?[0-9A-Za-z]{{1,5}},? )?{_HOUSE},? {_NAME}{_UNITS}{_SEP}"
        rf"(?:{_SHORT_NAME}{_SEP})?{_SHORT_NAME},? (?:{words.REGIONS}),? "
        rf"(?:{_US_ZIP}|{_CA_CODE}|\d{{4}})\b",
        0.95,
    ),
    _Form(
        "number first, British code last",
        rf"(?:(?:Flat|Studio|Apartment|Apt|Unit|Suite)\.? ?\d{{1,4}}[A-Za-z]?{_SEP})?"
        rf"(?:{_HOUSE},? )?{_NAME}{_SEP}(?:{_SHORT_NAME}{_SEP}){{0,3}}{_SHORT_NAME}?"
        rf"(?:{_SEP}| ){_UK_CODE}\b",
        0.93,
    ),
    _Form(
        "military",
        r"(?:PSC|Unit|CMR|USNS|USS|USCGC) [\p{L}\d]+,? ?(?:Box \d{1,5})?"
        rf"{_SEP}(?:APO|FPO|DPO),? A[AEP],? {_US_ZIP}\b",
        0.97,
    ),
    _Form(
        "post box",
        rf"(?i:P\.? ?O\.? ?Box|Postfach|Apartado|Casilla|Boîte postale|BP) \d{{1,6}}"
        rf"(?:{_SEP}{_SHORT_NAME},? (?:{words.REGIONS})?,? ?{_US_ZIP}|{_SEP}{_CODE} {_SHORT_NAME})?",
        0.8,
    ),
    _Form(
        "street and number, code and town",
        rf"(?:(?:{words.PREFIXES})\.? )?(?:{_LINK} )?{_NAME},?(?: n[.º°r]{{0,2}}| Nr\.?)? {_HOUSE}"
        rf"{_UNITS}{_SEP}(?:{_SHORT_NAME}{_SEP}){{0,1}}{_CODE},? {_SHORT_NAME}{_PROVINCE}",
        0.92,
    ),
    _Form(
        "number and street, code and town",
        rf"{_HOUSE},? (?:(?:{words.LOWER_STREETS}) )?(?:{_LINK} ?){{0,2}}{_NAME}{_UNITS}{_SEP}"
        rf"{_CODE},? {_SHORT_NAME}",
        0.9,
    ),
    _Form(
        "street and number, town and code",
        rf"(?:(?:{words.PREFIXES})\.? )?(?:{_LINK} )?{_NAME},?(?: n[.º°r]{{0,2}}| Nr\.?)? {_HOUSE}"
        rf"{_UNITS}{_SEP}{_SHORT_NAME},?(?: [A-Z]{{2,4}}\.?,?)? ?[\- ] ?{_CODE}\b",
        0.88,
    ),
    _Form(
        "named street without number",
        rf"(?:{words.STREET_STARTS})\.? (?:{_LINK} )?{_NAME}{_UNITS}{_SEP}(?:{_SHORT_NAME}{_SEP}){{0,1}}"
        rf"(?:{_SHORT_NAME},? {_CODE}|{_CODE},? {_SHORT_NAME}{_PROVINCE})",
        0.85,
    ),
    _Form(
        "Indian house number",
        rf"(?:H\.? ?No\.? ?)?\d{{1,4}}(?:/\d{{1,4}})?(?:,? {_SHORT_NAME})?(?:{_SEP}{_SHORT_NAME}){{1,2}}"
        r"[ \-,]{1,2}\d{6}\b",
        0.88,
    ),
    _Form(
        "house number and street type",
        rf"\d{{1,5}}[A-Za-z]?,? (?:{_CAP} ){{1,4}}(?:{words.STREET_ENDS})\b\.?"
        rf"(?:,? (?:{words.UNITS})\.? ?#?\d{{1,5}}[A-Za-z]?)?"
        rf"(?:{_SEP}{_SHORT_NAME}(?:, (?:{words.REGIONS}))?)?",
        0.75,
    ),
    _Form(
        "compound street and number",
        rf"(?:{_CAP}[ \-])?\p{{Lu}}[\p{{L}}\-]*(?:{words.COMPOUND_ENDS}) \d{{1,4}}(?: ?[a-zA-Z])?\b(?:{_SEP}{_CODE} {_SHORT_NAME})?",
        0.75,
    ),
    _Form(
        "street word and number",
        rf"(?:{words.STREET_STARTS}|{words.LOWER_STREETS})\.? (?:{_LINK} ){{0,2}}{_NAME},? (?:n[.º°]{{0,2}} ?)?\d{{1,4}}\b",
        0.7,
    ),
    _Form(
        "number and French street",
        rf"\d{{1,4}}(?: (?:bis|ter))?,? (?:{words.LOWER_STREETS}) (?:{_LINK} ?){{0,2}}{_NAME}",
        0.7,
    ),
)

ADDRESS = pii(
    "postal-address",
    "ADDRESS",
    "Postal address",
    "Street and house number with town and postal code in the order of many countries, post boxes, "
    "military mail, or a street with its number.",
    sources=("UPU S42", "https://github.com/google/libaddressinput"),
    examples=("1600 Amphitheatre Parkway, Mountain View, CA 94043", "Unter den Linden 77, 10117 Berlin"),
    near_misses=("Chapter 12, Section 4", "Version 10, Build 22000", "12 Angry Men"),
    severity=Severity.HIGH,
)


@cache
def _patterns() -> tuple[tuple[_Form, Pattern], ...]:
    return tuple((form, Pattern(form.expression)) for form in _FORMS)


def _find(document: Document) -> Iterator[Hit]:
    text = document.text
    for form, pattern in _patterns():
        for match in pattern.finditer(document.subject):
            start, end = _without_lead(text, *match.span())
            if _is_cut(text, start, end):
                continue
            score = form.score
            found = document.nearest("address", start, end, before=40, after=0)
            steps = [(form.name, score)]
            context = ()
            if found is not None:
                score = min(0.98, score + 0.1)
                steps.append((f"context {found[0].word!r}", score))
                context = (found[0],)
            yield Hit(start, end, ADDRESS, score, None, context, tuple(steps), (("form", form.name),), 1)


def _without_lead(text: str, start: int, end: int) -> tuple[int, int]:
    """Leave out a sentence word that only looks like the beginning of a street name."""
    for lead in words.LEADS:
        if text.startswith(lead, start) and start + len(lead) < end:
            return start + len(lead), end
    return start, end


def _is_cut(text: str, start: int, end: int) -> bool:
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return before.isalnum() or before in "_#$€£." or after.isalnum() or after == "_"


RECOGNISERS = (
    Custom(
        infos=(ADDRESS,),
        gates=(
            r"\d{4}|\d ?[A-Z]{2}\b|\d{3} \d{2}|\d-\d{3}"
            rf"|\d{{1,5}}[A-Za-z]?,? \p{{Lu}}\p{{L}}+ |(?:{words.COMPOUND_ENDS}) \d|(?i)p\.? ?o\.? ?box"
            rf"|(?:{words.STREET_STARTS}|{words.LOWER_STREETS})\.? ",
            r"\p{Lu}\p{L}*\.?,? \d|\d[A-Za-z]?,? (?:\p{Lu}|\p{L}+ (?:\p{L}+ )?\p{Lu})|(?i)box",
        ),
        search=_find,
    ),
)

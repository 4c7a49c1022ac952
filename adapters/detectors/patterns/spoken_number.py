"""Numbers that are read out, digit by digit, as transcripts of calls have them."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

import re
from collections.abc import Iterator
from itertools import pairwise

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.checksums import payment_card
from domain.detection.checksums_americas import us_ssn
from domain.detection.taxonomy import Severity

_DIGITS = {
    word: str(digit)
    for digit, written in enumerate(
        (
            "zero oh nought null cero zéro",
            "one eins uno un",
            "two zwei zwo dos deux",
            "three drei tres trois",
            "four vier cuatro quatre",
            "five fünf cinco cinq",
            "six sechs seis",
            "seven sieben siete sept",
            "eight acht ocho huit",
            "nine neun nueve neuf",
        )
    )
    for word in written.split()
} | {str(digit): str(digit) for digit in range(10)}
_TIMES = {"double": 2, "triple": 3, "doble": 2}
_WORDS = "|".join(sorted((*_DIGITS, *_TIMES), key=len, reverse=True))
_SAID = "|".join(sorted((word for word in (*_DIGITS, *_TIMES) if word.isalpha()), key=len)[::-1])
_RUN = LazyPattern(rf"(?i)\b(?:{_WORDS})(?:[ ,.\-]{{1,3}}(?:{_WORDS})){{6,40}}")
_WORD = re.compile(r"[^\W_]+")

SPOKEN_CARD = pii(
    "spoken-credit-card",
    "CREDIT_CARD",
    "Payment card number read out",
    "13 to 19 digits said one by one, in English, French, German or Spanish.",
    validator="issuer range and Luhn digit",
    sources=("ISO/IEC 7812-1",),
    examples=("four one one one one one one one one one one one one one one one",),
    near_misses=("four one one one one one one one one one one one one one one two",),
    severity=Severity.CRITICAL,
)
SPOKEN_PHONE = pii(
    "spoken-phone",
    "PHONE",
    "Telephone number read out",
    "7 to 15 digits said one by one beside a word for telephone.",
    sources=("ITU-T E.164",),
    examples=("my phone is four one five five five five oh one three two",),
    near_misses=("one two three four five six seven eight", "call one two three"),
    severity=Severity.MEDIUM,
)
SPOKEN_SSN = pii(
    "spoken-us-ssn",
    "SSN",
    "US Social Security number read out",
    "Nine digits said one by one beside the words for the number.",
    validator="area, group and serial",
    sources=("SSA POMS RM 10201.035",),
    examples=("my social is one two three four five six seven eight nine",),
    near_misses=("my social is zero zero zero four five six seven eight nine",),
    severity=Severity.CRITICAL,
)
SPOKEN_ACCOUNT = pii(
    "spoken-bank-account",
    "BANK_ACCOUNT",
    "Account number read out",
    "7 to 17 digits said one by one beside a word for an account.",
    sources=("https://en.wikipedia.org/wiki/Bank_account",),
    examples=("account number is five five seven seven nine nine one one",),
    near_misses=("five five seven seven nine nine one one",),
    severity=Severity.HIGH,
)


def _find(document: Document) -> Iterator[Hit]:
    for match in _RUN.finditer(document.subject):
        start, end = match.span()
        if document.text[end : end + 1].isalnum():
            continue
        hit = _judge(document, start, end)
        if hit is not None:
            yield hit


def _judge(document: Document, start: int, end: int) -> Hit | None:
    words = _WORD.findall(document.text[start:end].lower())
    digits = _read(words)
    # Digits with blanks between them are as often a row of a table.
    spoken = any(word.isalpha() for word in words)
    if payment_card(digits) and (spoken or _near(document, "card", start, end)):
        steps = (("pattern", 0.3), ("luhn: valid", 0.9))
        return Hit(start, end, SPOKEN_CARD, 0.9, "luhn: valid", (), steps, (), 1)
    if not spoken:
        return None
    for group, info, fits in (
        ("us-ssn", SPOKEN_SSN, us_ssn(digits)),
        ("bank-account", SPOKEN_ACCOUNT, 7 <= len(digits) <= 17),
        ("phone", SPOKEN_PHONE, 7 <= len(digits) <= 15),
    ):
        found = document.nearest(group, start, end, before=40, after=0) if fits else None
        if found is not None:
            steps = (("pattern", 0.3), (f"context {found[0].word!r}", 0.8))
            return Hit(start, end, info, 0.8, None, (found[0],), steps, (), 1)
    return None


def _near(document: Document, group: str, start: int, end: int) -> bool:
    return document.nearest(group, start, end, before=60, after=24) is not None


def _read(words: list[str]) -> str:
    """Return the digits of words; `double five` are two of them."""
    read = ""
    for before, word in pairwise(("", *words)):
        read += _DIGITS.get(word, "") * _TIMES.get(before, 1)
    return read


RECOGNISERS = (
    Custom(
        infos=(SPOKEN_CARD, SPOKEN_PHONE, SPOKEN_SSN, SPOKEN_ACCOUNT),
        gates=(
            rf"(?i)\b(?:{_SAID})[ ,.\-]{{1,3}}(?:{_SAID})[ ,.\-]{{1,3}}(?:{_SAID})\b|(?:\d ){{8}}",
        ),
        search=_find,
    ),
)

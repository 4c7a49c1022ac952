"""Dates, dates of birth and ages."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from domain.detection.checksums_europe import is_date
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Severity

_MONTHS = {
    name: at
    for at, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari leden "
            "stycznia styczeń tammikuuta ocak ianuarie ledna",
            "february feb februar février fevrier févr febrero febbraio febr fevereiro fev "
            "februari lutego helmikuuta şubat februarie února",
            "march mar märz mars marzo março maart marca maaliskuuta mart martie března",
            "april apr avril avr abril abr aprile april kwietnia huhtikuuta nisan aprilie dubna",
            "may mai mayo maggio mag maio mei maj maja toukokuuta mayıs května",
            "june jun juni juin junio giugno giu junho czerwca kesäkuuta haziran iunie června",
            "july jul juli juillet juil julio luglio lug julho lipca heinäkuuta temmuz iulie "
            "července",
            "august aug août aout agosto ago augustus augusti sierpnia elokuuta ağustos srpna",
            "september sep sept septembre septiembre settembre set setembro września syyskuuta "
            "eylül septembrie září",
            "october oct oktober okt octobre octubre ottobre ott outubro out października "
            "lokakuuta ekim octombrie října",
            "november nov novembre noviembre novembro listopada marraskuuta kasım noiembrie",
            "december dec dezember dez décembre décem déc diciembre dic dicembre dezembro "
            "desember grudnia joulukuuta aralık decembrie prosince",
        ),
        1,
    )
    for name in names.split()
}
_MONTH = "(?:" + "|".join(sorted(_MONTHS, key=lambda name: (-len(name), name))) + r")\.?"
_NUMERIC = LazyPattern(
    r"(\d{4})([-/.])(\d{1,2})([-/.])(\d{1,2})|(\d{1,2})([-/.])\s?(\d{1,2})([-/.])\s?(\d{4}|\d{2})"
)
_WORDED = LazyPattern(
    rf"(?i)({_MONTH})\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})"
    rf"|(\d{{1,2}})(?:st|nd|rd|th|º|er)?\.?(?:\s(?:of|de|di))?[\s\-]({_MONTH})(?:\s(?:of|de|del))?[,\s\-]\s?(\d{{4}})"
)
_EAST_ASIAN = LazyPattern(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
_COMPACT = re.compile(
    r"(?<![\w.\-/])(?:\d{8}|\d{2}(?:JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)\d{2}"
    r"(?:\d{2})?)(?![\w\-/])"
)
_BIRTH_WORDS = (
    r"(?i)d\.?o\.?b\b|b-?day|birth|born|geb|naiss|nasc|nac|ur\.|生年月日|出生日期|생년월일"
)
_BORN_IN_SHORT = re.compile(r"[(,;]\s?b\.\s?\Z")
_AGE = LazyPattern(
    r"(?i)(\d{1,3})[\s\-]?(?:years?[\s\-]old|yrs?[\s\-]old|y/?o\b|yrs?\b|años|ans\b|anni\b|anos\b"
    r"|jahre alt|jaar oud)"
    r"|(?:aged?|age\sis|age:|\"age\":|im alter von|turned)\s?(\d{1,3})\b"
    r"|(?-i:\p{Lu}\p{L}+ \((\d{1,2})\)(?:,| (?:lives|from|of|is|has|was)))"
)
_NO_AGES = (" of experience", " of ", " ago", " later", " in ")
_OLDEST = 120
_BORN_AFTER = (" geboren", " geb.")

DATE_OF_BIRTH = pii(
    "date-of-birth",
    "DATE_OF_BIRTH",
    "Date of birth",
    "A day labelled as birth, born, DOB or their translations, in a sentence, form, key or column.",
    validator="the day exists",
    sources=("ISO 8601", "45 CFR 164.514(b)(2)(i)(C)"),
    examples=("born on 4 July 1976", "DOB: 1976-07-04", "ich bin am 04.07.1976 geboren"),
    near_misses=(
        "released on 1976-07-04",
        "DOB: 1976-13-40",
        "born ready",
        "died 2001-02-03, born free",
    ),
    severity=Severity.HIGH,
)
DATE = pii(
    "date",
    "DATE",
    "Date",
    "A calendar day in numbers or with the name of the month; time stamps are left out.",
    validator="the day exists",
    sources=("ISO 8601",),
    examples=("2024-05-01", "1 May 2024", "5/1/24"),
    near_misses=("1.2.3", "2024-05-01T10:11:12Z", "99/99/2024", "1/2"),
    severity=Severity.LOW,
)
AGE = pii(
    "age",
    "AGE",
    "Age",
    "A number of years said to be somebody's age.",
    sources=("45 CFR 164.514(b)(2)(i)(C)",),
    examples=("31 years old", "aged 70", "a 9-year-old"),
    near_misses=("31 years of experience", "aged 500", "age group"),
    severity=Severity.LOW,
)


def _find_compact(document: Document) -> Iterator[Hit]:
    """Yield days of birth without separators, such as `BDAY:19760704`, directly after a label."""
    for match in _COMPACT.finditer(document.text):
        start, end = match.span()
        found = document.nearest("date-of-birth", start, end, before=30, after=0)
        if found is not None and found[1] and _is_compact_day(match.group()):
            steps = (("pattern", 0.3), (f"context {found[0].word!r}", 0.9))
            yield Hit(start, end, DATE_OF_BIRTH, 0.9, "day: exists", (found[0],), steps, (), 1)


def _is_compact_day(value: str) -> bool:
    """Read year first (ISO 8601 basic format), or month and day in either order before it."""
    month = _MONTHS.get(value[2:5].casefold())
    if month is not None:
        # As airlines write it; the century of a short year does not change which days there are.
        return is_date(2000 + int(value[-2:]), month, int(value[:2]))
    parts = tuple(map(int, (value[:4], value[4:6], value[6:])))
    if 1880 <= parts[0] <= 2100 and is_date(*parts):
        return True
    first, second, year = map(int, (value[:2], value[2:4], value[4:]))
    return 1880 <= year <= 2100 and (is_date(year, first, second) or is_date(year, second, first))


def _find_dates(document: Document) -> Iterator[Hit]:
    text = document.text
    for start, end, kind in _days(document):
        found = document.nearest("date-of-birth", start, end, before=30, after=0)
        if found is None and text.startswith(_BORN_AFTER, end):
            found = ContextWord(word="geboren", distance=1), True
        if found is None and _BORN_IN_SHORT.search(text, max(0, start - 6), start):
            found = ContextWord(word="b.", distance=1), True
        if found is not None and (found[1] or found[0].distance <= 14):
            score = 0.93 if found[1] else 0.8
            steps = (("pattern", 0.5), (f"context {found[0].word!r}", score))
            yield Hit(start, end, DATE_OF_BIRTH, score, "day: exists", (found[0],), steps, (), 1)
            continue
        if (
            kind == "ambiguous"
            or text[end : end + 1] == "T"
            or (text[end : end + 1] == " " and _is_clock(text, end + 1))
        ):
            continue
        score = 0.85 if kind == "written" else 0.75
        yield Hit(start, end, DATE, score, "day: exists", (), (("pattern", score),))


def _days(document: Document) -> Iterator[tuple[int, int, str]]:
    """Yield days as written, numeric or ambiguous: `11.12.29` is a day only beside a label."""
    text = document.text
    for match in _NUMERIC.finditer(document.subject):
        start, end = match.span()
        if _is_glued(text, start, end):
            continue
        if match.took_part(1):
            same = match.text(2) == match.text(4)
            parts = (int(match.text(1)), int(match.text(3)), int(match.text(5)))
            exists = 1850 <= parts[0] <= 2100 and is_date(*parts)
        else:
            same = match.text(7) == match.text(9)
            exists = _is_day(match.text(6), match.text(8), match.text(10), match.text(7))
        if same and exists:
            dotted = match.text(9) == "." and len(match.text(10)) == 2
            yield start, end, "ambiguous" if dotted else "numeric"
    for match in _EAST_ASIAN.finditer(document.subject):
        start, end = match.span()
        if not _is_glued(text, start, end) and is_date(*(int(match.text(at)) for at in (1, 2, 3))):
            yield start, end, "written"
    for match in _WORDED.finditer(document.subject):
        start, end = match.span()
        month = match.text(1) or match.text(5)
        day = match.text(2) or match.text(4)
        year = match.text(3) or match.text(6)
        known = _MONTHS.get(month.casefold().rstrip("."), 0)
        if not _is_glued(text, start, end) and is_date(int(year), known, int(day)):
            yield start, end, "written"


def _is_day(first: str, second: str, year: str, separator: str) -> bool:
    """Read day and month in either order; two-digit years only with strokes or two-digit parts."""
    if len(year) == 2:
        if separator == "." and not (len(first) == len(second) == 2):
            return False
        if separator == "-" and len(first) + len(second) < 4:
            return False
        years = [1900 + int(year), 2000 + int(year)]
    else:
        years = [int(year)]
        if not 1850 <= years[0] <= 2100:
            return False
    return any(
        is_date(value, month, day)
        for value in years
        for month, day in ((int(first), int(second)), (int(second), int(first)))
    )


def _is_glued(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or before[-1:] in {"_", "#", "$", "€", "£", "v"}:
        return True
    if before[-1:] in {"-", "/", "."} and before[:1].isalnum() and before[:1] != " ":
        return len(before) == 2
    if after[:1].isalnum() and after[:1] != "T":
        return True
    return after[:1] in {"-", "/", ".", "_"} and after[1:].isalnum()


def _is_clock(text: str, at: int) -> bool:
    return text[at : at + 2].isdigit() and text[at + 2 : at + 3] == ":"


def _find_ages(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _AGE.finditer(document.subject):
        group = next(group for group in (1, 2, 3) if match.took_part(group))
        start, end = match.span(group)
        before = text[start - 1 : start]
        if int(text[start:end]) > _OLDEST or before.isalnum() or before in {".", "$", "-", "€"}:
            continue
        whole_start, whole_end = match.span()
        if group == 1 and text.startswith(_NO_AGES, whole_end):
            continue
        if group == 2 and (text[whole_start - 1 : whole_start].isalnum() or _goes_on(text, end)):
            continue
        yield Hit(start, end, AGE, 0.8, None, (), (("pattern", 0.8),))


def _goes_on(text: str, end: int) -> bool:
    return text[end : end + 1] in {".", "%", ","} and text[end + 1 : end + 2].isdigit()


RECOGNISERS = (
    Custom(
        infos=(DATE_OF_BIRTH, DATE),
        gates=(r"\d[-/.]\s?\d{1,2}[-/.]\s?\d|(?:1[89]|20)\d\d",),
        search=_find_dates,
    ),
    Custom(
        infos=(),
        gates=(r"[^\d]\d{8}(?:[^\d]|$)|\d{2}[A-Z]{3}\d{2}", _BIRTH_WORDS),
        search=_find_compact,
    ),
    Custom(
        infos=(AGE,),
        gates=("age", r"\d"),
        search=_find_ages,
    ),
    Custom(
        infos=(),
        gates=(r"\p{L} \(\d{1,2}\)[, ]",),
        search=_find_ages,
    ),
)

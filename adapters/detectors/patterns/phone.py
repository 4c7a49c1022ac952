"""Telephone numbers: international, North American, and national forms beside a word for them."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, bare, is_bounded, pii
from adapters.detectors.patterns.word_lists import word_set
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Severity

_EXTENSION = r"(?:\s?(?:x|ext\.?|extension|ktr|poste|int\.?)\s?\d{1,6})?"
_INTERNATIONAL = LazyPattern(
    r"(?i)(?:\(\+[1-9]\d{0,2}\)|(?:\+ ?|\b00\s?)[1-9]\d{0,2})"
    r"[\s.\-/]{0,2}(?:\(\d{1,5}\)[\s.\-/]{0,2})?\d{1,5}"
    r"(?:[ \x{00a0}.\-/]{0,2}\d{1,5}){1,6}" + _EXTENSION
)
_NORTH_AMERICAN = LazyPattern(
    r"(?i)(?:\+?1[-. ]?)?(?:\(\d{3}\)[-. ]?|\d{3}[-. ])\d{3}[-. ]\d{4}" + _EXTENSION
)
_NATIONAL = LazyPattern(
    r"(?i)(?:\(0?\d{1,5}\)[\s.\-/]{0,2}|\d)\d{0,5}(?: / | ?\(\d{2,5}\) ?)?"
    r"(?:[ \x{00a0}.\-/]{0,2}\d{1,8}){1,6}" + _EXTENSION
)
_CHAT_LINK = LazyPattern(
    r"(?i)(?:\bwa\.me/|whatsapp\.com/send/?\?(?:[a-z_]+=[^&\s]*&)*phone=|"
    r"whatsapp://send/?\?phone=)(?:\+|%2B)?(\d{8,15})"
)
"""https://faq.whatsapp.com/5913398998672934: the full number in international format."""
_FOURS = re.compile(r"\d{4}(?: \d{4}){2,}")
"""Code points and the like: nobody's number is said in fours alone without a label."""
_VERBS = word_set("call called calling contact reach dial ring signal")
_MANY_MEANINGS = word_set("cell ring signal numero número numéro nummer portable handy mob")
_NAMED = re.compile(r"(?:\b(?:number|no|nr|id|code)\b\.?|#)\s?[:=]?\s?(?:is\s)?\Z", re.IGNORECASE)
"""The end of a label for some other number; one for a telephone would be known as such."""
_FEWEST, _MOST = 6, 15
_BEFORE_WORD, _AFTER_WORD = 44, 100
_COUNTRY_CODES = word_set(
    "1 7 20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 "
    "62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98 211 212 213 216 218 220 221 222 223 224 "
    "225 226 227 228 229 230 231 232 233 234 235 236 237 238 239 240 241 242 243 244 245 246 "
    "248 249 250 251 252 253 254 255 256 257 258 260 261 262 263 264 265 266 267 268 269 290 "
    "291 297 298 299 350 351 352 353 354 355 356 357 358 359 370 371 372 373 374 375 376 377 "
    "378 380 381 382 383 385 386 387 389 420 421 423 500 501 502 503 504 505 506 507 508 509 "
    "590 591 592 593 594 595 596 597 598 599 670 672 673 674 675 676 677 678 679 680 681 682 "
    "683 685 686 687 688 689 690 691 692 800 808 850 852 853 855 856 870 878 880 881 882 883 "
    "886 888 960 961 962 963 964 965 966 967 968 970 971 972 973 974 975 976 977 979 992 993 "
    "994 995 996 998"
)

PHONE = pii(
    "phone",
    "PHONE",
    "Telephone number",
    "International numbers, North American numbers, and national numbers beside a word such as "
    "phone, call or Tel.",
    validator="country code; 6 to 15 digits; North American area and exchange",
    sources=("ITU-T E.164", "ITU-T E.123", "https://nationalnanpa.com"),
    examples=("+44 20 7946 0958", "(212) 555-0123", "Tel. 030 901820"),
    near_misses=("ISBN 978-3-16-148410-0", "order 555-0123", "2024-05-01 10:11", "10.0.2.15"),
    severity=Severity.MEDIUM,
)


def _find(document: Document) -> Iterator[Hit]:
    taken: list[tuple[int, int]] = []
    for hit in (
        *_find_international(document),
        *_find_north_american(document),
        *_find_in_links(document),
    ):
        taken.append((hit.start, hit.end))
        yield hit
    if "phone" in document.groups:
        for hit in _find_national(document):
            if not any(start < hit.end and hit.start < end for start, end in taken):
                yield hit


def _find_international(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _INTERNATIONAL.finditer(document.subject):
        start, end = match.span()
        digits = _digits(text[start:end])
        plus = text[start] in "+("
        number = digits if plus else digits[2:]
        if not 8 <= len(number) <= 15 + _extension_size(text[start:end]):
            continue
        if (
            "." in text[start:end]
            and text[start:end].count(".") == 1
            and _is_plain(text[start:end])
        ):
            continue
        known = any(number[:size] in _COUNTRY_CODES for size in (1, 2, 3))
        if not known and not plus:
            continue
        if not plus and (end - start == len(digits) or not is_bounded(document, start, end)):
            continue
        if plus and (_glued(text, start) or text[end : end + 1].isalnum()):
            continue
        found = _context(document, start, end)
        if found is None and not plus and _labelled_otherwise(document, start, end):
            continue
        score = 0.75 if plus and known else 0.55
        if found is not None:
            score = 0.95 if plus else 0.88
        yield _hit(start, end, score, found, "country code: known" if known else None)


def _find_north_american(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _NORTH_AMERICAN.finditer(document.subject):
        start, end = match.span()
        if not is_bounded(document, start, end) and not _starts_after_joint(text, start, end):
            continue
        digits = _digits(text[start:end])
        number = digits[1:] if digits[0] == "1" and len(digits) > 10 else digits
        valid = number[0] in "23456789" and number[3] in "23456789" and number[1:3] != "11"
        found = _context(document, start, end)
        score = 0.65 if valid else 0.35
        if found is not None:
            score = max(score, 0.92 if found[1] else 0.85)
        elif _labelled_otherwise(document, start, end) or _NAMED.search(
            text[max(0, start - 24) : start]
        ):
            score = 0.25
        yield _hit(start, end, score, found, f"nanp: {'valid' if valid else 'invalid'}")


def _find_in_links(document: Document) -> Iterator[Hit]:
    """Yield numbers of click-to-chat links, which leave out the plus sign."""
    if "wa" not in document.text.lower():
        return
    for match in _CHAT_LINK.finditer(document.subject):
        start, end = match.span(1)
        number = match.text(1)
        if not document.text[end : end + 1].isalnum() and any(
            number[:size] in _COUNTRY_CODES for size in (1, 2, 3)
        ):
            yield _hit(start, end, 0.85, None, "country code: known")


def _find_national(document: Document) -> Iterator[Hit]:
    for first, last in _stretches(document):
        for match in _NATIONAL.finditer(document.subject, first, last):
            start, end = match.span()
            end = _trim(document.text, start, end)
            yield from _national(document, start, end)


def _stretches(document: Document) -> Iterator[tuple[int, int]]:
    """Yield where a word for telephone is near enough, or everything when it heads a column."""
    length = len(document.text)
    if document.heads_column("phone"):
        yield 0, length
        return
    first = last = -1
    for word in document.words("phone"):
        if last >= 0 and word.start - _BEFORE_WORD > last:
            yield first, last
            first = -1
        if first < 0:
            first = max(0, word.start - _BEFORE_WORD)
        last = min(length, word.end + _AFTER_WORD)
    if last >= 0:
        yield first, last


def _national(document: Document, start: int, end: int) -> Iterator[Hit]:
    text = document.text
    digits = _digits(text[start:end])
    if not _FEWEST <= len(digits) <= _MOST + _extension_size(text[start:end]):
        return
    found = _context(document, start, end)
    if found is None or text[start - 1 : start] == "#" or not is_bounded(document, start, end):
        return
    if _labelled_otherwise(document, start, end) or _is_date_or_price(text[start:end]):
        return
    word, labels = found
    grouped = end - start > len(digits)
    if not labels and (any(c.isdigit() for c in text[max(0, start - word.distance) : start])):
        return
    if not labels and (
        _is_years(text[start:end])
        or _FOURS.fullmatch(text[start:end])
        or (not grouped and len(digits) < 10 and _is_weak(text, word, start, end))
    ):
        return
    score = 0.85 if labels else 0.7 if grouped or digits[0] == "0" else 0.5
    yield _hit(start, end, score, found, None)


def _context(document: Document, start: int, end: int) -> tuple[ContextWord, bool] | None:
    return document.nearest("phone", start, end, before=50, after=12)


def _hit(
    start: int,
    end: int,
    score: float,
    found: tuple[ContextWord, bool] | None,
    verdict: str | None,
) -> Hit:
    steps = [("pattern", score)]
    context: tuple[ContextWord, ...] = ()
    if found is not None:
        context = (found[0],)
        steps = [("pattern", 0.4), (f"context {found[0].word!r}", score)]
    return Hit(start, end, PHONE, score, verdict, context, tuple(steps))


def _digits(value: str) -> str:
    return "".join(char for char in value if char.isdigit())


def _extension_size(value: str) -> int:
    return 6 if any(char.isalpha() for char in value) else 0


def _is_plain(value: str) -> bool:
    """Tell a decimal number such as `+ 12.3456` from a grouped one."""
    return not any(char in " -/()" for char in value.removeprefix("+").strip())


def _glued(text: str, start: int) -> bool:
    return start > 0 and (text[start - 1].isalnum() or text[start - 1] in "+-")


def _starts_after_joint(text: str, start: int, end: int) -> bool:
    """Accept `tel:212-555-0123` and `phone=212-555-0123`."""
    return text[start - 1 : start] in {":", "=", ">"} and not text[end : end + 1].isalnum()


def _labelled_otherwise(document: Document, start: int, end: int) -> bool:
    other = document.nearest("neutral", start, end, before=20, after=0)
    mine = document.nearest("phone", start, end, before=50, after=12)
    return (
        other is not None
        and other[1]
        and (mine is None or other[0].distance < mine[0].distance or not mine[1])
    )


def _is_years(value: str) -> bool:
    """Tell a list of years, as in `1923 1950`, from a number in groups of four."""
    parts = value.split(" ")
    return all(len(part) == 4 and part.isdigit() and 1800 <= int(part) <= 2100 for part in parts)


def _is_weak(text: str, word: ContextWord, start: int, end: int) -> bool:
    """Tell whether a plain number has no more than a word of many meanings near by.

    As in `ticket 1234567: call pending` and `cell culture 1000000`.
    """
    behind = text[end + word.distance :].lower().startswith(word.word)
    weak = word.word.removesuffix("s") in _MANY_MEANINGS or (behind and word.word in _VERBS)
    return weak and text[start] != "0"


def _is_date_or_price(value: str) -> bool:
    parts = bare(value, "").replace("/", "-").replace(".", "-").split("-")
    if len(parts) == 3 and all(part.isdigit() for part in parts):
        sizes = tuple(len(part) for part in parts)
        if sizes in {(4, 2, 2), (2, 2, 4), (1, 2, 4), (2, 1, 4), (1, 1, 4), (2, 2, 2), (4, 1, 2)}:
            return all(int(part) <= 31 for part in parts if len(part) <= 2)
    return len(parts) == 2 and "." in value and " " not in value and len(parts[1]) <= 2


def _trim(text: str, start: int, end: int) -> int:
    while end > start and not text[end - 1].isdigit():
        end -= 1
    return end


RECOGNISERS = (
    Custom(infos=(PHONE,), gates=(r"\d(?:[)\s.\-/\x{00a0}]{0,3}\(?\d){5}",), search=_find),
)

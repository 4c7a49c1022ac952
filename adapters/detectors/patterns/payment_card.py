"""Numbers of payment cards."""

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, bare, is_bounded, pii
from domain.detection.checksums import card_network, payment_card
from domain.detection.taxonomy import Severity

_AMONG_HEX = re.compile(r"(?:\A| )(?=[0-9A-F]{0,3}[A-F])[0-9A-F]{4}(?: \d{4}|\Z|[\s])")
"""A group of four with letters beside the number, as in tables of code points."""
_CARD = LazyPattern(
    r"\d{4}[ .\-]\d{4}[ .\-]\d{4}[ .\-]\d{4}(?:[ .\-]\d{3})?"
    r"|\d{4}[ .\-]\d{6}[ .\-]\d{4,5}|\d{13,19}|\d{4}[ .\-]{2,3}\d{4}[ .\-]{2,3}\d{4}[ "
    r".\-]{2,3}\d{4}"
)
_COMMON = {"visa": {16}, "mastercard": {16}, "amex": {15}, "discover": {16}, "jcb": {16}}

CREDIT_CARD = pii(
    "credit-card",
    "CREDIT_CARD",
    "Payment card number",
    "13 to 19 digits in an issuer's range, plain or in the groups in which cards print them.",
    validator="Luhn, issuer range and length",
    sources=("ISO/IEC 7812-1", "https://en.wikipedia.org/wiki/Payment_card_number"),
    examples=("4111 1111 1111 1111", "378282246310005", "5555-5555-5555-4444"),
    near_misses=("4111 1111 1111 1112", "1234 5678 9012 3456", "order 4929123412341234567890"),
    severity=Severity.CRITICAL,
)


def _find(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _CARD.finditer(document.subject):
        start, end = match.span()
        value = bare(text[start:end], " .-")
        if not payment_card(value) or not is_bounded(document, start, end):
            continue
        if _AMONG_HEX.search(text[max(0, start - 5) : start + 4]) or _AMONG_HEX.match(text, end):
            continue
        if "." in text[start:end] and text[start - 1 : start] == ".":
            continue
        network = card_network(value) or ""
        grouped = end - start > len(value)
        usual = len(value) in _COMMON.get(network, ())
        score = 0.93 if grouped else 0.8 if usual else 0.45
        steps = [("pattern", 0.3), (f"luhn: valid, {network}", score)]
        found = document.nearest("card", start, end, before=60, after=30)
        if found is not None:
            score = max(score, 0.98 if found[1] else 0.95)
            steps.append((f"context {found[0].word!r}", score))
        elif _is_labelled_otherwise(document, start, end, grouped=grouped):
            score = min(score, 0.4)
            steps.append(("labelled as something else", score))
        context = () if found is None else (found[0],)
        yield Hit(
            start, end, CREDIT_CARD, score, "luhn: valid", context, tuple(steps),
            (("network", network),), 3,
        )  # fmt: skip


def _is_labelled_otherwise(document: Document, start: int, end: int, *, grouped: bool) -> bool:
    other = document.nearest("neutral", start, end, before=24, after=0)
    return other is not None and other[1] and not grouped


RECOGNISERS = (
    Custom(
        infos=(CREDIT_CARD,),
        gates=(r"\d(?:[ .\-]{0,3}\d){12}",),
        search=_find,
    ),
)

"""IBANs, account numbers and routing numbers."""

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import Custom, Hit, PatternRule, pii
from adapters.detectors.word_edges import is_whole
from domain.detection.checksums import IBAN_LENGTHS, aba_routing, iban
from domain.detection.taxonomy import Severity

_IBAN_HEAD = LazyPattern(r"(?i)[a-z]{2}\d{2}[ \-]?[a-z0-9]{2}")

IBAN = pii(
    "iban",
    "IBAN",
    "International bank account number",
    "Country, two check digits and the national account, in the length of the country.",
    validator="MOD 97-10 and length by country",
    sources=("ISO 13616-1", "SWIFT IBAN Registry"),
    examples=("GB82 WEST 1234 5698 7654 32", "DE89370400440532013000"),
    near_misses=("GB75 DKLB 3740 4963 5997 59", "DE8937040044053201300", "US12 3456 7890 1234"),
    severity=Severity.HIGH,
)
ACCOUNT = pii(
    "bank-account",
    "BANK_ACCOUNT",
    "Bank account number",
    "6 to 17 digits, plain or grouped, that a word such as account or Konto labels.",
    sources=("https://en.wikipedia.org/wiki/Bank_account",),
    examples=("account number 12345678",),
    near_misses=("order 12345678", "account balance 120000", "account_id: 123456789012"),
    severity=Severity.HIGH,
)
ROUTING = pii(
    "us-bank-routing",
    "BANK_ACCOUNT",
    "US bank routing number",
    "Nine digits with the district prefix and check digit of the ABA, labelled as routing number.",
    validator="ABA weights 3-7-1",
    sources=("ABA Key to Routing Numbers",),
    examples=("routing number 021000021",),
    near_misses=("routing number 021000022", "021000021"),
    severity=Severity.MEDIUM,
)
SORT_CODE = pii(
    "gb-sort-code",
    "BANK_ACCOUNT",
    "Sort code, BSB, IFSC or CLABE",
    "A branch code in the form of its country, labelled as such.",
    sources=("https://en.wikipedia.org/wiki/Sort_code",),
    examples=("sort code 20-00-00",),
    near_misses=("20-00-00", "at 20-00-00"),
    severity=Severity.MEDIUM,
)


def _find_iban(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _IBAN_HEAD.finditer(document.subject):
        start = match.span()[0]
        size = IBAN_LENGTHS.get(text[start : start + 2].upper())
        if size is None:
            continue
        end = _end_of(text, start, size)
        value = "".join(char for char in text[start:end] if char.isalnum()).upper()
        if not end or not is_whole(text, start, end) or not iban(value):
            continue
        found = document.nearest("bank-account", start, end, before=40, after=16)
        steps = (("pattern", 0.4), ("mod 97: valid", 0.97))
        context = () if found is None else (found[0],)
        yield Hit(start, end, IBAN, 0.97, "mod 97: valid", context, steps, (), 4)


def _end_of(text: str, start: int, size: int) -> int:
    """Return where `size` letters and digits end, blanks and hyphens between them allowed."""
    seen = 0
    for at in range(start, min(len(text), start + 2 * size)):
        char = text[at]
        if char.isascii() and char.isalnum():
            seen += 1
            if seen == size:
                return at + 1
        elif char not in " -\u00a0" or text[at - 1] in " -\u00a0":
            return 0
    return 0


_LABELLED_ACCOUNT = PatternRule(
    info=ACCOUNT,
    pattern=r"\d{6,17}|\d{2,4}(?:[- ]\d{2,8}){1,4}",
    shape=r"\d",
    context=("bank-account",),
    needs_label=True,
    base=0.2,
    labelled=0.82,
)
_OF_ACCOUNTS_ELSEWHERE = re.compile(
    r"(?i)(?:\baccount_?id|\baws[\s_-]{1,2}account(?:[\s_-]{1,2}(?:id|no|number))?)"
    r"[\"'`]?\s{0,2}(?:[:=]|is)?\s{0,2}[\"'`]?$"
)


def _find_account(document: Document) -> Iterator[Hit]:
    """Yield account numbers; what programs call `account_id` is seldom one of a bank."""
    for hit in _LABELLED_ACCOUNT.find(document):
        before = document.text[max(0, hit.start - 32) : hit.start]
        if not _OF_ACCOUNTS_ELSEWHERE.search(before):
            yield hit


RULES = (
    MaskRule(
        info=ROUTING,
        masks="999999999",
        check=aba_routing,
        check_name="aba",
        context=("bank-routing",),
        labelled=0.9,
        near=0.6,
        rank=2,
    ),
)
RECOGNISERS = (
    Custom(infos=(IBAN,), gates=(r"(?i)[a-z]{2}\d{2}(?:[ \-]?[a-z0-9]){11}",), search=_find_iban),
    Custom(infos=(ACCOUNT,), gates=_LABELLED_ACCOUNT.gates, search=_find_account),
    PatternRule(
        info=SORT_CODE,
        pattern=r"\d{2}[- ]\d{2}[- ]\d{2}|\d{3}-\d{3}|\d{6}|\d{8}|\d{18}|[A-Z]{4}0[A-Z0-9]{6}",
        shape=r"\d",
        context=("sort-code",),
        needs_label=True,
        base=0.3,
        labelled=0.8,
        rank=1,
    ),
)

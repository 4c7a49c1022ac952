"""IBANs, account numbers and routing numbers."""

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.masked_number import MaskRule
from adapters.detectors.patterns.rule import Custom, Hit, PatternRule, is_bounded, pii
from adapters.detectors.word_edges import is_whole
from domain.detection.checksums import IBAN_LENGTHS, aba_routing, iban
from domain.detection.checksums_accounts import es_account, pl_account
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Severity

_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_SHORTEST_ACCOUNT = 6
_PAIR = LazyPattern(
    r"(?i)(\d{2}-\d{2}-\d{2})[ ,/]{1,3}(?:and )?"
    r"(?:a/?c(?:c|ct|count)?(?: (?:no|num|number))?[.:]{0,2} ?)?(\d{8})"
)
_PAYING = re.compile(r"(?i)\b(?:pay|paid|transfer|bacs|payee|refund|deposit|bank|sort)")
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
    "6 to 17 digits, plain or grouped, that a word such as account or Konto labels, or that follow "
    "a sort code.",
    sources=("https://en.wikipedia.org/wiki/Bank_account",),
    examples=("account number 12345678",),
    near_misses=(
        "order 12345678",
        "account balance 120000",
        "account_id: 123456789012",
        "GL account 400100",
        "account: 2024-05-01",
    ),
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
    "Sort code, BSB, BLZ, IFSC, CLABE or CBU",
    "A branch code, or a Mexican or Argentine account, in the form of its country, labelled as "
    "such.",
    sources=("https://en.wikipedia.org/wiki/Sort_code",),
    examples=("sort code 20-00-00",),
    near_misses=("20-00-00", "at 20-00-00"),
    severity=Severity.MEDIUM,
)


NATIONAL_ACCOUNT = pii(
    "national-bank-account",
    "BANK_ACCOUNT",
    "Polish or Spanish account number with check digits",
    "The 26 digits of a Polish or the 20 of a Spanish account, as they stand inside an IBAN.",
    validator="MOD 97-10 with PL; two control digits of the código cuenta cliente",
    sources=("NBP: Numer Rachunku Bankowego", "Banco de España: código cuenta cliente"),
    examples=("nr konta 61 1090 1014 0000 0712 1981 2874", "cuenta 2100 0418 45 0200051332"),
    near_misses=("61 1090 1014 0000 0712 1981 2875", "cuenta 2100 0418 46 0200051332 x"),
    severity=Severity.HIGH,
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


def _is_account(value: str) -> bool:
    """Tell an account from a day or a span of years behind the same word."""
    sizes = [len(part) for part in value.split("-")]
    if sum(sizes) < _SHORTEST_ACCOUNT:
        return False
    is_day = sizes in ([4, 2, 2], [2, 2, 4]) and max(map(int, value.split("-"))) <= _LAST_YEAR
    is_years = sizes == [4, 4] and all(
        _FIRST_YEAR <= int(part) <= _LAST_YEAR for part in value.split("-")
    )
    return not (is_day or is_years)


_LABELLED_ACCOUNT = PatternRule(
    info=ACCOUNT,
    pattern=r"\d{6,17}|\d{2,4}(?:[- ]\d{2,10}){1,4}(?:-\d)?|\d{4,12}-(?:\d{1,6}|[xX])",
    shape=r"\d",
    check=_is_account,
    check_name="no day, no years",
    separators="",
    context=("bank-account",),
    needs_label=True,
    base=0.2,
    labelled=0.82,
)
_OF_ACCOUNTS_ELSEWHERE = re.compile(
    r"(?i)(?:\baccount_?id|\b(?:aws|gl|g/l|ledger)[\s_-]{1,2}account(?:[\s_-]{1,2}(?:id|no|number))?)"
    r"[\"'`]?\s{0,2}(?:[:=]|is)?\s{0,2}[\"'`]?$"
)


def _find_account(document: Document) -> Iterator[Hit]:
    """Yield account numbers; what programs call `account_id` is seldom one of a bank."""
    for hit in _LABELLED_ACCOUNT.find(document):
        before = document.text[max(0, hit.start - 32) : hit.start]
        if not _OF_ACCOUNTS_ELSEWHERE.search(before):
            yield hit


def _find_pair(document: Document) -> Iterator[Hit]:
    """Yield a sort code and the account behind it, as British payers write them."""
    for match in _PAIR.finditer(document.subject):
        (first, last), (start, end) = match.span(1), match.span(2)
        if not (is_bounded(document, first, last) and is_bounded(document, start, end)):
            continue
        found = document.nearest("bank-account", first, end, before=40, after=40)
        found = found or document.nearest("sort-code", first, end, before=40, after=24)
        if found is None and not _PAYING.search(document.text, max(0, first - 40), first):
            continue
        word = found[0] if found else ContextWord(word="pay", distance=0)
        steps = (("sort code and account", 0.3), (f"context {word.word!r}", 0.75))
        yield Hit(first, last, SORT_CODE, 0.75, None, (word,), steps, (), 1)
        yield Hit(start, end, ACCOUNT, 0.75, None, (word,), steps, (), 1)


RULES = (
    MaskRule(
        info=NATIONAL_ACCOUNT,
        masks="99 9999 9999 9999 9999 9999 9999|99999999999999999999999999",
        check=pl_account,
        check_name="mod 97",
        context=("bank-account",),
        alone=0.85,
        labelled=0.95,
        near=0.92,
        rank=2,
    ),
    MaskRule(
        info=NATIONAL_ACCOUNT,
        masks="9999 9999 99 9999999999|9999-9999-99-9999999999|99999999999999999999",
        check=es_account,
        check_name="two digits modulo 11",
        context=("bank-account",),
        alone=0.0,
        labelled=0.95,
        near=0.85,
        rank=2,
    ),
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
    Custom(infos=(), gates=(r"\d{2}-\d{2}-\d{2}[ ,/]",), search=_find_pair),
    PatternRule(
        info=SORT_CODE,
        pattern=(
            r"\d{2}[- ]\d{2}[- ]\d{2}|\d{3}-\d{3}|\d{3} \d{3} \d{2}|\d{6}|\d{8}|\d{18}|\d{22}"
            r"|[A-Z]{4}0[A-Z0-9]{6}"
        ),
        shape=r"\d",
        context=("sort-code",),
        needs_label=True,
        base=0.3,
        labelled=0.8,
        rank=1,
    ),
)

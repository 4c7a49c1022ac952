"""Organisations, by legal form, by hospital, university and the like, and by words before them."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from functools import cache

from adapters.detectors.context import words
from adapters.detectors.linear_time import LazyPattern, Subject
from adapters.detectors.patterns.rule import Hit, pii
from domain.detection.taxonomy import Severity

_CAP = r"(?:[^\W\d_a-z][^\W\d_]*(?:['’\-][^\W\d_]+)*)"
_LINK = (
    r"(?:van de|van der|van den|van|de la|de los|de|da|do|das|dos|der|von|di|del|des|du|y|e|en|et|"
    r"i|i figli)"
)
_FORM = (
    r"(?:Inc|LLC|L\.L\.C|Ltd|Limited|PLC|plc|Corp|Corporation|Company|Co|GmbH(?: & Co\. (?:KGaA|"
    r"KG|OHG|oHG))?|"
    r"AG(?: & Co\. (?:KGaA|KG|OHG|oHG))?|KGaA|KG|OHG|oHG|e\.V|e\.G|mbH|Stiftung(?: & Co\. KGaA)?|"
    r"S\.A\.S|SAS|S\.A\.R\.L|SARL|S\.A|SA|S\.L\.N\.E|S\.L\.L|S\.L\.U|S\.L|SL|S\.Coop|S\.Com|S\.C|"
    r"SPA|SpA|S\.p\.A|SRL|S\.R\.L|s\.r\.l|SNC|s\.n\.c|SCS|SCA|B\.V|BV|N\.V|NV|VOF|AB|HB|KB|ApS|A/S|I/S|K/S|P/S|"
    r"ASA|AS|Oy|Oyj|Ky|ry|Tmi|s\.r\.o|a\.s|k\.s|v\.o\.s|o\.s|o\.p\.s|z\.s|Sp\. z o\.o|S\.K\.A|"
    r"sp\.k|"
    r"LLP|LP|Group|Groep|Holding|Holdings|Partners|Ltda|S/A|ME|EI|EIRELI|A\.Ş|Ltd\. Şti|Foundation|"
    r"University|Hospital|Institute|Bank|Clinic|College|Associates|e figli|and Sons|& Sons|& Søn|"
    r"& Co\. KG|& Co|Scandinavia|Pty Ltd|Pvt Ltd|Trust)"
)
_CUES = (
    r"(?:works? for|worked (?:at|for)|working (?:at|for)|employed (?:by|at)|[Ii]nvoice to|"
    r"C[EFTO]O of|joined|"
    r"Analyst,|Engineer,|Manager,|ATTN:|company:?|employer:?|via|[Bb]ank) "
)
_CUED = re.compile(
    rf"(?<![^\W\d_]){_CUES}({_CAP}(?:(?:, | and | y | e | & |-| )(?:{_LINK} )?{_CAP}){{0,5}})"
)

_FORM_SOMEWHERE = LazyPattern(rf" {_FORM}(?:[^0-9A-Za-z_]|$)")
"""What a name with a legal form has at least, found by a faster engine; such a name is one line."""

_CUE_SOMEWHERE = LazyPattern(rf"({_CUES})(?:[A-Z]|[^\x00-\x7f])")
"""What such words and the beginning of a name look like, found by that engine too."""

ORGANIZATION = pii(
    "organisation-by-context",
    "ORGANIZATION",
    "Organisation",
    "Capitalised words with a legal form, or after words such as works for.",
    sources=("ISO 20275 entity legal forms",),
    examples=("Example Corp", "works for Acme and Sons", "Muster GmbH"),
    near_misses=("a limited company", "the bank", "The works of Mozart"),
    severity=Severity.LOW,
)


def find_organisations(subject: Subject) -> Iterator[Hit]:
    """Yield organisations."""
    text = subject.text
    for match in _named(subject):
        start, end = match.span()
        if text[end - 1] == "." and not _ends_abbreviation(text, end):
            end -= 1
        while (first := text[start:end].split(" ", 1)) and first[0].casefold() in words.NOT_NAMES:
            if len(first) == 1:
                break
            start += len(first[0]) + 1
        if " " in text[start:end] or "-" in text[start:end]:
            yield Hit(start, end, ORGANIZATION, 0.75, None, (), (("legal form", 0.75),), (), 1)
    for match in _cued(subject):
        start, end = match.span(1)
        if end - start == 1:
            # "Dear Hiring Manager, I am"
            continue
        yield Hit(start, end, ORGANIZATION, 0.72, None, (), (("cue", 0.72),))


def _cued(subject: Subject) -> Iterator[re.Match[str]]:
    """Yield what `_CUED` matches, from left to right."""
    done = 0
    for cue in _CUE_SOMEWHERE.finditer(subject, resume_after=1):
        at = cue.span()[0]
        match = _CUED.match(subject.text, at) if at >= done else None
        if match is not None:
            done = match.end()
            yield match


@cache
def _named_form() -> re.Pattern[str]:
    """Return the form of a name with a legal form, which takes long to compile."""
    return re.compile(
        rf"{_CAP}(?:(?:,? | & | and |-| - |, )(?:{_LINK} )?{_CAP}){{0,6}}?(?: -)?,? {_FORM}\b"
        rf"(?:,? {_FORM}\b)*\.?"
    )


def _named(subject: Subject) -> Iterator[re.Match[str]]:
    """Yield what `_named_form` matches, asked only about lines that hold a legal form."""
    text = subject.text
    done = 0
    for form in _FORM_SOMEWHERE.finditer(subject):
        at = form.span()[0]
        if at < done:
            continue
        first = text.rfind("\n", 0, at) + 1
        done = text.find("\n", at)
        done = len(text) if done < 0 else done
        yield from _named_form().finditer(text, first, done)


def _ends_abbreviation(text: str, end: int) -> bool:
    """Tell a full stop of `S.A.` from one that ends the sentence after `GmbH`."""
    word = text[:end].rsplit(" ", 1)[-1]
    return "." in word[:-1] or text[end : end + 2].strip(" ,").islower()

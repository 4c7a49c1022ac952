"""Harm to others or to themselves that people declare: who, will, what, and to whom.

A model of words sees a threat as a few words among many; the form is what makes it one.
"""

# Apostrophes are typed in either way.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from domain.detection.finding import Span

_WILL = (
    r"(?:\s+(?:just|really|only|simply|honestly|seriously))?"
    r"(?:['’]ll|\s+will|\s+shall|['’]m gonna|\s+am gonna|['’]re gonna|\s+wanna|"
    r"(?:\s+am|['’]m|\s+are|['’]re) (?:going|planning|about) to|\s+(?:want|plan|swear|need) to|"
    r"\s+swear I(?:['’]ll|\s+will))\s+(?:\w+\s+){0,2}?"
)
_DECLARED = {
    "THREAT": re.compile(
        rf"\b(?:I|we){_WILL}(?:kill|murder|shoot|stab|strangle|slaughter|behead|rape|torture|hurt|"
        r"beat up|beat the \w+ out of|hunt down|burn down|blow up|bomb)\s+"
        r"(?:you|him|her|them|your|his|their|everyone|everybody|all of (?:you|them)|"
        r"(?:the|my|this|that) (?:boss|wife|husband|neighbou?rs?|teachers?|ex|classmates?|"
        r"colleagues?|coworkers?|family|parents|school|police|mosque|church|synagogue))\b"
        r"(?!\s+(?:an?|over|some|the|at|in the|feelings|ears|eyes|chances|credit|pocket|wallet)\b)",
        re.IGNORECASE,
    ),
    "SELF_HARM": re.compile(
        rf"\bI{_WILL}(?:kill myself|end (?:my (?:own )?life|it all)|take my (?:own )?life|"
        r"(?:hurt|cut|hang|shoot|drown) myself|be dead|die)\b"
        r"(?!\s+(?:of|for|laughing|in peace|on this hill))",
        re.IGNORECASE,
    ),
}


def declared(text: str, span: Span) -> Iterator[str]:
    """Yield the types of harm that somebody declares in a part of a text."""
    for kind, form in _DECLARED.items():
        if form.search(text, span.start, span.end):
            yield kind

"""E-mail addresses, plain and written out."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator

from adapters.detectors.linear_time import LazyPattern
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, pii
from adapters.detectors.patterns.word_lists import word_set
from domain.detection.taxonomy import Severity

_NOT_IN_ADDRESS = r"\s\"'(),:;<>@\[\]\\{}|=&?/*#!~^`$" + "„“”‘’«»…"
_EMAIL = LazyPattern(f"[^{_NOT_IN_ADDRESS}]+@(?:[^{_NOT_IN_ADDRESS}.]+\\.)+[^{_NOT_IN_ADDRESS}.]+")
_WRITTEN_OUT = LazyPattern(
    r"(?i)([a-z0-9][a-z0-9._+-]{0,40})\s?[\[(<]\s?at\s?[\])>]\s?([a-z0-9-]+"
    r"(?:\s?(?:\.|[\[(<]\s?dot\s?[\])>])\s?[a-z0-9-]+){1,4})"
)
_SPOKEN = LazyPattern(
    r"(?i)\b([a-z0-9][a-z0-9_+-]{0,30}(?: dot [a-z0-9_+-]{1,30}){0,3}) at "
    r"([a-z0-9][a-z0-9-]{0,40}(?: dot [a-z]{2,12}){1,3})\b"
)
_MAIL_WORD = re.compile(r"(?i)\be-?mail|\baddress\b|\bcontact")
_FILE_ENDINGS = word_set(
    "png jpg jpeg gif svg webp js css ts py json html htm md txt ico map woff ttf pdf zip gz "
    "so rs yml yaml toml lock local internal localdomain"
)
_LONGEST_LOCAL, _LONGEST_LABEL, _SHORTEST_ENDING = 64, 63, 2
_FIELD_OF_MESSAGE_IDS = re.compile(
    r"(?im)^(?:(?:resent-)?message-id|in-reply-to|references):[^\n]*(?:\n[ \t][^\n]*)*\Z"
)
_LONGEST_FIELD = 400

EMAIL = pii(
    "email",
    "EMAIL",
    "E-mail address",
    "A mailbox: local part, @, and a domain name of at least two labels; letters of every script.",
    validator="domain: labels and ending well-formed, no file name, no remote of a code host",
    sources=("RFC 5321 section 4.1.2", "RFC 6531 (international mailboxes)"),
    examples=("ada@example.org", "jürgen+news@mail.example.com"),
    near_misses=(
        "logo@2x.png",
        "left-pad@1.3.0",
        "git@github.com:org/repo.git",
        "@app.route",
        "Message-ID: <20240501101112.7@mail.example.org>",
    ),
    severity=Severity.MEDIUM,
)
EMAIL_WRITTEN_OUT = pii(
    "email-written-out",
    "EMAIL",
    "E-mail address written out against robots",
    "A mailbox whose @ is written as (at) or [at], or spoken with dots as words.",
    sources=("RFC 5321 section 4.1.2",),
    examples=("ada (at) example (dot) org", "my email is ada at example dot org"),
    near_misses=("meet (at) noon", "shop at example dot com"),
)


def _find(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _EMAIL.finditer(document.subject):
        start, end = match.span()
        value = text[start:end].rstrip(".-_%+")
        stripped = value.lstrip(".-_%+")
        start, end = start + len(value) - len(stripped), start + len(value)
        local, _, domain = stripped.rpartition("@")
        start, local = _with_apostrophe(text, start, local)
        if not local or not _is_domain(domain) or len(local) > _LONGEST_LOCAL:
            continue
        if _belongs_to_locator(text, start, end, local) or _names_message(text, start, end):
            continue
        steps = (("pattern", 0.9), ("domain: well-formed", 0.97))
        yield Hit(start, end, EMAIL, 0.97, "domain: well-formed", (), steps, (), 2)


def _find_written_out(document: Document) -> Iterator[Hit]:
    for match in _WRITTEN_OUT.finditer(document.subject):
        domain = match.text(2).casefold()
        if "dot" in domain or "." in domain:
            start, end = match.span()
            yield Hit(start, end, EMAIL_WRITTEN_OUT, 0.75, None, (), (("pattern", 0.75),), (), 2)


def _find_spoken(document: Document) -> Iterator[Hit]:
    """Yield mailboxes as they are spoken: `ada dot lovelace at example dot org`."""
    for match in _SPOKEN.finditer(document.subject):
        start, end = match.span()
        said = _MAIL_WORD.search(document.text, max(0, start - 48), start)
        if said or " dot " in match.text(1).lower():
            yield Hit(start, end, EMAIL_WRITTEN_OUT, 0.75, None, (), (("pattern", 0.75),), (), 2)


def _with_apostrophe(text: str, start: int, local: str) -> tuple[int, str]:
    """Take in the first part of a local part such as `o'brien`."""
    first = start
    while first > 0 and (text[first - 1].isalnum() or text[first - 1] in "'."):
        first -= 1
    lead = text[first:start]
    if lead.endswith("'") and lead[:-1].replace(".", "").isalpha():
        return first, lead + local
    return start, local


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    ending = labels[-1]
    return (
        len(ending) >= _SHORTEST_ENDING
        and (ending.isalpha() or ending.casefold().startswith("xn--"))
        and ending.casefold() not in _FILE_ENDINGS
        and all(label and len(label) <= _LONGEST_LABEL and label[0] != "-" for label in labels)
        and all(char.isalnum() or char in "-_" for label in labels for char in label)
    )


def _names_message(text: str, start: int, end: int) -> bool:
    """Tell the name of a message, which has the form of a mailbox (RFC 5322, section 3.6.4)."""
    if text[start - 1 : start] != "<" or text[end : end + 1] != ">":
        return False
    field = _FIELD_OF_MESSAGE_IDS.search(text, max(0, start - _LONGEST_FIELD), start)
    return field is not None


def _belongs_to_locator(text: str, start: int, end: int, local: str) -> bool:
    """Tell user information in a URL, and the `git@host:path` form of a remote, from a mailbox."""
    token = start
    while token > 0 and not text[token - 1].isspace() and start - token < 300:
        token -= 1
    lead = text[token:start]
    if "://" in lead and not any(mark in lead[lead.index("://") + 3 :] for mark in "/?=&"):
        return True
    follows = text[end : end + 2]
    # `deploy@web.example.com:/var/www` is where scp and rsync copy to.
    return (local == "git" and follows[:1] in {":", "/"}) or follows in {":/", ":~"}


RECOGNISERS = (
    Custom(infos=(EMAIL,), gates=(r"[^\s@]@[^\s@]+\.",), search=_find),
    Custom(
        infos=(EMAIL_WRITTEN_OUT,),
        gates=(r"(?i)[\[(<]\s?at\s?[\])>]",),
        search=_find_written_out,
    ),
    Custom(infos=(), gates=(r"(?i) at [a-z0-9-]+ dot [a-z]",), search=_find_spoken),
)

"""Where a match would send something, as far as its text says so.

Whoever allows a domain must not allow what only looks like it, so this names too many rather than
too few: every address in the match counts, wherever it stands, and what cannot be told for certain
is `SOMEWHERE`, which no domain covers.
"""

import html
import re
from collections.abc import Iterator

from domain.detection.taxonomy import Category

SOMEWHERE = "?"
"""A destination that only running it would tell: a variable, half a name, a number, a trick."""

_WITHOUT = frozenset({"ENCODED_BLOB", "HIDDEN_TEXT", "BULK_RECORDS"})
"""Types of exfiltration that send nothing by themselves."""

_AUTHORITY = re.compile(
    r"(?:\b(?:https?|wss?|ftps?):[\\/]*|\b[a-z][a-z0-9+.-]{1,20}:[\\/]{2,}|(?<![\w:/\\])[\\/]{2,})"
    r"([^\s\\/?#\"<>`]*)",
    re.IGNORECASE,
)
"""What stands between an address's slashes and its path (RFC 3986, 3.2). Browsers take backslashes
for slashes and any number of them (WHATWG URL, 4.4)."""

_WRAPPING = re.compile(r"['(),;|{}\[\]]")
_HOST = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*")
_PATH = re.compile(r"[/?#][^\s\"'<>`]*")
_PORT = re.compile(r":\d{0,5}\Z")
_GOES_ON = re.compile(r"['\"`]\s*(?:[+%&]|\.\.?)|\\")
_NAME = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z0-9-]{2,}\.?", re.IGNORECASE)
_NEAR = 16
_OF_A_FILE = re.compile(r"(?<!/dev/tcp)(?<!/dev/udp)/\Z|(?:^|[\s=\"'])@\Z")
"""What stands before names of files: `/var/log/a.b`, `-d @a.b`; not before those of hosts."""

_BEFORE_NAME = frozenset(" \t\n\"'`(=@,;|<:./")
_AFTER_NAME = frozenset(" \t\n\"'`)/:,;|&>]")
_JOINED_BEFORE = re.compile(r"[+&]\s*[\"'`]\Z")
_MAIL_HOST = re.compile(r"@((?:[a-z0-9-]{1,63}\.)+[a-z]{2,63})", re.IGNORECASE)
_FILE = re.compile(
    r"(?i)\.(?:txt|jsonl?|ndjson|csv|tsv|pdf|log|sql|tar|gz|tgz|bz2|xml|ya?ml|env|pem|html?|png|jpe?g|"
    r"bak|conf|cfg|ini|docx?|xlsx?|db|sqlite3?|p12|pfx|kdbx|parquet)\Z"
)
"""Endings of files that are no top-level domains (IANA root zone)."""

_RAW_TOOL = re.compile(
    r"\b(?:nc|ncat|netcat|telnet|socat|ftp|tftp|ssh|scp|sftp|rsync|mail|sendmail|mutt|rclone|gsutil|"
    r"azcopy|aws|bitsadmin|s_client)\b|/dev/(?:tcp|udp)/",
    re.IGNORECASE,
)
_RAW_TARGET = re.compile(
    r"(?:\b(?:nc|ncat|netcat|telnet)(?:\s+-\w+)*\s+|/dev/(?:tcp|udp)/)(?:[a-z0-9_-]+\.)+[a-z]",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"(\S+\s+|^\s*)[\"']?\$[\w{(]")
_DATA_OPTION = re.compile(r"(?:-d|--data[\w-]*|--json|-F|--form|-H|--header|-u|--user)\s+\Z")


def destinations(category: Category, entity_type: str, match: str) -> frozenset[str]:
    """Return the host names in a match, in lower case, as `domains` of an exception mean them.

    Of exfiltration these are the places where it would send; there are none where a type sends
    nothing by itself. Of everything else they are the hosts of addresses, mail included.
    """
    if category is not Category.EXFIL:
        hosts, rest = _addresses(match)
        return frozenset(hosts | {found[1].lower() for found in _MAIL_HOST.finditer(rest)})
    if entity_type in _WITHOUT:
        return frozenset()
    if entity_type == "DNS":
        hosts, rest = _addresses(match)
        return frozenset(hosts | set(_names(rest)))
    if entity_type == "COMMAND":
        return frozenset(_of_command(match))
    if entity_type == "CODE":
        return frozenset(_addresses(match)[0])
    shown = html.unescape(match)
    hosts, _ = _addresses(shown)
    # Browsers drop tabs and line breaks out of addresses (WHATWG URL, 4.4).
    joined, _ = _addresses(re.sub(r"[\t\r\n]", "", shown))
    return frozenset(hosts | joined)


def _addresses(text: str) -> tuple[set[str], str]:
    """Return the hosts of the addresses in a text, and the text without those addresses."""
    hosts: set[str] = set()
    rest: list[str] = []
    kept = 0
    found = _AUTHORITY.search(text)
    while found is not None:
        rest.append(text[kept : found.start()])
        authority, end = found[1], found.end()
        wrapped = _WRAPPING.search(authority)
        if wrapped and "@" not in authority[wrapped.start() :]:
            end = found.start(1) + wrapped.start()
            authority = authority[: wrapped.start()]
        hosts.add(_host(authority, text[end : end + _NEAR]))
        path = _PATH.match(text, end)
        # What follows up to the next blank or quote is the path, and no name of its own.
        kept = max(kept, end if path is None else path.end())
        found = _AUTHORITY.search(text, end)
    rest.append(text[kept:])
    return hosts, " ".join(rest)


def _host(authority: str, behind: str) -> str:
    name = _PORT.sub("", authority.rpartition("@")[2]).rstrip(".").lower()
    if _HOST.fullmatch(name) is None or _GOES_ON.match(behind):
        return SOMEWHERE
    return name


def _names(text: str, *, has_files: bool = False) -> Iterator[str]:
    """Yield the host names that stand bare in a text."""
    for found in _NAME.finditer(text):
        name = found[0].rstrip(".").lower()
        before = text[max(0, found.start() - _NEAR) : found.start()]
        after = text[found.end() : found.end() + _NEAR]
        if _FILE.search(name) or (has_files and _OF_A_FILE.search(before)):
            continue
        is_whole = (not before or before[-1] in _BEFORE_NAME) and (
            not after or after[0] in _AFTER_NAME
        )
        is_joined = _JOINED_BEFORE.search(before) or _GOES_ON.match(after)
        is_cut = found[0].endswith(".") and bool(after.strip("\"'` \t\n)"))
        is_certain = is_whole and not is_joined and not is_cut
        yield name if is_certain and _HOST.fullmatch(name) else SOMEWHERE


def _of_command(text: str) -> Iterator[str]:
    hosts, rest = _addresses(text)
    yield from hosts
    yield from _names(rest, has_files=True)
    if len(_RAW_TOOL.findall(text)) > len(_RAW_TARGET.findall(text)):
        yield SOMEWHERE
    for found in _VARIABLE.finditer(text):
        if not _DATA_OPTION.search(found[1]):
            yield SOMEWHERE

"""Addresses of machines: IPv4, IPv6, MAC, and URLs as auxiliary type."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from adapters.detectors.linear_time import LazyPattern, Pattern
from adapters.detectors.patterns.context_words import add_group
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.rule import Custom, Hit, PatternRule, pii
from domain.detection.taxonomy import Severity

_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_IPV4 = Pattern(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
_IPV6 = Pattern(r"(?i)[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?:\.\d{1,3}){0,3}")
_MAC = LazyPattern(
    r"(?i)[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}"
    r"|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4}"
)
_URL = LazyPattern(
    r"(?i)(?:https?|ftps?|sftp)://[^\s<>\"'`{}|\\^]+|www\.[^\s<>\"'`{}|\\^]+\.[^\s<>\"'`]+"
)
_HEX_PAIRS = r"(?i)[0-9a-f][:\-.][0-9a-f]{2,4}[:\-.][0-9a-f]|::[0-9a-f]"
_PINS = frozenset(("==", ">=", "<=", "~=", "> ", "< "))
_VERSION_WORDS = ("version", "ver", "v", "release", "firmware", "build", "section", "rev", "oid")
_LIKELY_VERSION = 20
_FEWEST_GROUPS = 4
# A product and its version, as in `Chrome/114.0.0.0` (RFC 9110, section 10.1.5).
_PRODUCT = re.compile(r"(?:^|[\s\"'(\[])[A-Za-z][A-Za-z0-9_-]*/$")

IP = pii(
    "ip-address",
    "IP_ADDRESS",
    "IP address",
    "An IPv4 address in dotted form or an IPv6 address; loopback, masks and versions are left out.",
    validator="octet ranges; RFC 4291 form",
    sources=("RFC 791", "RFC 4291 section 2.2", "RFC 5735"),
    examples=("203.0.113.7", "2001:db8::8a2e:370:7334"),
    near_misses=(
        "127.0.0.1",
        "255.255.255.0",
        "version 1.2.3.4",
        "std::vector",
        "10:11:12",
        "Chrome/114.0.0.0 Safari/537.36",
        "OID 1.3.6.1",
    ),
    severity=Severity.LOW,
)
MAC = pii(
    "mac-address",
    "MAC_ADDRESS",
    "MAC address",
    "Six octets in hexadecimal with one kind of separator.",
    sources=("IEEE 802-2014 section 8.1",),
    examples=("00:00:5e:00:53:af", "00-00-5E-00-53-AF"),
    near_misses=("ff:ff:ff:ff:ff:ff", "de:ad:be:ef:de:ad:be:ef:00:01", "12-25-20-21-22-23-24"),
    severity=Severity.LOW,
)
URL = pii(
    "url",
    "URL",
    "Web address",
    "An http, https or ftp address, or a host that begins with www.",
    sources=("RFC 3986",),
    examples=("https://example.org/path",),
    near_misses=("www", "https://"),
    severity=Severity.LOW,
)


def _find_ip(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _IPV4.finditer(document.subject):
        start, end = match.span()
        if _continues(text, start, end, ".") or _is_reserved(text[start:end]):
            continue
        found = document.nearest("ip", start, end, before=30, after=12)
        numbers = [int(octet) for octet in text[start:end].split(".")]
        score = 0.85
        if found is None and (max(numbers) < _LIKELY_VERSION or _follows_version(text, start)):
            score = 0.3
        elif found is not None:
            score = 0.95 if found[1] else 0.9
        if score < IP.operating_point and _is_host(text, start, end):
            score = 0.85
        if text[start - 1 : start] == "/" and _PRODUCT.search(text, max(0, start - 32), start):
            score = 0.3
        if text[start - 1 : start] in {"<", "~", "^"} or text[max(0, start - 2) : start] in _PINS:
            score = 0.3
        if numbers[3] == 0 and text[end : end + 1] == "/":
            score = 0.3
        steps = (("pattern", 0.85), ("octets: valid", score))
        context = () if found is None else (found[0],)
        yield Hit(start, end, IP, score, "octets: valid", context, steps, (("version", "4"),), 1)


def _find_ipv6(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _IPV6.finditer(document.subject):
        start, end = match.span()
        value = text[start:end]
        if not any(char.isdigit() for char in value) or _continues(text, start, end, ":"):
            continue
        groups = [group for group in value.split(":") if group]
        if len(groups) < _FEWEST_GROUPS and not any(len(group) > 2 for group in groups):
            continue
        try:
            address = IPv6Address(value)
        except AddressValueError:
            continue
        if not (address.is_loopback or address.is_unspecified):
            steps = (("pattern", 0.85), ("rfc 4291: valid", 0.9))
            yield Hit(start, end, IP, 0.9, "rfc 4291: valid", (), steps, (("version", "6"),), 1)


def _find_mac(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _MAC.finditer(document.subject):
        start, end = match.span()
        value = text[start:end]
        digits = [char for char in value if char.isalnum()]
        if _continues(text, start, end, ":-.") or len(set(digits)) < 3:
            continue
        found = document.nearest("mac", start, end, before=24, after=12)
        dated = all(char.isdigit() for char in digits) and "-" in value
        score = 0.95 if found is not None else 0.4 if dated or "." in value else 0.88
        context = () if found is None else (found[0],)
        yield Hit(start, end, MAC, score, None, context, (("pattern", score),), (), 1)


def _is_bare_mac(value: str) -> bool:
    """Ask for digits and letters among the twelve, and for more than a mask or a broadcast."""
    return len(set(value)) > 3 and not (value.isdigit() or value.isalpha())


def _find_url(document: Document) -> Iterator[Hit]:
    text = document.text
    for match in _URL.finditer(document.subject):
        start, end = match.span()
        while end > start and text[end - 1] in ".,;:!?)]…”’":
            if text[end - 1] == ")" and "(" in text[start:end]:
                break
            end -= 1
        if end - start > len("https://a"):
            yield Hit(start, end, URL, 0.9, None, (), (("pattern", 0.9),))


def _is_host(text: str, start: int, end: int) -> bool:
    """Tell a host in a locator or behind a user, such as `ssh ada@10.1.2.3`, from a version."""
    if text.endswith("://", 0, start):
        return True
    before = text[max(0, start - 2) : start]
    return before[-1:] == "@" and before[:1].isalnum() and text[end : end + 1] != "-"


def _is_reserved(value: str) -> bool:
    address = IPv4Address(value)
    first = int(address) >> 24
    return address.is_loopback or first == 0 or value.startswith("255.") or value == "224.0.0.1"


def _follows_version(text: str, start: int) -> bool:
    words = text[max(0, start - 16) : start].casefold().rstrip(" :=#").split()
    return bool(words) and words[-1].strip("(\"'") in _VERSION_WORDS


def _continues(text: str, start: int, end: int, joints: str) -> bool:
    """Tell whether the span is part of a longer run of its own kind."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    touches = (before[-1:].isalnum() or before[-1:] == "_", after[:1].isalnum() or after[:1] == "_")
    if any(touches):
        return True
    return (before[-1:] in joints and before[-1:] != "" and before[:1].isalnum()) or (
        after[:1] in joints and after[:1] != "" and after[1:].isalnum()
    )


RECOGNISERS = (
    Custom(infos=(IP,), gates=(r"\d\.\d{1,3}\.\d{1,3}\.\d",), search=_find_ip),
    Custom(infos=(), gates=(_HEX_PAIRS,), search=_find_ipv6),
    Custom(
        infos=(MAC,),
        gates=(_HEX_PAIRS,),
        search=_find_mac,
    ),
    PatternRule(
        info=MAC,
        pattern=r"[0-9A-Fa-f]{12}",
        check=_is_bare_mac,
        check_name="hexadecimal",
        separators="",
        context=(
            add_group(
                "mac-named",
                ("mac", "mac address", "mac addr", "mac id", "wifi mac", "wlan mac", "hwaddr"),
            ),
        ),
        needs_label=True,
        base=0.2,
        labelled=0.85,
        rank=2,
    ),
    Custom(infos=(URL,), gates=(r"(?i)://|www\.",), search=_find_url),
)

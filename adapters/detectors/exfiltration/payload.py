"""Read what a value carries: decode it, tell readable from random, find what is sensitive."""

import base64
import binascii
import re
import zlib
from dataclasses import dataclass
from urllib.parse import unquote_plus

from domain.detection.entropy import wordlikeness

_DECODED_LIMIT = 65_536
_LEAST_READABLE = 6
_READABLE_SHARE = 0.97
_HEX = re.compile(r"^(?:[0-9A-Fa-f]{2}){8,}$")
_BASE32 = re.compile(r"^(?:[A-Z2-7]{16,}|[a-z2-7]{16,})={0,6}$")
_BASE64 = re.compile(r"^[0-9A-Za-z+/_-]{12,}={0,2}$")
_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 47
_LETTER_SHARE = 0.4
_LEAST_WORDLIKE = -0.2
TOPIC = "telling words"
"""The kind of text that only speaks of something sensitive."""

_IDENTIFIERS = (
    ("mail address", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")),
    ("social security number", re.compile(r"(?<!\d)\d{3}[- ]\d{2}[- ]\d{4}(?!\d)")),
    (
        "payment card",
        re.compile(r"(?<!\d)(?:\d{4}[- ]){3}\d{4}(?!\d)|(?<!\d)[3456]\d{15}(?!\d)"),
    ),
    (
        "key and value",
        re.compile(
            r"(?i)\b(?:api|key|api_?key|token|secret|passw(?:or)?d|pwd|pin|ssn|dob|iban|"
            r"card|cvv|auth|"
            r"session|cookie|email|phone|account|user(?:name)?|login|name)\s{0,2}[=:]\s{0,"
            r"2}[^\s;,&=]{2,}"
        ),
    ),
)
_TOPICS = re.compile(
    r"(?i)\b(?:ssn|social security|passwords?|passwd|api[ _-]?keys?|secrets?|private key|"
    r"access token|"
    r"credentials?|system prompt|instructions|chat history|conversation|diagnos[ie]s|"
    r"patient|medical|"
    r"confidential|private|credit card|card number|account number|iban|date of birth|salary|"
    r"payroll|"
    r"customer|pin \d|root:x?:|ssh-rsa|begin [a-z ]*private|aws_|env)\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A value after decoding: its text, the way there, and what in it is sensitive by kind."""

    text: str
    decoding: tuple[str, ...]
    sensitive: tuple[str, ...]

    @property
    def is_encoded(self) -> bool:
        """Tell whether more than percent escapes hid the text."""
        return any(step != "percent" for step in self.decoding)

    @property
    def identifying(self) -> tuple[str, ...]:
        """Return the kinds that identify somebody or open something, without mere topics."""
        return tuple(kind for kind in self.sensitive if kind != TOPIC)

    @property
    def is_structure(self) -> bool:
        """Tell whether the text is an object or list, as applications keep their state."""
        return self.text.startswith(("{", "["))


def read(value: str) -> Payload | None:
    """Return what a value of an address or a text says once decoded; None where it is no text."""
    decoding: tuple[str, ...] = ()
    plain = unquote_plus(value) if "%" in value or "+" in value else value
    decoded = decode(value) or decode(plain.strip())
    if decoded is not None:
        text, decoding = decoded
        return Payload(text=text, decoding=decoding, sensitive=sensitive_kinds(text))
    if not is_readable(plain):
        return None
    if plain != value:
        decoding = ("percent",)
    return Payload(text=plain, decoding=decoding, sensitive=sensitive_kinds(plain))


def decode(value: str) -> tuple[str, tuple[str, ...]] | None:
    """Return the text behind hexadecimal, base 32 or base 64, compressed or not; else None."""
    for name, shape, decoder in (
        ("hex", _HEX, binascii.unhexlify),
        ("base32", _BASE32, _from_base32),
        ("base64", _BASE64, _from_base64),
    ):
        if not shape.match(value):
            continue
        try:
            raw = decoder(value)
        except (binascii.Error, ValueError):
            continue
        steps: tuple[str, ...] = (name,)
        if raw.startswith(_GZIP):
            raw, steps = _inflated(raw), (name, "gzip")
        text = _as_text(raw)
        if text is not None:
            return text, (*steps, "utf-8")
    return None


def is_readable(text: str) -> bool:
    """Tell whether people would take the text for language or fields, not for noise."""
    if len(text) < _LEAST_READABLE or _printable_share(text) < _READABLE_SHARE:
        return False
    letters = sum(c.isalpha() for c in text)
    if letters < len(text) * 0.4 and "=" not in text:
        return False
    return wordlikeness(text) > _LEAST_WORDLIKE or any(
        pattern.search(text) for _, pattern in _IDENTIFIERS
    )


def sensitive_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of sensitive content in a text; names of kinds, never the content."""
    sample = text[:_DECODED_LIMIT]
    kinds = [kind for kind, pattern in _IDENTIFIERS if pattern.search(sample)]
    if _TOPICS.search(sample):
        kinds.append(TOPIC)
    return tuple(kinds)


def _as_text(raw: bytes) -> str | None:
    try:
        text = raw[:_DECODED_LIMIT].decode("utf-8")
    except UnicodeDecodeError as error:
        cut_off = error.start > len(raw) - 4 or error.start > _DECODED_LIMIT - 4
        if not cut_off:
            return None
        text = raw[: error.start].decode("utf-8")
    return text if is_readable(text) else None


def _from_base64(value: str) -> bytes:
    standard = value.rstrip("=").replace("-", "+").replace("_", "/")
    whole = standard[: len(standard) // 4 * 4] if len(standard) % 4 == 1 else standard
    return base64.b64decode(whole + "=" * (-len(whole) % 4))


def _from_base32(value: str) -> bytes:
    letters = value.rstrip("=").upper()
    whole = letters[: len(letters) // 8 * 8]
    return base64.b32decode(whole)


def _inflated(raw: bytes) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_WINDOW).decompress(raw, _DECODED_LIMIT)
    except zlib.error:
        return b""


def _printable_share(text: str) -> float:
    return sum(c.isprintable() or c in "\n\r\t" for c in text) / len(text)

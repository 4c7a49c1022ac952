"""Read what a value carries: decode it, tell readable from random, find what is sensitive."""

import re
from dataclasses import dataclass
from urllib.parse import unquote_plus

from domain.detection.decoding import decoded_run
from domain.detection.entropy import wordlikeness

_DECODED_LIMIT = 65_536
_LEAST_READABLE = 6
_READABLE_SHARE = 0.97
_RUN = re.compile(r"^[0-9A-Za-z+/_-]{12,}={0,6}$")
_SMALL_BASE32 = re.compile(r"^[a-z2-7]{16,}={0,6}$")
_LETTER_SHARE = 0.4
_GROUP = 8
"""Letters after which a run of each of the encodings may end."""
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
    """Return the text behind hexadecimal, base 32 or base 64, compressed or not; else None.

    Addresses carry base 32 in small letters, and values that were cut anywhere.
    """
    if not _RUN.match(value):
        return None
    forms = (value.upper(), value) if _SMALL_BASE32.match(value) else (value,)
    for form in forms:
        bare = form.rstrip("=")
        for run in dict.fromkeys((form, bare[: len(bare) // _GROUP * _GROUP])):
            found = decoded_run(run)
            if found is not None and is_readable(found[0]):
                return found
    return None


def is_readable(text: str) -> bool:
    """Tell whether people would take the text for language or fields, not for noise."""
    if len(text) < _LEAST_READABLE or _printable_share(text) < _READABLE_SHARE:
        return False
    if any(pattern.search(text) for _, pattern in _IDENTIFIERS):
        return True
    letters = sum(c.isalpha() for c in text)
    if letters < len(text) * _LETTER_SHARE and "=" not in text:
        return False
    return wordlikeness(text) > _LEAST_WORDLIKE


def sensitive_kinds(text: str) -> tuple[str, ...]:
    """Return the kinds of sensitive content in a text; names of kinds, never the content."""
    sample = text[:_DECODED_LIMIT]
    kinds = [kind for kind, pattern in _IDENTIFIERS if pattern.search(sample)]
    if _TOPICS.search(sample):
        kinds.append(TOPIC)
    return tuple(kinds)


def _printable_share(text: str) -> float:
    return sum(c.isprintable() or c in "\n\r\t" for c in text) / len(text)

"""Find stretches of a text that are something else in an encoding, and decode them.

Base64 and base32 (RFC 4648), hexadecimal, Morse code (ITU-R M.1677-1), rot13 and text written
backwards. What a stretch decodes to must read as text, otherwise it is a key, a hash, a picture, or
chance: sixteen characters of base64 that are random decode to printable ones once in 140,000 times.
"""

import base64
import codecs
import re
import string
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.detection.finding import Span
from domain.detection.glance import kinds, kinds_in

SHORTEST = 16
"""Characters of base64, base32 or hexadecimal from which on it is looked at."""

_LONGEST = 4 * 1024 * 1024
_INFLATED = 1024 * 1024
_PROBE = 96
_FEWEST = 6
_READABLE = 0.85
_WORDY = 0.35
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31

# A run, and behind it lines that go on with it: mail programs break after 76 characters, PEM after
# 64. Only runs of a whole line's length go on, so that a path does not take in the word below it.
_RUN = re.compile(
    r"[A-Za-z0-9+/_-]{16,}={0,2}"
    r"(?:(?<=[A-Za-z0-9+/_-]{48})(?:\r?\n[ \t>]{0,8}[A-Za-z0-9+/_-]{1,}={0,2}(?![^\s\"'<>]))+)?"
)
_IN_RUNS = kinds({"r": string.ascii_letters + string.digits + "+/_-"})
_SHORTEST_RUN = "r" * SHORTEST
_BASE32 = re.compile(r"[A-Z2-7]{16,}={0,6}")
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2}){8,}")
_SPELT_HEX = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:0x|\\x|%u00)?[0-9A-Fa-f]{2}(?:[ ,;:-]{1,2})){7,}"
    r"(?:0x|\\x|%u00)?[0-9A-Fa-f]{2}(?![0-9A-Za-z])"
)
# What must be there for these, told at a tenth of the cost: an expression that begins with a class
# of characters is looked for by that class.
_SPELT_HEX_GATE = re.compile(
    r"[0-9A-Fa-f][0-9A-Fa-f][ ,;:-]{1,2}(?:(?:0x|\\x|%u00)?[0-9A-Fa-f]{2}[ ,;:-]{1,2}){4}"
)
_MORSE_GATE = re.compile(r"[.\-][.\-]{0,5}[ /\n]{1,3}[.\-]{1,6}[ /\n]{1,3}[.\-]")
_HEX_DIGITS = re.compile(r"(?:0x|\\x|%u00)?([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/_=-]")
_SEPARATORS = re.compile(r"[/_-]+")
_MORSE = re.compile(r"(?<![.\-])[.\-]{1,6}(?:(?:[ ]{1,3}|[ ]?/[ ]?|\n)[.\-]{1,6}){9,}(?![.\-])")
_MORSE_WORD = re.compile(r"[ ]?/[ ]?|[ ]{3}|\n")

_MORSE_CODE = (
    "a.- b-... c-.-. d-.. e. f..-. g--. h.... i.. j.--- k-.- l.-.. m-- n-. o--- p.--. "
    "q--.- r.-. s... t- u..- v...- w.-- x-..- y-.-- z--.. 0----- 1.---- 2..--- 3...-- "
    "4....- 5..... 6-.... 7--... 8---.. 9----. ..-.-.- ,--..-- ?..--.. '.----. !-.-.-- "
    '/-..-. (-.--. )-.--.- &.-... :---... ;-.-.-. =-...- +.-.-. --....- _..--.- ".-..-. '
    "$...-..- @.--.-. "
)
"""Each letter followed by its marks."""

_MORSE_LETTERS = {entry[1:]: entry[0] for entry in _MORSE_CODE.split()}

# Words that English sentences, and attacks on models above all, are made of.
_WORDS = (
    *("the", "and", "your", "you", "with", "from", "this", "that", "have", "will", "what", "all"),
    *("are", "not", "previous", "ignore", "forget", "instructions", "instruction", "system"),
    *("prompt", "reveal", "secret", "password", "above", "before", "rules", "output", "print"),
    *("please", "send", "message", "messages", "everything", "earlier", "commands", "now", "for"),
    *("disregard", "override", "user", "assistant", "text", "word", "answer", "only", "tell"),
)
# What sentences with personal data are made of; few are words of anything else in rot13.
_PERSONAL_WORDS = (
    *("my", "is", "of", "to", "was", "has", "his", "our", "name", "email", "mail", "phone"),
    *("number", "address", "call", "patient", "record", "birth", "born", "account", "card"),
    *("contact", "insurance", "member", "license", "passport", "customer", "order", "lives"),
    *("street", "called", "dear", "reach", "write", "mobile", "doctor", "tax", "bank", "code"),
)
# Beginnings of secrets, and words that stand before them: one alone is telling, being no word.
_TELLING = (
    *("password", "passwd", "secret", "api_key", "apikey", "token=", "token:", "token ", "akia"),
    *("asia", "ghp_", "gho_", "ghs_", "github_pat", "glpat-", "xoxb-", "xoxp-", "sk_live_"),
    *("rk_live_", "sk-proj-", "sk-ant-", "aiza", "npm_", "pypi-", "-----begin", "eyj", "postgres"),
    *("mysql://", "mongodb", "redis://", "amqp://", "https://", "hooks.slack", "dop_v1_", "shpat_"),
    *("hf_", "sg.", "key-", "bearer ", "private key", "secret_key", "access_key"),
)


_TELLING_SIZE = 4
_TELLING_ANYWHERE = 7
_LONG_LINE = 4096


def _rot13(text: str) -> str:
    return codecs.encode(text, "rot13")


_ROT13_WORDS = frozenset(map(_rot13, (*_WORDS, *_PERSONAL_WORDS)))
_ROT13_LONG_WORDS = frozenset(word for word in _ROT13_WORDS if len(word) >= _TELLING_SIZE)
_ROT13_TELLING = tuple(sorted({_rot13(one) for one in _TELLING if len(one) >= _TELLING_SIZE}))
_ROT13_TELLING_IN_WORDS = tuple(one for one in _ROT13_TELLING if one == "".join(one.split()))
_ROT13_TELLING_BETWEEN_WORDS = tuple(one for one in _ROT13_TELLING if one != "".join(one.split()))
_ROT13_TELLING_ENOUGH = tuple(one for one in _ROT13_TELLING if len(one) >= _TELLING_ANYWHERE)
_BACKWARD_WORDS = frozenset(word[::-1] for word in _WORDS) - {"dna", "era", "ton", "won"}
_ENCODED_WORDS = _ROT13_WORDS | _BACKWARD_WORDS
_FEW_WORDS = 2
_MANY_WORDS = 500
_LETTERS = re.compile(r"[a-z]+")


_Readable = tuple[str, tuple[str, ...]]
"""A text and the decodings that led to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A stretch of a text, what it says, and the decodings that lead there."""

    span: Span
    text: str
    chain: tuple[str, ...]


def carriers_in(text: str) -> Iterator[Carrier]:
    """Yield what is encoded in a text, in no particular order."""
    yield from _runs(text)
    lower = text.lower()
    words: Collection[str] = lower.split()
    if len(words) > _FEWEST:
        for line in _lines_with(text, _SPELT_HEX_GATE):
            yield from _matches(text, _SPELT_HEX, _spelt_hex, "hex", line)
        if ". " in text or "- " in text:
            first = _MORSE_GATE.search(text)
            if first:
                rest = Span(first.start(), len(text))
                yield from _matches(text, _MORSE, _morse, "morse", rest)
    vocabulary = lower
    if len(words) > _MANY_WORDS:
        # A long text says most words many times.
        words = set(words)
        vocabulary = " ".join(words)
    has_encoded = not _ENCODED_WORDS.isdisjoint(words)
    if (has_encoded and _has_few(words, _ROT13_WORDS)) or _has_telling(lower, vocabulary):
        yield from _lines(text, _is_rot13, _rot13, "rot13")
    if has_encoded and _has_few(words, _BACKWARD_WORDS):
        yield from _lines(text, _is_backwards, lambda line: line[::-1], "reversed")


def _has_few(words: Iterable[str], known: frozenset[str]) -> bool:
    return len(known.intersection(words)) >= _FEW_WORDS


def _has_telling(lower: str, vocabulary: str) -> bool:
    """Tell whether anything of `_ROT13_TELLING` occurs."""
    # Every text is asked this: a generator would cost as much again as the search.
    for one in _ROT13_TELLING_IN_WORDS:
        if one in vocabulary:
            return True
    for one in _ROT13_TELLING_BETWEEN_WORDS:  # noqa: SIM110 - the same
        if one in lower:
            return True
    return False


def _runs(text: str) -> Iterator[Carrier]:
    in_runs = kinds_in(text, _IN_RUNS)
    at = in_runs.find(_SHORTEST_RUN)
    while at >= 0:
        match = _RUN.match(text, at)
        if match is None:
            return
        if match.end() - at <= _LONGEST:
            yield from _run(match.group(), at)
        at = in_runs.find(_SHORTEST_RUN, match.end())


def _run(run: str, at: int) -> Iterator[Carrier]:
    # The last line may be words that only look like more of it.
    last = run.rfind("\n")
    for end in (len(run), last) if last > 0 else (len(run),):
        found = decoded_run(run[:end].rstrip("\r"))
        if found is not None:
            yield _carrier(at, at + end, found)
            return
    if last > 0:
        return
    # A path, or a name, that has an encoded part.
    start = 0
    for separator in (*_SEPARATORS.finditer(run), None):
        end = len(run) if separator is None else separator.start()
        if SHORTEST <= end - start < len(run):
            found = decoded_run(run[start:end])
            if found is not None:
                yield _carrier(at + start, at + end, found)
        start = len(run) if separator is None else separator.end()


def decoded_run(run: str) -> tuple[str, tuple[str, ...]] | None:
    """Return what a run without blanks says, whichever encoding makes sense of it, and how."""
    found = None
    if _BASE32.fullmatch(run):
        found = _readable(run, _base32, "base32")
    elif _HEX.fullmatch(run):
        found = _readable(run, bytes.fromhex, "hex")
    return _readable(run, _base64, "base64") if found is None else found


def _carrier(start: int, end: int, found: _Readable) -> Carrier:
    return Carrier(span=Span(start, end), text=found[0], chain=found[1])


def _lines_with(text: str, gate: re.Pattern[str]) -> Iterator[Span]:
    """Yield the lines in which an expression occurs that takes no line break."""
    done = 0
    while found := gate.search(text, done):
        start, end = text.rfind("\n", 0, found.start()) + 1, text.find("\n", found.end())
        done = len(text) if end < 0 else end
        yield Span(start, done)


def _matches(
    text: str, pattern: re.Pattern[str], decode: Callable[[str], bytes], name: str, within: Span
) -> Iterator[Carrier]:
    for match in pattern.finditer(text, within.start, within.end):
        found = _readable(match.group(), decode, name)
        if found is not None:
            yield _carrier(*match.span(), found)


def _readable(run: str, decode: Callable[[str], bytes], name: str) -> _Readable | None:
    """Return what a run says and how it was decoded, None when that is no text."""
    # Of what is long a little is enough to see that it is no text.
    if len(run) > 2 * _PROBE and "\n" not in run[:_PROBE]:
        try:
            beginning = decode(run[:_PROBE])
        except ValueError:
            return None
        if not beginning.startswith(_GZIP) and _text_of(beginning, is_cut=True) is None:
            return None
    try:
        data = decode(run)
    except ValueError:
        return None
    if data.startswith(_GZIP):
        data, name = _inflated(data), f"{name}\0gzip"
    found = _text_of(data)
    if found is None:
        return None
    text, charset = found
    return text, (*name.split("\0"), charset)


def _text_of(data: bytes, *, is_cut: bool = False) -> tuple[str, str] | None:
    """Return bytes as text with their charset, None when they are none."""
    charset = "utf-8"
    if len(data) >= 2 * _FEWEST and not any(data[1:24:2]) and all(data[0:24:2]):
        charset = "utf-16-le"
        data = data[: len(data) // 2 * 2]
    try:
        text = data.decode(charset)
    except UnicodeDecodeError as error:
        if not is_cut or error.start < len(data) - 4:
            return None
        text = data[: error.start].decode(charset)
    if len(text) < _FEWEST:
        return None
    readable = sum(one.isprintable() or one in "\n\r\t" for one in text)
    wordy = sum(one.isalnum() or one == " " for one in text)
    if readable < _READABLE * len(text) or wordy < _WORDY * len(text):
        return None
    return text, charset


def _base64(run: str) -> bytes:
    """Decode base64 of either alphabet, with or without padding and line breaks.

    Raises:
        ValueError: it is none.
    """
    if not run.isascii():
        raise ValueError
    body = _NOT_BASE64.sub("", run).rstrip("=").replace("-", "+").replace("_", "/")
    if len(body) % 4 == 1:
        raise ValueError
    return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)


def _base32(run: str) -> bytes:
    body = run.rstrip("=")
    return base64.b32decode(body + "=" * (-len(body) % 8))


def _spelt_hex(run: str) -> bytes:
    return bytes.fromhex("".join(_HEX_DIGITS.findall(run)))


def _morse(run: str) -> bytes:
    words = [
        "".join(_MORSE_LETTERS.get(letter, "\0") for letter in word.split())
        for word in _MORSE_WORD.split(run)
    ]
    return " ".join(words).encode()


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj(_GZIP_BITS).decompress(data, _INFLATED)
    except zlib.error:
        return b""


def _lines(
    text: str, is_encoded: Callable[[str], bool], decode: Callable[[str], str], name: str
) -> Iterator[Carrier]:
    at = 0
    for line in text.splitlines(keepends=True):
        body = line.strip()
        if body and is_encoded(body.lower()):
            start = at + line.index(body[0])
            span = Span(start, start + len(body))
            yield Carrier(span=span, text=decode(body), chain=(name,))
        at += len(line)


def _is_rot13(line: str) -> bool:
    known = set(_LETTERS.findall(line))
    words = len(known & (_ROT13_WORDS if len(line) <= _LONG_LINE else _ROT13_LONG_WORDS))
    return (words >= _FEW_WORDS and words >= len(known & _PLAIN_WORDS)) or any(
        one in line for one in _tellings_for(line)
    )


def _tellings_for(line: str) -> Sequence[str]:
    """Return what tells rot13 in a line: in a long one, four letters stand together by chance.

    A megabyte of base64 would be read twice for it.
    """
    return _ROT13_TELLING if len(line) <= _LONG_LINE else _ROT13_TELLING_ENOUGH


def _is_backwards(line: str) -> bool:
    return len(set(_LETTERS.findall(line)) & _BACKWARD_WORDS) >= _FEW_WORDS


_PLAIN_WORDS = frozenset(_WORDS)

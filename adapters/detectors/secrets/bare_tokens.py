"""Recognise random strings that stand alone: a pasted key with nothing beside it to name it."""

import re
from collections.abc import Iterator

from adapters.detectors.disjoint import DisjointRanges
from adapters.detectors.linear_time import LazyPattern, Subject
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    Candidate,
    LastRecogniser,
    Specificity,
)
from domain.detection.catalogue import RuleInfo
from domain.detection.entropy import Alphabet, alphabet_of, randomness
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Category, Severity

_SHORT_TEXT = 240
_CUE_DISTANCE = 60
_LEAST = 0.97
_NAMED_SCORE = 0.6
_ALONE_SCORE = 0.45
_UNNAMED_SCORE = 0.25
_CUE = re.compile(
    r"(?i)\b(?:key|token|secret|credentials?|creds|password|valid|expired?|revoked?|leaked|"
    r"rotate|login|auth)\b"
)
_CUE_BEHIND = re.compile(r"(?i)\s(?:as|is) (?:the|your|my|our|a) (?:\w+ ){0,2}(?:key|token|secret)")
_HARMLESS = (
    r"(?i)base64|integrity|sha\d|hash|digest|checksum|commit|etag|ssh-|certificate|public "
    r"key|fingerprint|"
    r"signature|csrf|nonce|cursor|page_?token|continuation|-----BEGIN|\bblock\b|trace|span|uuid|\bid\b|\bsrc=|https?://"
)
_HARMLESS_IN_ASCII = LazyPattern(_HARMLESS)
_HARMLESS_ANYWHERE = re.compile(_HARMLESS)


class BareTokens(LastRecogniser):
    """Find long random strings in short texts without a name, as people paste them into a chat."""

    gates = (r"[0-9A-Za-z+/_~.-]{32}",)
    rules = (
        RuleInfo(
            id="bare-token",
            category=Category.SECRETS,
            type="GENERIC_SECRET",
            title="Random string that stands alone",
            matches=(
                "32 to 120 random characters of mixed kind in a short text, alone or beside a "
                "word such as key"
            ),
            validator="entropy by alphabet and letter pairs",
            sources=("https://cwe.mitre.org/data/definitions/798.html",),
            near_misses=("commit 8bfe8308d9a9359b3af99675f81eaa14e9893a11",),
            severity=Severity.MEDIUM,
            operating_point=OPERATING_POINT,
        ),
    )

    def __init__(self) -> None:
        self._pattern = LazyPattern(
            r"(?:^|[\s\"'`:=(])([0-9A-Za-z+/_~.-]{32,120}={0,2})(?:[\s\"'`,;)?!]|$)"
        )

    def scan_around(self, subject: Subject, claimed: DisjointRanges) -> Iterator[Candidate]:
        """Yield random strings of short texts; without a word beside them they score low."""
        if len(subject.text) > _SHORT_TEXT:
            return
        matches = list(self._pattern.finditer(subject, resume_after=1))
        if not matches or _says_no_secret(subject):
            return
        for match in matches:
            token = match.text(1).rstrip(".")
            start, _ = match.span(1)
            if not claimed.is_free(start, start + len(token)) or not _is_random(token):
                continue
            before = subject.text[max(0, start - _CUE_DISTANCE) : start]
            cue = next(iter(reversed(list(_CUE.finditer(before)))), None) or _CUE_BEHIND.match(
                subject.text, start + len(token)
            )
            if cue is not None:
                score, why = _NAMED_SCORE, "random, with a telling word before it"
            elif token == subject.text.strip():
                score, why = _ALONE_SCORE, "random, and nothing else in the text"
            else:
                score, why = _UNNAMED_SCORE, "random, but nothing says what it is"
            yield Candidate(
                rule="bare-token",
                type="GENERIC_SECRET",
                start=start,
                end=start + len(token),
                score=score,
                reason=why,
                specificity=Specificity.GENERIC,
                validator=f"alphabet: {alphabet_of(token).name.lower()}",
                context=(ContextWord(word=cue[0].lower(), distance=len(before) - cue.end()),)
                if cue
                else (),
                steps=((why, score),),
            )


def _says_no_secret(subject: Subject) -> bool:
    r"""Tell whether a text says that its random strings are no secrets.

    RE2 is quicker, and agrees with Python on what `\b` means in ASCII alone.
    """
    if subject.is_ascii:
        return _HARMLESS_IN_ASCII.occurs(subject.text)
    return _HARMLESS_ANYWHERE.search(subject.text) is not None


def _is_random(token: str) -> bool:
    if (
        alphabet_of(token) in (Alphabet.HEX, Alphabet.DIGITS)
        or standing(token) is not Standing.PLAIN
    ):
        return False
    kinds = (
        any(c.islower() for c in token),
        any(c.isupper() for c in token),
        any(c.isdigit() for c in token),
    )
    return all(kinds) and randomness(token) >= _LEAST

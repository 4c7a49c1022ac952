"""Recognise credentials that no name precedes: command lines, headers, configuration files."""

import base64
import binascii
from collections.abc import Iterator

from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.secrets.credential_forms import CredentialForm
from adapters.detectors.secrets.made_up import is_made_up, is_mere_word
from adapters.detectors.secrets.ordinary_values import is_ordinary
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    UNNAMED_EXAMPLE_SCORE,
    Candidate,
    Recogniser,
    Specificity,
)
from adapters.detectors.secrets.vocabulary import STOCK_PASSWORDS
from domain.detection.catalogue import RuleInfo
from domain.detection.entropy import randomness
from domain.detection.taxonomy import Category, Severity


class CommandCredentials(Recogniser):
    """Find credentials by one kind of command, header or statement around them."""

    def __init__(self, form: CredentialForm) -> None:
        self._form = form
        self._pattern: Pattern | None = None

    @property
    def gates(self) -> tuple[str, ...]:
        """Return the words of the command or header."""
        return (self._form.gate,)

    @property
    def rules(self) -> tuple[RuleInfo, ...]:
        """Return the one rule."""
        form = self._form
        return (
            RuleInfo(
                id=form.rule,
                category=Category.SECRETS,
                type=form.type,
                title=form.title,
                matches=form.title,
                validator="decodes to user and password" if form.encoded else None,
                sources=(form.source,),
                near_misses=(form.near_miss,) if form.near_miss else (),
                severity=Severity.HIGH,
                operating_point=OPERATING_POINT,
            ),
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield the secret part only: the password, the token, the encoded pair."""
        if self._pattern is None:
            self._pattern = Pattern(self._form.expression)
        for match in self._pattern.finditer(subject):
            candidate = _candidate(self._form, match)
            if candidate is not None:
                yield candidate


def _candidate(form: CredentialForm, match: Match) -> Candidate | None:
    group = next(g for g in (1, 2) if match.took_part(g))
    start, end = match.span(group)
    raw = match.text(group)
    text = raw if form.encoded else _without_what_follows(raw, match.following(group))
    decoding: tuple[str, ...] = ()
    secret = text
    if form.encoded:
        secret = _second_of_pair(text)
        decoding = ("base64",)
    place = standing(secret)
    if place is Standing.PLACEHOLDER or secret.lower() in STOCK_PASSWORDS or secret.startswith("$"):
        return None
    if not form.encoded and is_ordinary(secret, randomness(secret), quoted=True):
        return None
    is_word = is_made_up(secret) or (not form.takes_words and is_mere_word(secret))
    if is_word or not _random_enough(form, secret):
        return None
    score = min(form.score, UNNAMED_EXAMPLE_SCORE) if place is Standing.EXAMPLE else form.score
    return Candidate(
        rule=form.rule,
        type=form.type,
        start=start,
        end=end - len(raw) + len(text),
        score=score,
        reason=form.title,
        specificity=Specificity.STRUCTURED,
        validator="user and password: valid" if form.encoded else None,
        steps=(("form", form.score),)
        + ((("obvious example", score),) if score < form.score else ()),
        decoding=decoding,
        attributes={"example": "true"} if place is Standing.EXAMPLE else {},
    )


def _without_what_follows(raw: str, following: str) -> str:
    """Leave out the marks that end a sentence or a call, unless a quote ends the value."""
    text = raw.partition("\\n")[0]
    if following in {'"', "'", "`"}:
        return text
    text = text.rstrip(".,;:?)")
    return text if any(map(str.isdigit, text)) else text.rstrip("!.,;:?)")


def _random_enough(form: CredentialForm, secret: str) -> bool:
    if form.least_randomness <= 1.0:
        return randomness(secret) >= form.least_randomness
    classes = (
        any(c.islower() for c in secret)
        + any(c.isupper() for c in secret)
        + any(c.isdigit() for c in secret)
        + any(not c.isalnum() for c in secret)
    )
    return classes >= 3 and any(c.isdigit() for c in secret)  # noqa: PLR2004


def _second_of_pair(encoded: str) -> str:
    """Return the password of an encoded `user:password`, or nothing where it is none."""
    try:
        decoded = base64.b64decode(encoded + "=" * (-len(encoded) % 4)).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    user, separator, password = decoded.partition(":")
    return password if separator and user.isprintable() and password.isprintable() else ""

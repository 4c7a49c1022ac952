"""Recognise secrets that no issuer marked: by the name they are assigned to and how they look."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.detectors.linear_time import Match, Pattern, Subject
from adapters.detectors.secrets.assignment_syntax import BRIDGE
from adapters.detectors.secrets.names import NameClass, classify
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.recogniser import (
    EXAMPLE_SCORE,
    OPERATING_POINT,
    Candidate,
    Recogniser,
    Specificity,
)
from domain.detection.catalogue import RuleInfo
from domain.detection.entropy import Alphabet, alphabet_of, randomness
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Category, Severity

_KEYWORDS = (
    r"pass(?:w(?:or)?ds?|wort|phrase|code)?|pwd|psw|kennwort|contrase(?:ñ|n)a|senha|wachtwoord|motdepasse|"
    r"secrets?|tokens?|credentials?|creds|api[ _.-]?keys?|apikey|authorization|bearer|jwt|"
    r"(?:access|auth|private|encryption|signing|master|account|service|session|license|shared|client|app)[ _.-]?key|"
    r"[a-z0-9]_?keys?|key|salt|pepper|\bpw"
)
_GATE = (
    r"(?i)pass|pwd|psw|kennwort|contrase|senha|wachtwoord|secret|token|credential|creds|api[ _.-]?key|"
    r"authoriz|bearer|jwt|key|salt|pepper|\bpw"
)

_TRAILING = ",;)]}"
_PROSE_TRAILING = ".,;:!?)]}\"'"
_SCHEME = re.compile(r"(?i)^(?:bearer|basic|token|apikey|key)\s+")
_UUID = re.compile(r"^\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?$")
_CODE = re.compile(
    r"^[A-Za-z_$][\w$]*(?:(?:\.|->|::|\?\.)[A-Za-z_$][\w$]*)+[;,]?$|^[A-Za-z_$][\w$.]*[(\[]|[({\[]$|\)$|^[!&*~+-]?[a-z_]+\(|=>|==|\|\||&&|\$\{|^[({\[]|^\\"
)
_IDENTIFIER = re.compile(r"^[A-Za-z]+(?:[_.-][A-Za-z]+)*[0-9]{0,2}$")
_LOCATION = re.compile(
    r"^(?:[a-z][a-z0-9+.-]*:)?//|^\.{0,2}/[\w.-]|^~/|^[A-Za-z]:\\|\.(?:py|js|ts|json|ya?ml|txt|pem|key|crt|cfg|ini|html?|md|env|java|go|rb|php)$"
)
_HASHED = re.compile(
    r"(?i)^(?:sha(?:1|224|256|384|512)|md5|blake2[bs]?|crc32)[-:=$]|^data:|^ssh-(?:rsa|ed25519|dss)|^ecdsa-|^AAAA[BCE]3|^MII[A-Z]|^-----BEGIN|^(?:rgb|hsl)a?\("
)
_VERSION = re.compile(
    r"^[\^~<>=v]{0,2}\d+(?:\.(?:\d+|x|\*)){1,3}(?:[-+.][\w.-]+)?$|^\d{4}-\d\d-\d\d"
)
_QUERY = re.compile(r"&[A-Za-z_][\w.-]*=")
_SHORT_PASSWORD, _LONG_PASSWORD = 4, 160
_SHORT_SECRET = 8
_LIKELY = 0.75
_CERTAIN = 0.9
_BARE = 5
_REACH = 640
_NAME_LIMIT = 60
_NAME_CHARACTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-$")


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with the marks that its judgement needs."""

    text: str
    quoted: bool
    prose: bool

    @property
    def classes(self) -> int:
        """Return how many of lower case, upper case, digits and others occur."""
        return (
            any(c.islower() for c in self.text)
            + any(c.isupper() for c in self.text)
            + any(c.isdigit() for c in self.text)
            + any(not c.isalnum() for c in self.text)
        )

    @property
    def has_digit(self) -> bool:
        """Tell whether a digit occurs."""
        return any(c.isdigit() for c in self.text)


class Assignments(Recogniser):
    """Find values of names such as `db_password`, `clientSecret` or `the api key`."""

    gates = (_GATE,)
    rules = (
        RuleInfo(
            id="password-assignment",
            category=Category.SECRETS,
            type="PASSWORD",
            title="Password given a value",
            matches="a name that says password, an operator, and a value that no placeholder is",
            validator="placeholder and code filter",
            sources=("https://cwe.mitre.org/data/definitions/798.html",),
            examples=('password = "Winter1121#"',),
            near_misses=("password: ${DB_PASSWORD}", 'password = "<your password>"'),
            severity=Severity.HIGH,
            operating_point=OPERATING_POINT,
        ),
        RuleInfo(
            id="secret-assignment",
            category=Category.SECRETS,
            type="GENERIC_SECRET",
            title="Secret, token or key given a random value",
            matches="a name that says secret, token or key, an operator, and a value that looks random",
            validator="entropy by alphabet and letter pairs",
            sources=("https://cwe.mitre.org/data/definitions/798.html",),
            near_misses=('token_type = "bearer"', 'api_key = os.environ["API_KEY"]'),
            severity=Severity.HIGH,
            operating_point=OPERATING_POINT,
        ),
    )

    def __init__(self) -> None:
        self._keyword = Pattern(rf"(?i)(?:{_KEYWORDS})[0-9a-z_.-]*")
        self._value = Pattern(
            f"({BRIDGE})"
            r"(?:[A-Za-z]{0,2}\\{0,2}(?:\"{1,3}([^\"\n]{1,400}?)\\{0,2}\"|'{1,3}([^'\n]{1,400}?)\\{0,2}'|`([^`\n]{1,400})`)"
            r"|([^\s\"'`<>]{1,400}))"
        )

    def scan(self, subject: Subject) -> Iterator[Candidate]:
        """Yield values from left to right; a value that was taken does not name the next one."""
        taken = 0
        text = subject.text
        for keyword in self._keyword.finditer(subject):
            start, end = keyword.span()
            if start < taken:
                continue
            name = _whole_name(text, start, end)
            kind = classify(name)
            if kind is NameClass.NOTHING:
                continue
            match = self._value.match_at(subject, end, min(len(text), end + _REACH))
            candidate = self._candidate(name, kind, match) if match else None
            if candidate is not None:
                taken = candidate.end
                yield candidate

    def _candidate(self, name: str, kind: NameClass, match: Match) -> Candidate | None:
        group = next(g for g in (2, 3, 4, 5) if match.took_part(g))
        start, _ = match.span(group)
        bridge = match.text(1)
        prose = any(c.isalpha() for c in bridge) and "value" not in bridge.lower()
        raw = match.text(group)
        if group == _BARE and not prose and bridge.strip("\"' )]").startswith((",", ">")):
            return None
        scheme = _SCHEME.match(raw)
        if scheme:
            start += scheme.end()
            raw = raw[scheme.end() :]
        value = _Value(_trimmed(raw, prose, group == _BARE), group != _BARE, prose)
        judged = _judge(kind, value)
        if judged is None:
            return None
        score, steps, example = judged
        is_password = kind is NameClass.PASSWORD
        return Candidate(
            rule="password-assignment" if is_password else "secret-assignment",
            type="PASSWORD" if is_password else "GENERIC_SECRET",
            start=start,
            end=start + len(value.text),
            score=score,
            reason=f"the value of a name that says {kind.value}",
            specificity=Specificity.GENERIC,
            validator=f"alphabet: {alphabet_of(value.text).name.lower()}",
            context=(ContextWord(word=name.strip("\"'")[-40:], distance=len(bridge)),),
            steps=steps,
            attributes={"example": "true"} if example else {},
        )


def _whole_name(text: str, start: int, end: int) -> str:
    """Return the name around a keyword; in quotes or prose, the words before it as well."""
    first = start
    while first > max(0, start - _NAME_LIMIT) and text[first - 1] in _NAME_CHARACTERS:
        first -= 1
    return text[first:end]


def _trimmed(raw: str, prose: bool, bare: bool) -> str:
    if not bare:
        return raw.strip()
    query = _QUERY.search(raw)
    if query:
        raw = raw[: query.start()]
    text = raw.rstrip(_PROSE_TRAILING if prose else _TRAILING)
    return text.removesuffix("\\n") if "\\n" in text else text


_Judged = tuple[float, tuple[tuple[str, float], ...], bool]


def _judge(kind: NameClass, value: _Value) -> _Judged | None:
    text = value.text
    if len(text) < _SHORT_PASSWORD or _HASHED.search(text) or _VERSION.search(text):
        return None
    if not value.quoted and (_CODE.search(text) or "\\n" in text):
        return None
    place = standing(text)
    if place is Standing.PLACEHOLDER:
        return None
    likely = randomness(text)
    if _LOCATION.search(text) and likely < _CERTAIN:
        return None
    if value.quoted and _CODE.search(text) and likely < _LIKELY and "(" in text:
        return None
    score = (
        _password_score(value, likely)
        if kind is NameClass.PASSWORD
        else _secret_score(kind, value, likely)
    )
    if score is None:
        return None
    steps: list[tuple[str, float]] = [
        (f"name says {kind.value}, value looks random {likely:.2f}", score)
    ]
    if place is Standing.EXAMPLE:
        score = min(score, EXAMPLE_SCORE if kind is not NameClass.WEAK else 0.3)
        steps.append(("obvious example", score))
    return score, tuple(steps), place is Standing.EXAMPLE


def _password_score(value: _Value, likely: float) -> float | None:
    text = value.text
    if len(text) > _LONG_PASSWORD or _UUID.match(text) and value.prose:
        return None
    spaces = text.count(" ")
    if spaces and (not value.quoted or spaces > 1 or not value.has_digit):
        return None
    plain = text.replace("_", "").replace("-", "").isalpha()
    if plain:
        return _plain_password_score(value, likely)
    if text.replace(".", "").isdigit():
        return 0.5 if value.quoted and len(text) >= 6 else 0.3  # noqa: PLR2004
    if value.prose and value.classes < 2:  # noqa: PLR2004
        return None
    score = 0.55 + 0.1 * (value.classes - 2) + 0.15 * likely
    if _IDENTIFIER.match(text) and not value.quoted and likely < _LIKELY and "-" not in text:
        score = 0.4
    if len(text) < 6:  # noqa: PLR2004
        score -= 0.15
    return round(min(0.95, max(0.1, score)), 3)


def _plain_password_score(value: _Value, likely: float) -> float | None:
    mixed = value.text[1:] != value.text[1:].lower() and not value.text.isupper()
    if likely > _CERTAIN and len(value.text) >= _SHORT_SECRET:
        return 0.75 if mixed or value.quoted else 0.5
    if value.prose or not value.quoted:
        return 0.3 if not value.prose and len(value.text) >= _SHORT_SECRET else None
    return 0.4


def _secret_score(kind: NameClass, value: _Value, likely: float) -> float | None:
    text = value.text
    if len(text) < _SHORT_SECRET or " " in text:
        return None
    if _UUID.match(text):
        return {NameClass.SECRET: 0.6, NameClass.KEY: 0.5}.get(kind)
    alphabet = alphabet_of(text)
    if alphabet is Alphabet.DIGITS or _IDENTIFIER.match(text) and likely < _CERTAIN:
        return None
    if value.prose and (alphabet is Alphabet.HEX or value.classes >= 3):  # noqa: PLR2004
        return 0.55 if likely > 0.5 and value.has_digit else 0.3  # noqa: PLR2004
    if kind is NameClass.WEAK:
        if len(text) < 20 or likely < 0.95 or not value.has_digit or alphabet is Alphabet.HEX:  # noqa: PLR2004
            return 0.2 if likely > _LIKELY else None
        return 0.6
    if alphabet is Alphabet.PRINTABLE and not value.quoted and likely < _CERTAIN:
        return 0.3 if likely > 0.5 else None  # noqa: PLR2004
    least = 12 if alphabet is Alphabet.HEX else _SHORT_SECRET
    if len(text) < least or likely < 0.5:  # noqa: PLR2004
        return 0.55 if kind is NameClass.SECRET and value.quoted and value.classes >= 3 else None  # noqa: PLR2004
    if not value.has_digit and (len(text) < 16 or likely < _CERTAIN):  # noqa: PLR2004
        return 0.3
    score = 0.35 + 0.5 * likely + (0.1 if len(text) >= 16 else 0.0)  # noqa: PLR2004
    return round(min(0.95, score), 3)

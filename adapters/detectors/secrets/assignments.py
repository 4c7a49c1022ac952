"""Recognise secrets that no issuer marked: by the name they are assigned to and how they look."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from adapters.detectors.disjoint import DisjointRanges
from adapters.detectors.linear_time import LazyPattern, Match, Subject
from adapters.detectors.secrets.assignment_syntax import LOOSE_BRIDGE
from adapters.detectors.secrets.names import NameClass, classify
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    Candidate,
    LastRecogniser,
    Specificity,
)
from adapters.detectors.secrets.value_judgement import Value, judge
from domain.detection.catalogue import RuleInfo
from domain.detection.entropy import alphabet_of
from domain.detection.finding import ContextWord
from domain.detection.taxonomy import Category, Severity

_KEYWORDS = (
    r"pass(?:w(?:or)?ds?|wort|phrase|code)?|pwd|psw|kennwort|contrase(?:ñ|n)a|senha|"
    r"wachtwoord|motdepasse|"
    r"secrets?|tokens?|credentials?|creds|api[ _.-]?keys?|apikey|authorization|bearer|jwt|"
    r"(?:access|auth|private|encryption|signing|master|account|service|session|license|"
    r"shared|client|app)[ _.-]?key|"
    r"[a-z0-9]_?keys?|key|salt|pepper|(?:\b|_)pw"
)
_GATE = (
    r"(?i)pass|pwd|psw|kennwort|contrase|senha|wachtwoord|secret|token|credential|creds|"
    r"api[ _.-]?key|"
    r"authoriz|bearer|jwt|key|salt|pepper|(?:\b|_)pw"
)

_TRAILING = ",;)]}&"
_PROSE_TRAILING = ".,;:?)]}\"'"
_SCHEME = re.compile(r"(?i)^(?:bearer|basic|token|apikey|key)\s+")
_NESTED = re.compile(r"[A-Za-z_][\w.-]{1,40}(?:=(?!=?$)|:(?!//))")
_NESTING = re.compile(r"=[A-Za-z_][\w.-]{1,40}=[^=]")
_USER_NAME = re.compile(
    r"(?i)(?:\buser(?:_?name|_?id)?|login|\buid|account)[\w]{0,6}[\"']?\s{0,3}(?:=>|:=|[:=,"
    r"]|\s)\s{0,3}"
    r"[\"'](?![<{$])[^\"'\n<>{}]{1,60}[\"']"
)
_USER_WORDS = ("user", "login", "uid", "account")
_USER_REACH = 140
_NEXT_FIELD = re.compile(r"[&;][A-Za-z_{][\w. {}-]*=")
_OTHERWISE = ("||", "??", "?:")
"""What goes before a default, which is a literal in quotes, or a call and a variable in code."""
_QUOTED = (2, 3)
_BARE = 5
_BADGE_REACH = 40
_REACH = 640
_NAME_LIMIT = 60
_NAME_CHARACTERS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_.-$")


class _Assigned(NamedTuple):
    """A value with the name it is given to, before anybody asks how likely it is a secret."""

    kind: NameClass
    value: Value
    start: int
    end: int
    distance: int
    """Characters between the name and the value."""


class Assignments(LastRecogniser):
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
            matches=(
                "a name that says secret, token or key, an operator, and a value that looks random"
            ),
            validator="entropy by alphabet and letter pairs",
            sources=("https://cwe.mitre.org/data/definitions/798.html",),
            near_misses=('token_type = "bearer"', 'api_key = os.environ["API_KEY"]'),
            severity=Severity.HIGH,
            operating_point=OPERATING_POINT,
        ),
    )

    def __init__(self) -> None:
        self._keyword = LazyPattern(rf"(?i)(?:{_KEYWORDS})[0-9a-z_.-]*")
        self._value = LazyPattern(
            f"({LOOSE_BRIDGE})"
            r"(?:[A-Za-z]{0,2}\\{0,2}(?:\"(?:\"{2})?([^\"\n]{1,400}?)\\{0,2}\"|'(?:'{2})?([^'\n]{1,"
            r"400}?)\\{0,2}'|`([^`\n]{1,400})`)"
            r"|([^\s\"'`<>]{1,400}))"
        )

    def scan_around(self, subject: Subject, claimed: DisjointRanges) -> Iterator[Candidate]:
        """Yield values from left to right; a value that was taken does not name the next one."""
        taken = 0
        text = subject.text
        in_vain: _Assigned | None = None
        for keyword in self._keyword.finditer(subject):
            start, end = keyword.span()
            if in_vain is not None:
                # Only where a name stands inside it does it matter what it is.
                if start < in_vain.end and _candidate(text, in_vain) is not None:
                    taken = in_vain.end
                in_vain = None
            if start < taken or _NESTING.match(text, end):
                continue
            before = text[max(0, start - _BADGE_REACH) : start]
            if "badge" in before or _is_command(before, text[start:end]):
                continue
            name = _whole_name(text, start, end)
            kind = classify(name)
            if kind is NameClass.NOTHING:
                continue
            match = self._value.match_at(subject, end, min(len(text), end + _REACH))
            assigned = _assigned(text, name, kind, match, end) if match else None
            if assigned is None:
                continue
            if not claimed.is_free(assigned.start, assigned.end):
                in_vain = assigned
                continue
            candidate = _candidate(text, assigned)
            if candidate is not None:
                taken = candidate.end
                yield candidate


def _assigned(
    text: str, name: str, kind: NameClass, match: Match, name_end: int
) -> _Assigned | None:
    """Return what a name is given, None where that is an argument, a call or the like."""
    name_start = name_end - len(name)
    group = next(g for g in (2, 3, 4, 5) if match.took_part(g))
    start, end = match.span(group)
    bare = group == _BARE
    bridge = match.text(1)
    prose = any(c.isalpha() for c in bridge) and "value" not in bridge.lower()
    raw = match.text(group)
    if not _operator(bridge) and (group not in _QUOTED or bridge.strip() or name == "pass"):
        return None
    if (
        bare
        and not prose
        and (
            _operator(bridge) in _OTHERWISE or _is_argument(bridge, text, end) or _NESTED.match(raw)
        )
    ):
        return None
    if _is_of_a_call(bridge, text, name_start, bare=bare):
        return None
    scheme = _SCHEME.match(raw)
    if scheme and scheme[0].lower().startswith("basic"):
        return None
    if scheme:
        start += scheme.end()
        raw = raw[scheme.end() :]
    quoted = not bare and not _operator(bridge).startswith(",")
    start += len(raw) - len(raw.lstrip())
    if bare and raw.startswith("-") and text.startswith("${", name_start - 2):
        # The default of a shell's variable, as in `${DB_PASSWORD:-…}`.
        start, raw = start + 1, raw[1:]
    value = Value(text=_trimmed(raw, prose, bare), quoted=quoted, prose=prose)
    return _Assigned(kind, value, start, start + len(value.text), len(bridge))


def _candidate(text: str, assigned: _Assigned) -> Candidate | None:
    """Return a value as a candidate, None where it plainly is no secret."""
    kind, value = assigned.kind, assigned.value
    is_password = kind is NameClass.PASSWORD
    beside = _beside_user_name(text, assigned.start) if is_password else None
    judged = judge(kind, value, beside_user_name=beside is not None)
    if judged is None:
        return None
    context = [ContextWord(word=kind.value, distance=assigned.distance)]
    if beside is not None:
        context.append(ContextWord(word="user name", distance=beside))
    return Candidate(
        rule="password-assignment" if is_password else "secret-assignment",
        type="PASSWORD" if is_password else "GENERIC_SECRET",
        start=assigned.start,
        end=assigned.end,
        score=judged.score,
        reason=f"the value of a name that says {kind.value}",
        specificity=Specificity.GENERIC,
        validator=f"alphabet: {alphabet_of(value.text).name.lower()}",
        context=tuple(context),
        steps=judged.steps,
        attributes={"example": "true"} if judged.example else {},
    )


def _whole_name(text: str, start: int, end: int) -> str:
    """Return the name around a keyword; in quotes or prose, the words before it as well."""
    first = start
    while first > max(0, start - _NAME_LIMIT) and text[first - 1] in _NAME_CHARACTERS:
        first -= 1
    return text[first:end]


def _is_command(before: str, keyword: str) -> bool:
    """Tell whether a keyword is a command that a shell replaces by what it prints."""
    return keyword.lower() == "pwd" and before.endswith(("`", "$("))


def _is_of_a_call(bridge: str, text: str, name_start: int, *, bare: bool) -> bool:
    """Tell whether a value is compared with a call, or an argument behind another than a name.

    In `set("password", "v")` the name is an argument of its own, in `encode(password, "utf-8")` a
    variable, and `digest(password) == "v"` says nothing about the password.
    """
    operator = _operator(bridge)
    is_closed = ")" in (bridge.partition(operator)[0] if operator else bridge)
    if operator.startswith(","):
        is_literal = text[max(0, name_start - 1) : name_start] in ("'", '"', "`")
        return is_closed or not is_literal or bridge[:1] not in ("'", '"', "`")
    return is_closed and (bare or operator.startswith(("==", "=>", "->")))


def _is_argument(bridge: str, text: str, end: int) -> bool:
    """Tell whether an unquoted value is the next argument, a generic type, or text behind a tag."""
    operator = _operator(bridge)
    if operator.startswith(">"):
        return not text.startswith("</", end)
    if text.startswith("<", end) and not text.startswith("</", end):
        return True
    return operator.startswith(",")


def _operator(bridge: str) -> str:
    return bridge.strip("\"'` \t)]\\")


def _beside_user_name(text: str, start: int) -> int | None:
    """Return how far before a value a user name was given one, None where it was not."""
    before = text[max(0, start - _USER_REACH) : start]
    lower = before.lower()
    if before.isascii() and not any(word in lower for word in _USER_WORDS):
        return None
    distances = [len(before) - found.end() for found in _USER_NAME.finditer(before)]
    return min(distances, default=None)


def _trimmed(raw: str, prose: bool, bare: bool) -> str:
    if not bare:
        return raw.strip()
    following = _NEXT_FIELD.search(raw)
    if following:
        raw = raw[: following.start()]
    trailing = _PROSE_TRAILING if prose else _TRAILING
    text = raw.rstrip(trailing)
    while text.endswith("\\n"):
        text = text.removesuffix("\\n").rstrip(trailing)
    return text

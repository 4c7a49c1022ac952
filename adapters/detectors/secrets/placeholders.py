"""Tell values that stand for a secret from secrets: placeholders, documented examples, code."""

import re
from collections.abc import Collection, Set
from enum import Enum
from functools import cache

from adapters.detectors.linear_time import Gate, LazyPattern, Subject
from adapters.detectors.secrets.vocabulary import DOCUMENTED_EXAMPLES, STAND_INS
from domain.detection.entropy import shannon

_MASK_CHARACTERS = frozenset("xX*.-_#•●0?…")
_MASK_SHARE = 0.6
_REPEATED = re.compile(r"(.)\1{5,}")
_REPEATED_SHARE = 0.3
_REPEATED_UNIT = re.compile(r"(.{1,4}?)\1{4,}")
_SEQUENCE_LENGTH = 8
_LEAST_DISTINCT = 3
_REPETITIVE_ENTROPY = 3.0

_BRACKETED = (
    r"^(?:<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|\(.*\)|__\w+__|%\w+%|%\(?\w*\)?[sd]|@\w+@|"
    r"#\{.*\}#?|\*+\w+\*+)$"
)
_REFERENCE = (
    r"\$\{|\{\{|\{[A-Za-z_][\w.]*\}|\$\(|<%|^\$[A-Za-z_][\w:]*-?$|^\$env:|^%[A-Z_]+%|^\{\w*\}$|^@Microsoft\.KeyVault"
    r"|^(?:vault|op|env|file|ref|secret|ssm|sops|awssm|gcpsm|keyring|arn|projects):(?:/|aws|"
    r"env|//)|^!\w+|^ENC\["
    r"|^projects/|^secretref:|^AQICAH|^encrypted:|^v1:AES"
    # A string that ends and goes on with a variable; a variable that begins a path; Ruby's #{…}.
    r"|^[\"'.,+ ]+\$[A-Za-z_]|^\$[A-Z][A-Z0-9_]{2,}/|\#\{[a-z_]|=[\"']?%s"
)
_LABEL = r"^[A-Z][a-z]+(?: [a-z]+){0,4}[:?!]$"
_ROUTE = r"^[a-z_]+(?:/[a-z_]+)+(?:#[a-z_]+[?!]?)?$"
_STAND_IN = (
    r"(?i)(?:^|[^a-z])(?:your|you|my|the|some|any|insert|enter|put|paste|add|replace|change|"
    r"fill|provide|specify|use)"
    r"[-_ .]?(?:own|real|actual|new|super|very|it|me|in|with|this|here|secret|secure|api|"
    r"app|access|auth|client|bot|"
    r"private|personal|token|key|pass|password|pwd|user|username|account|database|db|aws|"
    r"azure|openai|github|slack|"
    r"stripe|google|jwt|long|random|strong|default|org|generated|value|credential)"
    r"|(?:^|[^a-z])your[-_ ]"
    r"|change[-_ ]?(?:me|this|it)|placeholder|replace[-_ ]?(?:me|this|with)|redacted|masked|"
    r"removed|omitted|"
    r"(?:^|[^a-z])(?:dummy|fake|mock(?:ed)?|foobar|foo[-_]?bar|todo|tbd|fixme|sanitized|"
    r"snip|hidden|fill[-_]?me)(?:[^a-z]|$)"
    r"|(?:goes|go)[-_ ]?here|(?:^|[-_ ])here$|not[-_ ]?(?:a[-_ ])?(?:real|secret)|lorem|"
    r"ipsum|abcxyz|notasecret"
)
_ELIDED = r"\.\.\.|…|<.*>"
_NO_VALUES = (_BRACKETED, _REFERENCE, _LABEL, _ROUTE, _STAND_IN, _ELIDED)
_EXAMPLE = LazyPattern(r"(?i)example|sample|demo|test[-_]?(?:key|token|secret)|documentation")

_ANY_LETTER = re.compile(r"(\[\^?\]?(?:\\.|[^\]\\])*\])|\\.", re.DOTALL)


def _for_re2(expression: str) -> str:
    r"""Write `\w`, which RE2 takes for ASCII alone, as letters and digits of all scripts."""

    def written(found: re.Match[str]) -> str:
        if found[1]:
            return found[1].replace(r"\w", r"\pL\pN_")
        return r"[\pL\pN_]" if found[0] == r"\w" else found[0]

    return _ANY_LETTER.sub(written, expression)


_NO_VALUE = LazyPattern("|".join(f"(?:{_for_re2(shape)})" for shape in _NO_VALUES))
"""All in one pass, by an engine to which alternatives cost nothing."""
_FEWEST_REPEATED = 5

_ORDERED = (
    "0123456789abcdefghijklmnopqrstuvwxyz0123456789",
    "1234567890" * 2,
    "abcdefghijklmnopqrstuvwxyzabcdefg",
)
_SEQUENCES = frozenset(
    ordered[at : at + _SEQUENCE_LENGTH]
    for line in _ORDERED
    for ordered in (line, line[::-1])
    for at in range(len(line) - _SEQUENCE_LENGTH + 1)
)

_SEQUENCE = LazyPattern("|".join(sorted(_SEQUENCES)))

_NO_VALUE_SIGN = 0


@cache
def _signs() -> Gate:
    """Return what tells a placeholder, then what tells an example, all in one pass."""
    return Gate((_NO_VALUE.expression, _EXAMPLE.expression, f"(?i:{_SEQUENCE.expression})"))


class Standing(Enum):
    """What a value is, before anybody asks how random it looks."""

    PLACEHOLDER = "placeholder"
    EXAMPLE = "example"
    PLAIN = "plain"


def standing(value: str) -> Standing:
    """Return whether a value is a placeholder, an obvious example, or neither."""
    text = value.strip().strip("\"'`").strip()
    characters = set(text)
    if len(characters) < _LEAST_DISTINCT or text.lower() in STAND_INS:
        return Standing.PLACEHOLDER
    signs = _signs_in(text)
    if _NO_VALUE_SIGN in signs:
        return Standing.PLACEHOLDER
    masks = characters & _MASK_CHARACTERS
    if sum(map(text.count, masks)) > _MASK_SHARE * len(text) or _is_repetitive(text, characters):
        return Standing.PLACEHOLDER
    if text in DOCUMENTED_EXAMPLES or signs or _has_spread_sequence(text):
        return Standing.EXAMPLE
    return Standing.PLAIN


def _signs_in(text: str) -> Collection[int]:
    """Return which of `_signs` occur."""
    if text.isascii():
        return _signs().hits(Subject(text))
    # Beyond ASCII, what RE2 takes for the same letter is not what is the same in lower case.
    found = (_NO_VALUE.occurs(text), _EXAMPLE.occurs(text), _SEQUENCE.occurs(text.lower()))
    return [sign for sign, occurs in enumerate(found) if occurs]


def _is_repetitive(text: str, characters: Set[str]) -> bool:
    # No character is frequent enough for either: an entropy is at least that of the most frequent.
    most = max(map(text.count, characters))
    if most < _FEWEST_REPEATED or most * 2**_REPETITIVE_ENTROPY < len(text):
        return False
    runs = (len(found.group()) for found in _REPEATED.finditer(text))
    if max(runs, default=0) > _REPEATED_SHARE * len(text):
        return True
    return _REPEATED_UNIT.search(text) is not None and shannon(text) < _REPETITIVE_ENTROPY


def _has_spread_sequence(text: str) -> bool:
    """Tell whether letters with digits between them run up or down: `a1b2c3d4e5f6g7h8`."""
    lowered = text.lower()
    return any(map(str.isdigit, lowered)) and _SEQUENCE.occurs(
        "".join(filter(str.isalpha, lowered))
    )

"""Tell values that stand for a secret from secrets: placeholders, documented examples, code."""

import re
from enum import Enum

from domain.detection.entropy import shannon

_MASK_CHARACTERS = frozenset("xX*.-_#•●0?…")
_MASK_SHARE = 0.6
_REPEATED = re.compile(r"(.)\1{5,}")
_REPEATED_SHARE = 0.3
_REPEATED_UNIT = re.compile(r"(.{1,4}?)\1{4,}")
_SEQUENCE_LENGTH = 8
_LEAST_DISTINCT = 3
_REPETITIVE_ENTROPY = 3.0

_BRACKETED = re.compile(
    r"^(?:<[^<>]*>|\[[^\[\]]*\]|\{[^{}]*\}|\(.*\)|__\w+__|%\w+%|%\(?\w*\)?[sd]|@\w+@|#\{.*\}#?|\*+\w+\*+)$"
)
_REFERENCE = re.compile(
    r"\$\{|\{\{|\$\(|<%|^\$[A-Za-z_]\w*$|^\$env:|^%[A-Z_]+%|^\{\w*\}$|^@Microsoft\.KeyVault"
    r"|^(?:vault|op|env|file|ref|secret|ssm|sops|awssm|gcpsm|keyring|arn|projects):(?:/|aws|env|//)|^!\w+|^ENC\["
    r"|^projects/|^secretref:|^AQICAH|^encrypted:|^v1:AES"
)
_STAND_IN = re.compile(
    r"(?i)(?:^|[^a-z])(?:your|you|my|the|some|any|insert|enter|put|paste|add|replace|change|fill|provide|specify|use)"
    r"[-_ .]?(?:own|real|actual|new|super|very|it|me|in|with|this|here|secret|secure|api|app|access|auth|client|bot|"
    r"private|personal|token|key|pass|password|pwd|user|username|account|database|db|aws|azure|openai|github|slack|"
    r"stripe|google|jwt|long|random|strong|default|org|generated|value|credential)"
    r"|change[-_ ]?(?:me|this|it)|placeholder|replace[-_ ]?(?:me|this|with)|redacted|masked|removed|omitted|"
    r"(?:^|[^a-z])(?:dummy|fake|mock(?:ed)?|foobar|foo[-_]?bar|todo|tbd|fixme|sanitized|snip|hidden|fill[-_]?me)(?:[^a-z]|$)"
    r"|(?:goes|go)[-_ ]?here|(?:^|[-_ ])here$|not[-_ ]?(?:a[-_ ])?(?:real|secret)|lorem|ipsum|abcxyz|notasecret"
)
_EXAMPLE = re.compile(r"(?i)example|sample|demo|test[-_]?(?:key|token|secret)|documentation")
_WHOLE = frozenset(
    """
    null none nil undefined true false yes no on off empty unset default value values string str
    int integer bool boolean object any text optional required secret secrets password passwd
    passphrase pass pwd token tokens key keys apikey api_key api-key credential credentials auth
    bearer basic user username login name admin root test testing tests example sample demo hidden
    private public prompt input stdin env environment variable config configuration file path
    hash hashed encrypted plaintext plain md5 sha1 sha256 sha512 bcrypt hmac rsa jwt oauth oauth2
    x xx xxx xxxx abc abcd foo bar baz qux foobar blah something whatever anything here there
    secretkey secret_key accesskey access_key mysecret mypassword mytoken mykey yourpassword
    process.env os.environ self this new invalid missing expired unknown unspecified n/a na tbd
    """.split()
)

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


class Standing(Enum):
    """What a value is, before anybody asks how random it looks."""

    PLACEHOLDER = "placeholder"
    EXAMPLE = "example"
    PLAIN = "plain"


def standing(value: str) -> Standing:
    """Return whether a value is a placeholder, an obvious example, or neither."""
    text = value.strip()
    if not text or text.lower() in _WHOLE or len(set(text)) < _LEAST_DISTINCT:
        return Standing.PLACEHOLDER
    if _BRACKETED.search(text) or _REFERENCE.search(text) or _STAND_IN.search(text):
        return Standing.PLACEHOLDER
    if "..." in text or "…" in text or "<" in text and ">" in text:
        return Standing.PLACEHOLDER
    if sum(character in _MASK_CHARACTERS for character in text) > _MASK_SHARE * len(text):
        return Standing.PLACEHOLDER
    if _is_repetitive(text):
        return Standing.PLACEHOLDER
    if _EXAMPLE.search(text) or has_sequence(text):
        return Standing.EXAMPLE
    return Standing.PLAIN


def _is_repetitive(text: str) -> bool:
    runs = (len(found.group()) for found in _REPEATED.finditer(text))
    if max(runs, default=0) > _REPEATED_SHARE * len(text):
        return True
    return _REPEATED_UNIT.search(text) is not None and shannon(text) < _REPETITIVE_ENTROPY


def has_sequence(text: str) -> bool:
    """Tell whether eight neighbours run up or down, such as `abcdefgh`, `23456789` or `3210zyxw`."""
    lowered = text.lower()
    windows = (
        lowered[at : at + _SEQUENCE_LENGTH] for at in range(len(lowered) - _SEQUENCE_LENGTH + 1)
    )
    return not _SEQUENCES.isdisjoint(windows)

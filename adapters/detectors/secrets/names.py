"""Read the name of a field or variable: whether its value has to be secret, and its kind."""

import re
from enum import Enum
from functools import lru_cache

from adapters.detectors.secrets.vocabulary import (
    INNOCENT_ANYWHERE,
    INNOCENT_TAILS,
    JOINED_KEYS,
    KEY_QUALIFIERS,
    PASS_OWNERS,
    PASSWORD_WORDS,
    SECRET_WORDS,
    TOKEN_WORDS,
)


class NameClass(Enum):
    """What a name says about its value."""

    PASSWORD = "password"  # noqa: S105  the kind of a name, no credential
    SECRET = "secret"  # noqa: S105
    KEY = "key"
    WEAK = "weak"
    NOTHING = "nothing"


_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^\W\d_]+")
_OF_PAGES = frozenset(
    (
        *(("site", "key"), ("csrf", "token"), ("xsrf", "token")),
        *((word, "token") for word in ("page", "sync", "resume", "cancellation")),
    )
)
"""What every page shows: the public half of a captcha's keys, what a form sends back once, places
in a list.
"""
_PASSWORD_ENDS = ("password", "passwd", "passphrase", "passcode", "passwort", "pwd")


@lru_cache(maxsize=4096)
def classify(name: str) -> NameClass:
    """Return what the words of a name, in any of the usual spellings, say about its value."""
    words = [word.lower() for word in _WORDS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or INNOCENT_ANYWHERE.intersection(words):
        return NameClass.NOTHING
    kinds = [_kind(words, at) for at in range(len(words))]
    best = max(range(len(words)), key=lambda at: _RANK[kinds[at]])
    if kinds[best] is NameClass.NOTHING or INNOCENT_TAILS.intersection(words[_last(kinds) + 1 :]):
        return NameClass.NOTHING
    return kinds[best]


_RANK = {
    NameClass.NOTHING: 0,
    NameClass.WEAK: 1,
    NameClass.KEY: 2,
    NameClass.SECRET: 3,
    NameClass.PASSWORD: 4,
}


def _last(kinds: list[NameClass]) -> int:
    return max(at for at, kind in enumerate(kinds) if kind is not NameClass.NOTHING)


def _is_innocent_word(words: list[str], at: int) -> bool:
    """Tell whether a telling word means something else here: `pass_through`, `withCredentials`."""
    if words[at] == "pass":
        return at < len(words) - 1
    if at > 0 and (words[at - 1], words[at]) in _OF_PAGES:
        return True
    return words[at] == "credentials" and at > 0 and words[at - 1] == "with"


def _kind(words: list[str], at: int) -> NameClass:
    word = words[at]
    if _is_innocent_word(words, at):
        return NameClass.NOTHING
    owner = word.removesuffix("pass")
    if word in PASSWORD_WORDS or word.endswith(_PASSWORD_ENDS) or owner in PASS_OWNERS - {word}:
        return NameClass.PASSWORD
    if word in SECRET_WORDS or word.endswith("secret"):
        return NameClass.SECRET
    if word in TOKEN_WORDS or word.endswith(("token", "apikey")) or word in JOINED_KEYS:
        return NameClass.KEY
    if word in ("key", "keys"):
        before = words[at - 1] if at else ""
        telling = before in KEY_QUALIFIERS or (at and _kind(words, at - 1) is not NameClass.NOTHING)
        return NameClass.KEY if telling else NameClass.WEAK
    return NameClass.WEAK if word in ("auth", "salt", "dsn") else NameClass.NOTHING

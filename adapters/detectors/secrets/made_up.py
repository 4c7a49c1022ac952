"""Tell passwords that nobody protects anything with: made up for an example, a test or a manual."""

import re
from urllib.parse import unquote

from adapters.detectors.secrets.vocabulary import MADE_UP_WORDS
from domain.detection.entropy import randomness

_LEET = str.maketrans("013457@$", "oleastas")
_LONGEST_WORD = max(map(len, MADE_UP_WORDS))
_LONGEST_MADE_UP = 64
_NUMBERS = re.compile(r"[0-9]+")
_COUNTING = ("01234567890", "1234567890" * 2, "9876543210" * 2)
_WORD_AND_COUNT = re.compile(r"([a-z]+|[A-Z][a-z]*|[A-Z]+)([0-9]{0,4})")
_LIKE_WORDS = 0.9

_NEAR = re.compile(
    r"(?i)(?:127(?:\.\d{1,3}){3}|10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|0\.0\.0\.0"
    r"|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}|\[::1\]|host\.docker\.internal|[a-z0-9_-]*"
    r"|(?:.*\.)?(?:example|test|invalid|localhost|local)|(?:.*\.)?example\.(?:com|org|net|edu))"
    r"(?:[:/?#,]|$)|[%{$<\[]"
)


def is_made_up(password: str) -> bool:
    """Tell whether a password says nothing but that it is one: `test_password1`, `P@ssw0rd`.

    It is made of words about passwords, tests and users, of marks, and of numbers that count up or
    down; a year or a random number makes it another one's own.
    """
    if not 0 < len(password) <= _LONGEST_MADE_UP:
        return False
    lowered = unquote(unquote(password)).lower()
    squeezed = "".join(character for character in lowered if character.isalnum())
    if all(map(_counts, _NUMBERS.findall(lowered))) and any(
        map(_is_made_of_words, (lowered, squeezed))
    ):
        return True
    read = lowered.translate(_LEET)
    return _NUMBERS.search(read) is None and _is_made_of_words(read)


def is_mere_word(password: str) -> bool:
    """Tell whether a password is one word, perhaps with a count behind it: `tiger`, `cat123`."""
    found = _WORD_AND_COUNT.fullmatch(password)
    if found is None or (found[2] and not _counts(found[2])):
        return False
    return randomness(found[1]) < _LIKE_WORDS


def is_near(host: str) -> bool:
    """Tell whether a host is this machine or network, one that cannot exist, or left open.

    That is a name or address of RFC 2606, 6761 or 1918, a name without a dot, or a template.
    """
    return _NEAR.match(host) is not None


def _counts(number: str) -> bool:
    return len(set(number)) == 1 or any(number in line for line in _COUNTING)


def _is_made_of_words(text: str) -> bool:
    """Tell whether words and marks follow each other from the first to the last character."""
    reached = [True] + [False] * len(text)
    for at, character in enumerate(text):
        if not reached[at]:
            continue
        if not character.isalpha():
            reached[at + 1] = True
            continue
        for end in range(at + 1, min(len(text), at + _LONGEST_WORD) + 1):
            reached[end] = reached[end] or text[at:end] in MADE_UP_WORDS
    return reached[-1]

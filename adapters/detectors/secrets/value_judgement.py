"""Judge the value of a telling name: how likely it is a secret, and no word, code or path."""

import re
from dataclasses import dataclass

from adapters.detectors.secrets.made_up import is_made_up, is_mere_word
from adapters.detectors.secrets.names import NameClass
from adapters.detectors.secrets.ordinary_values import encodes_words, is_ordinary
from adapters.detectors.secrets.placeholders import Standing, standing
from adapters.detectors.secrets.recogniser import EXAMPLE_SCORE, UNNAMED_EXAMPLE_SCORE
from domain.detection.entropy import Alphabet, alphabet_of, randomness

_UUID = re.compile(r"^\{?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?$")
_CONSTANT = re.compile(r"^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
_IDENTIFIER = re.compile(r"^[A-Za-z]+(?:[_.-][A-Za-z]+)*[0-9]{0,2}$")
_SHORT_PASSWORD, _LONGEST_PASSWORD = 6, 160
_SHORT_SECRET, _LONG_SECRET, _SHORT_HEX = 8, 16, 12
_LONG_WEAK, _LONGEST_WEAK = 20, 64
_MIXED = 3
_BESIDE_USER_NAME = 0.15
_MADE_UP, _WORD, _BESIDE_WORD = 0.3, 0.4, 0.05
_LONG_WORD, _WEAK_PASSWORD = 7, 0.55
_HALF, _LIKELY, _CERTAIN, _SURE = 0.5, 0.75, 0.9, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A value, whether it stood in quotes, and whether a sentence led to it."""

    text: str
    quoted: bool
    prose: bool

    @property
    def kinds(self) -> int:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A score above 0 with its steps."""

    score: float
    steps: tuple[tuple[str, float], ...]
    example: bool


def judge(kind: NameClass, value: Value, *, beside_user_name: bool = False) -> Judgement | None:
    """Return how likely the value is a secret, None where it plainly is none.

    A user name with a value just before raises a password that is a mere word.
    """
    place = standing(value.text)
    likely = randomness(value.text)
    if place is Standing.PLACEHOLDER or is_ordinary(value.text, likely, quoted=value.quoted):
        return None
    of_password = kind is NameClass.PASSWORD
    score = _password(value, likely) if of_password else _secret(kind, value, likely)
    if not score:
        return None
    steps = [(f"name says {kind.value}, value looks random {likely:.2f}", score)]
    if beside_user_name and value.quoted:
        raised = _BESIDE_USER_NAME if score > _WORD else _BESIDE_WORD
        score = round(min(_SURE, score + raised), 3)
        steps.append(("beside a user name", score))
    if place is Standing.EXAMPLE:
        score = min(score, UNNAMED_EXAMPLE_SCORE if kind is not NameClass.WEAK else 0.3)
        steps.append(("obvious example", score))
    return Judgement(score=score, steps=tuple(steps), example=place is Standing.EXAMPLE)


def _password(value: Value, likely: float) -> float:
    text = value.text
    spaces = text.count(" ")
    sentence = spaces and (not value.quoted or spaces > 1 or not value.has_digit)
    if sentence or len(text) > _LONGEST_PASSWORD:
        return 0.0
    known = _of_a_known_shape(value, likely)
    if known is not None:
        return known
    if value.prose and (value.kinds == 1 or _UUID.match(text) is not None):
        return 0.0
    score = 0.35 + 0.1 * value.kinds + 0.15 * likely
    if len(text) < _SHORT_PASSWORD:
        score -= 0.15
    return round(min(_SURE, score), 3)


def _of_a_known_shape(value: Value, likely: float) -> float | None:
    """Return the score of a word, a number, a constant or a variable; None for all others."""
    text = value.text
    bare = text.strip("'\"")
    if is_made_up(bare):
        return _MADE_UP
    if text.replace("_", "").replace("-", "").isalpha():
        return _word_as_password(value, likely)
    is_constant = likely < _CERTAIN and _CONSTANT.match(text) is not None
    is_variable = likely < _LIKELY and not value.quoted and "-" not in text
    if value.quoted and not value.prose and value.has_digit and len(bare) >= _LONG_WORD:
        # `hunter2` in quotes is weak, and somebody's.
        is_variable = False
        if is_mere_word(bare):
            return _WEAK_PASSWORD
    if is_constant or is_mere_word(bare.rstrip("!?.")) or (is_variable and _IDENTIFIER.match(text)):
        return _WORD
    if text.replace(".", "").isdigit():
        return 0.5 if value.quoted and len(text) >= _SHORT_PASSWORD else 0.3
    return None


def _word_as_password(value: Value, likely: float) -> float:
    """Score letters alone: a random string is a password, a word mostly a label or a type."""
    long_enough = len(value.text) >= _SHORT_SECRET
    if likely > _CERTAIN and long_enough:
        inside = value.text[1:]
        mixed = inside != inside.lower() and not value.text.isupper()
        return _LIKELY if mixed or value.quoted else 0.5
    if value.quoted and not value.prose:
        return _WORD
    return 0.3 if long_enough and not value.prose else 0.0


def _secret(kind: NameClass, value: Value, likely: float) -> float:
    text, alphabet = value.text, alphabet_of(value.text)
    word = (_IDENTIFIER.match(text) and likely < _CERTAIN) or is_made_up(text)
    is_other = word or " " in text or alphabet is Alphabet.DIGITS
    if len(text) < _SHORT_SECRET or is_other or encodes_words(text):
        return 0.0
    if _UUID.match(text):
        return {NameClass.SECRET: EXAMPLE_SCORE, NameClass.KEY: 0.45}.get(kind, 0.0)
    if value.prose and (alphabet is Alphabet.HEX or value.kinds >= _MIXED):
        return 0.55 if value.has_digit and likely > _told_in_prose(value) else 0.3
    if kind is NameClass.WEAK:
        return _of_weak_name(value, likely)
    if alphabet is Alphabet.PRINTABLE and not value.quoted and likely < _CERTAIN:
        return 0.3 if likely > _HALF else 0.0
    return _random(kind, value, likely)


def _told_in_prose(value: Value) -> float:
    """Return how random a value has to look when a sentence hands it over."""
    symbol = any(not c.isalnum() for c in value.text)
    return 0.0 if symbol and value.kinds > _MIXED else _HALF


def _of_weak_name(value: Value, likely: float) -> float:
    """Score what a bare `key` or `salt` holds: only long, mixed and surely random strings."""
    of_a_key = _LONG_WEAK <= len(value.text) <= _LONGEST_WEAK
    sure = of_a_key and likely >= _SURE and value.has_digit
    if sure and alphabet_of(value.text) is not Alphabet.HEX:
        return EXAMPLE_SCORE
    return 0.2 if likely > _LIKELY else 0.0


def _random(kind: NameClass, value: Value, likely: float) -> float:
    text = value.text
    least = _SHORT_HEX if alphabet_of(text) is Alphabet.HEX else _SHORT_SECRET
    if len(text) < least or likely < _HALF:
        chosen = kind is NameClass.SECRET and value.quoted and value.kinds >= _MIXED
        return 0.55 if chosen else 0.0
    if not value.has_digit and (len(text) < _LONG_SECRET or likely < _CERTAIN):
        return 0.3
    score = 0.35 + 0.5 * likely + (0.1 if len(text) >= _LONG_SECRET else 0.0)
    return round(min(_SURE, score), 3)

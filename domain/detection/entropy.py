"""How random a string looks: entropy for its alphabet and length, and how unlike words it is.

A plain entropy threshold takes long identifiers for keys and short keys for words. Two questions
answer better: is the entropy what random characters of this alphabet and length would show, and
do the neighbouring letters follow each other as in words?
"""

import math
from collections import Counter
from collections.abc import Iterable, Set
from enum import Enum
from functools import lru_cache
from itertools import repeat
from operator import add, ne

_EXACT_UP_TO = 256
_TABLE = 256
_TIMES_LOG = (0.0, *(count * math.log2(count) for count in range(1, _TABLE)))
_PAIR_ZERO = 4.0
_PAIR_STEP = 0.5
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _kind_of(code: int) -> int:
    character = chr(code)
    if character.islower():
        return 0
    if character.isupper():
        return 1
    return 2 if character.isdigit() else 3


_PAIRS = (
    "08a80370805b9b080cac554360",
    "b575b221a80c44a50994b00082",
    "b063b10b909942d2095b810050",
    "a448e420d00734a30895941040",
    "939b675030198b374cca164840",
    "a056ab20d00923c30a78a00050",
    "9143e279b00959930aa6932042",
    "d035e201c02555c10859700060",
    "7697878000198ea608aa070406",
    "c064d400706310c60491d00030",
    "9256e463c019186515b5609050",
    "b348d500c01b23b40188720090",
    "d815e200a01573bc0185700050",
    "a1abb7c19055169401ac660030",
    "5699266050599d790c99a68200",
    "c134c416902b12b90c7a702070",
    "53540200300605137782f12000",
    "b377d470b05577b408a9642070",
    "8083d339b056439923ad913060",
    "b164d40ac00643a50b97803070",
    "78769660800bac490bbb000000",
    "d340f210c00143820241021000",
    "d346b40ac0060ab20a94004300",
    "95b6b715a007516c056d231752",
    "6676a64190089a9d06cb356044",
    "b252f303c00553a00344302055",
)
"""Letter pairs, row by first letter: a hex digit q says log2(p(second | first) · 26) = q / 2 - 4.

Counted over the distinct words (weight: square root of the frequency) of the identifiers and
docstrings of CPython's standard library and of English questions (clinc150, banking77, GPTeacher).
"""

_PAIR_BITS = {
    first + second: int(quantum, 16) * _PAIR_STEP - _PAIR_ZERO
    for first, row in zip(_LETTERS, _PAIRS, strict=True)
    for second, quantum in zip(_LETTERS, row, strict=True)
}
_KINDS = str.maketrans({chr(code): "aA0."[_kind_of(code)] for code in range(128)})


class Alphabet(Enum):
    """The smallest usual alphabet that holds all characters of a string, with its size."""

    DIGITS = 10
    HEX = 16
    BASE32 = 32
    LETTERS_DIGITS = 36
    BASE62 = 62
    BASE64 = 64
    PRINTABLE = 94


_DIGITS = frozenset("0123456789")
_LOWER_HEX = _DIGITS | frozenset("abcdef")
_UPPER_HEX = _DIGITS | frozenset("ABCDEF")
_BASE32 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
_LOWER = _DIGITS | frozenset(_LETTERS)
_UPPER = _DIGITS | frozenset(_LETTERS.upper())
_ALPHABETS = (
    (_DIGITS, Alphabet.DIGITS),
    (_LOWER_HEX, Alphabet.HEX),
    (_UPPER_HEX, Alphabet.HEX),
    (_BASE32, Alphabet.BASE32),
    (_LOWER, Alphabet.LETTERS_DIGITS),
    (_UPPER, Alphabet.LETTERS_DIGITS),
    (_LOWER | _UPPER, Alphabet.BASE62),
    (_LOWER | _UPPER | frozenset("+/-_="), Alphabet.BASE64),
)


def alphabet_of(text: str) -> Alphabet:
    """Return the smallest alphabet of `Alphabet` in which the text can be written."""
    return _alphabet_of(set(text))


def _alphabet_of(characters: Set[str]) -> Alphabet:
    for members, alphabet in _ALPHABETS:
        if characters <= members:
            return alphabet
    return Alphabet.PRINTABLE


def shannon(text: str) -> float:
    """Return the entropy of the character frequencies in bits a character; 0 for no text."""
    return _shannon(text, set(text)) if text else 0.0


def _shannon(text: str, characters: Set[str]) -> float:
    length = len(text)
    weights: Iterable[float]
    if length < _TABLE:
        # Few characters are different: counting each is quicker than a table of all.
        weights = map(_TIMES_LOG.__getitem__, map(text.count, characters))
    else:
        weights = (count * math.log2(count) for count in Counter(text).values())
    return math.log2(length) - math.fsum(weights) / length


@lru_cache(maxsize=1024)
def expected_shannon(length: int, symbols: int) -> float:
    """Return what `shannon` shows on average for uniformly random text, in bits a character.

    Exact (binomial) up to 256 characters, beyond by the first Miller-Madow term: G. A. Miller,
    "Note on the bias of information estimates", 1955.
    """
    if length < 1 or symbols < 2:  # noqa: PLR2004
        return 0.0
    if length > _EXACT_UP_TO:
        return math.log2(symbols) - (symbols - 1) / (2 * length * math.log(2))
    p = 1 / symbols
    expectation = 0.0
    probability = (1 - p) ** length
    for occurrences in range(1, length + 1):
        probability *= (length - occurrences + 1) / occurrences * p / (1 - p)
        expectation += probability * occurrences * math.log2(occurrences)
    return math.log2(length) - symbols * expectation / length


def _relative_entropy(text: str, characters: Set[str], alphabet: Alphabet) -> float:
    """Return the entropy as a share of what random text of this alphabet and length shows.

    Random text lies near 1, words and repetitions below; the value may pass 1 a little.
    """
    expected = expected_shannon(len(text), alphabet.value)
    return _shannon(text, characters) / expected if expected else 0.0


def wordlikeness(text: str) -> float:
    """Return the mean log-likelihood ratio of neighbouring letters, in bits: words against noise.

    English words and identifiers lie near 1.1, random letters near -1.5; a text without two
    neighbouring letters gives 0.
    """
    total, pairs = _pair_bits(text)
    return total / pairs if pairs else 0.0


def word_evidence(text: str) -> float:
    """Return the summed log-likelihood ratio of neighbouring letters, in bits."""
    lowered = text.lower()
    return sum(map(_PAIR_BITS.get, map(add, lowered, lowered[1:]), repeat(0.0)))


def class_changes(text: str) -> float:
    """Return the share of neighbours of different kind: lower case, upper case, digit, other.

    Random base 62 lies near 0.6, identifiers and words near 0.1.
    """
    if len(text) < 2:  # noqa: PLR2004
        return 0.0
    kinds = text.translate(_KINDS)
    changes: int = sum(map(ne, kinds, kinds[1:]))
    return changes / (len(text) - 1)


def randomness(text: str) -> float:
    """Return how random a token looks, in [0, 1]; 0.5 is the point of indifference.

    Joins three signs: entropy relative to the alphabet, letter pairs that no word has, and how
    often the kind of character changes. Short texts stay near the middle.
    """
    length = len(text)
    if length < 4:  # noqa: PLR2004
        return 0.0
    characters = set(text)
    alphabet = _alphabet_of(characters)
    entropy_bits = (_relative_entropy(text, characters, alphabet) - 0.9) * 30
    if alphabet in (Alphabet.DIGITS, Alphabet.HEX):
        pair_bits = 0.0
        change_bits = 2.0 if alphabet is Alphabet.HEX else -1.0
    else:
        pair_bits = -word_evidence(text) - 0.1 * length
        change_bits = (class_changes(text) - 0.3) * min(length, 40) * 0.5
    evidence = entropy_bits + max(-20.0, min(20.0, pair_bits)) + change_bits
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, 0.35 * evidence))))


def _pair_bits(text: str) -> tuple[float, int]:
    lowered = text.lower()
    pairs = map(_PAIR_BITS.get, map(add, lowered, lowered[1:]))
    bits = [bit for bit in pairs if bit is not None]
    return sum(bits), len(bits)

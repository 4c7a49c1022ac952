"""Linear text classifiers over hashed words, word pairs and character n-grams, in plain Python.

A model is a file (`model_file.py`) with the magic `TPLM` and the header `Header`; its weights are,
for each table (word, pair, gram), for each lane, `2 ** bits[table]` of them.

A *lane* is one output, such as INSULT. The raw score of a lane is the sum of its weights over all
features of a text, over `tokens ** exponent`, plus its intercept; a logistic function with the
lane's slope and offset (Platt, "Probabilistic outputs for support vector machines", 1999) makes a
probability of it. Features are hashed by CRC-32 (Weinberger et al., "Feature hashing for large
scale multitask learning", 2009).

All lanes are summed at once: a weight row is one integer with 32 bits a lane, so one addition of
Python integers adds every lane. The words of a language repeat, therefore the row sum of each is
kept in a bounded dictionary and a sentence costs one look-up a word, and one hash a pair.
"""

import re
import unicodedata
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from math import exp, isqrt
from pathlib import Path
from typing import NotRequired, Self, TypedDict, cast

from adapters.detectors.manifest import read_checked
from adapters.detectors.model_file import BIAS, hashed_row, packed, unpacked, unsigned
from domain.errors import Unavailable

MAGIC = b"TPLM"
TABLES = ("word", "pair", "gram")
ONE = 64
"""The weight multiplier that stands for 1: feature values are fixed-point with 6 binary digits."""

NOTHING_READ = -1e9
"""The raw score of a piece without tokens."""

_LANE_BITS = 32
_LANE_MASK = (1 << _LANE_BITS) - 1
_LONGEST_WORD = 32
_MOST_WORDS = 20_000
_START = "\x02"
_SEPARATOR = "\x1f"

_TOKEN = re.compile(rf"\w{{1,{_LONGEST_WORD}}}(?:['’]\w{{1,4}})?|[^\w\s]{{1,4}}")  # noqa: RUF001
_DIGITS = {ord(digit): "0" for digit in "123456789"}
_INVISIBLE = dict.fromkeys((0x00AD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))


class Points(TypedDict):
    """Probabilities of one lane at which it errs on 1 % and on 0.1 % of foreign benign texts."""

    operating: float
    high: float


class Calibration(Points):
    """How the raw score of the first lane is read in texts of one direction."""

    slope: float
    offset: float


class Context(TypedDict):
    """What the sentences around a segment add to its raw score, or take from it.

    `share` is how far it is moved towards their mean, `limit` the most that it is lowered by.
    """

    share: float
    limit: float


class Header(TypedDict):
    """What a model file says about itself.

    `bits` has the binary logarithm of each table's rows; `scale`, `intercept`, `slope` and
    `offset` one number a lane; `points` one entry a lane. `directions`, if there, has what is
    different for the first lane of texts that come from elsewhere than from the user. `context`
    is there if segments of a text are not scored each by itself.
    """

    name: str
    version: str
    description: str
    lanes: list[str]
    bits: dict[str, int]
    exponent: float
    scale: list[float]
    intercept: list[float]
    slope: list[float]
    offset: list[float]
    points: dict[str, Points]
    directions: NotRequired[dict[str, Calibration]]
    context: NotRequired[Context]


@dataclass(frozen=True, slots=True)
class Reading:
    """The sum of all weight rows of a piece of text, all lanes in one integer.

    Readings of neighbouring pieces add up to the reading of both.
    """

    packed: int = 0
    tokens: int = 0

    def __add__(self, other: "Reading") -> "Reading":
        return Reading(self.packed + other.packed, self.tokens + other.tokens)


def tokens(text: str) -> list[str]:
    """Return the words and the runs of marks of a text: lower case, every digit as 0."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text.translate(_INVISIBLE))
    return _TOKEN.findall(text.lower().translate(_DIGITS))


def pair_row(pair: tuple[str, str], bits: int) -> int:
    """Return the row of two neighbouring tokens in a table of `2 ** bits` rows."""
    return hashed_row(_SEPARATOR.join(pair), bits)


def gram_rows(word: str, bits: int) -> tuple[list[int], int]:
    """Return the rows of a word's character 3- to 5-grams and their common value times `ONE`.

    The value is 1 over the root of their number, so that long words do not outweigh short ones.
    Runs of marks have no n-grams.
    """
    if not word[0].isalnum():
        return [], 0
    padded = f" {word} ".encode("utf-8", "replace")
    size, mask, crc32 = len(padded), (1 << bits) - 1, zlib.crc32
    rows = [
        crc32(padded[at : at + length]) & mask
        for length in (3, 4, 5)
        for at in range(size - length + 1)
    ]
    return rows, isqrt(ONE * ONE // len(rows))


def pairs(found: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Return the neighbouring tokens of a piece of text; the first has a mark before it."""
    return pairwise((_START, *found))


class LinearModel:
    """A model in memory, ready to read texts."""

    def __init__(self, header: Header, weights: bytes, digest: str = "") -> None:
        self.header = header
        self.lanes = tuple(header["lanes"])
        self._directions = header.get("directions", {})
        self.digest = digest
        self._shifts = [_LANE_BITS * lane for lane in range(len(self.lanes))]
        self._bias_shift = _LANE_BITS * len(self.lanes)
        self._factors = [scale / ONE for scale in header["scale"]]
        words, pair_table, grams = self._tables(weights)
        self._words = _WordSums(words, grams, header["bits"])
        self._pairs = pair_table
        self._pair_mask = (1 << header["bits"]["pair"]) - 1
        self._beginnings = _PairBeginnings()

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model file and check it against the `MANIFEST.json` beside it.

        Raises:
            Unavailable: the file is missing, damaged, or not the one that the manifest names.
        """
        content = read_checked(path)
        header, weights = unpack(content)
        return cls(header, weights, sha256(content).hexdigest())

    @property
    def source(self) -> str:
        """Return the model's name, version and kind, for explanations."""
        header = self.header
        return f"{header['name']} {header['version']} ({header['description']})"

    def read(self, text: str) -> Reading:
        """Return the reading of a piece of text."""
        return self.read_tokens(tokens(text))

    def read_tokens(self, found: Sequence[str]) -> Reading:
        """Return the reading of a piece of text of which the tokens are known."""
        if not found:
            return Reading()
        # Each word and pair counts once: a word said eighty times is no eightfold evidence.
        words = dict.fromkeys(found)
        packed = sum(map(self._words.__getitem__, words))
        packed += ONE * self._pairs.total(self._pair_rows(found))
        return Reading(packed, len(words))

    def _pair_rows(self, found: Sequence[str]) -> list[int]:
        """Return `pair_row` of every pair: the checksum goes on from that of its first word."""
        crc32, mask, beginnings = zlib.crc32, self._pair_mask, self._beginnings
        return [
            crc32(second.encode("utf-8", "replace"), beginnings[first]) & mask
            for first, second in dict.fromkeys(pairs(found))
        ]

    def raw(self, reading: Reading, lane: int) -> float:
        """Return the uncalibrated score of a lane, in log-odds."""
        if not reading.tokens:
            return NOTHING_READ
        total = (reading.packed >> self._shifts[lane]) & _LANE_MASK
        total -= (reading.packed >> self._bias_shift) & _LANE_MASK
        norm: float = reading.tokens ** self.header["exponent"]
        return total * self._factors[lane] / norm + self.header["intercept"][lane]

    def probability(self, reading: Reading, lane: int, direction: str = "") -> float:
        """Return the calibrated score of a lane, in [0, 1]; 0 for a piece without tokens."""
        return self.calibrated(self.raw(reading, lane), lane, direction)

    def calibrated(self, raw: float, lane: int, direction: str = "") -> float:
        """Return a raw score of a lane as a probability.

        A direction that the model has no calibration for is read like any text.
        """
        header = self.header
        slope, offset = header["slope"][lane], header["offset"][lane]
        own = self._directions.get(direction) if lane == 0 else None
        if own is not None:
            slope, offset = own["slope"], own["offset"]
        margin = slope * raw + offset
        return 1.0 / (1.0 + exp(-margin)) if margin > -_LOWEST_MARGIN else 0.0

    def points(self, lane: str, direction: str = "") -> Points:
        """Return the probabilities at which a lane is worth a finding, and a block."""
        if lane == self.lanes[0] and direction in self._directions:
            return self._directions[direction]
        return self.header["points"][lane]

    def _tables(self, weights: bytes) -> list["_Table"]:
        """Cut the weights into their tables; the last lane of each row counts the bias."""
        tables, at = [], 0
        for name in TABLES:
            rows = 1 << self.header["bits"][name]
            lanes = []
            for shift in self._shifts:
                lanes.append((shift, unsigned(weights[at : at + rows])))
                at += rows
            tables.append(_Table(lanes, BIAS << self._bias_shift, rows))
        return tables


_LOWEST_MARGIN = 700.0


class _Table:
    """Rows of packed weights; a row is made an integer when it is first asked for."""

    __slots__ = ("_bias", "_lanes", "_made")

    def __init__(self, lanes: Sequence[tuple[int, bytes]], bias: int, rows: int) -> None:
        self._lanes = lanes
        self._bias = bias
        # No row is 0: its last lane counts the bias.
        self._made = [0] * rows

    def row(self, index: int) -> int:
        made = self._bias
        for shift, weights in self._lanes:
            made |= weights[index] << shift
        self._made[index] = made
        return made

    def total(self, indexes: Sequence[int]) -> int:
        """Return the sum of some rows."""
        made, row = self._made, self.row
        return sum([made[index] or row(index) for index in indexes])


class _WordSums(dict[str, int]):
    """The weighted row sum of each word met, forgotten when there are too many."""

    def __init__(self, words: _Table, grams: _Table, bits: Mapping[str, int]) -> None:
        super().__init__()
        self._table, self._bits = words, bits["word"]
        self._grams, self._gram_bits = grams, bits["gram"]

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        packed = ONE * self._table.total((hashed_row(word, self._bits),))
        rows, value = gram_rows(word, self._gram_bits)
        packed += value * self._grams.total(rows)
        self[word] = packed
        return packed


class _PairBeginnings(dict[str, int]):
    """The checksum of each word met with the separator behind it, forgotten likewise."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _MOST_WORDS:
            self.clear()
        begun = zlib.crc32((word + _SEPARATOR).encode("utf-8", "replace"))
        self[word] = begun
        return begun


def pack(header: Header, weights: bytes) -> bytes:
    """Return the content of a model file; the same input gives the same bytes."""
    return packed(MAGIC, header, weights)


def unpack(content: bytes) -> tuple[Header, bytes]:
    """Return the header and the int8 weights of a model file.

    Raises:
        Unavailable: it is no model file of this format version, or it is damaged.
    """
    header, weights = unpacked(MAGIC, content)
    expected = len(header["lanes"]) * sum(1 << header["bits"][table] for table in TABLES)
    if len(weights) != expected:
        raise Unavailable("models", "the linear model file is cut short")
    return cast("Header", header), weights

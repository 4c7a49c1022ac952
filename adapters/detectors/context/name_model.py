"""A small linear model that says which words of a run name a person, a place or an organisation.

It is a multinomial logistic regression over hashed features (`name_features.py`), its file that of
`model_file.py`: int8 weights, `2 ** bits` for each of the labels. A word that is none of them has
weight 0 throughout. All labels are summed at once, as in `linear.py`: a row is one integer with 32
bits a label, and the row sum of each key met is kept.
"""

from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import NamedTuple, Self, TypedDict, cast

from adapters.detectors.context.name_features import Key, features, known_of
from adapters.detectors.context.runs import Run
from adapters.detectors.context.words import PARTICLES
from adapters.detectors.manifest import read_checked
from adapters.detectors.model_file import BIAS, hashed_row, packed, unpacked, unsigned
from domain.errors import Unavailable

MAGIC = b"TPNM"
FILE = "linear-names.bin"
LABELS = ("PERSON", "LOCATION", "ORGANIZATION")

_BITS = 32
_MASK = (1 << _BITS) - 1
_MOST_SUMS = 60_000
_UNLIKELY = -3.0
_COUNT_SHIFT = _BITS * len(LABELS)


class Header(TypedDict):
    """What the file says about itself.

    `scale` has one number a label. `offset`, one a label, is taken off the log-odds: the model was
    fitted on texts in which names are more common than in traffic. `alone` is taken off as well
    where a run is a single word.
    """

    name: str
    version: str
    description: str
    bits: int
    scale: list[float]
    offset: list[float]
    alone: float


class Named(NamedTuple):
    """Neighbouring words of a run that name one thing; `score` is a probability."""

    start: int
    end: int
    label: str
    score: float


class Reading(NamedTuple):
    """What the model says of one run: how likely its words are a person's, and what they name."""

    person: float
    named: tuple[Named, ...]


class NameModel:
    """A model in memory; safe between threads."""

    def __init__(self, header: Header, weights: bytes) -> None:
        self.header = header
        self._sums = _Sums(weights, header["bits"])
        self._scales = tuple(header["scale"])
        self._offsets = tuple(header["offset"])
        self._offsets_alone = tuple(offset + header["alone"] for offset in self._offsets)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a model file and check it against the `MANIFEST.json` beside it.

        Raises:
            Unavailable: the file is missing, damaged, or not the one that the manifest names.
        """
        return cls.from_bytes(read_checked(path))

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Return the model of a file's content.

        Raises:
            Unavailable: it is no model of names of this format version, or it is damaged.
        """
        return cls(*unpack(content))

    def read(self, text: str, run: Run) -> Reading:
        """Return what the words of a run name; neighbours with one label name one thing."""
        sums = self._sums
        known = known_of(text, run)
        around = sum([sums[key] for key in known.around])
        offsets = self._offsets if len(run.tokens) > 1 else self._offsets_alone
        words = [
            self._chances(around + sum([sums[key] for key in inside]), offsets)
            for inside in known.inside
        ]
        named: list[Named] = []
        before = -1
        for at, (token, chances) in enumerate(zip(run.tokens, words, strict=True)):
            best = _best(chances)
            if before == 0 and (
                token.text in PARTICLES or (best < 0 and run.tokens[at - 1].text in PARTICLES)
            ):
                # `de Beauvoir` belongs to the `Simone` before it.
                best = 0
                named.append(named.pop()._replace(end=token.end))
            elif best >= 0 and best == before:
                last = named.pop()
                score = min(last.score, chances[best])
                named.append(last._replace(end=token.end, score=score))
            elif best >= 0:
                named.append(Named(token.start, token.end, LABELS[best], chances[best]))
            before = best
        return Reading(sum(chances[0] for chances in words) / len(words), tuple(named))

    def _chances(self, row: int, offsets: Sequence[float]) -> tuple[float, float, float]:
        """Return the probability of each label."""
        count = row >> _COUNT_SHIFT
        scales = self._scales
        first = ((row & _MASK) - count) * scales[0] - offsets[0]
        second = ((row >> _BITS & _MASK) - count) * scales[1] - offsets[1]
        third = ((row >> 2 * _BITS & _MASK) - count) * scales[2] - offsets[2]
        if first < _UNLIKELY and second < _UNLIKELY and third < _UNLIKELY:
            return 0.0, 0.0, 0.0
        first, second, third = exp(first), exp(second), exp(third)
        whole = 1.0 + first + second + third
        return first / whole, second / whole, third / whole


def pack(header: Header, weights: bytes) -> bytes:
    """Return the content of a model file; the same input gives the same bytes."""
    return packed(MAGIC, header, weights)


def unpack(content: bytes) -> tuple[Header, bytes]:
    """Return the header and the int8 weights of a model file.

    Raises:
        Unavailable: it is no model of names of this format version, or it is damaged.
    """
    header, weights = unpacked(MAGIC, content)
    if len(weights) != len(LABELS) << header["bits"]:
        raise Unavailable("models", "the linear model file is cut short")
    return cast("Header", header), weights


def _best(chances: tuple[float, float, float]) -> int:
    """Return the number of the likeliest label, -1 where no label is likelier than none."""
    first, second, third = chances
    most = max(chances)
    if most == 0.0 or most <= 1.0 - first - second - third:
        return -1
    return chances.index(most)


class _Sums(dict[Key, int]):
    """The summed rows of each key met, forgotten when there are too many."""

    def __init__(self, weights: bytes, bits: int) -> None:
        super().__init__()
        size = 1 << bits
        self._bits = bits
        self._planes = tuple(
            unsigned(weights[at * size : (at + 1) * size]) for at in range(len(LABELS))
        )

    def __missing__(self, key: Key) -> int:
        if len(self) >= _MOST_SUMS:
            self.clear()
        first, second, third = self._planes
        found = features(key)
        # The last lane counts the bias of the others.
        total = BIAS * len(found) << _COUNT_SHIFT
        for feature in found:
            at = hashed_row(feature, self._bits)
            total += first[at] | second[at] << _BITS | third[at] << 2 * _BITS
        self[key] = total
        return total

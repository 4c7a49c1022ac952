"""Fit the lanes of one model: weighted logistic regressions on segments, calibrated out of source.

The unit at run time is a sentence or a window of sentences, while labels belong to whole texts.
So each lane is fitted twice: on whole texts, then with every positive text replaced by the segment
that scores highest and every negative one joined by its own (Andrews et al., "Support vector
machines for multiple-instance learning", 2002).
"""

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression

from adapters.detectors.linear import Calibration, Context, Header, Points
from adapters.detectors.segments import in_context, segment_ranges
from domain.detection.segmentation import sentences
from training.balance import by_root_of_size, level_classes
from training.corpora import Corpus
from training.features import Featuriser
from training.meaning import Meaning, taught

Floats = NDArray[np.float64]
Indexes = NDArray[np.intp]

_LENGTH_BINS = 6
_LARGEST_CORRECTION = 4.0
_WHOLE_TEXT_SHARE = 0.3
_CLIPPED = 0.0003
_PRIORS = (0.5, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002)
_HIGH_ERROR = 0.001
_HIGH = 0.9
_FEWEST_OF_A_CLASS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What is chosen by leaving sources out: inverse regularisation, sizes, length exponent.

    `context` says what the sentences around a segment do to its score of the first lane.
    `bits` is the binary logarithm of the rows of each table, `word_bits` that of the word table if
    it differs. `lesson` is the weight of what a sentence encoder teaches the first lane, 0 for no
    encoder; words that share a row share what is taught of them. `operating_error` is the share of
    labelled benign texts, held out, that reach a lane's operating point.
    """

    strength: float = 1.0
    exponent: float = 0.3
    context: Context | None = None
    bits: int = 16
    word_bits: int | None = None
    lesson: float = 0.0
    operating_error: float = 0.01

    @property
    def tables(self) -> dict[str, int]:
        """Return the binary logarithm of the rows of each table."""
        return {"word": self.word_bits or self.bits, "pair": self.bits, "gram": self.bits}


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Raw scores of texts that the scoring model never saw, nor, if `by_source`, their sources."""

    scores: Floats
    labels: NDArray[np.int64]
    sources: list[str]
    weights: Floats
    by_source: bool
    directions: list[str]

    def of(self, direction: str) -> "HeldOut":
        """Return those of one direction."""
        at = [number for number, one in enumerate(self.directions) if one == direction]
        return HeldOut(
            scores=self.scores[at],
            labels=self.labels[at],
            sources=[self.sources[number] for number in at],
            weights=self.weights[at],
            by_source=self.by_source,
            directions=[direction] * len(at),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A finished model file's parts, and what was held out on the way (by lane)."""

    header: Header
    weights: bytes
    held_out: dict[str, HeldOut]


class Fitter:
    """Fit one corpus; its matrices are made once."""

    def __init__(self, corpus: Corpus, settings: Settings, meaning: Meaning | None = None) -> None:
        self.corpus = corpus
        self.settings = settings
        self.meaning = meaning
        self.featuriser = Featuriser(settings.tables, settings.exponent)
        texts = [sentence_texts(record.text) for record in corpus.records]
        counts, sizes = self.featuriser.counts([part for found in texts for part in found])
        starts = np.cumsum([0, *(len(found) for found in texts)])
        self.ranges = [segment_ranges(len(found), corpus.window) for found in texts]
        self.first = np.cumsum([0, *(len(found) for found in self.ranges)])
        parts = [
            (int(start) + part.start, int(start) + part.stop)
            for start, found in zip(starts, self.ranges, strict=False)
            for part in found
        ]
        self.parts = self._joined(counts, sizes, parts)
        whole = [(int(start), int(end)) for start, end in pairwise(starts)]
        self.whole = self._joined(counts, sizes, whole)
        self.groups = np.array([record.group for record in corpus.records])
        self.sources = np.array([record.source for record in corpus.records])
        self.lengths = np.diff(self.whole.indptr)

    def fit(self, version: str, description: str) -> Fitted:
        """Return the quantised model with its calibration."""
        lanes = self.corpus.lanes
        coefficients, intercepts = [], []
        held_out: dict[str, HeldOut] = {}
        calibrations: list[tuple[float, float, Points]] = []
        for lane in lanes:
            labels = self.labels(lane)
            weights, intercept = self.solve(np.arange(len(labels)), labels, lane)
            coefficients.append(weights)
            intercepts.append(intercept)
            held_out[lane] = self.hold_out(lane)
            calibrations.append(calibrate(held_out[lane], self.settings.operating_error))
        matrix = np.stack(coefficients)
        # As many weights are clipped whatever the size of the word table: rows that it has more are
        # empty for the most part.
        clipped = _CLIPPED * (3 << self.settings.bits) / matrix.shape[1]
        scales = np.quantile(np.abs(matrix), 1 - clipped, axis=1) / 127
        rounded = np.clip(np.rint(matrix / scales[:, None]), -127, 127).astype(np.int8)
        header = Header(
            name=self.corpus.name,
            version=version,
            description=description,
            lanes=list(lanes),
            bits=self.featuriser.bits,
            exponent=self.settings.exponent,
            scale=[_short(scale) for scale in scales],
            intercept=[_short(intercept) for intercept in intercepts],
            slope=[_short(slope) for slope, _, _ in calibrations],
            offset=[_short(offset) for _, offset, _ in calibrations],
            points={lane: points for lane, (_, _, points) in zip(lanes, calibrations, strict=True)},
        )
        if self.settings.context:
            header["context"] = self.settings.context
        if directions := _by_direction(held_out[lanes[0]], self.settings.operating_error):
            header["directions"] = directions
        return Fitted(header=header, weights=self.featuriser.planes(rounded), held_out=held_out)

    def labels(self, lane: str) -> NDArray[np.int64]:
        """Return 1, 0 or, for an unknown label, -1 a record."""
        return np.array([record.labels.get(lane, -1) for record in self.corpus.records])

    def solve(self, allowed: Indexes, labels: NDArray[np.int64], lane: str) -> tuple[Floats, float]:
        """Return weights and intercept of a lane fitted on the allowed records.

        Those without a label serve the sentence encoder alone.
        """
        weights, intercept = self._from_labels(allowed[labels[allowed] >= 0], labels)
        if self.meaning is None or lane != self.corpus.lanes[0]:
            return weights, intercept
        lesson, shift = taught(self.meaning, self.whole, labels, self.sources, allowed)
        share = self.settings.lesson
        return weights + share * lesson, intercept + share * shift

    def _from_labels(self, chosen: Indexes, labels: NDArray[np.int64]) -> tuple[Floats, float]:
        truth = labels[chosen]
        balance = self.balance(chosen, truth)
        first = self._regression(self.whole[chosen], truth, balance)
        scores = self.parts @ first.coef_[0]
        best = np.array([at + int(np.argmax(scores[at:end])) for at, end in self._ranges(chosen)])
        matrix = vstack([self.parts[best], self.whole[chosen]]).tocsr()
        whole_share = np.where(truth == 1, _WHOLE_TEXT_SHARE, 1.0)
        second = self._regression(
            matrix, np.tile(truth, 2), np.concatenate([balance, balance * whole_share])
        )
        return second.coef_[0], float(second.intercept_[0])

    def hold_out(self, lane: str) -> HeldOut:
        """Return the scores of every fold by a model of all others.

        That is for the first lane, which decides. The others only tell types apart, and most have
        positives in one source: thirds of the records are held out for them.
        """
        labels = self.labels(lane)
        known = labels >= 0
        by_source = lane == self.corpus.lanes[0]
        # Types are told of a segment by itself.
        context = self.settings.context if by_source else None
        if by_source:
            members = [np.flatnonzero(self.groups == fold) for fold in self.corpus.folds]
        else:
            members = [np.flatnonzero(known)[third::3] for third in range(3)]
        scores, chosen = [], []
        for member in members:
            fold = member[known[member]]
            if not len(fold):
                continue
            rest = np.setdiff1d(np.arange(len(labels)), member)
            weights, intercept = self.solve(rest, labels, lane)
            scores.append(self.highest(fold, weights, context) + intercept)
            chosen.append(fold)
        order = np.concatenate(chosen)
        return HeldOut(
            scores=np.concatenate(scores),
            labels=labels[order],
            sources=[str(source) for source in self.sources[order]],
            weights=np.array([self.corpus.records[at].weight for at in order]),
            by_source=by_source,
            directions=[self.corpus.records[at].direction for at in order],
        )

    def highest(self, chosen: Indexes, weights: Floats, context: Context | None) -> Floats:
        """Return the score of the best segment of each chosen record, without the intercept."""
        scores = (self.parts @ weights).tolist()
        found = [(self.ranges[at], scores[self.first[at] : self.first[at + 1]]) for at in chosen]
        return np.array([max(in_context(raws, ranges, context)) for ranges, raws in found])

    def balance(self, chosen: Indexes, truth: NDArray[np.int64]) -> Floats:
        """Return sample weights: sources by the root of their size, classes alike in each length.

        Attacks are longer than questions; without the second step length would be a feature.
        """
        base = by_root_of_size(self.sources[chosen])
        base *= np.array([self.corpus.records[at].weight for at in chosen])
        lengths = self.lengths[chosen]
        edges = np.quantile(lengths, np.linspace(0, 1, _LENGTH_BINS + 1)[1:-1])
        bins = np.digitize(lengths, edges)
        for value in (0, 1):
            base[truth == value] /= base[truth == value].sum()
        for number in range(_LENGTH_BINS):
            inside = bins == number
            shares = [base[inside & (truth == value)].sum() for value in (0, 1)]
            if min(shares) > 0:
                middle = (shares[0] * shares[1]) ** 0.5
                for value in (0, 1):
                    factor = np.clip(
                        middle / shares[value], 1 / _LARGEST_CORRECTION, _LARGEST_CORRECTION
                    )
                    base[inside & (truth == value)] *= factor
        level_classes(base, truth)
        return base

    def _joined(
        self, counts: csr_matrix, sizes: NDArray[np.int64], ranges: list[tuple[int, int]]
    ) -> csr_matrix:
        """Return one normalised row a range of sentences: the sum of their rows."""
        lengths = [end - start for start, end in ranges]
        columns = np.concatenate([np.arange(start, end) for start, end in ranges])
        starts = np.cumsum([0, *lengths])
        shape = (len(ranges), counts.shape[0])
        joins = csr_matrix((np.ones(len(columns), "f4"), columns, starts), shape=shape)
        return self.featuriser.normalised(joins @ counts, joins @ sizes)

    def _ranges(self, chosen: Indexes) -> list[tuple[int, int]]:
        return [(int(self.first[at]), int(self.first[at + 1])) for at in chosen]

    def _regression(
        self, matrix: csr_matrix, truth: NDArray[np.int64], weights: Floats
    ) -> LogisticRegression:
        model = LogisticRegression(C=self.settings.strength, solver="lbfgs", tol=3e-4, max_iter=300)
        return model.fit(matrix, truth, sample_weight=weights)


def sentence_texts(text: str) -> list[str]:
    """Return the sentences of a text; a text without any is its only one."""
    return [text[span.start : span.end] for span in sentences(text)] or [text]


def calibrate(held_out: HeldOut, operating_error: float) -> tuple[float, float, Points]:
    """Return slope, offset and operating points of Platt's logistic function.

    It is fitted with equal weight on both classes and then moved to the largest prior at which at
    most 0.1 % of foreign benign texts reach 0.9: a score of 0.9 is what policies block at. Sources
    count by the root of their size, unlabelled ones not at all. Lanes that were not held out by
    source keep the regression's own probability.
    """
    scores, labels = held_out.scores, held_out.labels
    weights = by_root_of_size(zip(held_out.sources, labels.tolist(), strict=True))
    weights *= held_out.weights == 1
    for value in (0, 1):
        weights[labels == value] /= weights[labels == value].sum()
    slope, balanced = 1.0, 0.0
    if held_out.by_source:
        model = LogisticRegression(C=1e6).fit(
            scores[:, None], labels, sample_weight=weights * len(scores)
        )
        slope, balanced = float(model.coef_[0, 0]), float(model.intercept_[0])
    benign, shares = scores[labels == 0], weights[labels == 0]
    offset = balanced
    for prior in _PRIORS if held_out.by_source else ():
        offset = balanced + float(np.log(prior / (1 - prior)))
        if shares[_logistic(slope * benign + offset) >= _HIGH].sum() <= _HIGH_ERROR:
            break
    points = Points(
        operating=_point(slope, offset, quantile(benign, shares, 1 - operating_error)),
        high=_point(slope, offset, quantile(benign, shares, 1 - _HIGH_ERROR)),
    )
    return slope, offset, points


def _by_direction(held_out: HeldOut, operating_error: float) -> dict[str, Calibration]:
    """Return a calibration for each direction of which both classes are known well enough."""
    found: dict[str, Calibration] = {}
    for direction in sorted(set(held_out.directions) - {""}):
        own = held_out.of(direction)
        if min(Counter(own.labels.tolist()).get(value, 0) for value in (0, 1)) < _FEWEST_OF_A_CLASS:
            continue
        slope, offset, points = calibrate(own, operating_error)
        found[direction] = Calibration(slope=_short(slope), offset=_short(offset), **points)
    return found


def quantile(values: Floats, shares: Floats, at: float) -> float:
    """Return the weighted quantile of some values."""
    order = np.argsort(values)
    reached = np.cumsum(shares[order]) / shares.sum()
    return float(values[order][np.searchsorted(reached, at)])


def _point(slope: float, offset: float, raw: float) -> float:
    return round(min(max(float(_logistic(slope * np.float64(raw) + offset)), 0.01), 0.99), 4)


def _logistic(margin: Floats | np.floating) -> Floats:
    return np.asarray(1 / (1 + np.exp(-margin)))


def _short(number: float) -> float:
    return float(f"{number:.6g}")

"""Figures about whole texts: is it one or is it none, and how well does the score rank them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.intervals import Figure, Weights, with_interval

_LENGTH_BINS = 5
_ALARMS = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Labelled texts under one system.

    `labels` bool, `scores` float in [0, 1], `flagged` bool (reported at the operating point) and
    `lengths` in code points: one of each a text.
    """

    labels: NDArray[np.bool_]
    scores: NDArray[np.float64]
    flagged: NDArray[np.bool_]
    lengths: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        labels: Sequence[int],
        scores: Sequence[float],
        flagged: Sequence[bool],
        lengths: Sequence[int],
    ) -> "Ranking":
        """Return it from plain sequences."""
        return cls(
            labels=np.asarray(labels, dtype=bool),
            scores=np.asarray(scores, dtype=float),
            flagged=np.asarray(flagged, dtype=bool),
            lengths=np.asarray(lengths, dtype=np.int64),
        )

    @property
    def positives(self) -> int:
        """Return how many texts are violations."""
        return int(self.labels.sum())

    @property
    def negatives(self) -> int:
        """Return how many are clean."""
        return len(self.labels) - self.positives

    def by_length(self) -> "Ranking":
        """Return the control that ranks texts by their length and flags the longer half."""
        median = float(np.median(self.lengths)) if len(self.lengths) else 0.0
        longest = max(1, int(self.lengths.max(initial=1)))
        return Ranking(
            labels=self.labels,
            scores=self.lengths / longest,
            flagged=self.lengths > median,
            lengths=self.lengths,
        )

    def flag_everything(self) -> "Ranking":
        """Return the control that flags every text."""
        return Ranking(
            labels=self.labels,
            scores=np.ones(len(self.labels)),
            flagged=np.ones(len(self.labels), dtype=bool),
            lengths=self.lengths,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFigures:
    """What a ranking comes to."""

    auroc: Figure
    auroc_in_bins: Figure
    recall_at_alarms: Figure
    recall: Figure
    alarms: Figure
    precision: Figure
    f1: Figure
    balanced_accuracy: Figure


def text_figures(ranking: Ranking) -> TextFigures:
    """Return all figures with their intervals."""
    bins = _bins(ranking.lengths)
    size, all_of = len(ranking.labels), len(ranking.labels)
    both = all_of if ranking.positives and ranking.negatives else 0
    positive, negative, flagged = ranking.labels, ~ranking.labels, ranking.flagged

    def auroc(weights: Weights) -> float:
        return area(ranking.labels, ranking.scores, weights)

    def auroc_in_bins(weights: Weights) -> float:
        areas = [
            area(ranking.labels[bins == at], ranking.scores[bins == at], weights[bins == at])
            for at in range(_LENGTH_BINS)
        ]
        defined = [one for one in areas if not np.isnan(one)]
        return float(np.mean(defined)) if defined else float("nan")

    def recall_at_alarms(weights: Weights) -> float:
        return recall_at(ranking.labels, ranking.scores, weights, _ALARMS)

    def recall(weights: Weights) -> float:
        return _ratio(weights[positive & flagged].sum(), weights[positive].sum())

    def alarms(weights: Weights) -> float:
        return _ratio(weights[negative & flagged].sum(), weights[negative].sum())

    def precision(weights: Weights) -> float:
        return _ratio(weights[positive & flagged].sum(), weights[flagged].sum())

    def f1(weights: Weights) -> float:
        hits = 2 * weights[positive & flagged].sum()
        return _ratio(hits, weights[positive].sum() + weights[flagged].sum())

    def balanced_accuracy(weights: Weights) -> float:
        return (recall(weights) + 1 - alarms(weights)) / 2

    return TextFigures(
        auroc=with_interval(auroc, size, cases=both),
        auroc_in_bins=with_interval(auroc_in_bins, size, cases=both),
        recall_at_alarms=with_interval(recall_at_alarms, size, cases=both),
        recall=with_interval(recall, size, cases=ranking.positives),
        alarms=with_interval(alarms, size, cases=ranking.negatives),
        precision=with_interval(precision, size, cases=int(flagged.sum())),
        f1=with_interval(f1, size, cases=ranking.positives),
        balanced_accuracy=with_interval(balanced_accuracy, size, cases=both),
    )


def area(labels: NDArray[np.bool_], scores: NDArray[np.float64], weights: Weights) -> float:
    """Return the area under the ROC curve; equal scores count half (Fawcett 2006).

    NaN where one of the classes is missing.
    """
    order = np.argsort(scores, kind="stable")
    ranked, is_first = scores[order], np.ones(len(scores), dtype=bool)
    is_first[1:] = ranked[1:] != ranked[:-1]
    starts = np.flatnonzero(is_first)
    if not len(starts):
        return float("nan")
    positive = np.add.reduceat(np.where(labels, weights, 0)[order], starts)
    negative = np.add.reduceat(np.where(labels, 0, weights)[order], starts)
    pairs = float(positive.sum()) * float(negative.sum())
    if not pairs:
        return float("nan")
    below = np.cumsum(negative) - negative
    return float((positive * (below + negative / 2)).sum() / pairs)


def recall_at(
    labels: NDArray[np.bool_], scores: NDArray[np.float64], weights: Weights, alarms: float
) -> float:
    """Return the share of violations above the lowest threshold that lets few clean texts through.

    A text is reported when its score is over the threshold, and of the clean ones at most the share
    `alarms` may be.
    """
    clean = np.where(labels, 0, weights)
    total = clean.sum()
    if not total or total == weights.sum():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    over = np.cumsum(clean[order])
    beyond = np.flatnonzero(over > alarms * total)
    threshold = ranked[beyond[0]] if len(beyond) else -1.0
    hits = weights[labels & (scores > threshold)].sum()
    return float(hits / weights[labels].sum())


def _bins(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    edges = np.quantile(lengths, np.linspace(0, 1, _LENGTH_BINS + 1)[1:-1]) if len(lengths) else []
    return np.digitize(lengths, edges)


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")

"""Figures about spans: exact ones, overlapping ones, characters covered, records that leak."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.intervals import Figure, Weights, with_interval
from benchmarks.detection.records import Gold, Mark, Prediction
from domain.detection.taxonomy import Category

Counts = NDArray[np.int64]
"""True positives, predicted and labelled marks: `int64[records, labels, 3]`."""

Matching = Callable[[Sequence[Mark], Sequence[Mark]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFigures:
    """How one label, or all of them together, was met."""

    label: str
    labelled: int
    predicted: int
    strict_f1: Figure
    partial_f1: Figure
    precision: Figure
    recall: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class SpanFigures:
    """What a system's spans come to, for some labels together."""

    labels: tuple[LabelFigures, ...]
    micro: LabelFigures
    macro_f1: Figure
    """The mean strict F1 of the labels with enough marks."""
    macro_labels: tuple[str, ...]
    covered: Figure
    """The share of labelled characters inside any reported span, whatever its label."""
    leaking: Figure
    """The share of records with labelled marks of which a character stays uncovered."""
    clean_flagged: Figure
    """The share of clean records in which a span of these labels was reported."""


def span_figures(
    gold: Sequence[Gold],
    predictions: Sequence[Prediction],
    *,
    category: Category,
    labels: Collection[str],
    enough: int = 20,
) -> SpanFigures:
    """Compare spans; predictions of labels that were not looked for in a record are ignored."""
    names = sorted(labels)
    pairs = [
        (_of(record.spans or (), names), _looked_for(record, one.of(category), names))
        for record, one in zip(gold, predictions, strict=True)
    ]
    strict = _counts(pairs, names, exact_matches)
    partial = _counts(pairs, names, overlapping_matches)
    size = len(gold)

    def figures(label: str, columns: Sequence[int]) -> LabelFigures:
        labelled = int(strict[:, columns, 2].sum())
        predicted = int(strict[:, columns, 1].sum())
        return LabelFigures(
            label=label,
            labelled=labelled,
            predicted=predicted,
            strict_f1=with_interval(_f1(strict, columns), size, cases=labelled),
            partial_f1=with_interval(_f1(partial, columns), size, cases=labelled),
            precision=with_interval(_share(strict, columns, 1), size, cases=predicted),
            recall=with_interval(_share(strict, columns, 2), size, cases=labelled),
        )

    chosen = [at for at in range(len(names)) if strict[:, at, 2].sum() >= enough]
    covered, characters = _coverage(gold, predictions, category, names)
    has_marks = characters > 0
    clean = np.array([record.label == 0 for record in gold], dtype=bool)
    reported = np.array([bool(found) for _, found in pairs], dtype=bool)
    return SpanFigures(
        labels=tuple(
            figures(name, [at]) for at, name in enumerate(names) if strict[:, at, 1:].sum()
        ),
        micro=figures("all together", list(range(len(names)))),
        macro_f1=with_interval(
            lambda weights: float(np.nanmean([_f1(strict, [at])(weights) for at in chosen])),
            size,
            cases=len(chosen),
        ),
        macro_labels=tuple(names[at] for at in chosen),
        covered=with_interval(
            lambda weights: _ratio((weights * covered).sum(), (weights * characters).sum()),
            size,
            cases=int(characters.sum()),
        ),
        leaking=with_interval(
            lambda weights: _ratio(
                weights[has_marks & (covered < characters)].sum(),
                weights[has_marks].sum(),
            ),
            size,
            cases=int(has_marks.sum()),
        ),
        clean_flagged=with_interval(
            lambda weights: _ratio(weights[clean & reported].sum(), weights[clean].sum()),
            size,
            cases=int(clean.sum()),
        ),
    )


def exact_matches(labelled: Sequence[Mark], predicted: Sequence[Mark]) -> int:
    """Return how many spans are the same to the character."""
    rest = [(mark.start, mark.end) for mark in labelled]
    hits = 0
    for mark in predicted:
        if (mark.start, mark.end) in rest:
            rest.remove((mark.start, mark.end))
            hits += 1
    return hits


def overlapping_matches(labelled: Sequence[Mark], predicted: Sequence[Mark]) -> int:
    """Return how many spans overlap one of the other side, each counted once."""
    at = hits = 0
    for mark in predicted:
        while at < len(labelled) and labelled[at].end <= mark.start:
            at += 1
        if at < len(labelled) and labelled[at].start < mark.end:
            hits += 1
            at += 1
    return hits


def _of(marks: Sequence[Mark], names: Collection[str]) -> Sequence[Mark]:
    return [mark for mark in marks if mark.label in names]


def _looked_for(record: Gold, marks: Sequence[Mark], names: Collection[str]) -> Sequence[Mark]:
    return [mark for mark in _of(marks, names) if record.looked_for(mark.label)]


def _counts(
    pairs: Sequence[tuple[Sequence[Mark], Sequence[Mark]]], names: Sequence[str], match: Matching
) -> Counts:
    counts = np.zeros((len(pairs), len(names), 3), dtype=np.int64)
    for row, (labelled, predicted) in enumerate(pairs):
        for column, name in enumerate(names):
            known = _of(labelled, (name,))
            said = _of(predicted, (name,))
            if known or said:
                counts[row, column] = match(known, said), len(said), len(known)
    return counts


def _f1(counts: Counts, columns: Sequence[int]) -> Callable[[Weights], float]:
    summed = counts[:, columns].sum(axis=1)

    def measure(weights: Weights) -> float:
        hits, predicted, labelled = weights @ summed
        return _ratio(2 * hits, predicted + labelled)

    return measure


def _share(counts: Counts, columns: Sequence[int], of: int) -> Callable[[Weights], float]:
    summed = counts[:, columns].sum(axis=1)

    def measure(weights: Weights) -> float:
        totals = weights @ summed
        return _ratio(totals[0], totals[of])

    return measure


def _coverage(
    gold: Sequence[Gold],
    predictions: Sequence[Prediction],
    category: Category,
    names: Sequence[str],
) -> tuple[Counts, Counts]:
    """Return covered and labelled characters, `int64[records]` each."""
    covered, total = [], []
    for record, one in zip(gold, predictions, strict=True):
        wanted: set[int] = set()
        for mark in _of(record.spans or (), names):
            wanted.update(range(mark.start, mark.end))
        hidden: set[int] = set()
        for mark in one.of(category):
            hidden.update(range(mark.start, mark.end))
        covered.append(len(wanted & hidden))
        total.append(len(wanted))
    return np.array(covered, dtype=np.int64), np.array(total, dtype=np.int64)


def _ratio(part: float, whole: float) -> float:
    return float(part) / float(whole) if whole else float("nan")

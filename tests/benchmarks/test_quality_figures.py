"""The figures about detection quality, on cases small enough to work out by hand."""

import math
from collections.abc import Sequence
from xml.etree import ElementTree

import numpy as np
import pytest

from benchmarks.detection.encodings import ENCODERS, encoded
from benchmarks.detection.intervals import with_interval
from benchmarks.detection.records import EVERYTHING, Gold, Mark, Prediction
from benchmarks.detection.reliability import Bin, Reliability, diagram
from benchmarks.detection.span_metrics import (
    exact_matches,
    overlapping_matches,
    span_figures,
)
from benchmarks.detection.text_metrics import Ranking, area, recall_at, text_figures
from domain.detection.taxonomy import Category

ONES = np.ones(4, dtype=np.int64)


def a_record(
    text: str,
    spans: Sequence[tuple[int, int, str]],
    *,
    label: int | None = None,
    annotated: str = EVERYTHING,
) -> Gold:
    marks = tuple(Mark(start=start, end=end, label=name) for start, end, name in spans)
    return Gold(
        id=text,
        text=text,
        label=int(bool(marks)) if label is None else label,
        spans=marks,
        annotated=frozenset({annotated}),
        source="by hand",
        categories={},
    )


def a_prediction(*spans: tuple[int, int, str]) -> Prediction:
    marks = tuple(Mark(start=start, end=end, label=name) for start, end, name in spans)
    return Prediction(marks={"pii": marks}, scores={"pii": float(bool(marks))})


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ([0.1, 0.2, 0.8, 0.9], 1.0),
        ([0.9, 0.8, 0.2, 0.1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        # Of the four pairs, one is the wrong way round.
        ([0.1, 0.6, 0.5, 0.9], 0.75),
    ],
)
def test_area_counts_pairs_in_the_right_order(scores: list[float], expected: float) -> None:
    labels = np.array([False, False, True, True])

    assert area(labels, np.array(scores), ONES) == expected


def test_area_of_one_class_alone_is_not_defined() -> None:
    labels = np.array([True] * 4)

    assert math.isnan(area(labels, np.arange(4.0), ONES))


def test_area_weighs_records_as_a_sample_holds_them() -> None:
    labels = np.array([False, False, True, True])
    scores = np.array([0.1, 0.6, 0.5, 0.9])

    assert area(labels, scores, np.array([1, 0, 1, 1])) == 1.0
    assert area(labels, scores, np.array([0, 2, 1, 1])) == 0.5


def test_recall_at_no_alarm_is_what_stands_above_the_highest_clean_text() -> None:
    labels = np.array([False, True, True, False])
    scores = np.array([0.7, 0.6, 0.9, 0.1])

    assert recall_at(labels, scores, ONES, 0.01) == 0.5
    assert recall_at(labels, scores, ONES, 0.5) == 1.0


def test_equal_scores_cannot_be_told_apart() -> None:
    labels = np.array([False, True, True, True])

    assert recall_at(labels, np.ones(4), ONES, 0.01) == 0.0


def test_operating_point_gives_recall_precision_and_alarms() -> None:
    ranking = Ranking.of(
        [1, 1, 1, 0, 0], [1, 1, 0, 1, 0], [True, True, False, True, False], [5] * 5
    )

    figures = text_figures(ranking)

    assert figures.recall.value == pytest.approx(200 / 3)
    assert figures.precision.value == pytest.approx(200 / 3)
    assert figures.f1.value == pytest.approx(200 / 3)
    assert figures.alarms.value == 50
    assert figures.balanced_accuracy.value == pytest.approx(100 * (2 / 3 + 1 / 2) / 2)
    assert (figures.recall.cases, figures.alarms.cases) == (3, 2)


def test_controls_are_no_better_than_what_they_look_at() -> None:
    ranking = Ranking.of([1, 0, 1, 0], [0.9, 0.1, 0.8, 0.2], [True, False] * 2, [10, 10, 10, 10])

    everything = text_figures(ranking.flag_everything())

    assert (everything.recall.value, everything.alarms.value) == (100, 100)
    assert everything.auroc.value == 50
    assert text_figures(ranking.by_length()).auroc.value == 50


def test_interval_holds_its_value_and_is_the_same_each_time() -> None:
    values = np.arange(200) % 4 == 0

    def share(weights: np.ndarray) -> float:
        return float(weights[values].sum() / weights.sum())

    first = with_interval(share, 200, cases=200)

    assert first == with_interval(share, 200, cases=200)
    assert first.low < first.value == 25 < first.high
    assert 15 < first.low < 22
    assert 28 < first.high < 35


def test_nothing_to_measure_says_so() -> None:
    assert str(with_interval(lambda _: 1.0, 0, cases=0)) == "-"


def marks(*spans: tuple[int, int]) -> list[Mark]:
    return [Mark(start=start, end=end, label="EMAIL") for start, end in spans]


def test_exact_matches_want_both_ends() -> None:
    assert exact_matches(marks((0, 4), (5, 9)), marks((0, 4), (5, 8))) == 1
    assert exact_matches(marks((0, 4)), marks((0, 4), (0, 4))) == 1


def test_overlaps_count_each_span_once() -> None:
    assert overlapping_matches(marks((0, 4), (5, 9)), marks((3, 6))) == 1
    assert overlapping_matches(marks((0, 9)), marks((0, 4), (5, 9))) == 1
    assert overlapping_matches(marks((0, 4), (5, 9)), marks((1, 2), (6, 7))) == 2
    assert overlapping_matches(marks((0, 4)), marks((4, 8))) == 0


def test_spans_are_counted_by_label_and_together() -> None:
    gold = [
        a_record("mail ada@example.org now", [(5, 20, "EMAIL")]),
        a_record("call 0123 or mail bob@example.org", [(5, 9, "PHONE"), (18, 33, "EMAIL")]),
        a_record("nothing here", []),
    ]
    predictions = [
        a_prediction((5, 20, "EMAIL")),
        a_prediction((18, 30, "EMAIL")),
        a_prediction((0, 7, "PHONE")),
    ]

    figures = span_figures(
        gold, predictions, category=Category.PII, labels={"EMAIL", "PHONE"}, enough=1
    )

    by_label = {one.label: one for one in figures.labels}
    assert by_label["EMAIL"].strict_f1.value == 50
    assert by_label["EMAIL"].partial_f1.value == 100
    assert by_label["PHONE"].strict_f1.value == 0
    assert figures.micro.strict_f1.value == pytest.approx(100 / 3)
    assert figures.macro_f1.value == 25
    assert figures.macro_labels == ("EMAIL", "PHONE")
    # 15 of 15, and 12 of 4 + 15 characters.
    assert figures.covered.value == pytest.approx(100 * 27 / 34)
    assert figures.leaking.value == 50
    assert (figures.clean_flagged.value, figures.clean_flagged.cases) == (100, 1)


def test_labels_that_nobody_looked_for_are_no_mistakes() -> None:
    gold = [a_record("Ada, ada@example.org", [(0, 3, "PERSON")], annotated="PERSON")]
    predictions = [a_prediction((0, 3, "PERSON"), (5, 20, "EMAIL"))]

    figures = span_figures(gold, predictions, category=Category.PII, labels={"PERSON", "EMAIL"})

    assert figures.micro.strict_f1.value == 100
    assert figures.micro.predicted == 1


def test_every_encoding_hides_and_keeps_the_text() -> None:
    text = "my key is <AKIA-ÄÖ>"

    for name, encode in ENCODERS.items():
        hidden = encode(text)
        assert text not in hidden, name
        assert hidden == encode(text)


def test_only_positives_are_encoded_and_the_seed_decides_how() -> None:
    gold = [a_record("a secret", [(2, 8, "PASSWORD")]), a_record("nothing", [])]

    variants = encoded(gold, 7)

    assert variants == encoded(gold, 7)
    assert [record.id for _, record in variants] == ["a secret-encoded"]
    assert variants[0][1].spans is None


def test_scores_that_mean_what_they_say_have_no_calibration_error() -> None:
    scores = [0.25] * 4 + [0.75] * 4
    ranking = Ranking.of([1, 0, 0, 0, 1, 1, 1, 0], scores, [False] * 8, [1] * 8)

    reliability = Reliability.of(ranking)

    assert reliability.bins == [
        Bin(texts=4, score=0.25, observed=0.25),
        Bin(texts=4, score=0.75, observed=0.75),
    ]
    assert reliability.error == 0


def test_the_calibration_error_weighs_bins_by_their_texts() -> None:
    ranking = Ranking.of([1, 1, 1, 0], [1.0, 0.5, 0.5, 0.0], [False] * 4, [1] * 4)

    assert Reliability.of(ranking).error == pytest.approx(0.25)


def test_a_diagram_has_a_panel_for_each_task() -> None:
    reliability = Reliability.of(Ranking.of([1, 0], [0.9, 0.1], [True, False], [1, 1]))

    image = diagram([("a.dev", reliability), ("b.dev", reliability)])

    root = ElementTree.fromstring(image)  # noqa: S314 - made here
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "a.dev, error 10.0 %" in texts
    assert "b.dev, error 10.0 %" in texts
    assert len(list(root.iter("{http://www.w3.org/2000/svg}circle"))) == 4

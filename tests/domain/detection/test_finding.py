"""Spans and findings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.taxonomy import TYPES, Category
from domain.errors import InvalidValue
from tests.strategies import detections, findings, scores, spans

OFFSETS = st.integers(0, 1000)


@given(st.integers(-5, 20), st.integers(-5, 20))
def test_a_span_is_not_empty_and_begins_inside_the_text(start: int, end: int) -> None:
    if 0 <= start < end:
        assert len(Span(start, end)) == end - start
        return

    with pytest.raises(InvalidValue):
        Span(start, end)


@given(spans(60), spans(60))
def test_spans_relate_as_the_sets_of_their_positions(one: Span, other: Span) -> None:
    positions = set(range(one.start, one.end))
    others = set(range(other.start, other.end))

    assert one.overlaps(other) == other.overlaps(one) == bool(positions & others)
    assert one.contains(other) == (others <= positions)


@given(findings(), OFFSETS)
def test_a_finding_moves_with_its_text(finding: Finding, by: int) -> None:
    text = "x" * finding.span.end

    moved = finding.shifted(by)

    longer = "y" * by + text
    assert longer[moved.span.start : moved.span.end] == text[finding.span.start :]
    assert moved.shifted(-by) == finding


def test_a_finding_does_not_move_before_the_text() -> None:
    with pytest.raises(InvalidValue):
        Span(2, 3).shifted(-3)


@given(findings())
def test_a_finding_is_operative_at_its_operating_point(finding: Finding) -> None:
    assert finding.is_operative == (finding.score >= finding.operating_point)


def finding_of(**changes: object) -> Finding:
    known: dict[str, object] = {
        "category": Category.PII,
        "type": "EMAIL",
        "span": Span(0, 1),
        "score": 0.5,
        "detector": "d",
        "rule": "r",
        "explanation": Explanation(source="s"),
    }
    return Finding(**{**known, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["score", "operating_point"])
@pytest.mark.parametrize("value", [-0.001, 1.001, float("nan"), float("inf")])
def test_a_score_outside_0_to_1_is_refused(name: str, value: float) -> None:
    with pytest.raises(InvalidValue) as refusal:
        finding_of(**{name: value})

    assert refusal.value.field == name


@given(st.sampled_from(Category), st.sampled_from(sorted(frozenset().union(*TYPES.values()))))
def test_a_type_belongs_to_its_category(category: Category, entity_type: str) -> None:
    if entity_type in TYPES[category]:
        assert finding_of(category=category, type=entity_type).type == entity_type
        return

    with pytest.raises(InvalidValue):
        finding_of(category=category, type=entity_type)


@given(detections(), scores(), scores())
def test_a_higher_threshold_reports_no_more(detection: Detection, one: float, other: float) -> None:
    more, fewer = detection.at_least(min(one, other)), detection.at_least(max(one, other))

    assert all(finding in more for finding in fewer)
    assert detection.at_least(0.0) == detection.findings


@given(detections())
def test_without_a_threshold_operative_findings_are_reported(detection: Detection) -> None:
    assert all(finding.is_operative for finding in detection.at_least(None))
    assert len(detection.at_least(None)) == sum(f.is_operative for f in detection.findings)

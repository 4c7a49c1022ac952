"""Fusion: overlaps are resolved inside a category, in one way, whatever comes first."""

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.fusion import PHI_DISTANCE, fuse
from domain.detection.taxonomy import Category
from tests.strategies import detections, findings

SOME = st.lists(detections(), max_size=3)
WITH_CUSTOM = st.lists(detections(with_custom=True), max_size=3)
LABELS = {Category.TOXICITY, Category.BIAS, Category.INJECTION}


def unmarked(finding: Finding) -> Finding:
    """Return the finding without the mark of health information."""
    attributes = {k: v for k, v in finding.explanation.attributes.items() if k != "phi"}
    return replace(finding, explanation=replace(finding.explanation, attributes=attributes))


def compete(one: Finding, other: Finding) -> bool:
    return (
        one.category is other.category
        and one.span.overlaps(other.span)
        and (one.type == other.type or not (one.category in LABELS or was_decoded(one, other)))
    )


def was_decoded(one: Finding, other: Finding) -> bool:
    return bool(one.explanation.decoding and other.explanation.decoding)


@given(SOME)
def test_no_two_findings_compete_for_a_place(some: list[Detection]) -> None:
    fused = fuse(some).findings

    assert not [pair for pair in combinations(fused, 2) if compete(*pair)]


@given(SOME)
def test_nothing_is_invented_and_only_a_better_rival_removes(some: list[Detection]) -> None:
    given_findings = [finding for detection in some for finding in detection.findings]
    kept = [unmarked(finding) for finding in fuse(some).findings]

    assert all(finding in given_findings for finding in kept)
    for finding in given_findings:
        assert finding in kept or any(
            compete(finding, rival) and better_or_equal(rival, finding) for rival in kept
        )


def better_or_equal(one: Finding, other: Finding) -> bool:
    if one.is_operative != other.is_operative:
        return one.is_operative
    sensitive = [f.category is not Category.PII or f.type not in AUXILIARY for f in (one, other)]
    if sensitive[0] != sensitive[1]:
        return sensitive[0]
    return one.score >= other.score


AUXILIARY = {"LOCATION", "ORGANIZATION", "DATE", "AGE", "NRP", "URL", "HEALTH_TERM"}


@given(SOME | WITH_CUSTOM, st.randoms())
def test_the_order_of_detections_and_findings_is_irrelevant(
    some: list[Detection], shuffle: random.Random
) -> None:
    other = [
        replace(
            detection, findings=tuple(shuffle.sample(detection.findings, len(detection.findings)))
        )
        for detection in shuffle.sample(some, len(some))
    ]

    assert fuse(other) == fuse(some)


@given(findings(), st.randoms())
def test_twins_that_differ_in_the_explanation_alone_have_one_winner(
    finding: Finding, shuffle: random.Random
) -> None:
    twins = [
        replace(finding, explanation=replace(finding.explanation, reason=reason))
        for reason in ("one", "two", "three")
    ]

    def fused(some: list[Finding]) -> Detection:
        return fuse(Detection(findings=(one,)) for one in some)

    assert fused(shuffle.sample(twins, 3)) == fused(twins)


@given(SOME | WITH_CUSTOM)
def test_fusing_again_changes_nothing(some: list[Detection]) -> None:
    once = fuse(some)

    assert fuse([once]) == once
    assert fuse([once, once]) == once


@given(WITH_CUSTOM)
def test_what_a_policy_describes_hides_nothing_and_is_hidden_by_nothing(
    some: list[Detection],
) -> None:
    fused = {(one.category, one.type, one.span): one for one in fuse(some).findings}
    built_in = [
        replace(one, findings=tuple(f for f in one.findings if not f.is_custom)) for one in some
    ]
    before = fuse(built_in).findings
    custom = [f for one in some for f in one.findings if f.is_custom]

    assert len(fused) == len(fuse(some).findings)
    for finding in (*before, *custom):
        kept = fused[finding.category, finding.type, finding.span]
        assert kept.score >= finding.score
        assert kept.is_operative >= finding.is_operative
        assert kept.rules >= finding.rules
    for finding in custom:
        assert fused[finding.category, finding.type, finding.span].is_custom


@given(WITH_CUSTOM)
def test_what_a_policy_describes_may_be_added_later(some: list[Detection]) -> None:
    def only(*, custom: bool) -> list[Detection]:
        return [
            replace(one, findings=tuple(f for f in one.findings if f.is_custom is custom))
            for one in some
        ]

    assert fuse([fuse(only(custom=False)), fuse(only(custom=True))]) == fuse(some)


@given(SOME)
def test_findings_come_in_order_and_scores_take_the_highest(some: list[Detection]) -> None:
    fused = fuse(some)

    assert list(fused.findings) == sorted(fused.findings, key=lambda finding: finding.order)
    for category in Category:
        said = [detection.scores[category] for detection in some if category in detection.scores]
        assert fused.scores.get(category) == max(said, default=None)


@given(st.lists(findings(), max_size=5))
def test_other_categories_are_left_alone(found: list[Finding]) -> None:
    together = fuse([Detection(findings=tuple(found))]).findings

    apart = [
        finding
        for category in Category
        for finding in fuse(
            [Detection(findings=tuple(f for f in found if f.category is category))]
        ).findings
    ]
    assert sorted(map(repr, together)) == sorted(map(repr, apart))


# ---- examples


def found(
    entity_type: str,
    start: int,
    end: int,
    *,
    category: Category = Category.PII,
    score: float = 0.9,
    operating_point: float = 0.5,
    validator: str | None = None,
    attributes: dict[str, str] | None = None,
) -> Finding:
    return Finding(
        category=category,
        type=entity_type,
        span=Span(start, end),
        score=score,
        detector="d@1",
        rule="r",
        operating_point=operating_point,
        explanation=Explanation(source="s", validator=validator, attributes=attributes or {}),
    )


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (found("EMAIL", 0, 5, score=0.5), found("SSN", 0, 9, score=0.8, operating_point=0.9)),
        (found("URL", 0, 5, score=0.5), found("SSN", 0, 9, score=0.49)),
        (found("ADDRESS", 0, 5, score=0.6), found("LOCATION", 0, 9, score=0.99)),
        (found("PHONE", 0, 5, score=0.9), found("SSN", 0, 9, score=0.8)),
        (found("CREDIT_CARD", 0, 5, validator="luhn: valid"), found("PHONE", 0, 9)),
        (found("IBAN", 0, 9), found("PHONE", 0, 5)),
    ],
)
def test_of_two_findings_the_better_stays(better: Finding, worse: Finding) -> None:
    assert fuse([Detection(findings=(worse, better))]).findings == (better,)


def test_a_password_is_both_personal_and_secret() -> None:
    pair = (
        found("PASSWORD", 0, 8, category=Category.SECRETS),
        found("PASSWORD", 0, 8, category=Category.PII),
    )

    assert {f.category for f in fuse([Detection(findings=pair)]).findings} == {
        Category.PII,
        Category.SECRETS,
    }


def test_a_sentence_can_insult_and_threaten_at_once() -> None:
    labels = (
        found("INSULT", 0, 20, category=Category.TOXICITY),
        found("THREAT", 5, 20, category=Category.TOXICITY),
        found("THREAT", 0, 20, category=Category.TOXICITY, score=0.8),
    )

    kept = fuse([Detection(findings=labels)]).findings

    assert [(f.type, f.span.start) for f in kept] == [("INSULT", 0), ("THREAT", 5)]


@pytest.mark.parametrize(("gap", "is_health"), [(PHI_DISTANCE - 1, True), (PHI_DISTANCE, False)])
@pytest.mark.parametrize("term_first", [True, False])
def test_a_health_term_nearby_makes_a_personal_datum_health_information(
    gap: int, is_health: bool, term_first: bool
) -> None:
    spans = ((0, 10), (10 + gap, 20 + gap))
    term_span, datum_span = spans if term_first else spans[::-1]
    findings_ = (found("HEALTH_TERM", *term_span), found("PERSON", *datum_span))

    marks = {
        f.type: f.explanation.attributes.get("phi")
        for f in fuse([Detection(findings=findings_)]).findings
    }

    assert marks == {"HEALTH_TERM": None, "PERSON": "true" if is_health else None}


def test_a_record_number_is_health_information_by_itself() -> None:
    number = found("MEDICAL_RECORD_NUMBER", 0, 8, attributes={"vector": "v"})

    fused = fuse([Detection(findings=(number,))]).findings

    assert fused[0].explanation.attributes == {"vector": "v", "phi": "true"}

"""Violations: ids that everybody computes alike, and triage as a state machine."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from domain.audit import format_time, parse_time
from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue, Refused
from domain.identifiers import RecordId, TenantId, ViolationId
from domain.policy.evaluation import Candidate, EvaluationContext, evaluate
from domain.policy.presets import starter_policy
from domain.policy.rule import Direction, Policy
from domain.violation import TriageState, Violation, violation_id
from tests.strategies import candidates, instants, spans, texts, violations

START = datetime(2026, 1, 1, tzinfo=UTC)
IDENTITIES = st.fixed_dictionaries(
    {
        "tenant_id": st.sampled_from(("ten_1", "ten_2", "t")),
        "record_id": st.sampled_from(("req_1", "req_1\nmessages", "")) | texts(6),
        "record_time": instants(),
        "part": st.sampled_from(("messages/0/content", "x\ny", "")) | texts(6),
        "category": st.sampled_from(Category),
        "entity_type": st.sampled_from(("EMAIL", "PASSWORD")),
        "span": spans(),
    }
)


def identify(identity: dict[str, object], **changes: object) -> ViolationId:
    return violation_id(**{**identity, **changes})  # type: ignore[arg-type]


@given(IDENTITIES, IDENTITIES)
def test_two_violations_have_one_id_only_if_they_are_the_same(
    one: dict[str, object], other: dict[str, object]
) -> None:
    assert (identify(one) == identify(other)) == (one == other)


@given(IDENTITIES, st.sampled_from(("tenant_id", "record_id", "part")))
def test_each_part_of_the_identity_counts(identity: dict[str, object], name: str) -> None:
    assert identify(identity) != identify(identity, **{name: f"{identity[name]}\n"})


@given(IDENTITIES)
def test_the_kind_and_both_ends_of_the_span_count(identity: dict[str, object]) -> None:
    found = {
        identify(identity, category=category, entity_type=entity_type, span=span)
        for category in (Category.PII, Category.SECRETS)
        for entity_type in ("PASSWORD", "JWT")
        for span in (Span(2, 9), Span(2, 10), Span(3, 9))
    }

    assert len(found) == 12


def test_text_that_moves_between_two_parts_makes_another_violation() -> None:
    identity: dict[str, object] = {
        "tenant_id": "ten_1",
        "record_id": "req_1",
        "record_time": START,
        "part": "a\nb",
        "category": Category.PII,
        "entity_type": "EMAIL",
        "span": Span(0, 1),
    }

    assert identify(identity) != identify(identity, record_id="req_1\na", part="b")


def test_half_a_surrogate_pair_in_a_foreign_record_id_is_no_error() -> None:
    found = violation_id(
        tenant_id=TenantId("ten_1"),
        record_id=RecordId("\ud800"),
        record_time=START,
        part="p",
        category=Category.PII,
        entity_type="EMAIL",
        span=Span(0, 1),
    )

    assert len(found) == len("vio_") + 34


@given(IDENTITIES, st.integers(0, 999_999))
def test_the_gateway_and_the_analysis_of_the_stored_record_meet_the_same_id(
    identity: dict[str, object], microsecond: int
) -> None:
    exact = START.replace(microsecond=microsecond)
    stored = parse_time(format_time(exact))

    assert identify(identity, record_time=exact) == identify(identity, record_time=stored)


@given(IDENTITIES, IDENTITIES)
def test_ids_sort_by_the_time_of_the_record(
    one: dict[str, object], other: dict[str, object]
) -> None:
    times: list[datetime] = [one["record_time"], other["record_time"]]  # type: ignore[list-item]
    assume(min(times) > datetime(1970, 1, 1, tzinfo=UTC) and times[0] != times[1])

    assert (identify(one) < identify(other)) == (times[0] < times[1])


@given(candidates(), instants())
def test_a_violation_is_what_the_verdict_says_and_never_anything_else(
    candidate: Candidate, at: datetime
) -> None:
    verdict = evaluate(starter_policy(), [candidate], EvaluationContext(at=at)).verdicts[0]
    details = {
        "tenant_id": TenantId("ten_1"),
        "record_id": RecordId("req_1"),
        "record_time": at,
        "policy_version": "pol_1@1",
        "evidence": "my mail is [EMAIL]",
        "at": at,
    }
    if not verdict.is_violation:
        with pytest.raises(InvalidValue):
            Violation.from_verdict(verdict, **details)  # type: ignore[arg-type]
        return

    violation = Violation.from_verdict(verdict, **details)  # type: ignore[arg-type]

    finding = candidate.finding
    assert (violation.category, violation.type, violation.span, violation.score) == (
        finding.category,
        finding.type,
        finding.span,
        finding.score,
    )
    assert (violation.effect, violation.severity) == (verdict.effect, verdict.severity)
    assert violation.policy_rules == verdict.rules
    assert violation.enforced is verdict.effect
    assert (violation.state, violation.history) == (TriageState.OPEN, ())


def test_another_policy_meets_the_same_violation() -> None:
    finding = Finding(
        category=Category.SECRETS,
        type="JWT",
        span=Span(3, 9),
        score=1.0,
        detector="d",
        rule="r",
        explanation=Explanation(source="s"),
    )
    candidate = Candidate(finding=finding, part="p", direction=Direction.REQUEST)
    context = EvaluationContext(at=START)
    softer = Policy(name="softer", rules=starter_policy().rules[:1])

    ids = {
        Violation.from_verdict(
            evaluate(policy, [candidate], context).verdicts[0],
            tenant_id=TenantId("ten_1"),
            record_id=RecordId("req_1"),
            record_time=START,
            policy_version=policy.name,
            evidence="",
            at=START + timedelta(days=number),
        ).id
        for number, policy in enumerate((starter_policy(), softer))
    }

    assert len(ids) == 1


@given(violations(), st.text(min_size=2001, max_size=2010))
def test_a_note_that_is_too_long_is_refused(violation: Violation, note: str) -> None:
    with pytest.raises(InvalidValue):
        violation.triage(TriageState.OPEN, by="usr_1", at=START, note=note)


AFTER = {
    "open": {"acknowledged", "resolved", "false_positive"},
    "acknowledged": {"open", "resolved", "false_positive"},
    "resolved": {"open"},
    "false_positive": {"open"},
}


class Triage(RuleBasedStateMachine):
    """People's decisions against the table of what may follow what."""

    def __init__(self) -> None:
        super().__init__()
        policy = starter_policy()
        finding = Finding(
            category=Category.PII,
            type="EMAIL",
            span=Span(0, 5),
            score=1.0,
            detector="d",
            rule="r",
            explanation=Explanation(source="s"),
        )
        candidate = Candidate(finding=finding, part="p", direction=Direction.REQUEST)
        self.first = self.violation = Violation.from_verdict(
            evaluate(policy, [candidate], EvaluationContext(at=START)).verdicts[0],
            tenant_id=TenantId("ten_1"),
            record_id=RecordId("req_1"),
            record_time=START,
            policy_version="pol_1@1",
            evidence="[EMAIL]",
            at=START,
        )
        self.state = "open"
        self.steps: list[tuple[str, str]] = []

    @rule(state=st.sampled_from(TriageState), note=st.sampled_from(("", "seen", "x" * 2000)))
    def decide(self, state: TriageState, note: str) -> None:
        same = state.value == self.state
        if not same and state.value not in AFTER[self.state]:
            with pytest.raises(Refused) as refusal:
                self.violation.triage(state, by="usr_1", at=START, note=note)
            assert refusal.value.code == "violation.transition"
            return
        before = self.violation
        self.violation = before.triage(state, by="usr_1", at=START, note=note)
        if same and not note:
            assert self.violation is before
            return
        self.state = state.value
        self.steps.append((state.value, note))

    @invariant()
    def the_history_tells_every_decision_in_order(self) -> None:
        assert self.violation.state.value == self.state
        assert [(step.state.value, step.note) for step in self.violation.history] == self.steps

    @invariant()
    def nothing_but_the_triage_ever_changes(self) -> None:
        assert replace(self.violation, state=self.first.state, history=()) == self.first


TestTriage = Triage.TestCase
TestTriage.settings = settings(max_examples=40, stateful_step_count=20)

"""The parts of a policy: what they refuse."""

from datetime import UTC, datetime

import pytest
from hypothesis import given

from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.policy.rule import (
    Condition,
    Effect,
    Policy,
    PolicyException,
    PolicyRevision,
    Rule,
)
from tests.strategies import policy_revisions

EXPIRES = datetime(2027, 1, 1, tzinfo=UTC)


def rule(id: str = "r1") -> Rule:  # noqa: A002
    return Rule(id=id, when=Condition(), effect=Effect.FLAG, severity=Severity.LOW)


def test_effects_and_severities_form_lines() -> None:
    assert sorted(Effect, key=lambda effect: effect.rank) == ["allow", "flag", "mask", "block"]
    assert sorted(Severity, key=lambda severity: severity.rank) == [
        "low",
        "medium",
        "high",
        "critical",
    ]


@pytest.mark.parametrize("score", [-0.01, 1.01, float("nan"), float("inf")])
def test_a_threshold_outside_0_to_1_is_refused(score: float) -> None:
    with pytest.raises(InvalidValue) as refusal:
        Condition(min_score=score)

    assert refusal.value.field == "min_score"


def test_a_count_below_one_is_refused() -> None:
    with pytest.raises(InvalidValue) as refusal:
        Condition(min_count=0)

    assert refusal.value.field == "min_count"


def test_unknown_types_are_refused_everywhere() -> None:
    with pytest.raises(InvalidValue, match="unknown type 'EMIAL'"):
        Condition(types=frozenset({"EMIAL", "EMAIL"}))
    with pytest.raises(InvalidValue, match="unknown type 'email'"):
        PolicyException(id="x", reason="test", expires=EXPIRES, types=frozenset({"email"}))


def test_a_rule_does_not_allow() -> None:
    with pytest.raises(InvalidValue, match="write an exception"):
        Rule(id="r", when=Condition(), effect=Effect.ALLOW, severity=Severity.LOW)


def test_an_exception_without_reason_or_condition_is_refused() -> None:
    with pytest.raises(InvalidValue, match="why it exists"):
        PolicyException(id="x", reason=" ", expires=EXPIRES, keys=frozenset({"key_1"}))
    with pytest.raises(InvalidValue, match="silence everything"):
        PolicyException(id="x", reason="test", expires=EXPIRES)


def test_ids_are_unique_among_rules_and_among_exceptions() -> None:
    exception = PolicyException(id="r1", reason="test", expires=EXPIRES, keys=frozenset({"key_1"}))

    Policy(name="p", rules=(rule(), rule("r2")), exceptions=(exception,))
    with pytest.raises(InvalidValue, match="two rules have the id 'r1'"):
        Policy(name="p", rules=(rule(), rule("r2"), rule()))
    with pytest.raises(InvalidValue, match="two exceptions have the id 'r1'"):
        Policy(name="p", exceptions=(exception, exception))


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_policy_needs_a_name(name: str) -> None:
    with pytest.raises(InvalidValue):
        Policy(name=name)


@given(policy_revisions())
def test_a_revision_is_referred_to_by_id_and_number(revision: PolicyRevision) -> None:
    policy_id, _, number = revision.reference.partition("@")

    assert (policy_id, int(number)) == (revision.policy_id, revision.number)

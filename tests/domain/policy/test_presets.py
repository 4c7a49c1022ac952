"""The starter policy does what the contract says of it, for every type there is."""

from datetime import UTC, datetime

import pytest

from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import AUXILIARY_PII, TYPES, Category
from domain.policy.evaluation import Candidate, Decision, EvaluationContext, evaluate
from domain.policy.presets import starter_policy
from domain.policy.rule import Direction, Effect, Mode

EVERY_TYPE = [(category, name) for category in Category for name in sorted(TYPES[category])]


def decide(
    category: Category,
    entity_type: str,
    *,
    score: float = 1.0,
    direction: Direction = Direction.REQUEST,
) -> Decision:
    finding = Finding(
        category=category,
        type=entity_type,
        span=Span(0, 8),
        score=score,
        detector="d@1",
        rule="r",
        explanation=Explanation(source="s"),
        operating_point=0.5,
    )
    candidate = Candidate(finding=finding, part="p", direction=direction)
    at = EvaluationContext(at=datetime(2026, 1, 1, tzinfo=UTC))
    return evaluate(starter_policy(), [candidate], at)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(("category", "entity_type"), EVERY_TYPE)
def test_secrets_are_blocked_personal_data_masked_and_the_rest_flagged(
    category: Category, entity_type: str, direction: Direction
) -> None:
    if category is Category.SECRETS:
        expected = Effect.BLOCK
    elif category is Category.PII:
        expected = Effect.ALLOW if entity_type in AUXILIARY_PII else Effect.MASK
    elif category is Category.INJECTION:
        expected = Effect.ALLOW if direction is Direction.RESPONSE else Effect.BLOCK
    else:
        expected = Effect.FLAG

    decision = decide(category, entity_type, direction=direction)

    assert decision.effect is decision.enforced is expected


@pytest.mark.parametrize(
    ("score", "expected"),
    [(0.49, Effect.ALLOW), (0.5, Effect.FLAG), (0.89, Effect.FLAG), (0.9, Effect.BLOCK)],
)
def test_an_injection_is_flagged_first_and_blocked_at_a_high_score(
    score: float, expected: Effect
) -> None:
    assert decide(Category.INJECTION, "OVERRIDE", score=score).effect is expected


def test_exactly_one_rule_speaks_of_each_personal_datum() -> None:
    for entity_type in TYPES[Category.PII] - AUXILIARY_PII:
        assert len(decide(Category.PII, entity_type).rules) == 1


def test_it_enforces_excuses_nothing_and_explains_every_rule() -> None:
    policy = starter_policy()

    assert policy.mode is Mode.ENFORCE
    assert policy.exceptions == ()
    assert all(rule.description for rule in policy.rules)

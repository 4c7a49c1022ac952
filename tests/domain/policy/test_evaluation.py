"""The laws of policy evaluation."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import AUXILIARY_PII, TYPES, Category, Severity
from domain.policy.evaluation import (
    ALLOWED,
    Candidate,
    Decision,
    EvaluationContext,
    evaluate,
)
from domain.policy.rule import (
    Condition,
    Direction,
    Effect,
    Mode,
    Policy,
    PolicyException,
    Replacement,
    Rule,
)
from tests.strategies import candidates, contexts, policies, policy_exceptions, rules, scores

FOUND = st.lists(candidates(), max_size=4)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
CONTEXT = EvaluationContext(at=NOW, key_id="key_1", model="gpt-4o")
EVERY_TYPE = frozenset().union(*TYPES.values())


def ranks(decision: Decision) -> tuple[int, int]:
    return (decision.effect.rank, decision.enforced.rank)


def relaxed_or_same(after: Decision, before: Decision) -> bool:
    """Tell whether `after` is nowhere stricter, for the same candidates."""
    pairs = zip(after.verdicts, before.verdicts, strict=True)
    return all(a <= b for a, b in zip(ranks(after), ranks(before), strict=True)) and all(
        one.candidate == other.candidate and one.effect.rank <= other.effect.rank
        for one, other in pairs
    )


# ---- laws


@given(policies(), FOUND, contexts())
def test_evaluation_is_total_and_gives_every_candidate_one_verdict(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    decision = evaluate(policy, found, context)

    judged = [verdict.candidate for verdict in decision.verdicts]
    assert len(judged) == len(found)
    assert all(candidate in judged for candidate in found)


@given(policies(), FOUND, contexts(), st.randoms())
def test_the_order_of_findings_rules_and_exceptions_is_irrelevant(
    policy: Policy, found: list[Candidate], context: EvaluationContext, shuffle: random.Random
) -> None:
    def shuffled(items: tuple[object, ...]) -> tuple[object, ...]:
        return tuple(shuffle.sample(items, len(items)))

    other = replace(
        policy,
        rules=shuffled(policy.rules),  # type: ignore[arg-type]
        exceptions=shuffled(policy.exceptions),  # type: ignore[arg-type]
    )

    assert evaluate(other, shuffle.sample(found, len(found)), context) == evaluate(
        policy, found, context
    )


@given(candidates(), scores(), st.randoms())
def test_findings_that_share_their_place_are_listed_alike_in_any_order(
    candidate: Candidate, score: float, shuffle: random.Random
) -> None:
    twins = [
        candidate,
        replace(candidate, finding=replace(candidate.finding, score=score)),
        replace(candidate, fingerprint="f" * 32),
        replace(candidate, finding=replace(candidate.finding, detector="other@1")),
    ]
    policy = Policy(name="p")

    assert evaluate(policy, shuffle.sample(twins, 4), CONTEXT) == evaluate(policy, twins, CONTEXT)


@given(policies(), FOUND, contexts())
def test_the_strongest_effect_wins(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    decision = evaluate(policy, found, context)

    by_id = {rule.id: rule for rule in policy.rules}
    for verdict in decision.verdicts:
        matched = [by_id[name] for name in verdict.rules]
        assert verdict.effect.rank == max((rule.effect.rank for rule in matched), default=0)
        assert verdict.severity.rank == max((rule.severity.rank for rule in matched), default=0)
        assert verdict.is_violation == bool(matched)
    assert decision.effect.rank == max((v.effect.rank for v in decision.verdicts), default=0)


@given(policies(), st.lists(candidates(), min_size=1, max_size=4), contexts())
def test_block_dominates_mask_and_mask_dominates_flag(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    before = evaluate(policy, found, context)

    for effect in (Effect.FLAG, Effect.MASK, Effect.BLOCK):
        on_all = replace(rule(effect, "all", types=EVERY_TYPE, min_score=0.0), always=True)
        after = evaluate(replace(policy, rules=(*policy.rules, on_all)), found, context)
        assert after.effect.rank == max(before.effect.rank, effect.rank)


@given(policies(), FOUND, contexts(), candidates())
def test_another_finding_never_relaxes(
    policy: Policy, found: list[Candidate], context: EvaluationContext, another: Candidate
) -> None:
    before = evaluate(policy, found, context)
    after = evaluate(policy, [*found, another], context)

    assert all(a >= b for a, b in zip(ranks(after), ranks(before), strict=True))
    for verdict in before.verdicts:
        assert verdict.effect.rank <= max(
            now.effect.rank for now in after.verdicts if now.candidate == verdict.candidate
        )


@given(policies(), FOUND, contexts(), rules("r9"))
def test_another_rule_never_relaxes(
    policy: Policy, found: list[Candidate], context: EvaluationContext, another: Rule
) -> None:
    more = replace(policy, rules=(*policy.rules, another))

    assert relaxed_or_same(evaluate(policy, found, context), evaluate(more, found, context))


@given(policies(), FOUND, contexts(), rules("r9"), st.tuples(scores(), scores()))
def test_a_higher_threshold_never_tightens(
    policy: Policy,
    found: list[Candidate],
    context: EvaluationContext,
    another: Rule,
    thresholds: tuple[float, float],
) -> None:
    def with_threshold(score: float) -> Policy:
        asked = replace(another, when=replace(another.when, min_score=score))
        return replace(policy, rules=(*policy.rules, asked))

    low = evaluate(with_threshold(min(thresholds)), found, context)
    high = evaluate(with_threshold(max(thresholds)), found, context)

    assert relaxed_or_same(high, low)


@given(policies(), FOUND, contexts())
def test_asking_for_more_findings_together_never_tightens(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    more = tuple(
        replace(rule, when=replace(rule.when, min_count=rule.when.min_count + 1))
        for rule in policy.rules
    )

    assert relaxed_or_same(
        evaluate(replace(policy, rules=more), found, context), evaluate(policy, found, context)
    )


@given(policies(), FOUND, contexts(), policy_exceptions("x9"))
def test_another_exception_never_tightens(
    policy: Policy, found: list[Candidate], context: EvaluationContext, another: PolicyException
) -> None:
    more = replace(policy, exceptions=(*policy.exceptions, another))

    assert relaxed_or_same(evaluate(more, found, context), evaluate(policy, found, context))


@given(policies(), FOUND, contexts())
def test_no_exception_touches_a_rule_that_is_always_asked(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    strict = replace(policy, rules=tuple(replace(rule, always=True) for rule in policy.rules))

    with_exceptions = evaluate(strict, found, context)
    without = evaluate(replace(strict, exceptions=()), found, context)

    assert ranks(with_exceptions) == ranks(without)
    assert [v.rules for v in with_exceptions.verdicts] == [v.rules for v in without.verdicts]


@given(policies(), FOUND, contexts())
def test_an_expired_exception_is_none(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    expired = replace(
        policy, exceptions=tuple(replace(one, expires=context.at) for one in policy.exceptions)
    )

    assert evaluate(expired, found, context) == evaluate(
        replace(policy, exceptions=()), found, context
    )


@given(policies(), FOUND, contexts())
def test_observing_decides_the_same_and_never_does_more_than_flag(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    enforcing = evaluate(replace(policy, mode=Mode.ENFORCE), found, context)
    observing = evaluate(replace(policy, mode=Mode.OBSERVE), found, context)

    assert enforcing.enforced is enforcing.effect
    assert observing.enforced.rank == min(enforcing.effect.rank, Effect.FLAG.rank)
    assert replace(observing, enforced=enforcing.enforced) == enforcing


@given(policies(), FOUND, contexts())
def test_the_explanation_names_rules_and_exceptions_of_the_policy(
    policy: Policy, found: list[Candidate], context: EvaluationContext
) -> None:
    decision = evaluate(policy, found, context)

    assert set(decision.rules) <= {rule.id for rule in policy.rules}
    assert set(decision.exceptions) <= {exception.id for exception in policy.exceptions}
    assert set(decision.blocking_rules()) <= set(decision.rules)
    assert bool(decision.blocking_rules()) == (decision.effect is Effect.BLOCK)
    assert all(verdict in decision.violations for verdict in decision.masking())
    for verdict in decision.verdicts:
        always = {rule.id for rule in policy.rules if rule.always}
        assert not verdict.exceptions or set(verdict.rules) <= always


def test_nothing_found_is_allowed() -> None:
    everything = Policy(name="p", rules=(rule(Effect.BLOCK, types=EVERY_TYPE, min_score=0.0),))

    assert evaluate(everything, [], CONTEXT) == ALLOWED


# ---- what a condition means


def rule(
    effect: Effect,
    name: str = "r1",
    **when: object,
) -> Rule:
    return Rule(
        id=name,
        when=Condition(**when),  # type: ignore[arg-type]
        effect=effect,
        severity=Severity.MEDIUM,
    )


def candidate(
    type: str = "EMAIL",  # noqa: A002
    *,
    category: Category = Category.PII,
    score: float = 0.8,
    start: int = 0,
    **details: object,
) -> Candidate:
    finding = Finding(
        category=category,
        type=type,
        span=Span(start, start + 5),
        score=score,
        detector="d@1",
        rule="r",
        explanation=Explanation(source="s"),
        operating_point=0.5,
    )
    known: dict[str, object] = {"part": "p", "direction": Direction.REQUEST, **details}
    return Candidate(finding=finding, **known)  # type: ignore[arg-type]


def effect_of(found: Candidate, *parts: Rule | PolicyException) -> Effect:
    policy = Policy(
        name="p",
        rules=tuple(part for part in parts if isinstance(part, Rule)),
        exceptions=tuple(part for part in parts if isinstance(part, PolicyException)),
    )
    return evaluate(policy, [found], CONTEXT).effect


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({}, True),
        ({"categories": {Category.PII, Category.BIAS}}, True),
        ({"categories": {Category.SECRETS}}, False),
        ({"types": {"EMAIL"}}, True),
        ({"types": {"PHONE"}}, False),
        ({"categories": {Category.SECRETS}, "types": {"EMAIL"}}, False),
        ({"min_score": 0.8}, True),
        ({"min_score": 0.81}, False),
        ({"directions": {Direction.REQUEST}}, True),
        ({"directions": {Direction.RESPONSE, Direction.TOOL_RESULT}}, False),
        ({"keys": {"key_1", "key_2"}}, True),
        ({"keys": {"key_2"}}, False),
        ({"models": {"gpt-4o"}}, True),
        ({"models": {"gpt-4"}}, False),
        ({"models": {"gpt-*"}}, True),
        ({"models": {"claude-*"}}, False),
        ({"models": {"*"}}, True),
        ({"min_count": 2}, False),
    ],
)
def test_every_stated_part_of_a_condition_must_hold(when: dict[str, object], matches: bool) -> None:
    parts = {name: frozenset(v) if isinstance(v, set) else v for name, v in when.items()}

    effect = effect_of(candidate(), rule(Effect.FLAG, **parts))  # type: ignore[arg-type]

    assert effect is (Effect.FLAG if matches else Effect.ALLOW)


@pytest.mark.parametrize("when", [{"keys": frozenset({"*"})}, {"models": frozenset({"*"})}])
def test_a_scope_does_not_hold_for_a_request_that_does_not_say(when: dict[str, object]) -> None:
    policy = Policy(name="p", rules=(rule(Effect.BLOCK, **when),))  # type: ignore[arg-type]

    decision = evaluate(policy, [candidate()], EvaluationContext(at=NOW))

    assert decision.effect is Effect.ALLOW


def test_without_a_threshold_the_detectors_own_operating_point_holds() -> None:
    assert effect_of(candidate(score=0.5), rule(Effect.FLAG)) is Effect.FLAG
    assert effect_of(candidate(score=0.49), rule(Effect.FLAG)) is Effect.ALLOW
    assert effect_of(candidate(score=0.49), rule(Effect.FLAG, min_score=0.3)) is Effect.FLAG


@pytest.mark.parametrize("type_", sorted(AUXILIARY_PII))
def test_an_auxiliary_type_counts_only_where_it_is_named(type_: str) -> None:
    found = candidate(type_)

    assert effect_of(found, rule(Effect.BLOCK, categories=frozenset({Category.PII}))) == "allow"
    assert effect_of(found, rule(Effect.BLOCK, types=frozenset({type_}))) == "block"


@given(st.integers(1, 4), st.integers(0, 5))
def test_a_rule_with_a_count_needs_so_many_findings_together(count: int, number: int) -> None:
    policy = Policy(name="p", rules=(rule(Effect.BLOCK, min_count=count),))
    found = [candidate(start=10 * index) for index in range(number)]

    decision = evaluate(policy, found, CONTEXT)

    assert (decision.effect is Effect.BLOCK) == (number >= count)
    assert len(decision.violations) == (number if number >= count else 0)


def test_an_excused_finding_does_not_count_towards_a_number() -> None:
    excused = candidate(fingerprint="f1")
    policy = Policy(
        name="p",
        rules=(rule(Effect.BLOCK, min_count=2),),
        exceptions=(exception(fingerprints=frozenset({"f1"})),),
    )

    assert evaluate(policy, [excused, candidate(start=9)], CONTEXT).effect is Effect.ALLOW


def exception(**parts: object) -> PolicyException:
    return PolicyException(
        id="x1",
        reason="test",
        expires=NOW + timedelta(seconds=1),
        **parts,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("parts", "excused"),
    [
        ({"types": {"EMAIL"}}, True),
        ({"types": {"PHONE"}}, False),
        ({"detector_rules": {"r", "other"}}, True),
        ({"detector_rules": {"other"}}, False),
        ({"types": {"EMAIL"}, "values": ("not sealed yet",)}, False),
        ({"fingerprints": {"f1"}}, True),
        ({"fingerprints": {"f2"}}, False),
        ({"pattern": ".*@example.com"}, True),
        ({"domains": {"example.com"}}, True),
        ({"domains": {"com"}}, True),
        ({"domains": {"ample.com"}}, False),
        ({"domains": {"x.mail.example.com"}}, False),
        ({"keys": {"key_1"}}, True),
        ({"keys": {"key_2"}}, False),
        ({"models": {"gpt-4o"}}, True),
        ({"types": {"EMAIL"}, "keys": {"key_2"}}, False),
        ({"types": {"EMAIL"}, "keys": {"key_1"}, "domains": {"example.com"}}, True),
    ],
)
def test_every_stated_part_of_an_exception_must_hold(
    parts: dict[str, object], excused: bool
) -> None:
    found = candidate(
        fingerprint="f1", domains=frozenset({"mail.example.com"}), patterns=frozenset({"x1"})
    )
    known = {name: frozenset(v) if isinstance(v, set) else v for name, v in parts.items()}

    effect = effect_of(found, rule(Effect.BLOCK), exception(**known))

    assert effect is (Effect.ALLOW if excused else Effect.BLOCK)


@pytest.mark.parametrize(
    ("named", "matches"), [({"r"}, True), ({"r", "x"}, True), ({"also"}, True), ({"x"}, False)]
)
def test_a_rule_may_name_the_detector_rules_that_it_is_about(
    named: set[str], *, matches: bool
) -> None:
    found = found_by_two_rules("LOCATION")

    effect = effect_of(found, rule(Effect.BLOCK, detector_rules=frozenset(named)))

    assert effect is (Effect.BLOCK if matches else Effect.ALLOW)


@pytest.mark.parametrize(
    ("named", "excused"), [({"r"}, False), ({"also"}, False), ({"r", "also"}, True)]
)
def test_what_several_rules_found_is_excused_where_all_of_them_are_named(
    named: set[str], *, excused: bool
) -> None:
    found = found_by_two_rules("EMAIL")

    effect = effect_of(found, rule(Effect.BLOCK), exception(detector_rules=frozenset(named)))

    assert effect is (Effect.ALLOW if excused else Effect.BLOCK)


def found_by_two_rules(entity_type: str) -> Candidate:
    found = candidate(entity_type)
    explanation = Explanation(source="s", attributes={"also": "also"})
    return replace(found, finding=replace(found.finding, explanation=explanation))


def test_a_pattern_that_did_not_match_excuses_nothing() -> None:
    assert effect_of(candidate(), rule(Effect.FLAG), exception(pattern="x")) is Effect.FLAG


def test_a_domain_exception_needs_every_host_of_the_match_and_one_at_least() -> None:
    allowed = exception(domains=frozenset({"example.com"}))
    mixed = candidate(domains=frozenset({"example.com", "example.org"}))

    assert effect_of(mixed, rule(Effect.FLAG), allowed) is Effect.FLAG
    assert effect_of(candidate(), rule(Effect.FLAG), allowed) is Effect.FLAG


def test_of_several_masks_the_one_that_leaves_least_is_taken() -> None:
    masks = [
        replace(rule(Effect.MASK, kind.value), replacement=kind)
        for kind in (Replacement.HASH, Replacement.PSEUDONYM, Replacement.REPLACE)
    ]

    taken = [
        evaluate(Policy(name="p", rules=tuple(some)), [candidate()], CONTEXT)
        .verdicts[0]
        .replacement
        for some in (masks, masks[:2], masks[1:2])
    ]

    assert taken == [Replacement.REPLACE, Replacement.HASH, Replacement.PSEUDONYM]


def test_spans_to_hide_are_those_that_mask_or_block() -> None:
    policy = Policy(
        name="p",
        rules=(
            rule(Effect.FLAG, "a", types=frozenset({"PHONE"})),
            rule(Effect.MASK, "b", types=frozenset({"EMAIL"})),
            rule(Effect.BLOCK, "c", types=frozenset({"SSN"})),
        ),
    )
    found = [candidate("PHONE"), candidate("EMAIL", start=9), candidate("SSN", start=20)]

    decision = evaluate(policy, found, CONTEXT)

    assert [v.candidate.finding.type for v in decision.masking()] == ["EMAIL", "SSN"]
    assert (decision.rules, decision.blocking_rules()) == (("a", "b", "c"), ("c",))

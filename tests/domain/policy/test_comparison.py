"""Two policies over the same exchanges."""

from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category
from domain.identifiers import RecordId
from domain.policy.comparison import MAX_EXAMPLES, Comparison, Difference, PolicyComparison, Subject
from domain.policy.evaluation import Candidate, EvaluationContext, evaluate
from domain.policy.rule import Direction, Effect, Mode, Policy
from tests.fakes.clock import START
from tests.fakes.policies import blocking, masking, policy

SUBJECT = Subject(record_id=RecordId("req_1"), time=START)
POLICIES = st.sampled_from(
    [policy(), masking(), masking("EMAIL"), blocking(), blocking("EMAIL", mode=Mode.OBSERVE)]
)


def mail(start: int = 0) -> Candidate:
    return Candidate(
        finding=Finding(
            category=Category.PII,
            type="EMAIL",
            span=Span(start, start + 5),
            score=0.9,
            detector="d",
            rule="r",
            explanation=Explanation(source="s"),
        ),
        part="request/messages/0/content",
        direction=Direction.REQUEST,
    )


def compared(before: Policy, after: Policy, *exchanges: list[Candidate]) -> Comparison:
    comparison = PolicyComparison()
    for candidates in exchanges:
        context = EvaluationContext(at=START)
        comparison.add(
            SUBJECT,
            [evaluate(before, candidates, context)],
            [evaluate(after, candidates, context)],
        )
    return comparison.result()


def test_an_exchange_that_would_be_blocked_is_counted_and_named() -> None:
    result = compared(masking("EMAIL"), blocking("EMAIL"), [mail()], [])

    assert (result.exchanges, result.changed) == (2, 1)
    assert result.effects == {(Effect.MASK, Effect.BLOCK): 1, (Effect.ALLOW, Effect.ALLOW): 1}
    assert result.types == {(Category.PII, "EMAIL"): Difference(before=1, after=1)}
    assert result.rules == {
        "mask-email": Difference(before=1),
        "block-email": Difference(after=1),
    }
    (example,) = result.examples
    assert example.subject == SUBJECT
    assert (example.before.effect, example.after.effect) == (Effect.MASK, Effect.BLOCK)
    assert example.after.rules == ("block-email",)


def test_a_policy_that_only_observes_changes_nothing_beyond_flags() -> None:
    result = compared(policy(), blocking("EMAIL", mode=Mode.OBSERVE), [mail()])

    assert result.effects == {(Effect.ALLOW, Effect.FLAG): 1}
    assert result.types == {(Category.PII, "EMAIL"): Difference(before=0, after=1)}


def test_an_equal_effect_for_another_finding_is_a_change() -> None:
    before = masking("EMAIL")
    comparison = PolicyComparison()
    context = EvaluationContext(at=START)

    comparison.add(
        SUBJECT,
        [evaluate(before, [mail(0)], context)],
        [evaluate(before, [mail(9)], context)],
    )

    assert comparison.result().changed == 1


@given(POLICIES, st.lists(st.lists(st.builds(mail, st.integers(0, 9)), max_size=3), max_size=5))
def test_a_policy_does_not_differ_from_itself(
    same: Policy, exchanges: list[list[Candidate]]
) -> None:
    result = compared(same, same, *exchanges)

    assert result.exchanges == len(exchanges)
    assert result.changed == 0
    assert result.examples == ()
    assert all(one.before == one.after for one in result.types.values())
    assert all(was is becomes for was, becomes in result.effects)


@given(POLICIES, POLICIES)
def test_swapping_the_policies_swaps_the_numbers(one: Policy, other: Policy) -> None:
    forward, backward = compared(one, other, [mail()]), compared(other, one, [mail()])

    assert forward.changed == backward.changed
    assert forward.effects == {(b, a): n for (a, b), n in backward.effects.items()}
    assert forward.rules == {
        name: Difference(before=it.after, after=it.before) for name, it in backward.rules.items()
    }


def test_examples_are_bounded() -> None:
    result = compared(policy(), blocking(), *([mail()] for _ in range(MAX_EXAMPLES + 1)))

    assert result.changed == MAX_EXAMPLES + 1
    assert len(result.examples) == MAX_EXAMPLES

"""Texts against a draft: what the gateway would do about each."""

import pytest

from application.gateway.policy_trial import MOST_TEXTS, Trial, TriedText
from domain.errors import InvalidValue
from domain.policy.rule import Direction, Effect, Mode, Policy, PolicyException
from tests.fakes.clock import START
from tests.fakes.deployment import Customer
from tests.fakes.detectors import AWS_KEY, MAIL, FlakyDetector
from tests.fakes.policies import blocking, masking, policy, rule


async def tried(acme: Customer, draft: Policy, *texts: str, **fields: object) -> list[TriedText]:
    trial = Trial(texts=texts, **fields)  # type: ignore[arg-type]
    return list(await acme.deployment.policy_trial(acme.tenant.id, draft, trial))


async def test_each_text_is_judged_by_itself(acme: Customer) -> None:
    draft = policy(
        rule(Effect.BLOCK, types=frozenset({"CLOUD_KEY"})),
        rule(Effect.MASK, types=frozenset({"EMAIL"})),
    )

    blocked, masked, passed = await tried(acme, draft, AWS_KEY, f"to {MAIL}", "hello")

    assert (blocked.decision.enforced, blocked.passed) == (Effect.BLOCK, None)
    assert (masked.decision.enforced, masked.passed) == (Effect.MASK, "to [EMAIL]")
    assert masked.decision.rules == ("mask-email",)
    assert (passed.decision.enforced, passed.passed) == (Effect.ALLOW, "hello")


async def test_policy_that_observes_lets_everything_pass(acme: Customer) -> None:
    (outcome,) = await tried(acme, blocking(mode=Mode.OBSERVE), MAIL)

    assert (outcome.decision.effect, outcome.decision.enforced) == (Effect.BLOCK, Effect.FLAG)
    assert outcome.passed == MAIL


async def test_direction_key_and_model_are_what_rules_are_asked_about(acme: Customer) -> None:
    answers_only = policy(rule(Effect.BLOCK, directions=frozenset({Direction.RESPONSE})))

    (request,) = await tried(acme, answers_only, MAIL)
    (answer,) = await tried(acme, answers_only, MAIL, direction=Direction.RESPONSE)

    assert request.decision.effect is Effect.ALLOW
    assert answer.decision.effect is Effect.BLOCK


async def test_detector_that_is_away_is_named(acme: Customer) -> None:
    flaky = FlakyDetector(is_away=True)
    acme.deployment.detectors = [flaky]

    (outcome,) = await tried(acme, blocking(), MAIL)

    assert outcome.missing == (flaky.name,)


async def test_bad_pattern_is_refused_with_its_place(acme: Customer) -> None:
    exception = PolicyException(id="x", reason="x", expires=START, pattern="(")

    with pytest.raises(InvalidValue) as caught:
        await tried(acme, masking(exceptions=(exception,)), "x")

    assert caught.value.field == "policy.exceptions[0].pattern"


@pytest.mark.parametrize("texts", [(), ("x",) * (MOST_TEXTS + 1), ("x" * 262_145,)])
def test_texts_are_bounded(texts: tuple[str, ...]) -> None:
    with pytest.raises(InvalidValue) as caught:
        Trial(texts=texts)

    assert caught.value.field == "texts"

"""Limits of a key: who is let in, what it costs, and what is given back."""

import asyncio
import re
from collections.abc import Mapping
from contextlib import suppress

import pytest

from adapters.in_process.rate_limiter import InProcessRateLimiter
from application.gateway.detect import DetectCommand
from application.gateway.relay import ContentBlocked
from application.ports.limits import AdmissionRefused, LimitsUndecided
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from domain.api_key import KeyLimits
from domain.detection.taxonomy import Category
from domain.errors import Unavailable
from domain.rate_limit import LimitKind
from tests.adapters.redis.keepers import HASTY, keepers
from tests.counterpart_servers import free_port
from tests.fakes.deployment import PRICE, Customer, Deployment
from tests.fakes.detectors import AWS_KEY, CARD, FlakyDetector, KeywordDetector
from tests.fakes.model_providers import completion

COST = PRICE.cost(input_tokens=10, output_tokens=5).nano


async def refusal_of(customer: Customer, text: str = "hello", **fields: object) -> AdmissionRefused:
    with pytest.raises(AdmissionRefused) as refusal:
        await customer.chat(text, model="scripted", **fields)
    return refusal.value


def counted(deployment: Deployment) -> dict[tuple[str, ...], float]:
    """Return how often limits decided, by limit, mode and result."""
    series = re.compile(
        r'trueport_ratelimit_decisions_total{limit="(.*)",mode="(.*)",result="(.*)"} (.+)'
    )
    found = series.findall(deployment.telemetry.render().decode())
    return {tuple(labels): float(number) for *labels, number in found}


async def test_requests_of_a_minute_are_counted_and_come_back(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(requests_per_minute=2))
    first = await customer.chat("one")
    second = await customer.chat("two")

    refused = await refusal_of(customer)
    deployment.clock.advance(refused.retry_after)
    await customer.chat("three")

    window = first.passed.windows[LimitKind.REQUESTS]
    assert (window.limit, window.remaining) == (2, 1)
    assert second.passed.windows[LimitKind.REQUESTS].remaining == 0
    assert refused.kind is LimitKind.REQUESTS
    assert 0 < refused.retry_after <= 60
    assert refused.windows[LimitKind.REQUESTS].remaining == 0


async def test_decisions_are_counted_with_the_limit_that_refused(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(requests_per_minute=1))
    await customer.chat("one")

    await refusal_of(customer)

    assert counted(deployment) == {
        ("", "exact", "admitted"): 1,
        ("requests", "exact", "refused"): 1,
    }


@pytest.mark.parametrize(
    ("limits", "decisions"),
    [
        (
            KeyLimits(requests_per_minute=1),
            {("", "open", "admitted"): 1, ("requests", "open", "refused"): 1},
        ),
        (KeyLimits(budget_per_day_nano=1), {("", "closed", "refused"): 2}),
        (KeyLimits(), {("", "exact", "admitted"): 2}),
    ],
)
async def test_decisions_say_how_they_were_made_while_redis_is_away(
    deployment: Deployment, limits: KeyLimits, decisions: Mapping[tuple[str, ...], float]
) -> None:
    one = keepers(f"redis://127.0.0.1:{free_port()}", HASTY)
    deployment.limiter = one.limiter
    customer = await deployment.customer(limits=limits)

    for _ in range(2):
        with suppress(AdmissionRefused, LimitsUndecided):
            await customer.chat("hello")

    await one.presence.close()
    assert counted(deployment) == decisions


async def test_refused_request_is_not_recorded(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(requests_per_minute=1))
    await customer.chat("one")

    await refusal_of(customer)

    assert len(await deployment.records()) == 1
    assert deployment.provider.calls == []


async def test_tokens_are_settled_by_what_was_used(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(tokens_per_minute=1000))

    first = await customer.chat("hello", model="scripted", max_tokens=900)
    second = await customer.chat("hello", model="scripted", max_tokens=900)

    assert first.passed.windows[LimitKind.TOKENS].remaining == 1000 - 2 - 900
    assert second.passed.windows[LimitKind.TOKENS].remaining == 1000 - 15 - 2 - 900


async def test_request_that_asks_for_more_tokens_than_a_minute_has_is_refused(
    deployment: Deployment,
) -> None:
    customer = await deployment.customer(limits=KeyLimits(tokens_per_minute=100))

    refused = await refusal_of(customer, max_tokens=101)

    assert refused.kind is LimitKind.TOKENS
    assert "101" not in refused.message or "tokens" in refused.message


async def test_answer_of_unstated_length_reserves_something(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(tokens_per_minute=1000))

    answer = await customer.chat("hello", model="scripted")

    assert answer.passed.windows[LimitKind.TOKENS].remaining == 1000 - 2 - 256


async def test_places_are_limited_and_given_back(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(concurrent=1))
    running = await customer.stream("one")

    refused = await refusal_of(customer)
    await running.aclose()
    await customer.chat("two")

    assert refused.kind is LimitKind.CONCURRENT


@pytest.mark.parametrize(
    ("limits", "kind"),
    [
        (KeyLimits(budget_per_day_nano=COST), LimitKind.BUDGET_DAY),
        (KeyLimits(budget_per_month_nano=COST), LimitKind.BUDGET_MONTH),
    ],
)
async def test_budget_is_charged_what_the_answer_cost(
    deployment: Deployment, limits: KeyLimits, kind: LimitKind
) -> None:
    customer = await deployment.customer(limits=limits)
    await customer.chat("hello", model="scripted", max_tokens=1)

    refused = await refusal_of(customer, max_tokens=1)

    assert refused.kind is kind
    assert refused.windows[kind].remaining == 0


async def test_budget_of_a_day_comes_back_on_the_next(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(budget_per_day_nano=COST))
    await customer.chat("hello", model="scripted", max_tokens=1)
    refused = await refusal_of(customer, max_tokens=1)

    deployment.clock.advance(refused.retry_after)

    await customer.chat("hello", model="scripted", max_tokens=1)


async def test_budget_begins_with_what_the_store_says_was_spent(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(budget_per_day_nano=COST))
    await customer.chat("hello", model="scripted", max_tokens=1)
    await deployment.ship()

    # Another instance, or this one after a restart, knows of nothing but the store.
    deployment.limiter = InProcessRateLimiter(
        reader=deployment.reader, clock=deployment.clock, ids=deployment.ids
    )
    refused = await refusal_of(customer, max_tokens=1)

    assert refused.kind is LimitKind.BUDGET_DAY


@pytest.mark.parametrize(
    "trouble",
    [
        UpstreamUnavailable("scripted", "away", status=503),
        UpstreamRefused(status=400, body={}, retry_after=None),
    ],
)
async def test_failed_call_gives_tokens_and_money_back(
    deployment: Deployment, trouble: UpstreamRefused | UpstreamUnavailable
) -> None:
    customer = await deployment.customer(
        limits=KeyLimits(tokens_per_minute=1000, budget_per_day_nano=10 * COST, concurrent=1)
    )
    deployment.provider.before = [trouble]
    with pytest.raises(type(trouble)):
        await customer.chat("hello", model="scripted", max_tokens=1)

    answer = await customer.chat("hello", model="scripted", max_tokens=1)

    windows = answer.passed.windows
    reserved = PRICE.cost(input_tokens=2, output_tokens=1).nano
    assert windows[LimitKind.TOKENS].remaining == 1000 - 3
    assert windows[LimitKind.BUDGET_DAY].remaining == 10 * COST - reserved


async def test_blocked_request_gives_tokens_and_place_back(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(tokens_per_minute=1000, concurrent=1))
    with pytest.raises(ContentBlocked):
        await customer.chat(AWS_KEY, max_tokens=1)

    answer = await customer.chat("hello", max_tokens=1)

    assert answer.passed.windows[LimitKind.TOKENS].remaining == 1000 - 3


async def test_cancelled_request_gives_its_place_back(deployment: Deployment) -> None:
    detector = FlakyDetector()
    detector.gate.clear()
    deployment.detectors = [detector]
    customer = await deployment.customer(limits=KeyLimits(concurrent=1))
    asked = asyncio.ensure_future(customer.chat("hello"))
    await asyncio.sleep(0.01)

    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked

    detector.gate.set()
    await customer.chat("hello")


async def test_upstream_without_a_price_costs_nothing(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(budget_per_day_nano=1))
    await customer.connect("free", "free", price=None)

    await customer.chat("hello", model="free")
    await customer.chat("hello", model="free")

    record = (await deployment.records())[-1]
    assert record["cost"] is None


async def test_upstream_that_counts_nonsense_is_estimated(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = completion(
        "fine", usage={"prompt_tokens": -5, "completion_tokens": "many"}
    )

    await acme.chat("hello", model="scripted")

    (record,) = await deployment.records()
    assert record["tokens"] == {"input": 2, "output": 1, "estimated": True}


async def test_detection_is_limited_like_a_chat(deployment: Deployment) -> None:
    customer = await deployment.customer(
        limits=KeyLimits(requests_per_minute=1, tokens_per_minute=100)
    )
    command = DetectCommand(authorization=customer.authorization, texts=[f"x {CARD}", ""])

    result = await deployment.detect(command)
    with pytest.raises(AdmissionRefused):
        await deployment.detect(command)

    first, second = result.detections
    assert [finding.type for finding in first.findings] == ["CREDIT_CARD"]
    assert second.findings == ()
    assert result.windows[LimitKind.TOKENS].remaining == 100 - 6
    assert await deployment.records() == []


async def test_detection_looks_for_the_categories_asked_for(
    deployment: Deployment, acme: Customer
) -> None:
    command = DetectCommand(
        authorization=acme.authorization,
        texts=[f"{CARD} {AWS_KEY}"],
        categories=frozenset({Category.SECRETS}),
    )

    (detection,) = (await deployment.detect(command)).detections

    assert [finding.type for finding in detection.findings] == ["CLOUD_KEY"]
    assert set(detection.scores) == {Category.SECRETS}


async def test_partial_detection_is_no_answer(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(concurrent=1))
    deployment.detectors = [KeywordDetector(), FlakyDetector(is_away=True)]
    command = DetectCommand(authorization=customer.authorization, texts=["hello"])

    for _ in range(2):
        with pytest.raises(Unavailable):
            await deployment.detect(command)

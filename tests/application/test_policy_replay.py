"""A draft over stored records: what would have been different."""

from dataclasses import replace
from datetime import timedelta

import pytest

from application.analytics.policy_replay import MOST_RECORDS, ReplayedPolicy
from application.gateway.audit_log import RecordQuery
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue
from domain.policy.rule import AuditContent, Effect, Policy, PolicyException
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, MAIL, KeywordDetector
from tests.fakes.policies import blocking, masking

pytestmark = pytest.mark.usefixtures("timely_ids")

HOUR = timedelta(hours=1)
TODAY = RecordQuery(since=START - HOUR, until=START + 12 * HOUR)


async def replayed(
    customer: Customer, draft: Policy, query: RecordQuery = TODAY, *, limit: int = 1000
) -> ReplayedPolicy:
    await customer.deployment.ship()
    return await customer.deployment.policy_replay(customer.tenant, draft, query, limit=limit)


def pattern(expression: str, **fields: object) -> PolicyException:
    return PolicyException(
        id="known",
        reason="ours",
        expires=START + 24 * HOUR,
        pattern=expression,
        **fields,  # type: ignore[arg-type]
    )


async def test_what_a_stricter_draft_would_stop_is_reported(deployment: Deployment) -> None:
    acme = await deployment.customer("acme", policy=masking("EMAIL"))
    await acme.chat(f"write to {MAIL}", model="echo")
    await acme.chat("hello")
    deployment.clock.advance(10)
    await acme.chat(f"card {CARD}")

    report = await replayed(acme, blocking("EMAIL", "CREDIT_CARD"))

    result = report.comparison
    assert (result.exchanges, result.changed) == (3, 2)
    assert result.effects == {
        (Effect.MASK, Effect.BLOCK): 1,
        (Effect.ALLOW, Effect.BLOCK): 1,
        (Effect.ALLOW, Effect.ALLOW): 1,
    }
    assert result.types[Category.PII, "CREDIT_CARD"].before == 0
    assert result.types[Category.PII, "CREDIT_CARD"].after >= 1
    assert result.rules["mask-email"].after == 0
    assert (report.first, report.last) == (START, START + timedelta(seconds=10))
    assert report.is_complete
    assert (report.without_text, report.skipped, report.unreadable) == (0, 0, ())
    assert MAIL not in repr(report)
    assert CARD not in repr(report)


async def test_policy_of_then_changes_nothing(deployment: Deployment) -> None:
    same = masking("EMAIL", exceptions=(pattern(".*@example[.]net"),))
    acme = await deployment.customer("acme", policy=same)
    await acme.chat(f"write to {MAIL}")

    report = await replayed(acme, same)

    assert report.comparison.exchanges == 1
    assert report.comparison.changed == 0


async def test_exception_by_pattern_is_tried_on_the_texts(deployment: Deployment) -> None:
    acme = await deployment.customer("acme", policy=blocking("EMAIL"))
    with pytest.raises(Exception, match="policy"):
        await acme.chat(f"write to {MAIL}")

    report = await replayed(acme, blocking("EMAIL", exceptions=(pattern(".*"),)))

    assert report.comparison.effects == {(Effect.BLOCK, Effect.ALLOW): 1}


async def test_findings_of_todays_detectors_count_for_both(deployment: Deployment) -> None:
    deployment.detectors = [KeywordDetector({})]
    acme = await deployment.customer("acme", policy=masking("EMAIL"))
    await acme.chat(f"write to {MAIL}")
    deployment.detectors = [KeywordDetector(version="2")]

    report = await replayed(acme, masking("EMAIL"))

    assert report.comparison.changed == 0
    difference = report.comparison.types[Category.PII, "EMAIL"]
    assert difference.before == difference.after >= 1


@pytest.mark.parametrize("content", [AuditContent.MASKED, AuditContent.NONE])
async def test_records_without_their_texts_are_judged_by_what_was_recorded(
    deployment: Deployment, content: AuditContent
) -> None:
    acme = await deployment.customer("acme", policy=masking("EMAIL", audit_content=content))
    await acme.chat(f"write to {MAIL}")

    report = await replayed(acme, blocking("EMAIL"))

    assert report.without_text == 1
    assert report.comparison.effects == {(Effect.MASK, Effect.BLOCK): 1}


async def test_newest_records_are_replayed_up_to_the_limit(acme: Customer) -> None:
    for number in range(3):
        await acme.chat(f"message {number}")
        await acme.deployment.ship()
        acme.deployment.clock.advance(3600)

    some = await replayed(acme, blocking(), limit=2)
    all_of_them = await replayed(acme, blocking(), limit=3)

    assert (some.comparison.exchanges, some.is_complete) == (2, False)
    assert (some.first, some.last) == (START + HOUR, START + 2 * HOUR)
    assert (all_of_them.comparison.exchanges, all_of_them.is_complete) == (3, True)


async def test_only_the_period_key_and_model_asked_for_are_replayed(acme: Customer) -> None:
    await acme.chat("hello")

    other_key = await replayed(acme, blocking(), replace(TODAY, key_id="key_other"))
    same_key = await replayed(acme, blocking(), replace(TODAY, key_id=acme.issued.key.id))
    later = await replayed(acme, blocking(), replace(TODAY, since=START + HOUR))

    assert other_key.comparison.exchanges == 0
    assert same_key.comparison.exchanges == 1
    assert (later.comparison.exchanges, later.first) == (0, None)


async def test_replay_that_takes_too_long_says_that_it_is_not_complete(acme: Customer) -> None:
    await acme.chat("hello")
    acme.deployment.deadline = -1

    report = await replayed(acme, blocking())

    assert not report.is_complete
    assert report.comparison.exchanges == 0


async def test_damaged_object_is_named(acme: Customer) -> None:
    await acme.chat("hello")
    await acme.deployment.ship()
    (item,) = await acme.objects()
    storage = acme.deployment.storages.of(acme.tenant.storage)
    await storage.delete(item.key)
    await storage.create(item.key, b"\x1f\x8b damaged", content_type="application/x-ndjson+gzip")

    report = await replayed(acme, blocking())

    assert report.unreadable == (item.key,)


async def test_draft_with_a_bad_pattern_or_a_wild_limit_is_refused(acme: Customer) -> None:
    with pytest.raises(InvalidValue) as bad_pattern:
        await replayed(acme, masking(exceptions=(pattern("(?=a)"),)))
    with pytest.raises(InvalidValue) as bad_limit:
        await replayed(acme, masking(), limit=MOST_RECORDS + 1)

    assert bad_pattern.value.field == "policy.exceptions[0].pattern"
    assert bad_limit.value.field == "limit"


async def test_replay_stores_nothing(acme: Customer) -> None:
    await acme.chat(f"write to {MAIL}")
    await acme.deployment.ship()
    before = await acme.violations()

    await replayed(acme, blocking())

    assert await acme.violations() == before

"""After the fact: the same violations once, what was missed in line, and jobs that go wrong."""

import gzip
import json
from dataclasses import replace
from typing import Any

import pytest

from application.analytics.accept_event import Acceptance
from application.audit_objects import UnpackLimits, pack
from application.gateway.relay import ContentBlocked
from domain.audit import AuditRecord, ChainHead, chain
from domain.detection.taxonomy import Category
from domain.job import Job, JobState, ObjectRef
from domain.policy.rule import AuditContent
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import AWS_KEY, CARD, INSULT, MAIL, FlakyDetector, KeywordDetector
from tests.fakes.model_providers import chunk, completion, text_chunks
from tests.fakes.policies import masking


async def violations_of(customer: Customer) -> list[tuple[str, str]]:
    """Return (part, type) of every violation."""
    return sorted((one.part, one.type) for one in await customer.violations())


async def only_job(deployment: Deployment) -> Job:
    (job,) = await deployment.store.job_records.all()
    return job


async def announce(customer: Customer, data: bytes, *, ulid: str = "01x") -> Acceptance:
    """Put an object into the customer's bucket as another writer would, and announce it."""
    key = f"audit/v1/dt=2026-11-24/hr=02/otherone-{ulid}.jsonl.gz"
    settings = customer.tenant.storage
    await customer.deployment.storages.of(settings).create(key, data, content_type="x")
    ref = ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    return await customer.deployment.accept_event(ref)


async def a_line(customer: Customer, **changes: Any) -> bytes:
    """Return the line of a record whose request holds a card number."""
    await customer.chat(f"card {CARD}", model="scripted")
    document = (await customer.deployment.records())[-1]
    record = replace(AuditRecord.from_document(document), **changes)
    return chain(record, ChainHead()).line


async def test_in_line_and_afterwards_the_violations_are_the_same(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = completion(f"mail {MAIL} {INSULT}")
    await acme.chat(f"card {CARD}", model="scripted")
    with pytest.raises(ContentBlocked):
        await acme.chat(AWS_KEY)
    (in_line, blocked) = [
        one["decision"]["violations"]  # type: ignore[index]
        for one in await deployment.records()
    ]

    await deployment.ship()
    before = {one.id for one in await acme.violations()}
    tried = await deployment.analyse_all()
    after = {one.id for one in await acme.violations()}

    assert tried == 1
    assert before == after == {*in_line, *blocked}
    assert (await only_job(deployment)).state is JobState.DONE


async def test_streamed_violations_are_the_same_afterwards(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.chunks = [
        *text_chunks("quiet words " * 20, CARD[:7], CARD[7:], " " * 200, MAIL)[:-1],
        chunk({"tool_calls": [{"index": 4, "function": {"name": "f", "arguments": CARD}}]}),
        chunk({}, finish_reason="stop"),
    ]
    answer = await acme.stream("hello", model="scripted")
    async for _ in answer.chunks:
        pass
    await answer.aclose()

    await deployment.ship()
    before = await violations_of(acme)
    await deployment.analyse_all()

    assert before == await violations_of(acme)
    assert [entity_type for _, entity_type in before] == ["CREDIT_CARD", "EMAIL", "CREDIT_CARD"]


@pytest.mark.parametrize("chunks_read", [0, 1, 3, 1000])
async def test_stopped_and_abandoned_streams_give_each_violation_once(
    deployment: Deployment, acme: Customer, chunks_read: int
) -> None:
    deployment.provider.chunks = text_chunks(
        CARD, "quiet words " * 30, AWS_KEY, "quiet words " * 30
    )
    deployment.stream_window = 32
    answer = await acme.stream("hello", model="scripted")
    for _ in range(chunks_read):
        await anext(answer.chunks, None)
    await answer.aclose()

    await deployment.ship()
    before = await violations_of(acme)
    await deployment.analyse_all()

    assert before == await violations_of(acme)


async def test_detector_that_was_away_in_line_is_heard_afterwards(
    deployment: Deployment, acme: Customer
) -> None:
    late = FlakyDetector({INSULT: (Category.TOXICITY, "INSULT")}, is_away=True)
    deployment.detectors = [KeywordDetector({CARD: (Category.PII, "CREDIT_CARD")}), late]
    await acme.chat(f"{INSULT}, card {CARD}", model="scripted")
    await deployment.ship()
    in_line = await violations_of(acme)

    late.is_away = False
    await deployment.analyse_all()

    assert in_line == [("request/messages/0/content", "CREDIT_CARD")]
    assert await violations_of(acme) == [*in_line, ("request/messages/0/content", "INSULT")]
    (insult,) = [one for one in await acme.violations() if one.type == "INSULT"]
    assert CARD not in insult.evidence
    assert insult.object_key == (await acme.objects())[0].key


async def test_detector_that_is_away_afterwards_leaves_the_job_for_later(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello")
    await deployment.ship()
    deployment.detectors = [FlakyDetector(is_away=True)]

    tried = await deployment.analyse_all()
    waiting = await only_job(deployment)
    deployment.detectors = [KeywordDetector()]
    deployment.clock.advance(10)
    await deployment.analyse_all()

    assert tried == 1
    assert (waiting.state, waiting.attempts) == (JobState.NEW, 0)
    assert "detector" in (waiting.last_error or "")
    assert (await only_job(deployment)).state is JobState.DONE


async def test_job_outlives_a_detector_that_is_away_for_an_hour(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello")
    await deployment.ship()
    deployment.detectors = [FlakyDetector(is_away=True)]

    for _ in range(50):
        await deployment.analyse_all()
        deployment.clock.advance(60)
    waiting = await only_job(deployment)
    for _ in range(15):
        await deployment.analyse_all()
        deployment.clock.advance(60)

    assert (waiting.state, waiting.attempts) == (JobState.NEW, 0)
    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert job.last_error == "unavailable: detectors did not answer: flaky"


async def test_job_that_keeps_failing_is_dead_with_its_reason(
    deployment: Deployment, acme: Customer
) -> None:
    settings = acme.tenant.storage
    key = "audit/v1/dt=2026-11-24/hr=02/otherone-01x.jsonl.gz"
    await deployment.accept_event(
        ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    )

    for _ in range(5):
        await deployment.analyse_all()
        deployment.clock.advance(10)

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert (job.last_error or "").startswith("storage.not_found")


async def test_afterwards_the_policy_of_the_time_judges(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.add_policy(masking("EMAIL"))
    late = FlakyDetector(is_away=True)
    deployment.detectors = [late]
    await acme.chat(f"{CARD} {MAIL}", model="scripted")
    deployment.clock.advance(60)
    await acme.add_policy(masking("CREDIT_CARD"))
    await deployment.ship()

    late.is_away = False
    await deployment.analyse_all()

    (violation,) = await acme.violations()
    assert (violation.type, violation.policy_rules) == ("EMAIL", ("mask-email",))


@pytest.mark.parametrize("content", [AuditContent.MASKED, AuditContent.NONE])
async def test_recorded_findings_stand_where_no_full_text_is_kept(
    deployment: Deployment, content: AuditContent
) -> None:
    customer = await deployment.customer(policy=masking(audit_content=content))
    await customer.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    in_line = await violations_of(customer)
    detector = KeywordDetector({"card": (Category.TOXICITY, "INSULT")})
    deployment.detectors = [detector]

    await deployment.analyse_all()

    assert await violations_of(customer) == in_line
    assert detector.texts == []
    assert (await only_job(deployment)).state is JobState.DONE


async def test_the_same_object_twice_is_one_job(deployment: Deployment, acme: Customer) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    (item,) = await acme.objects()
    settings = acme.tenant.storage
    ref = ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=item.key)

    again = await deployment.accept_event(ref)
    await deployment.analyse_all()
    after = await deployment.accept_event(ref)

    assert (again, after) == (Acceptance.DUPLICATE, Acceptance.DUPLICATE)
    assert len(await deployment.store.job_records.all()) == 1


@pytest.mark.parametrize(
    "ref",
    [
        ObjectRef(
            provider="LOCAL", bucket="nobody-audit-logs", key="audit/v1/dt=1/hr=1/a-1.jsonl.gz"
        ),
        ObjectRef(provider="LOCAL", bucket="acme-audit-logs", key="audit/v1/anchors/dt=1/a-1.json"),
        ObjectRef(provider="LOCAL", bucket="acme-audit-logs", key="other/file.bin"),
        ObjectRef(provider="S3", bucket="acme-audit-logs", key="audit/v1/dt=1/hr=1/a-1.jsonl.gz"),
    ],
)
async def test_event_about_anything_else_is_ignored(
    deployment: Deployment, acme: Customer, ref: ObjectRef
) -> None:
    assert await deployment.accept_event(ref) is Acceptance.IGNORED
    assert await deployment.store.job_records.all() == []


async def test_object_with_records_of_another_tenant_is_dead(
    deployment: Deployment, acme: Customer
) -> None:
    globex = await deployment.customer("globex")
    line = await a_line(globex)

    await announce(acme, pack([line]))
    await deployment.analyse_all()

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.DEAD, 1)
    assert (job.last_error or "").startswith("object.wrong_tenant")
    assert await acme.violations() == await globex.violations() == []


def bomb() -> bytes:
    return gzip.compress(b" " * (4 * 1024 * 1024))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (bomb(), "suspiciously much"),
        (pack([b"{}" * 1000])[:-10], "cut off"),
        (b"\x1f\x8b" + b"x" * 100, "damaged"),
        (b"x" * (2 * 1024 * 1024), "more than the limit"),
    ],
)
async def test_object_that_will_never_be_readable_is_dead_at_once(
    deployment: Deployment, acme: Customer, data: bytes, reason: str
) -> None:
    deployment.unpack_limits = UnpackLimits(
        size=8 * 1024 * 1024 if reason != "more than the limit" else 1024 * 1024,
        ratio=200,
        floor=64 * 1024,
    )

    await announce(acme, data)
    await deployment.analyse_all()

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.DEAD, 1)
    assert reason in (job.last_error or "")


async def test_line_that_cannot_be_read_is_skipped_and_the_rest_analysed(
    deployment: Deployment, acme: Customer
) -> None:
    line = await a_line(acme)
    document = json.loads(line)
    strange_finding = {**document, "findings": [{"category": "astrology"}]}
    other_schema = {**document, "schema": 2}

    await announce(
        acme,
        pack(
            [
                b"{broken",
                b"[]",
                b"",
                b"\xff\xfe",
                json.dumps(strange_finding).encode(),
                json.dumps(other_schema).encode(),
                line,
            ]
        ),
    )
    await deployment.analyse_all()

    assert (await only_job(deployment)).state is JobState.DONE
    assert await violations_of(acme) == [("request/messages/0/content", "CREDIT_CARD")]


async def test_object_that_is_not_compressed_is_read(
    deployment: Deployment, acme: Customer
) -> None:
    await announce(acme, await a_line(acme) + b"\n")
    await deployment.analyse_all()

    assert len(await acme.violations()) == 1


async def test_object_that_is_not_there_is_tried_again(
    deployment: Deployment, acme: Customer
) -> None:
    settings = acme.tenant.storage
    key = "audit/v1/dt=2026-11-24/hr=02/otherone-01x.jsonl.gz"
    await deployment.accept_event(
        ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    )

    await deployment.analyse_all()

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.NEW, 1)
    assert (job.last_error or "").startswith("storage.not_found")


async def test_many_records_are_analysed_in_batches(deployment: Deployment, acme: Customer) -> None:
    for number in range(40):
        await acme.chat(f"{number} {CARD}", model="scripted")
    await deployment.ship()

    await deployment.analyse_all()

    assert len(await acme.violations()) == 40


async def test_worker_without_work_says_so(deployment: Deployment) -> None:
    assert await deployment.worker() is False

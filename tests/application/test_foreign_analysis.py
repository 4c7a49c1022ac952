"""Objects beyond our own records: foreign logs, long texts, portions, damage, missing detectors."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from application.analytics import analyse
from application.analytics.accept_event import Acceptance
from application.audit_objects import pack
from application.ports.detector import DetectorText
from domain.audit import AuditRecord, ChainHead, chain
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from domain.errors import Refused
from domain.job import Job, JobState, ObjectRef
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, INSULT, MAIL, FlakyDetector, KeywordDetector
from tests.fakes.policies import masking


async def put(customer: Customer, key: str, data: bytes) -> Acceptance:
    """Store an object as another writer would, and announce it."""
    settings = customer.tenant.storage
    await customer.deployment.storages.of(settings).create(key, data, content_type="x")
    return await customer.deployment.accept_event(
        ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
    )


def chat_line(text: str, **fields: object) -> bytes:
    return json.dumps({"messages": [{"role": "user", "content": text}], **fields}).encode()


async def only_job(deployment: Deployment) -> Job:
    (job,) = await deployment.store.job_records.all()
    return job


async def found(customer: Customer) -> list[tuple[str, str]]:
    return sorted((one.part, one.type) for one in await customer.violations())


async def test_chat_log_of_another_gateway_is_analysed(
    deployment: Deployment, acme: Customer
) -> None:
    lines = b"\n".join([chat_line(f"card {CARD}", id="their-1"), chat_line("hello")])

    accepted = await put(acme, "litellm/2026-11-24/a.jsonl.gz", gzip.compress(lines))
    await deployment.analyse_all()

    (violation,) = await acme.violations()
    assert accepted is Acceptance.ACCEPTED
    assert (violation.record_id, violation.part) == ("their-1", "request/messages/0/content")
    assert violation.object_key == "litellm/2026-11-24/a.jsonl.gz"
    assert violation.policy_version == "pol_starter@0"
    assert CARD not in violation.evidence
    assert (await only_job(deployment)).state is JobState.DONE


async def test_foreign_record_is_judged_by_the_tenants_policy(
    deployment: Deployment, acme: Customer
) -> None:
    reference = await acme.add_policy(masking("EMAIL"))

    await put(acme, "a.jsonl", chat_line(f"{CARD} {MAIL}", created=1_000_000_000))
    await deployment.analyse_all()

    (violation,) = await acme.violations()
    assert (violation.type, violation.policy_version) == ("EMAIL", reference)


async def test_plain_text_is_analysed(deployment: Deployment, acme: Customer) -> None:
    await put(acme, "notes/today.txt", f"hello\n\npay with {CARD}\n".encode())
    await deployment.analyse_all()

    assert await found(acme) == [("lines/3", "CREDIT_CARD")]


async def test_broken_lines_are_in_the_note_of_the_job_and_never_their_text(
    deployment: Deployment, acme: Customer
) -> None:
    await put(acme, "a.jsonl", b"\n".join([chat_line(CARD), b"{secret broken", chat_line(MAIL)]))
    await deployment.analyse_all()

    job = await only_job(deployment)
    assert (job.state, job.note) == (JobState.DONE, "1 lines could not be read: 2")
    assert len(await acme.violations()) == 2


async def test_object_in_which_nothing_can_be_read_is_dead_with_its_reason(
    deployment: Deployment, acme: Customer
) -> None:
    await put(acme, "a.jsonl", b'{"metrics": 1}\n{"metrics": 2}')
    await deployment.analyse_all()

    job = await only_job(deployment)
    assert (job.state, job.attempts) == (JobState.DEAD, 1)
    assert job.last_error == (
        "object.unreadable: nothing in the object can be read: 2 lines could not be read: 1, 2"
    )


async def test_million_characters_in_one_message_are_read_in_windows(
    deployment: Deployment, acme: Customer
) -> None:
    detector = KeywordDetector()
    deployment.detectors = [detector]
    filler = "quiet words " * 6_000
    text = filler.join(["", CARD, MAIL, ""]) + filler * 12 + CARD

    await put(acme, "a.jsonl", chat_line(text))
    await deployment.analyse_all()

    violations = sorted(await acme.violations(), key=lambda one: one.span)
    assert [(one.type, text[one.span.start : one.span.end]) for one in violations] == [
        ("CREDIT_CARD", CARD),
        ("EMAIL", MAIL),
        ("CREDIT_CARD", CARD),
    ]
    assert len(text) > 1_000_000
    assert max(len(one.text) for one in detector.texts) <= 65_536


class CallSizes(KeywordDetector):
    """Remember how many texts came in each call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[int] = []

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        self.calls.append(len(texts))
        return await super().detect(texts)


async def test_texts_of_many_records_go_through_the_detectors_together(
    deployment: Deployment, acme: Customer
) -> None:
    detector = CallSizes()
    deployment.detectors = [detector]

    await put(acme, "a.jsonl", b"\n".join(chat_line(f"{n} {CARD}") for n in range(300)))
    await deployment.analyse_all()

    assert len(await acme.violations()) == 300
    assert sum(detector.calls) == 300
    assert len(detector.calls) == 3


async def test_violations_are_stored_in_portions_and_each_is_told_once(
    deployment: Deployment, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyse, "FLUSH", 10)
    before = await deployment.store.outbox.pending()

    await put(acme, "a.jsonl", b"\n".join(chat_line(f"{n} {CARD}") for n in range(95)))
    await deployment.analyse_all()

    assert len(await acme.violations()) == 95
    assert await deployment.store.outbox.pending() - before == 10
    assert (await only_job(deployment)).state is JobState.DONE


async def test_job_that_was_cut_off_between_portions_doubles_nothing(
    deployment: Deployment, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyse, "FLUSH", 10)
    monkeypatch.setattr(analyse, "BATCH_RECORDS", 20)
    lines = [chat_line(f"{n} {CARD}") for n in range(60)]
    await put(acme, "a.jsonl.gz", gzip.compress(b"\n".join(lines)))
    late = LateDetector(calls=2)
    deployment.detectors = [late]

    with pytest.raises(ExceptionGroup):
        await deployment.worker()
    before = {one.id for one in await acme.violations()}
    deployment.clock.advance(121)
    await deployment.analyse_all()

    after = [one.id for one in await acme.violations()]
    assert 0 < len(before) < 60
    assert (len(after), len(set(after))) == (60, 60)
    assert before < set(after)


class Stopped(Exception):
    """The process ends here."""


class LateDetector(KeywordDetector):
    """End the process once, after some calls."""

    def __init__(self, calls: int) -> None:
        super().__init__()
        self._left = calls

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        self._left -= 1
        if self._left == -1:
            raise Stopped
        return await super().detect(texts)


async def test_worker_that_lost_its_lease_stores_no_further_portion(
    deployment: Deployment, acme: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(analyse, "FLUSH", 10)
    flaky = FlakyDetector()
    deployment.detectors = [flaky]
    await put(acme, "a.jsonl", b"\n".join(chat_line(f"{n} {CARD}") for n in range(60)))
    job = await deployment.queue.lease(
        token="old", at=deployment.clock.now(), duration=timedelta(seconds=1)
    )
    assert job is not None
    deployment.clock.advance(2)
    await deployment.queue.lease(
        token="new", at=deployment.clock.now(), duration=timedelta(seconds=60)
    )

    with pytest.raises(Refused):
        await deployment.analyse(job)

    assert await acme.violations() == []


async def test_detector_that_is_away_is_named_and_heard_later_while_the_others_count(
    deployment: Deployment, acme: Customer
) -> None:
    cards = KeywordDetector({CARD: (Category.PII, "CREDIT_CARD")}, name="cards")
    insults = FlakyDetector({INSULT: (Category.TOXICITY, "INSULT")}, name="insults", is_away=True)
    deployment.detectors = [cards, insults]
    await put(acme, "a.jsonl", chat_line(f"{INSULT} {CARD}"))

    await deployment.analyse_all()
    meanwhile, during = await only_job(deployment), await found(acme)
    deployment.clock.advance(30)
    insults.is_away = False
    await deployment.analyse_all()

    part = "request/messages/0/content"
    assert (meanwhile.state, meanwhile.pending_detectors) == (JobState.NEW, ("insults",))
    assert meanwhile.last_error == "unavailable: detectors did not answer: insults"
    assert during == [(part, "CREDIT_CARD")]
    job = await only_job(deployment)
    assert (job.state, job.pending_detectors) == (JobState.DONE, ())
    assert await found(acme) == [*during, (part, "INSULT")]


async def test_detectors_that_are_away_in_turn_are_each_heard_in_the_end(
    deployment: Deployment, acme: Customer
) -> None:
    cards = FlakyDetector({CARD: (Category.PII, "CREDIT_CARD")}, name="cards", is_away=True)
    insults = FlakyDetector({INSULT: (Category.TOXICITY, "INSULT")}, name="insults")
    deployment.detectors = [cards, insults]
    await put(acme, "a.jsonl", chat_line(f"{INSULT} {CARD}"))
    await deployment.analyse_all()
    deployment.clock.advance(30)

    cards.is_away, insults.is_away = False, True
    await deployment.analyse_all()

    assert (await only_job(deployment)).state is JobState.DONE
    assert [entity for _, entity in await found(acme)] == ["CREDIT_CARD", "INSULT"]


async def test_detector_that_comes_back_and_draws_a_span_differently_doubles_nothing(
    deployment: Deployment, acme: Customer
) -> None:
    narrow = KeywordDetector({"4111 1111": (Category.PII, "CREDIT_CARD")}, name="narrow")
    wide = FlakyDetector({CARD: (Category.PII, "CREDIT_CARD")}, name="wide", is_away=True)
    deployment.detectors = [narrow, wide]
    await put(acme, "a.jsonl", chat_line(f"pay {CARD}"))
    await deployment.analyse_all()
    (before,) = await acme.violations()
    deployment.clock.advance(30)

    wide.is_away = False
    await deployment.analyse_all()

    assert await acme.violations() == [before]
    assert (await only_job(deployment)).state is JobState.DONE


async def audit_object(customer: Customer, damage: str = "") -> None:
    """Store and announce an audit object of three records, damaged as asked."""
    lines, head = [], ChainHead()
    for number in range(3):
        await customer.chat(f"{number} {CARD}", model="scripted")
    for document in await customer.deployment.records():
        chained = chain(replace(AuditRecord.from_document(document), findings=()), head)
        lines.append(chained.line)
        head = chained.head
    if damage == "changed":
        lines[1] = lines[1].replace(b'"latency_ms":', b'"latency_ms":1')
    if damage == "dropped":
        del lines[1]
    if damage == "broken":
        lines[1] = b"{broken"
    await put(customer, "audit/v1/dt=2026-11-24/hr=02/otherone-01x.jsonl.gz", pack(lines))


@pytest.mark.parametrize(("damage", "line"), [("changed", 2), ("dropped", 2), ("broken", 2)])
async def test_damaged_audit_object_is_noted_stored_and_its_records_are_analysed(
    deployment: Deployment, acme: Customer, damage: str, line: int
) -> None:
    await audit_object(acme, damage)
    await deployment.analyse_all()

    async with deployment.transactions() as uow:
        (broken,) = await uow.audit.damages(acme.tenant.id)
    job = await only_job(deployment)
    assert (broken.object_key, broken.line) == (job.object.key, line)
    assert job.state is JobState.DONE
    assert f"the audit chain is broken at line {line}: {broken.reason}" in job.note
    assert b"trueport_audit_damages_total 1.0" in deployment.telemetry.render()
    assert len(await acme.violations()) == (3 if damage == "changed" else 2)


async def test_whole_audit_object_has_no_damage(deployment: Deployment, acme: Customer) -> None:
    await audit_object(acme)
    await deployment.analyse_all()

    async with deployment.transactions() as uow:
        assert await uow.audit.damages(acme.tenant.id) == []
    assert (await only_job(deployment)).note == ""

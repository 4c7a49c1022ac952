"""Digests, held alerts, groups of the same value, and damage to the audit log by mail."""

from datetime import timedelta

import pytest

from domain.alert import MAX_ALERTS, AlertSettings
from domain.audit import AuditDamage
from domain.detection.taxonomy import Severity
from domain.errors import Unavailable
from domain.events import AuditDamaged
from domain.user import Email
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, INSULT
from tests.fakes.interruptions import FlakyMailer

ADA, BOB = Email("ada@alerts.example.com"), Email("bob@alerts.example.com")


@pytest.fixture
def mailer(deployment: Deployment) -> FlakyMailer:
    deployment.mailer = mailer = FlakyMailer(deployment.mailer)
    return mailer


async def tell(
    customer: Customer,
    *recipients: Email,
    immediate_from: Severity | None = Severity.HIGH,
    digest_every: timedelta | None = None,
) -> None:
    await customer.deployment.save_alerts(
        customer,
        AlertSettings(
            tenant_id=customer.tenant.id,
            recipients=recipients,
            immediate_from=immediate_from,
            digest_every=digest_every,
        ),
    )


async def relayed(deployment: Deployment) -> None:
    while await deployment.relay_outbox():
        pass


async def test_digest_tells_what_was_not_told_at_once(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA, BOB, digest_every=timedelta(hours=1))
    await deployment.schedule_digests()
    await acme.chat(f"{INSULT} {CARD}", model="scripted")
    await deployment.settle()
    at_once = list(mailer.sent)

    deployment.clock.advance(3600)
    due = await deployment.schedule_digests()
    again = await deployment.schedule_digests()
    await relayed(deployment)

    digests = mailer.sent[len(at_once) :]
    ids = {one.type: one.id for one in await acme.violations()}
    assert (due, again) == (1, 0)
    assert {mail.to for mail in digests} == {ADA, BOB}
    assert digests[0].subject == "[TruePort] digest: 1 violation in Acme"
    assert ids["INSULT"] in digests[0].text
    assert ids["CREDIT_CARD"] not in digests[0].text
    assert ids["CREDIT_CARD"] in at_once[0].text
    assert all("4111" not in mail.text + mail.html for mail in mailer.sent)


async def test_period_without_violations_sends_nothing(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA, digest_every=timedelta(hours=1))
    await deployment.schedule_digests()
    deployment.clock.advance(3600)

    await deployment.schedule_digests()
    await relayed(deployment)

    assert mailer.sent == []


async def test_digest_that_could_not_be_sent_comes_later_and_once(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA, immediate_from=None, digest_every=timedelta(hours=1))
    await deployment.schedule_digests()
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    deployment.clock.advance(3600)
    await deployment.schedule_digests()

    mailer.trouble = Unavailable("mail")
    await relayed(deployment)
    mailer.trouble = None
    deployment.clock.advance(60)
    await deployment.schedule_digests()
    await relayed(deployment)

    assert len(mailer.sent) == 1


async def test_one_bad_document_sends_no_flood_of_mails(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA)
    for _ in range(MAX_ALERTS + 28):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()
        deployment.clock.advance(1)
    at_once = len(mailer.sent)

    await deployment.schedule_digests()
    deployment.clock.advance(3600)
    await deployment.schedule_digests()
    await relayed(deployment)
    deployment.clock.advance(3600)
    await deployment.schedule_digests()
    await relayed(deployment)

    *_, last = mailer.sent
    told = [
        one.id for one in await acme.violations() if one.id in "".join(m.text for m in mailer.sent)
    ]
    assert at_once == MAX_ALERTS
    assert len(mailer.sent) == MAX_ALERTS + 1
    assert last.subject == "[TruePort] more alerts: 28 violations in Acme"
    assert "28, the same value from the same key" in last.text
    assert len(told) == MAX_ALERTS + 1
    assert b"trueport_alerts_held_total 28.0" in deployment.telemetry.render()


async def test_limit_of_one_tenant_holds_nothing_of_another(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    globex = await deployment.customer("globex")
    await tell(acme, ADA)
    await tell(globex, BOB)
    for _ in range(MAX_ALERTS + 1):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()

    await globex.chat(CARD, model="scripted")
    await deployment.settle()

    assert mailer.sent[-1].to == BOB


async def test_mail_that_is_tried_again_counts_once(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA)
    await acme.chat(CARD, model="scripted")
    mailer.trouble = Unavailable("mail")
    await deployment.settle()
    deployment.clock.advance(10)
    mailer.trouble = None
    await relayed(deployment)

    async with deployment.transactions() as uow:
        state = await uow.settings.alert_state(acme.tenant.id)

    assert (state.sent, len(mailer.sent)) == (1, 1)


async def test_the_same_value_many_times_is_one_line(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(acme, ADA)
    for _ in range(30):
        await acme.chat(CARD, model="scripted")
    await deployment.settle()

    (mail,) = mailer.sent
    listed = [one.id for one in await acme.violations() if one.id in mail.text]
    assert len(listed) == 1
    assert "30, the same value from the same key" in mail.text
    assert mail.subject.endswith("30 violations in Acme")


@pytest.mark.parametrize("immediate_from", [None, Severity.CRITICAL])
async def test_damage_to_the_audit_log_is_always_told(
    deployment: Deployment,
    acme: Customer,
    mailer: FlakyMailer,
    immediate_from: Severity | None,
) -> None:
    await tell(acme, ADA, immediate_from=immediate_from)
    damage = AuditDamage(
        object_key="audit/v1/dt=2026-11-24/hr=02/one-01x.jsonl.gz",
        line=7,
        reason="the record was changed",
        found_at=deployment.clock.now(),
    )
    async with deployment.transactions() as uow:
        await uow.audit.add_damages(acme.tenant.id, [damage])
        uow.record(AuditDamaged(tenant_id=acme.tenant.id, damage_ids=(damage.id,), breaks=3))
        await uow.commit()

    await relayed(deployment)

    (mail,) = mailer.sent
    assert mail.subject == "[TruePort] critical: the audit log of Acme is damaged"
    assert damage.object_key in mail.text
    assert "line 7: the record was changed" in mail.text
    assert "and 2 more" in mail.text
    assert damage.object_key in mail.html

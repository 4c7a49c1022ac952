"""Who is told, once, whatever happens on the way."""

from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest

from domain.alert import AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import ConcurrentUpdate, Refused, Unavailable
from domain.events import OutboxEntry
from domain.user import Email
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, INSULT, MAIL
from tests.fakes.interruptions import FlakyMailer

ADA, BOB = Email("ada@alerts.example.com"), Email("bob@alerts.example.com")


@pytest.fixture
def mailer(deployment: Deployment) -> FlakyMailer:
    deployment.mailer = mailer = FlakyMailer(deployment.mailer)
    return mailer


async def tell(
    deployment: Deployment,
    customer: Customer,
    *recipients: Email,
    immediate_from: Severity | None = Severity.HIGH,
) -> None:
    await deployment.save_alerts(
        customer,
        AlertSettings(
            tenant_id=customer.tenant.id, recipients=recipients, immediate_from=immediate_from
        ),
    )


def mails(deployment: Deployment) -> list[EmailMessage]:
    files = sorted((deployment.home / "outbox").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


async def test_each_recipient_gets_one_mail_for_one_event(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA, BOB)
    await acme.chat(f"cards {CARD} and mail {MAIL}", model="scripted")

    await deployment.settle()

    found = mails(deployment)
    assert sorted(mail["To"] for mail in found) == [ADA.value, BOB.value]
    assert len(mailer.sent) == 2
    assert await deployment.store.outbox.pending() == 0


async def test_mail_names_what_happened_and_holds_nothing_of_it(
    deployment: Deployment, acme: Customer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(f"my card is {CARD}", model="scripted")

    await deployment.settle()

    (mail,) = mails(deployment)
    (violation,) = await acme.violations()
    whole = mail.as_string()
    body = mail.get_body(("plain",))
    assert body is not None
    assert violation.id in body.get_content()
    assert "CREDIT_CARD" in body.get_content()
    assert CARD not in whole
    assert "4111" not in whole


async def test_analysis_afterwards_tells_nobody_twice(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(CARD, model="scripted")
    await deployment.ship()
    while await deployment.relay_outbox():
        pass

    await deployment.settle()

    assert len(mailer.sent) == 1


@pytest.mark.parametrize(
    ("recipients", "immediate_from", "count"),
    [
        ((), Severity.LOW, 0),
        ((ADA,), None, 0),
        ((ADA,), Severity.CRITICAL, 0),
        ((ADA,), Severity.HIGH, 1),
        ((ADA,), Severity.LOW, 1),
    ],
)
async def test_settings_say_who_is_told_of_what(
    *,
    deployment: Deployment,
    acme: Customer,
    mailer: FlakyMailer,
    recipients: tuple[Email, ...],
    immediate_from: Severity | None,
    count: int,
) -> None:
    await tell(deployment, acme, *recipients, immediate_from=immediate_from)
    await acme.chat(f"{CARD} {INSULT}", model="scripted")

    await deployment.settle()

    assert len(mailer.sent) == count
    assert await deployment.store.outbox.pending() == 0


async def test_mail_lists_only_what_is_severe_enough(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(f"{CARD} {INSULT}", model="scripted")

    await deployment.settle()

    (mail,) = mailer.sent
    ids = {one.type: one.id for one in await acme.violations()}
    assert ids["CREDIT_CARD"] in mail.text
    assert ids["INSULT"] not in mail.text


async def test_nobody_is_told_of_another_tenants_violations(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    globex = await deployment.customer("globex")
    await tell(deployment, acme, ADA)
    await tell(deployment, globex, BOB)
    await globex.chat(CARD, model="scripted")

    await deployment.settle()

    assert [mail.to for mail in mailer.sent] == [BOB]


async def test_mailer_that_was_away_is_tried_again(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(CARD, model="scripted")
    mailer.trouble = Unavailable("mail")
    await deployment.settle()
    waiting = await deployment.store.outbox.pending()

    mailer.trouble = None
    await deployment.relay_outbox()
    too_early = len(mailer.sent)
    deployment.clock.advance(10)
    await deployment.relay_outbox()

    assert (waiting, too_early) == (1, 0)
    assert len(mailer.sent) == 1
    assert await deployment.store.outbox.pending() == 0


async def test_event_that_cannot_be_delivered_is_buried_in_the_end(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(CARD, model="scripted")
    mailer.trouble = Unavailable("mail")

    for _ in range(5):
        await deployment.settle()
        deployment.clock.advance(60)
    mailer.trouble = None
    await deployment.settle()

    assert mailer.sent == []
    assert await deployment.store.outbox.pending() == 0


async def test_address_that_is_refused_keeps_no_mail_from_the_others(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA, BOB)
    mailer.refused[ADA.value] = Refused("no such mailbox")
    await acme.chat(CARD, model="scripted")

    for _ in range(5):
        await deployment.settle()
        deployment.clock.advance(60)

    assert {mail.to for mail in mailer.sent} == {BOB}
    assert [mail["To"] for mail in mails(deployment)] == [BOB.value]
    assert await deployment.store.outbox.pending() == 0


async def test_event_that_is_delivered_twice_is_one_mail(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(CARD, model="scripted")
    await deployment.ship()
    entries = await deployment.store.outbox.claim(
        limit=10, at=deployment.clock.now(), lease=deployment.lease
    )

    for entry in (*entries, *entries):
        await deployment.send_alerts(entry)

    assert len({mail.id for mail in mailer.sent}) == 1
    assert len(mails(deployment)) == 1


class Broken(Exception):
    """What nobody foresaw."""


async def test_event_that_breaks_its_handler_does_not_hold_up_the_others_for_ever(
    deployment: Deployment, acme: Customer, mailer: FlakyMailer
) -> None:
    await tell(deployment, acme, ADA)
    await acme.chat(CARD, model="scripted")
    await deployment.ship()
    relay = deployment.relay_outbox
    good = relay._handlers
    seen: list[str] = []

    async def broken(entry: OutboxEntry) -> None:
        seen.append(entry.id)
        if entry.id == seen[0]:
            raise Broken

    relay._handlers = {event: [broken, *handlers] for event, handlers in good.items()}
    for _ in range(3):
        with pytest.raises(Broken):
            await relay()
        deployment.clock.advance(120)
    globex = await deployment.customer("globex")
    await tell(deployment, globex, BOB)
    await globex.chat(CARD, model="scripted")
    await deployment.ship()

    await relay()

    assert [mail.to for mail in mailer.sent] == [BOB]
    assert await deployment.store.outbox.pending() == 0


async def test_settings_that_somebody_else_changed_are_not_overwritten(
    deployment: Deployment, acme: Customer
) -> None:
    await tell(deployment, acme, ADA)

    with pytest.raises(ConcurrentUpdate):
        await tell(deployment, acme, BOB)

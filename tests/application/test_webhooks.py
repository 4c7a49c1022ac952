"""Servers that are told of violations: once, signed, and each whatever becomes of the others."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from application.gateway.deliver_webhooks import PruneDeliveries
from application.gateway.try_alerts import Channel, TryAlerts
from application.gateway.webhooks import (
    AddWebhookCommand,
    ConnectedWebhook,
    RemoveWebhook,
    RotateWebhook,
)
from application.ports.webhooks import WebhookSender
from domain.alert import MAX_WEBHOOK_ALERTS, WINDOW, AlertSettings
from domain.audit import AuditDamage
from domain.authorisation import OPERATOR
from domain.detection.taxonomy import Severity
from domain.errors import Conflict, NotFound, Unavailable
from domain.events import AuditDamaged
from domain.identifiers import TenantId, WebhookId
from domain.network_address import AddressRefused
from domain.user import Email
from domain.webhook_delivery import KEPT, RETRY, DeliveryState, WebhookDelivery
from tests.adapters.model_providers.certificates import Certificates, make_certificates
from tests.application.receivers import NAME, Receiver, a_receiver, is_signed, make_sender
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD, INSULT
from tests.fakes.interruptions import FlakyMailer

ADA = Email("ada@alerts.example.com")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("tls"), name=NAME)


@pytest.fixture
async def receiver(certificates: Certificates) -> AsyncIterator[Receiver]:
    async with a_receiver(certificates) as running:
        yield running


@pytest.fixture
async def other(certificates: Certificates) -> AsyncIterator[Receiver]:
    async with a_receiver(certificates) as running:
        yield running


@pytest.fixture
def sender(certificates: Certificates, deployment: Deployment) -> WebhookSender:
    return make_sender(certificates, deployment.clock, seconds=1.0)


@pytest.fixture
def mailer(deployment: Deployment) -> FlakyMailer:
    deployment.mailer = mailer = FlakyMailer(deployment.mailer)
    return mailer


async def connect(
    customer: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    name: str = "siem",
    immediate_from: Severity | None = None,
) -> ConnectedWebhook:
    return await customer.deployment.add_webhook(sender)(
        OPERATOR,
        AddWebhookCommand(
            slug=customer.tenant.slug,
            name=name,
            url=receiver.url,
            immediate_from=immediate_from,
        ),
    )


async def settings_of(customer: Customer) -> AlertSettings:
    async with customer.deployment.transactions() as uow:
        return await uow.settings.alerts(customer.tenant.id)


async def deliver(deployment: Deployment, sender: WebhookSender) -> int:
    """Deliver what is due and return how much that was."""
    work, count = deployment.deliver_webhooks(sender), 0
    while await work():
        count += 1
    return count


async def log(customer: Customer, webhook_id: WebhookId) -> list[WebhookDelivery]:
    deliveries = customer.deployment.store.webhook_deliveries
    return list(await deliveries.latest(customer.tenant.id, webhook_id, limit=100))


async def test_violation_reaches_the_webhook_signed_and_redacted(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(f"my card is {CARD}", model="scripted")
    await deployment.settle()

    await deliver(deployment, sender)

    (exchange,) = receiver.server.exchanges
    (told,) = receiver.told
    (violation,) = await acme.violations()
    (line,) = told["data"]["violations"]
    assert is_signed(exchange, connected.secret.value, at=deployment.clock.now())
    assert (told["schema_version"], told["type"]) == (1, "violations.recorded")
    assert told["id"] == exchange.headers["webhook-id"]
    assert told["tenant"]["slug"] == "acme"
    assert (told["data"]["count"], told["data"]["more"]) == (1, 0)
    assert (line["id"], line["type"], line["count"]) == (violation.id, "CREDIT_CARD", 1)
    assert line["link"].startswith("https://trueport.example.com/")
    assert line["link"].endswith(violation.id)
    assert "4111" not in exchange.content.decode()
    assert line["evidence"] == violation.evidence


async def test_changed_replayed_and_foreign_messages_are_known_as_such(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)
    (exchange,) = receiver.server.exchanges
    secret, at = connected.secret.value, deployment.clock.now()

    changed = replace(exchange, content=exchange.content.replace(b"CREDIT", b"DEBIT_"))
    renamed = replace(exchange, headers={**exchange.headers, "webhook-id": "msg_other"})
    redated = replace(exchange, headers={**exchange.headers, "webhook-timestamp": "1"})

    assert is_signed(exchange, secret, at=at)
    assert not is_signed(exchange, secret, at=at + timedelta(minutes=6))
    assert not any(
        is_signed(one, secret, at=at, tolerance=1e12) for one in (changed, renamed, redated)
    )
    assert not is_signed(exchange, "whsec_" + "A" * 44, at=at)


async def test_failed_try_is_made_again_under_the_same_id_until_it_succeeds(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    receiver.statuses = [503, 429]
    await acme.chat(CARD, model="scripted")
    await deployment.settle()

    for _ in range(6):
        await deliver(deployment, sender)
        deployment.clock.advance(120)

    (entry,) = await log(acme, connected.webhook.id)
    stamps = [one.headers["webhook-timestamp"] for one in receiver.server.exchanges]
    assert len(receiver.told) == 3
    assert len(set(receiver.ids)) == 1
    assert len(set(stamps)) == 3
    assert is_signed(
        receiver.server.exchanges[-1],
        connected.secret.value,
        at=deployment.clock.now(),
        tolerance=1000,
    )
    assert (entry.state, entry.attempts, entry.status) == (DeliveryState.DELIVERED, 3, 204)
    metrics = deployment.telemetry.render()
    assert b'trueport_webhook_deliveries_total{result="retried"} 2.0' in metrics
    assert b'trueport_webhook_deliveries_total{result="delivered"} 1.0' in metrics


async def test_receiver_is_left_alone_as_long_as_it_asks(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)
    receiver.statuses, receiver.headers = [503], {"retry-after": "3600"}
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)

    deployment.clock.advance(3590)
    early = await deliver(deployment, sender)
    deployment.clock.advance(10)

    assert (early, await deliver(deployment, sender)) == (0, 1)


@pytest.mark.parametrize("status", [302, 400, 403, 404])
async def test_final_answer_is_not_asked_for_twice_and_is_seen(
    *,
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    caplog: pytest.LogCaptureFixture,
    status: int,
) -> None:
    connected = await connect(acme, sender, receiver)
    receiver.statuses = [status]
    await acme.chat(CARD, model="scripted")
    await deployment.settle()

    for _ in range(3):
        await deliver(deployment, sender)
        deployment.clock.advance(7200)

    (entry,) = await log(acme, connected.webhook.id)
    assert len(receiver.told) == 1
    assert (entry.state, entry.error) == (DeliveryState.FAILED, f"webhook.status_{status}")
    assert b'webhook_deliveries_total{result="failed"} 1.0' in deployment.telemetry.render()
    assert "webhook was not delivered" in caplog.text
    assert all("token" not in str(vars(record)) for record in caplog.records)


async def test_receiver_that_is_gone_is_told_nothing_more(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    receiver.statuses = [410]
    for _ in range(2):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()
    await deliver(deployment, sender)

    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)

    (webhook,) = (await settings_of(acme)).webhooks
    states = [one.error for one in await log(acme, connected.webhook.id)]
    assert len(receiver.told) == 1
    assert not webhook.is_active
    assert states == ["webhook.removed", "webhook.status_410"]


async def test_receiver_that_is_down_keeps_nothing_from_the_others_and_repeats_nothing(
    *,
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    other: Receiver,
    mailer: FlakyMailer,
) -> None:
    down = await connect(acme, sender, receiver, "down")
    await connect(acme, sender, other, "up")
    settings = await settings_of(acme)
    await deployment.save_alerts(acme, replace(settings, recipients=(ADA,)))
    receiver.statuses = [500] * 99
    await acme.chat(CARD, model="scripted")
    await deployment.settle()

    for _ in range(RETRY.max_attempts + 3):
        await deliver(deployment, sender)
        await deployment.settle()
        deployment.clock.advance(7200)

    (failed,) = await log(acme, down.webhook.id)
    assert (len(other.told), len(mailer.sent)) == (1, 1)
    assert len(receiver.told) == RETRY.max_attempts
    assert (failed.state, failed.error) == (DeliveryState.FAILED, "webhook.status_500")


async def test_mailer_that_is_away_repeats_nothing_to_webhooks(
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    mailer: FlakyMailer,
) -> None:
    await connect(acme, sender, receiver)
    await deployment.save_alerts(acme, replace(await settings_of(acme), recipients=(ADA,)))
    mailer.trouble = Unavailable("mail")
    await acme.chat(CARD, model="scripted")

    for _ in range(4):
        await deployment.settle()
        await deliver(deployment, sender)
        deployment.clock.advance(60)

    assert len(receiver.told) == 1
    assert mailer.sent == []


async def test_crash_between_sending_and_storing_repeats_the_same_id(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    claimed = await deployment.store.webhook_deliveries.claim(
        at=deployment.clock.now(), lease=timedelta(minutes=2), busy=()
    )
    assert claimed is not None
    await deployment.deliver_webhooks(sender)._tried(claimed)
    # Here the process ended: the receiver has it, the store does not know.

    meanwhile = await deliver(deployment, sender)
    deployment.clock.advance(120)
    await deliver(deployment, sender)

    (entry,) = await log(acme, connected.webhook.id)
    assert meanwhile == 0
    assert len(receiver.told) == 2
    assert len(set(receiver.ids)) == 1
    assert entry.state is DeliveryState.DELIVERED


async def test_event_that_is_handled_twice_is_one_delivery(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.ship()
    entries = await deployment.store.outbox.claim(
        limit=10, at=deployment.clock.now(), lease=deployment.lease
    )

    for entry in entries:
        await deployment.queue_webhooks(entry)
    await deliver(deployment, sender)
    for entry in entries:
        await deployment.queue_webhooks(replace(entry, attempts=2))
    await deliver(deployment, sender)

    async with deployment.transactions() as uow:
        (webhook,) = (await uow.settings.alerts(acme.tenant.id)).webhooks
        state = await uow.webhooks.state(acme.tenant.id, webhook.id)
    assert len(receiver.told) == 1
    assert state.sent == 1


async def test_one_bad_document_is_one_delivery_with_one_line(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)
    for _ in range(30):
        await acme.chat(CARD, model="scripted")
    await deployment.settle()

    await deliver(deployment, sender)

    (told,) = receiver.told
    (line,) = told["data"]["violations"]
    assert (told["data"]["count"], line["count"], told["data"]["more"]) == (30, 30, 0)
    assert told["data"]["kinds"][0]["count"] == 30


async def test_beyond_its_limit_a_webhook_is_told_together_when_the_hour_is_over(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)
    for _ in range(MAX_WEBHOOK_ALERTS + 5):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()
        deployment.clock.advance(1)
    await deliver(deployment, sender)
    at_once = len(receiver.told)

    for _ in range(2):
        deployment.clock.advance(WINDOW.total_seconds())
        await deployment.schedule_digests()
        await deliver(deployment, sender)

    last = receiver.told[-1]
    assert at_once == MAX_WEBHOOK_ALERTS
    assert len(receiver.told) == MAX_WEBHOOK_ALERTS + 1
    assert (last["type"], last["data"]["count"]) == ("violations.held", 5)
    assert b"trueport_alerts_held_total 5.0" in deployment.telemetry.render()


async def test_limit_of_one_webhook_is_not_that_of_another(
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    other: Receiver,
) -> None:
    await connect(acme, sender, receiver, "first")
    for _ in range(MAX_WEBHOOK_ALERTS):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()
    await connect(acme, sender, other, "second")

    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)

    assert (len(receiver.told), len(other.told)) == (MAX_WEBHOOK_ALERTS, 1)


async def test_digest_tells_a_webhook_what_it_was_not_told_at_once(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)
    settings = await settings_of(acme)
    await deployment.save_alerts(acme, replace(settings, digest_every=timedelta(hours=1)))
    await deployment.schedule_digests()
    await acme.chat(f"{INSULT} {CARD}", model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)

    deployment.clock.advance(3600)
    due = await deployment.schedule_digests()
    again = await deployment.schedule_digests()
    await deliver(deployment, sender)
    deployment.clock.advance(3600)
    await deployment.schedule_digests()
    await deliver(deployment, sender)

    at_once, digest = receiver.told
    assert (due, again) == (1, 0)
    assert [one["type"] for one in at_once["data"]["violations"]] == ["CREDIT_CARD"]
    assert digest["type"] == "violations.digest"
    assert [one["type"] for one in digest["data"]["violations"]] == ["INSULT"]
    assert digest["data"]["is_whole"] is True
    assert digest["data"]["since"] < digest["data"]["until"]


async def test_webhook_has_a_severity_of_its_own(
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    other: Receiver,
) -> None:
    await connect(acme, sender, receiver, "all", Severity.LOW)
    await connect(acme, sender, other, "worst", Severity.CRITICAL)
    await acme.chat(f"{INSULT} {CARD}", model="scripted")
    await deployment.settle()

    await deliver(deployment, sender)

    (told,) = receiver.told
    assert {one["type"] for one in told["data"]["violations"]} == {"CREDIT_CARD", "INSULT"}
    assert other.told == []


async def test_damage_to_the_audit_log_is_told_whatever_the_severity(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver, immediate_from=Severity.CRITICAL)
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
    await deployment.settle()

    await deliver(deployment, sender)

    (told,) = receiver.told
    assert told["type"] == "audit.damaged"
    assert told["data"] == {
        "object_key": damage.object_key,
        "breaks": 3,
        "damages": [{"line": 7, "reason": "the record was changed"}],
        "more": 2,
    }


async def test_nobody_is_told_of_another_tenants_violations(
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    other: Receiver,
) -> None:
    globex = await deployment.customer("globex")
    await connect(acme, sender, receiver)
    await connect(globex, sender, other)
    await globex.chat(CARD, model="scripted")
    await deployment.settle()

    await deliver(deployment, sender)

    assert (len(receiver.told), len(other.told)) == (0, 1)


async def test_rotated_secret_signs_beside_the_former_one_for_a_while(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    first = await connect(acme, sender, receiver)
    rotate = RotateWebhook(deeds=deployment.deeds, secrets=deployment.webhook_secrets)
    second = await rotate(OPERATOR, acme.tenant.slug, first.webhook.id, grace=timedelta(hours=1))
    for _ in range(2):
        await acme.chat(CARD, model="scripted")
        await deployment.settle()
        await deliver(deployment, sender)
        deployment.clock.advance(3600)

    during, after = receiver.server.exchanges
    secrets = (first.secret.value, second.secret.value)
    at = deployment.clock.now()
    checks = [
        [is_signed(one, secret, at=at, tolerance=9999) for secret in secrets]
        for one in (during, after)
    ]
    assert checks == [[True, True], [False, True]]


async def test_removed_webhook_is_told_nothing_that_waits(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    remove = RemoveWebhook(deeds=deployment.deeds)

    await remove(OPERATOR, acme.tenant.slug, connected.webhook.id)
    await deliver(deployment, sender)

    assert receiver.told == []
    assert await deployment.store.webhook_deliveries.pending() == 0
    with pytest.raises(NotFound):
        await remove(OPERATOR, acme.tenant.slug, connected.webhook.id)


async def test_secret_is_stored_encrypted_and_for_its_webhook_alone(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)

    (webhook,) = (await settings_of(acme)).webhooks
    plain = deployment.webhook_secrets.plain(acme.tenant.id, webhook.id, webhook.secret)

    assert plain == connected.secret
    assert connected.secret.value not in webhook.secret
    for tenant_id, webhook_id in (
        (TenantId("ten_other"), webhook.id),
        (acme.tenant.id, WebhookId("whk_other")),
    ):
        with pytest.raises(Exception, match="belongs somewhere else"):
            deployment.webhook_secrets.plain(tenant_id, webhook_id, webhook.secret)


async def test_webhook_inside_is_refused_when_it_is_added(
    deployment: Deployment, acme: Customer, sender: WebhookSender
) -> None:
    for url in ("http://hooks.example.com/", "https://10.0.0.7/", "https://db.internal/"):
        with pytest.raises(AddressRefused):
            await deployment.add_webhook(sender)(
                OPERATOR, AddWebhookCommand(slug=acme.tenant.slug, name="inside", url=url)
            )

    assert (await settings_of(acme)).webhooks == ()


async def test_name_that_is_taken_is_refused(
    acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    await connect(acme, sender, receiver)

    with pytest.raises(Conflict):
        await connect(acme, sender, receiver)


async def test_secret_of_a_lost_master_key_fails_where_it_is_seen(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    deployment.keys = deployment.keys.generate(deployment.randomness)

    await deliver(deployment, sender)

    (entry,) = await log(acme, connected.webhook.id)
    assert (entry.state, entry.error) == (DeliveryState.FAILED, "credential.unknown_key")


async def test_what_ended_is_forgotten_after_a_month(
    deployment: Deployment, acme: Customer, sender: WebhookSender, receiver: Receiver
) -> None:
    connected = await connect(acme, sender, receiver)
    await acme.chat(CARD, model="scripted")
    await deployment.settle()
    await deliver(deployment, sender)
    prune = PruneDeliveries(deliveries=deployment.store.webhook_deliveries, clock=deployment.clock)

    await prune()
    kept = await log(acme, connected.webhook.id)
    deployment.clock.advance(KEPT.total_seconds() + 1)
    has_more = await prune()

    assert (len(kept), has_more) == (1, False)
    assert await log(acme, connected.webhook.id) == []


async def test_test_alert_says_how_each_target_fared_and_counts_towards_nothing(
    *,
    deployment: Deployment,
    acme: Customer,
    sender: WebhookSender,
    receiver: Receiver,
    other: Receiver,
) -> None:
    connected = await connect(acme, sender, receiver, "good")
    await connect(acme, sender, other, "bad")
    await deployment.save_alerts(acme, replace(await settings_of(acme), recipients=(ADA,)))
    other.statuses = [500]

    results = await TryAlerts(
        deeds=deployment.deeds,
        mails=deployment.alert_mails,
        contents=deployment.webhook_contents,
        posts=deployment.signed_posts(sender),
        clock=deployment.clock,
        ids=deployment.ids,
    )(OPERATOR, acme.tenant.slug)

    assert [(one.channel, one.target, one.status, one.error) for one in results] == [
        (Channel.MAIL, ADA.value, None, None),
        (Channel.WEBHOOK, "good", 204, None),
        (Channel.WEBHOOK, "bad", 500, "it answered with status 500"),
    ]
    assert receiver.told[0]["type"] == "test"
    assert is_signed(
        receiver.server.exchanges[0], connected.secret.value, at=deployment.clock.now()
    )
    (mail,) = (deployment.home / "outbox").glob("*.eml")
    assert "test: alerts of Acme arrive" in mail.read_text()
    assert await log(acme, connected.webhook.id) == []

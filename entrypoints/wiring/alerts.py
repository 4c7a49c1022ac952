"""Who is told of violations, by mail and webhook, and what else follows from events."""

from collections.abc import Mapping, Sequence

from dependency_injector import providers

from application.gateway.alert_mails import AlertMails
from application.gateway.alert_settings import ReadAlertSettings, SaveAlertSettings
from application.gateway.alerts import SendAlerts, SendDamageAlerts
from application.gateway.authenticate import ForgetPrincipals
from application.gateway.deliver_webhooks import DeliverWebhooks, PruneDeliveries, SignedPosts
from application.gateway.digests import PeriodViolations, ScheduleDigests, SendDigests
from application.gateway.queue_webhooks import QueueWebhooks
from application.gateway.try_alerts import TryAlerts
from application.gateway.webhook_contents import WebhookContents
from application.gateway.webhooks import (
    AddWebhook,
    ListDeliveries,
    RemoveWebhook,
    RotateWebhook,
    WebhookSecrets,
)
from application.mail_once import PruneSentMails
from application.outbox import RETRY, Handler, RelayOutbox
from application.platform.codes import SendCode
from application.platform.end_payments import EndPayments
from application.platform.invitations import SendInvitation
from application.platform.payment_mails import SendPaymentProblem
from domain.events import (
    AuditDamaged,
    DigestDue,
    Event,
    InvitationIssued,
    KeyChanged,
    PaymentFailed,
    PolicyActivated,
    SignInCodeRequested,
    TenantChanged,
    UpstreamChanged,
    ViolationsRecorded,
)
from entrypoints.wiring.analytics import Analytics
from entrypoints.wiring.billing import Billing
from entrypoints.wiring.deeds import deed


def make_handlers(
    *,
    queue_webhooks: QueueWebhooks,
    send_alerts: SendAlerts,
    send_digests: SendDigests,
    send_damage_alerts: SendDamageAlerts,
    forget_principals: ForgetPrincipals,
    send_code: SendCode,
    send_invitation: SendInvitation,
    send_payment_problem: SendPaymentProblem,
    end_payments: EndPayments,
) -> Mapping[type[Event], Sequence[Handler]]:
    """Return the handlers of every event that anything follows from."""
    return {
        # Queued once whatever becomes of the mails, which may have to be tried again.
        ViolationsRecorded: [queue_webhooks, send_alerts],
        DigestDue: [send_digests],
        AuditDamaged: [queue_webhooks, send_damage_alerts],
        KeyChanged: [forget_principals],
        UpstreamChanged: [forget_principals],
        PolicyActivated: [forget_principals],
        TenantChanged: [forget_principals, end_payments],
        SignInCodeRequested: [send_code],
        InvitationIssued: [send_invitation],
        PaymentFailed: [send_payment_problem],
    }


class Alerts(Billing):
    """What follows from events, made on first use."""

    alert_mails: providers.Provider[AlertMails] = providers.Singleton(
        AlertMails,
        mailer=Analytics.mailer,
        templates=Analytics.templates,
        telemetry=Analytics.telemetry,
        public_url=Analytics.settings.provided.public_url,
    )
    period_violations: providers.Provider[PeriodViolations] = providers.Singleton(
        PeriodViolations, reader=Analytics.violation_reader
    )
    webhook_secrets: providers.Provider[WebhookSecrets] = providers.Singleton(
        WebhookSecrets, cipher=Analytics.cipher, randomness=Analytics.randomness
    )
    webhook_contents: providers.Provider[WebhookContents] = providers.Singleton(
        WebhookContents,
        transactions=Analytics.transactions,
        violations=period_violations,
        public_url=Analytics.settings.provided.public_url,
    )
    signed_posts: providers.Provider[SignedPosts] = providers.Singleton(
        SignedPosts,
        sender=Analytics.webhook_sender,
        secrets=webhook_secrets,
        clock=Analytics.clock,
    )

    save_alert_settings = deed(SaveAlertSettings)
    read_alert_settings = deed(ReadAlertSettings)
    add_webhook = deed(
        AddWebhook, sender=Analytics.webhook_sender, secrets=webhook_secrets, ids=Analytics.ids
    )
    rotate_webhook = deed(RotateWebhook, secrets=webhook_secrets)
    remove_webhook = deed(RemoveWebhook)
    list_deliveries = deed(ListDeliveries, deliveries=Analytics.webhook_deliveries)
    try_alerts = deed(
        TryAlerts,
        mails=alert_mails,
        contents=webhook_contents,
        posts=signed_posts,
        clock=Analytics.clock,
        ids=Analytics.ids,
    )

    schedule_digests: providers.Provider[ScheduleDigests] = providers.Singleton(
        ScheduleDigests, transactions=Analytics.transactions, clock=Analytics.clock
    )
    deliver_webhooks: providers.Provider[DeliverWebhooks] = providers.Singleton(
        DeliverWebhooks,
        transactions=Analytics.transactions,
        deliveries=Analytics.webhook_deliveries,
        contents=webhook_contents,
        posts=signed_posts,
        clock=Analytics.clock,
        randomness=Analytics.randomness,
        telemetry=Analytics.telemetry,
    )
    prune_deliveries: providers.Provider[PruneDeliveries] = providers.Factory(
        PruneDeliveries, deliveries=Analytics.webhook_deliveries, clock=Analytics.clock
    )
    prune_sent_mails: providers.Provider[PruneSentMails] = providers.Factory(
        PruneSentMails, sent=Analytics.sent_mails, clock=Analytics.clock
    )
    forget_principals: providers.Provider[ForgetPrincipals] = providers.Singleton(
        ForgetPrincipals, cache=Analytics.key_cache
    )
    relay_outbox: providers.Provider[RelayOutbox] = providers.Singleton(
        RelayOutbox,
        outbox=Analytics.outbox,
        handlers=providers.Singleton(
            make_handlers,
            queue_webhooks=providers.Singleton(
                QueueWebhooks,
                transactions=Analytics.transactions,
                telemetry=Analytics.telemetry,
            ),
            send_alerts=providers.Singleton(
                SendAlerts,
                transactions=Analytics.transactions,
                mails=alert_mails,
                telemetry=Analytics.telemetry,
            ),
            send_digests=providers.Singleton(
                SendDigests,
                transactions=Analytics.transactions,
                violations=period_violations,
                mails=alert_mails,
            ),
            send_damage_alerts=providers.Singleton(
                SendDamageAlerts, transactions=Analytics.transactions, mails=alert_mails
            ),
            forget_principals=forget_principals,
            send_code=Billing.send_code,
            send_invitation=Billing.send_invitation,
            send_payment_problem=Billing.send_payment_problem,
            end_payments=Billing.end_payments,
        ),
        clock=Analytics.clock,
        randomness=Analytics.randomness,
        retry=providers.Object(RETRY),
    )

"""Put together what follows from each event: who is told, and who forgets."""

from collections.abc import Mapping, Sequence

from application.gateway.alert_mails import AlertMails
from application.gateway.alerts import SendAlerts, SendDamageAlerts
from application.gateway.authenticate import ForgetPrincipals
from application.gateway.digests import SendDigests
from application.outbox import Handler
from application.ports.mailer import Mailer, MailTemplates
from application.ports.readers import ViolationReader
from application.ports.telemetry import Telemetry
from application.ports.unit_of_work import Transactions
from domain.events import (
    AuditDamaged,
    DigestDue,
    Event,
    KeyChanged,
    PolicyActivated,
    ViolationsRecorded,
)
from entrypoints.settings import Settings


def make_handlers(
    *,
    settings: Settings,
    transactions: Transactions,
    reader: ViolationReader,
    mailer: Mailer,
    templates: MailTemplates,
    telemetry: Telemetry,
    forget_principals: ForgetPrincipals,
) -> Mapping[type[Event], Sequence[Handler]]:
    """Return the handlers of every event that anything follows from."""
    mails = AlertMails(
        mailer=mailer, templates=templates, telemetry=telemetry, public_url=settings.public_url
    )
    return {
        ViolationsRecorded: [
            SendAlerts(transactions=transactions, mails=mails, telemetry=telemetry)
        ],
        DigestDue: [SendDigests(transactions=transactions, reader=reader, mails=mails)],
        AuditDamaged: [SendDamageAlerts(transactions=transactions, mails=mails)],
        KeyChanged: [forget_principals],
        PolicyActivated: [forget_principals],
    }

"""Mails to everybody whom a tenant wants told, and how violations are listed in them."""

from collections.abc import Mapping, Sequence

from application.ports.mailer import Mail, Mailer, MailTemplates
from application.ports.telemetry import Metric, Telemetry
from domain.alert import AlertSettings
from domain.audit import format_time
from domain.errors import DomainError
from domain.events import OutboxEntry
from domain.identifiers import KeyId
from domain.tenant import Tenant
from domain.violation import Violation

LISTED = 20
"""Lines of violations shown in one mail; the rest is a number."""

Facts = dict[str, object]


class AlertMails:
    """Render a mail once and send it to each recipient."""

    def __init__(
        self,
        *,
        mailer: Mailer,
        templates: MailTemplates,
        telemetry: Telemetry,
        public_url: str | None,
    ) -> None:
        self._mailer = mailer
        self._templates = templates
        self._telemetry = telemetry
        self._public_url = public_url

    async def send(
        self,
        entry: OutboxEntry,
        tenant: Tenant,
        settings: AlertSettings,
        *,
        template: str,
        facts: Facts,
    ) -> None:
        """Send one mail to each recipient; the same entry again sends mails of the same ids.

        Raises:
            Unavailable: the mailer is away; call again later.
            Refused, InvalidValue: an address; all others were written to.
        """
        subject, text, html = self._templates.render(
            template,
            {
                "tenant_name": tenant.name,
                "tenant_slug": tenant.slug.value,
                "url": self._public_url,
                **facts,
            },
        )
        trouble: DomainError | None = None
        for recipient in settings.recipients:
            mail = Mail(
                id=f"{entry.id}.{recipient.lookup}",
                to=recipient,
                subject=subject,
                text=text,
                html=html,
            )
            try:
                await self._mailer.send(mail)
            except DomainError as error:
                self._telemetry.count(Metric.MAILS, result="failed")
                trouble = trouble or error
            else:
                self._telemetry.count(Metric.MAILS, result="sent")
        if trouble is not None:
            raise trouble


def listing(violations: Sequence[Violation], key_names: Mapping[KeyId, str]) -> Facts:
    """Return the facts of a list of violations, the most severe first.

    The same value found again by the same key is one line that says how often: a bad document is
    one matter, however many requests it was sent in.
    """
    ordered = sorted(violations, key=lambda one: (-one.severity.rank, one.id))
    groups: dict[tuple[object, ...], list[Violation]] = {}
    for one in ordered:
        same = one.fingerprint or one.id
        groups.setdefault(
            (one.severity, one.category, one.type, one.direction, one.enforced, one.key_id, same),
            [],
        ).append(one)
    shown = list(groups.values())[:LISTED]
    return {
        "count": len(violations),
        "highest": ordered[0].severity.value,
        "violations": [_line(group, key_names) for group in shown],
        "more": len(violations) - sum(len(group) for group in shown),
    }


def _line(group: Sequence[Violation], key_names: Mapping[KeyId, str]) -> Facts:
    violation = group[0]
    key_id = KeyId(violation.key_id or "")
    return {
        "id": violation.id,
        "severity": violation.severity.value,
        "category": violation.category.value,
        "type": violation.type,
        "part": violation.part,
        "direction": violation.direction.value,
        "effect": violation.effect.value,
        "enforced": violation.enforced.value,
        "evidence": violation.evidence,
        "occurred_at": format_time(violation.occurred_at),
        "key_name_or_id": key_names.get(key_id, key_id),
        "model": violation.model or "",
        "policy_rules": list(violation.policy_rules),
        "times": len(group),
    }

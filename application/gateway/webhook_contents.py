"""What webhooks are told, as JSON: `docs/alerts.md` describes it field by field."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from application.gateway.alert_listing import LISTED, Facts, grouped, kinds
from application.gateway.digests import PeriodViolations, period_of
from application.ports.unit_of_work import Transactions
from domain.alert import AlertSettings
from domain.audit import format_time
from domain.events import AuditDamaged, DigestDue, DigestKind, ViolationsRecorded
from domain.identifiers import DeliveryId, KeyId
from domain.tenant import Tenant
from domain.violation import Violation
from domain.webhook import Webhook
from domain.webhook_delivery import WebhookDelivery

SCHEMA_VERSION = 1

_NAMED = 10
"""Breaks of a chain that one alert names."""

_DIGESTS = {DigestKind.PERIOD: "violations.digest", DigestKind.HELD: "violations.held"}


class WebhookContents:
    """Read what a delivery tells of, and put it into words for machines."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        violations: PeriodViolations,
        public_url: str | None,
    ) -> None:
        self._transactions = transactions
        self._violations = violations
        self._public_url = public_url

    async def __call__(
        self, delivery: WebhookDelivery, settings: AlertSettings, webhook: Webhook
    ) -> bytes | None:
        """Return the body, None where there is nothing to tell.

        Raises:
            Unavailable: the store is away.
        """
        match delivery.cause:
            case ViolationsRecorded() as recorded:
                found = await self._recorded(recorded, settings, webhook)
                return await self._listed(delivery, "violations.recorded", found, {})
            case DigestDue() as due:
                found, is_whole = await self._violations(
                    due, lambda severity: settings.is_immediate_for(webhook, severity)
                )
                since, until = period_of(due)
                period = {"since": since, "until": until, "is_whole": is_whole}
                return await self._listed(delivery, _DIGESTS[due.kind], found, period)
            case AuditDamaged() as damaged:
                return await self._damaged(delivery, damaged)

    def of_test(self, tenant: Tenant, *, delivery_id: DeliveryId, at: datetime) -> bytes:
        """Return the body of an alert that only tries whether alerts arrive."""
        said = "This is a test of TruePort's alerts. Nothing happened."
        return _body("test", tenant, {"message": said}, delivery_id=delivery_id, at=at)

    async def _recorded(
        self, event: ViolationsRecorded, settings: AlertSettings, webhook: Webhook
    ) -> Sequence[Violation]:
        async with self._transactions() as uow:
            found = [
                await uow.violations.get(event.tenant_id, violation_id)
                for violation_id in event.violation_ids
            ]
        return [one for one in found if settings.is_immediate_for(webhook, one.severity)]

    async def _listed(
        self,
        delivery: WebhookDelivery,
        name: str,
        violations: Sequence[Violation],
        more: Mapping[str, object],
    ) -> bytes | None:
        if not violations:
            return None
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(delivery.tenant_id)
            keys = await uow.api_keys.all(delivery.tenant_id)
        groups = grouped(violations)
        names = {key.id: key.name for key in keys}
        data = {
            "count": len(violations),
            "highest": groups[0][0].severity.value,
            "kinds": kinds(violations),
            "violations": [
                {**_line(group, names), "link": self._link(tenant, group[0])}
                for group in groups[:LISTED]
            ],
            "more": sum(len(group) for group in groups[LISTED:]),
            **more,
        }
        return _body(name, tenant, data, delivery_id=delivery.id, at=delivery.created_at)

    def _link(self, tenant: Tenant, violation: Violation) -> str | None:
        if self._public_url is None:
            return None
        path = f"/trueportai-services/api/tenants/{tenant.slug.value}/violations/{violation.id}"
        return self._public_url + path

    async def _damaged(self, delivery: WebhookDelivery, event: AuditDamaged) -> bytes | None:
        async with self._transactions() as uow:
            tenant = await uow.tenants.get(event.tenant_id)
            known = await uow.audit.damages(event.tenant_id)
        damages = [one for one in known if one.id in event.damage_ids][:_NAMED]
        if not damages:
            return None
        data = {
            "object_key": damages[0].object_key,
            "breaks": event.breaks,
            "damages": [{"line": one.line, "reason": one.reason} for one in damages],
            "more": max(0, event.breaks - len(damages)),
        }
        return _body("audit.damaged", tenant, data, delivery_id=delivery.id, at=delivery.created_at)


def _line(group: Sequence[Violation], key_names: Mapping[KeyId, str]) -> Facts:
    violation = group[0]
    key_id = violation.key_id
    return {
        "id": violation.id,
        "count": len(group),
        "severity": violation.severity.value,
        "category": violation.category.value,
        "type": violation.type,
        "part": violation.part,
        "direction": violation.direction.value,
        "effect": violation.effect.value,
        "enforced": violation.enforced.value,
        "evidence": violation.evidence,
        "occurred_at": format_time(violation.occurred_at),
        "record_id": violation.record_id,
        "key_id": key_id,
        "key_name": None if key_id is None else key_names.get(KeyId(key_id)),
        "model": violation.model,
        "policy_rules": list(violation.policy_rules),
    }


def _body(
    name: str,
    tenant: Tenant,
    data: Mapping[str, object],
    *,
    delivery_id: DeliveryId,
    at: datetime,
) -> bytes:
    content = {
        "schema_version": SCHEMA_VERSION,
        "type": name,
        "id": delivery_id,
        "timestamp": format_time(at),
        "tenant": {"id": tenant.id, "slug": tenant.slug.value, "name": tenant.name},
        "data": data,
    }
    # In ASCII, which holds half a surrogate pair as well.
    return json.dumps(content, separators=(",", ":"), allow_nan=False).encode("ascii")

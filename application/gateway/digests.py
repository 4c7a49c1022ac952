"""Tell people together about violations of some time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

from application.gateway.alert_listing import kinds, listing
from application.gateway.alert_mails import AlertMails
from application.ports.readers import Page, ViolationFilter, ViolationReader
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.alert import AlertState
from domain.audit import format_time
from domain.detection.taxonomy import Severity
from domain.events import DigestDue, DigestKind, OutboxEntry
from domain.identifiers import TenantId, WebhookId
from domain.violation import Violation
from domain.webhook_delivery import WebhookDelivery, delivery_id

MOST = 10_000
"""Violations that one digest counts; more than that is told as at least so many."""

_PAGE = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ScheduleDigests:
    """See which digests are due, for mails and each webhook, and queue each once."""

    def __init__(self, *, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self) -> int:
        """Return how many digests came to be due."""
        async with self._transactions() as uow:
            tenants = await uow.tenants.all()
        return sum([await self._schedule(tenant.id) for tenant in tenants])

    async def _schedule(self, tenant_id: TenantId) -> int:
        at = self._clock.now()
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(tenant_id)
            before = await uow.settings.alert_state(tenant_id)
            state, due = _due(before, tenant_id, settings.mail_digest_every, at=at)
            for event in due:
                uow.record(event)
            is_changed = state != before
            if is_changed:
                await uow.settings.save_alert_state(tenant_id, state)
            count = len(due)
            for webhook in settings.active_webhooks:
                before = await uow.webhooks.state(tenant_id, webhook.id)
                state, due = _due(before, tenant_id, settings.digest_every, at=at)
                if state == before:
                    continue
                for event in due:
                    await uow.webhooks.add(tenant_id, _delivery(webhook.id, event, at=at))
                await uow.webhooks.save_state(tenant_id, webhook.id, state)
                is_changed, count = True, count + len(due)
            if is_changed:
                await uow.commit()
        return count


def _due(
    before: AlertState, tenant_id: TenantId, every: timedelta | None, *, at: datetime
) -> tuple[AlertState, list[DigestDue]]:
    """Return the digests that are due for one target, and how far it is told after them."""
    state, held = before.released(at=at)
    state, period = state.digested(every, at=at)
    return state, [
        DigestDue(
            tenant_id=tenant_id,
            kind=kind,
            since=(covered.since - _EPOCH) // _MICROSECOND,
            until=(covered.until - _EPOCH) // _MICROSECOND,
        )
        for kind, covered in ((DigestKind.HELD, held), (DigestKind.PERIOD, period))
        if covered is not None
    ]


def _delivery(webhook_id: WebhookId, event: DigestDue, *, at: datetime) -> WebhookDelivery:
    occasion = f"{event.kind.value}:{event.since}:{event.until}"
    return WebhookDelivery(
        id=delivery_id(webhook_id, occasion),
        tenant_id=event.tenant_id,
        webhook_id=webhook_id,
        cause=event,
        created_at=at,
    )


class PeriodViolations:
    """Read the violations that a digest tells of."""

    def __init__(self, *, reader: ViolationReader) -> None:
        self._reader = reader

    async def __call__(
        self, event: DigestDue, is_immediate: Callable[[Severity], bool]
    ) -> tuple[Sequence[Violation], bool]:
        """Return the violations, and whether they are all.

        The digest of a period tells what `is_immediate` denies, that of what was held the rest.
        """
        where = ViolationFilter(
            detected_from=_EPOCH + event.since * _MICROSECOND,
            detected_to=_EPOCH + event.until * _MICROSECOND,
        )
        is_held = event.kind is DigestKind.HELD
        found: list[Violation] = []
        cursor: str | None = None
        while len(found) < MOST:
            page = await self._reader.violations(
                event.tenant_id, where, Page(limit=_PAGE, cursor=cursor)
            )
            found += [one for one in page.items if is_immediate(one.severity) is is_held]
            cursor = page.next_cursor
            if cursor is None:
                return found, True
        return found[:MOST], False


def period_of(event: DigestDue) -> tuple[str, str]:
    """Return from when to when a digest tells, as text."""
    since, until = _EPOCH + event.since * _MICROSECOND, _EPOCH + event.until * _MICROSECOND
    return format_time(since), format_time(until)


class SendDigests:
    """Handle `DigestDue`: one mail to each recipient about the violations of a time.

    The digest of a period tells what was not told at once; that of what was held tells what was to
    be. Where there is nothing to tell no mail is sent.
    """

    def __init__(
        self, *, transactions: Transactions, violations: PeriodViolations, mails: AlertMails
    ) -> None:
        self._transactions = transactions
        self._violations = violations
        self._mails = mails

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send the mails.

        Raises:
            Unavailable: the mailer or the store is away; call again later.
        """
        event = entry.event
        if not isinstance(event, DigestDue):
            return
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            tenant = await uow.tenants.get(event.tenant_id)
            keys = await uow.api_keys.all(event.tenant_id)
        violations, is_whole = await self._violations(event, settings.is_immediate)
        if not violations or not settings.recipients:
            return
        since, until = period_of(event)
        await self._mails.send(
            entry,
            tenant,
            settings,
            template="digest",
            facts={
                **listing(violations, {key.id: key.name for key in keys}),
                "held": event.kind is DigestKind.HELD,
                "is_whole": is_whole,
                "since": since,
                "until": until,
                "kinds": kinds(violations),
            },
        )

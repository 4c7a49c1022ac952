"""Tell people together about violations of some time."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from application.gateway.alert_mails import AlertMails, listing
from application.ports.readers import Page, ViolationFilter, ViolationReader
from application.ports.system import Clock
from application.ports.unit_of_work import Transactions
from domain.alert import AlertSettings, Period
from domain.audit import format_time
from domain.events import DigestDue, DigestKind, OutboxEntry
from domain.identifiers import TenantId
from domain.violation import Violation

MOST = 10_000
"""Violations that one digest counts; more than that is told as at least so many."""

_PAGE = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ScheduleDigests:
    """See which digests are due, and put each into the outbox once."""

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
            state, held = before.released(at=at)
            state, period = state.digested(settings, at=at)
            if state == before:
                return 0
            due = [
                _due(tenant_id, kind, covered)
                for kind, covered in ((DigestKind.HELD, held), (DigestKind.PERIOD, period))
                if covered is not None
            ]
            for event in due:
                uow.record(event)
            await uow.settings.save_alert_state(tenant_id, state)
            await uow.commit()
        return len(due)


def _due(tenant_id: TenantId, kind: DigestKind, period: Period) -> DigestDue:
    return DigestDue(
        tenant_id=tenant_id,
        kind=kind,
        since=(period.since - _EPOCH) // _MICROSECOND,
        until=(period.until - _EPOCH) // _MICROSECOND,
    )


class SendDigests:
    """Handle `DigestDue`: one mail to each recipient about the violations of a time.

    The digest of a period tells what was not told at once; that of what was held tells what was to
    be. Where there is nothing to tell no mail is sent.
    """

    def __init__(
        self, *, transactions: Transactions, reader: ViolationReader, mails: AlertMails
    ) -> None:
        self._transactions = transactions
        self._reader = reader
        self._mails = mails

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send the mails.

        Raises:
            Unavailable: the mailer or the store is away; call again later.
            Refused, InvalidValue: an address; all others were written to.
        """
        event = entry.event
        if not isinstance(event, DigestDue):
            return
        async with self._transactions() as uow:
            settings = await uow.settings.alerts(event.tenant_id)
            tenant = await uow.tenants.get(event.tenant_id)
            keys = await uow.api_keys.all(event.tenant_id)
        violations, is_whole = await self._violations(event, settings)
        if not violations or not settings.recipients:
            return
        counts = Counter((one.severity, one.category.value, one.type) for one in violations)
        ordered = sorted(counts.items(), key=lambda one: (-one[0][0].rank, -one[1], one[0]))
        await self._mails.send(
            entry,
            tenant,
            settings,
            template="digest",
            facts={
                **listing(violations, {key.id: key.name for key in keys}),
                "held": event.kind is DigestKind.HELD,
                "is_whole": is_whole,
                "since": format_time(_EPOCH + event.since * _MICROSECOND),
                "until": format_time(_EPOCH + event.until * _MICROSECOND),
                "kinds": [
                    {"severity": severity.value, "category": category, "type": name, "count": n}
                    for (severity, category, name), n in ordered
                ],
            },
        )

    async def _violations(
        self, event: DigestDue, settings: AlertSettings
    ) -> tuple[Sequence[Violation], bool]:
        """Return the violations to tell of, and whether they are all."""
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
            found += [one for one in page.items if settings.is_immediate(one.severity) is is_held]
            cursor = page.next_cursor
            if cursor is None:
                return found, True
        return found[:MOST], False

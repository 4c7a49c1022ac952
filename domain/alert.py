"""Who is told about violations, and when."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.identifiers import TenantId, WebhookId
from domain.user import Email
from domain.webhook import Webhook, require_distinct

MAX_RECIPIENTS = 50
MAX_ALERTS = 12
"""Mails about violations that a recipient gets at once from one tenant within `WINDOW`."""

MAX_WEBHOOK_ALERTS = 60
"""Alerts that a webhook gets at once within `WINDOW`."""

WINDOW = timedelta(hours=1)
SETTLED = timedelta(minutes=1)
"""How long after its end a period is looked at: what was noticed in it is stored by then."""

_SHORTEST_DIGEST = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """A tenant's alerts: at once from `immediate_from` up, the rest in a digest.

    `immediate_from` None sends nothing at once; `digest_every` None sends no digest. A webhook may
    have a severity of its own.
    """

    tenant_id: TenantId
    recipients: tuple[Email, ...] = field(default=())
    immediate_from: Severity | None = Severity.HIGH
    digest_every: timedelta | None = None
    webhooks: tuple[Webhook, ...] = field(default=())
    version: int = 0

    def __post_init__(self) -> None:
        if len(self.recipients) > MAX_RECIPIENTS:
            raise InvalidValue(
                f"alerts go to at most {MAX_RECIPIENTS} recipients", field="recipients"
            )
        if self.digest_every is not None and self.digest_every < _SHORTEST_DIGEST:
            raise InvalidValue("a digest comes at most every 15 minutes", field="digest_every")
        require_distinct(self.webhooks)

    @property
    def active_webhooks(self) -> tuple[Webhook, ...]:
        """Return the webhooks that alerts are delivered to."""
        return tuple(one for one in self.webhooks if one.is_active)

    @property
    def mail_digest_every(self) -> timedelta | None:
        """Return how often a digest is mailed, None where nobody gets one."""
        return self.digest_every if self.recipients else None

    def is_immediate(self, severity: Severity) -> bool:
        """Tell whether a violation of this severity is mailed at once."""
        return bool(self.recipients) and _reaches(severity, self.immediate_from)

    def is_immediate_for(self, webhook: Webhook, severity: Severity) -> bool:
        """Tell whether a webhook is told of a violation of this severity at once."""
        return _reaches(severity, webhook.immediate_from or self.immediate_from)

    def webhook(self, webhook_id: WebhookId) -> Webhook | None:
        """Return a webhook, None when the tenant has it no more."""
        return next((one for one in self.webhooks if one.id == webhook_id), None)

    def with_webhook(self, webhook: Webhook) -> "AlertSettings":
        """Return the settings with a webhook added, or changed where there is one of its id."""
        kept = [webhook if one.id == webhook.id else one for one in self.webhooks]
        if webhook not in kept:
            kept.append(webhook)
        return replace(self, webhooks=tuple(kept))

    def without_webhook(self, webhook_id: WebhookId) -> "AlertSettings":
        """Return the settings without a webhook."""
        kept = tuple(one for one in self.webhooks if one.id != webhook_id)
        return replace(self, webhooks=kept)


def _reaches(severity: Severity, threshold: Severity | None) -> bool:
    return threshold is not None and severity.rank >= threshold.rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A time of which people are told together, from `since` up to, not including, `until`."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """How far a tenant's recipients were told; each of its webhooks has a state of its own.

    Within a window of `WINDOW` from its first alert on, so many alerts as the limit says go out at
    once; what comes after them is held, and told together when the window is over. `digest_until`
    is the end of the last period of the digest.
    """

    tenant_id: TenantId
    window_began: datetime | None = None
    sent: int = 0
    held: Period | None = None
    digest_until: datetime | None = None
    version: int = 0

    def admitted(self, *, at: datetime, limit: int = MAX_ALERTS) -> "AlertState | None":
        """Return the state after one more alert, None when the limit is used up."""
        if self.held is not None:
            return None
        if self.window_began is None or at >= self.window_began + WINDOW:
            return replace(self, window_began=at, sent=1)
        return replace(self, sent=self.sent + 1) if self.sent < limit else None

    def holding(self, noticed: Period) -> "AlertState":
        """Return the state with violations held that were noticed within this period."""
        held = self.held or noticed
        return replace(
            self,
            held=Period(since=min(held.since, noticed.since), until=max(held.until, noticed.until)),
        )

    def is_held(self, at: datetime) -> bool:
        """Tell whether what was noticed at this time is told with what is held."""
        return self.held is not None and self.held.since <= at < self.held.until

    def released(self, *, at: datetime) -> "tuple[AlertState, Period | None]":
        """Return what was held and is to be told now, and the state after that."""
        began = self.window_began
        if self.held is None or (began is not None and at < began + WINDOW):
            return self, None
        return replace(self, held=None, window_began=at, sent=1), self.held

    def digested(
        self, every: timedelta | None, *, at: datetime
    ) -> "tuple[AlertState, Period | None]":
        """Return the period that a digest is due for, and the state after it.

        Periods begin at multiples of `every` since 1970, None for no digests. Those that nobody
        told of, as after a time without a server, are told together; the first one begins when a
        digest is asked for.
        """
        if every is None:
            return replace(self, digest_until=None), None
        end = at - SETTLED
        end -= (end - _EPOCH) % every
        if self.digest_until is None:
            return replace(self, digest_until=end), None
        if end <= self.digest_until:
            return self, None
        return replace(self, digest_until=end), Period(since=self.digest_until, until=end)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

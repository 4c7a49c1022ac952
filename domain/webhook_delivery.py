"""One alert on its way to one webhook: queued once, tried until it arrives or cannot."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.events import AuditDamaged, DigestDue, ViolationsRecorded
from domain.identifiers import DeliveryId, TenantId, WebhookId
from domain.job import RetryPolicy

Cause = ViolationsRecorded | DigestDue | AuditDamaged
"""What is told: the violations themselves are read when it is."""

RETRY = RetryPolicy(
    max_attempts=12, base=timedelta(seconds=10), limit=timedelta(hours=2), patience=timedelta(0)
)
"""Twelve tries within about four hours: long enough for a receiver that is being repaired."""

MAX_RETRY_AFTER = timedelta(hours=6)
"""How long a receiver may ask to be left alone."""

KEPT = timedelta(days=30)
"""How long a finished delivery is remembered, and not queued again."""

_SUCCESS = range(200, 300)
_SERVER_ERROR = range(500, 600)
_GONE = 410
# Request timeout, too early, too many requests: what the next try may not meet.
_PASSING = frozenset({408, 425, 429})
_ID_DIGITS = 32


class DeliveryState(StrEnum):
    """Where a delivery stands.

    `held`: the limit of its target was used up, and it is told with what else is held. `empty`:
    when its time came there was nothing to tell.
    """

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    HELD = "held"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookDelivery:
    """One alert for one webhook; `status` and `error` are those of the last try.

    Attempts count when a try begins, so that a delivery which kills its process ends as well.
    """

    id: DeliveryId
    tenant_id: TenantId
    webhook_id: WebhookId
    cause: Cause
    created_at: datetime
    state: DeliveryState = DeliveryState.WAITING
    attempts: int = 0
    not_before: datetime | None = None
    status: int | None = None
    error: str | None = None
    finished_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Tell whether it is still to be tried."""
        return self.state is DeliveryState.WAITING

    def claimed(self, *, until: datetime) -> "WebhookDelivery":
        """Return the delivery with a try begun, which nobody else begins before `until`."""
        return replace(self, attempts=self.attempts + 1, not_before=until)

    def held(self, *, at: datetime) -> "WebhookDelivery":
        """Return the delivery that is told later, with others."""
        return self._finished(DeliveryState.HELD, at=at)

    def delivered(self, *, at: datetime) -> "WebhookDelivery":
        """Return the delivery that arrived."""
        return replace(self._finished(DeliveryState.DELIVERED, at=at), error=None)

    def empty(self, *, at: datetime) -> "WebhookDelivery":
        """Return the delivery after it turned out that there is nothing to tell."""
        return self._finished(DeliveryState.EMPTY, at=at)

    def failed(self, error: str, *, at: datetime) -> "WebhookDelivery":
        """Return the delivery that no further try can help."""
        return replace(self._finished(DeliveryState.FAILED, at=at), error=error)

    def answered(
        self, status: int, *, at: datetime, draw: float, retry_after: timedelta | None = None
    ) -> "WebhookDelivery":
        """Return the delivery after an answer of its receiver.

        Any 2xx is a success. 408, 425, 429 and 5xx are tried again; everything else is final,
        redirects included, which are not followed.
        """
        answered = replace(self, status=status)
        if status in _SUCCESS:
            return answered.delivered(at=at)
        error = f"webhook.status_{status}"
        if status in _PASSING or status in _SERVER_ERROR:
            return answered.unanswered(error, at=at, draw=draw, retry_after=retry_after)
        return answered.failed(error, at=at)

    def unanswered(
        self, error: str, *, at: datetime, draw: float, retry_after: timedelta | None = None
    ) -> "WebhookDelivery":
        """Return the delivery waiting for its next try, or failed after the last one.

        The receiver's wish to be left alone is kept up to `MAX_RETRY_AFTER`.
        """
        if self.attempts >= RETRY.max_attempts:
            return self.failed(error, at=at)
        pause = RETRY.delay(self.attempts, draw)
        if retry_after is not None:
            pause = max(pause, min(retry_after, MAX_RETRY_AFTER))
        return replace(self, error=error, not_before=at + pause)

    def _finished(self, state: DeliveryState, *, at: datetime) -> "WebhookDelivery":
        return replace(self, state=state, not_before=None, finished_at=at)


def is_gone(status: int) -> bool:
    """Tell whether a receiver says by this status that it wants no more deliveries."""
    return status == _GONE


def delivery_id(webhook_id: WebhookId, occasion: str) -> DeliveryId:
    """Return the id of what is told to a webhook on an occasion: the same twice is the same.

    An occasion is the id of an event of the outbox, or the words for a period.
    """
    digest = hashlib.sha256(f"{webhook_id}\n{occasion}".encode()).hexdigest()
    return DeliveryId(f"msg_{digest[:_ID_DIGITS]}")

"""The conversations about webhooks: with the receivers, and with the queue of deliveries."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from domain.identifiers import TenantId, WebhookId
from domain.webhook_delivery import WebhookDelivery


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookAnswer:
    """What a receiver said: its status, and how long it wants to be left alone."""

    status: int
    retry_after: timedelta | None = None


class WebhookSender(Protocol):  # tenant-free: posts what it is given
    """Post to receivers: once a call, without redirects, and only where they may stand."""

    @abstractmethod
    def check(self, url: str) -> None:
        """Accept the address of a receiver, without looking its name up.

        Raises:
            AddressRefused: malformed, not https, or not on the public internet.
        """

    @abstractmethod
    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Post JSON and return the answer, whatever its status; its body is not kept.

        Raises:
            AddressRefused: the address, or one that its name leads to, may not be reached.
            Unavailable: no answer; the code is `webhook.timeout`, `webhook.tls` where the
                certificate is not good, or `webhook.unreachable`.
        """


class WebhookDeliveries(Protocol):
    """Hand out deliveries that are due, each to one claimant at a time, and remember the others."""

    @abstractmethod
    async def claim(
        self, *, at: datetime, lease: timedelta, busy: Collection[WebhookId]
    ) -> WebhookDelivery | None:  # tenant-free: one worker serves every tenant
        """Return the oldest due delivery to a webhook that is not `busy`, None when there is none.

        It is claimed until `at + lease`, and its attempts are counted.
        """

    @abstractmethod
    async def save(self, tenant_id: TenantId, delivery: WebhookDelivery) -> None:
        """Store how a try ended.

        A try that was claimed by somebody else meanwhile is not stored, unless it succeeded; what
        was delivered stays so.
        """

    @abstractmethod
    async def latest(
        self, tenant_id: TenantId, webhook_id: WebhookId, *, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Return deliveries to a webhook, the newest first."""

    @abstractmethod
    async def pending(self) -> int:  # tenant-free: what an operator watches
        """Return how many deliveries wait or are claimed."""

    @abstractmethod
    async def prune(
        self, *, before: datetime, limit: int
    ) -> int:  # tenant-free: forgets by time alone
        """Forget deliveries that ended before a time, at most so many; return how many."""

"""Carry events from the outbox to their handlers: at least once, in the background."""

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from application.ports.outbox import Outbox
from application.ports.system import Clock, Randomness
from domain.errors import DomainError
from domain.events import Event, OutboxEntry
from domain.job import RetryPolicy

_log = logging.getLogger(__name__)

Handler = Callable[[OutboxEntry], Awaitable[None]]

RETRY = RetryPolicy(
    max_attempts=14, base=timedelta(seconds=2), limit=timedelta(hours=2), patience=timedelta(0)
)
"""Fourteen tries within about three hours, the first ones within seconds.

Long enough for a mail server that is being repaired, and soon enough for a code that is waited
for.
"""

_LEASE = timedelta(minutes=2)
_BATCH = 32


class RelayOutbox:
    """Deliver what is due; a handler that fails is tried again with growing pauses."""

    def __init__(
        self,
        *,
        outbox: Outbox,
        handlers: Mapping[type[Event], Sequence[Handler]],
        clock: Clock,
        randomness: Randomness,
        retry: RetryPolicy,
    ) -> None:
        self._outbox = outbox
        self._handlers = handlers
        self._clock = clock
        self._randomness = randomness
        self._retry = retry

    async def __call__(self) -> int:
        """Deliver one batch and return how many events it held.

        Events are claimed one by one, so that each has its whole lease, however long those before
        it took.
        """
        for count in range(_BATCH):
            entries = await self._outbox.claim(limit=1, at=self._clock.now(), lease=_LEASE)
            if not entries:
                return count
            await self._relay(entries[0])
        return _BATCH

    async def _relay(self, entry: OutboxEntry) -> None:
        if entry.attempts > self._retry.max_attempts:
            # Its handlers failed in a way that nobody foresaw, and the relay with them.
            await self._bury(entry, reason="outbox.attempts_used_up")
            return
        try:
            for handle in self._handlers.get(type(entry.event), ()):
                await handle(entry)
        except DomainError as error:
            await self._failed(entry, error)
        else:
            await self._outbox.delivered(entry.id)

    async def _failed(self, entry: OutboxEntry, error: DomainError) -> None:
        _log.warning(
            "event was not delivered",
            extra={"event": type(entry.event).__name__, "code": error.code, "id": entry.id},
        )
        if entry.attempts >= self._retry.max_attempts:
            await self._bury(entry, reason=error.code)
            return
        delay = self._retry.delay(entry.attempts, self._randomness.fraction())
        await self._outbox.retry(entry.id, not_before=self._clock.now() + delay, reason=error.code)

    async def _bury(self, entry: OutboxEntry, *, reason: str) -> None:
        _log.error(
            "event was set aside",
            extra={"event": type(entry.event).__name__, "code": reason, "id": entry.id},
        )
        await self._outbox.bury(entry.id, reason=reason)

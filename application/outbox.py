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

_LEASE = timedelta(minutes=1)
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
        """Deliver one batch and return how many events it held."""
        entries = await self._outbox.claim(limit=_BATCH, at=self._clock.now(), lease=_LEASE)
        for entry in entries:
            if entry.attempts > self._retry.max_attempts:
                # Its handlers failed in a way that nobody foresaw, and the relay with them.
                await self._outbox.bury(entry.id, reason="outbox.attempts_used_up")
                continue
            try:
                for handle in self._handlers.get(type(entry.event), ()):
                    await handle(entry)
            except DomainError as error:
                await self._failed(entry, error)
            else:
                await self._outbox.delivered(entry.id)
        return len(entries)

    async def _failed(self, entry: OutboxEntry, error: DomainError) -> None:
        _log.warning(
            "event was not delivered",
            extra={"event": type(entry.event).__name__, "code": error.code, "id": entry.id},
        )
        if entry.attempts >= self._retry.max_attempts:
            await self._outbox.bury(entry.id, reason=error.code)
            return
        delay = self._retry.delay(entry.attempts, self._randomness.fraction())
        await self._outbox.retry(entry.id, not_before=self._clock.now() + delay, reason=error.code)

"""Storage events out of a queue: nobody needs to reach us from outside."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from adapters.sqs.client import WAIT_SECONDS, SqsMessage, SqsQueue, SqsUnavailable
from application.ports.notifications import EventQueue, ForgedEvent, VerifiedMessage
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.errors import InvalidValue, Unavailable
from domain.job import ObjectRef

SOURCE = "sqs"
BATCH = 10
HIDDEN_SECONDS = 120
"""How long nobody else gets what we received; storing a job takes milliseconds."""

MIN_PAUSE = 5.0
MAX_PAUSE = 300.0

_log = logging.getLogger(__name__)


class SqsEvents(EventQueue):
    """Fetch messages and hand over the objects that `read` finds in them.

    A message stays hidden from others for as long as its objects are being accepted. While
    `accept` is unavailable, polling pauses ever longer and tries with one message at a time, so
    that waiting does not use up the receives after which the queue sets a message aside.
    """

    def __init__(
        self,
        queue: SqsQueue,
        *,
        read: Callable[[str], Awaitable[VerifiedMessage]],
        clock: Clock,
        telemetry: Telemetry,
        wait_seconds: int = WAIT_SECONDS,
        hidden_seconds: int = HIDDEN_SECONDS,
    ) -> None:
        self._queue = queue
        self._read = read
        self._clock = clock
        self._telemetry = telemetry
        self._wait_seconds = wait_seconds
        self._hidden_seconds = hidden_seconds
        self._pause = 0.0
        self._not_before = 0.0

    async def poll_once(self, accept: Callable[[ObjectRef], Awaitable[object]]) -> bool:
        """Receive up to ten messages, waiting up to 20 seconds, and accept their objects."""
        if self._pause and self._clock.monotonic() < self._not_before:
            return False
        messages = await self._queue.receive(
            limit=1 if self._pause else BATCH,
            wait_seconds=self._wait_seconds,
            hidden_seconds=self._hidden_seconds,
        )
        undone, done = list(messages), list[str]()
        trouble: Unavailable | None = None
        try:
            async with asyncio.TaskGroup() as group:
                heart = group.create_task(self._keep_hidden(undone))
                while undone and trouble is None:
                    try:
                        is_done = await self._take(undone[0].body, accept)
                    except Unavailable as error:
                        trouble = error
                        break
                    message = undone.pop(0)
                    done += [message.handle] if is_done else []
                heart.cancel()
        finally:
            if done:
                await self._queue.delete(done)
        if trouble is not None:
            self._pause = min(MAX_PAUSE, max(MIN_PAUSE, self._pause * 2))
            self._not_before = self._clock.monotonic() + self._pause
            raise trouble
        self._pause = 0.0
        return bool(messages)

    def close(self) -> None:
        """Close the connections."""
        self._queue.close()

    async def _keep_hidden(self, undone: list[SqsMessage]) -> None:
        """Hide what is not accepted yet again and again; who is called last removes it."""
        while self._hidden_seconds:
            await asyncio.sleep(self._hidden_seconds / 3)
            for message in tuple(undone):
                with suppress(SqsUnavailable):
                    await self._queue.hide(message.handle, self._hidden_seconds)

    async def _take(self, body: str, accept: Callable[[ObjectRef], Awaitable[object]]) -> bool:
        """Accept the objects of a message and tell whether it is dealt with."""
        try:
            said = await self._read(body)
        except ForgedEvent as error:
            self._telemetry.count(Metric.SIGNATURE_FAILURES, reason=error.reason.value)
            self._left("refused", error.code)
            return False
        except InvalidValue as error:
            self._left("unreadable", error.code)
            return False
        for ref in said.objects:
            await accept(ref)
        if said.unreadable:
            self._left("unreadable", "partly")
        return not said.unreadable

    def _left(self, result: str, reason: str) -> None:
        self._telemetry.count(Metric.EVENTS, source=SOURCE, result=result)
        _log.warning("message left in the queue", extra={"result": result, "reason": reason})

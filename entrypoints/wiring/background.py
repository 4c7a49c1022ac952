"""Work that a process repeats beside its requests, and workers that end in good order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress

from domain.errors import DomainError

_log = logging.getLogger(__name__)

IDLE = 0.1
"""Seconds between two looks for work where nothing announces it."""

_PAUSE_AFTER_FAILURE = 1.0


async def repeat(
    name: str,
    work: Callable[[], Awaitable[bool]],
    pause: float,
    *,
    first_after: float = 0.0,
    until: asyncio.Event | None = None,
) -> None:
    """Do work until told to stop: at once again while it says so, else after a pause.

    An error is logged and the work goes on later: one bad object must not stop everybody's. After
    each error in a row the wait doubles, up to the pause: what is rare stays so.
    """
    stop = until or asyncio.Event()
    after_failure = _PAUSE_AFTER_FAILURE
    await _pause(first_after, stop)
    while not stop.is_set():
        try:
            has_more = await work()
        except Exception as error:
            code = error.code if isinstance(error, DomainError) else type(error).__name__
            _log.error("background work failed", extra={"loop": name, "error": code})
            await _pause(after_failure, stop)
            after_failure = min(2 * after_failure, max(pause, _PAUSE_AFTER_FAILURE))
            continue
        after_failure = _PAUSE_AFTER_FAILURE
        if not has_more:
            await _pause(pause, stop)


class Workers:
    """Several workers on one queue, in one process; together they look for work every `IDLE`."""

    def __init__(self, work: Callable[[], Awaitable[bool]], count: int) -> None:
        self._work = work
        self._count = count
        self._tasks: list[asyncio.Task[None]] = []
        self.stopping = asyncio.Event()

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin to work."""
        self._tasks = [
            group.create_task(
                repeat("analyse", self._work, IDLE * self._count, until=self.stopping)
            )
            for _ in range(self._count)
        ]

    async def drain(self, seconds: float) -> None:
        """Take no more work, wait so long for what is under way, then give the rest back."""
        self.stopping.set()
        if self._tasks:
            _, unfinished = await asyncio.wait(self._tasks, timeout=seconds)
            if unfinished:
                _log.warning("jobs are given back unfinished", extra={"jobs": len(unfinished)})
            self.give_back()
            await asyncio.wait(self._tasks)

    def give_back(self) -> None:
        """Give what is under way back at once."""
        self.stopping.set()
        for task in self._tasks:
            task.cancel()


async def _pause(seconds: float, stop: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()

"""Calls of blocking SDKs in threads of their own, each with a deadline."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from datetime import timedelta
from typing import TypeVar

from adapters.object_storage.daemon_threads import DaemonThreads
from domain.errors import Unavailable

DEADLINE = timedelta(minutes=2)
"""How long one call may take with its retries and its wait for a thread."""

Result = TypeVar("Result")
Item = TypeVar("Item")


class BlockingCalls:
    """Run the calls of one service in a bounded pool, apart from asyncio's own threads.

    A call that is over its deadline keeps its thread until the SDK's own time-outs end it, or the
    process ends.
    """

    def __init__(self, service: str, *, threads: int = 16, deadline: timedelta = DEADLINE) -> None:
        self._service = service
        self._deadline = deadline.total_seconds()
        self._pool = DaemonThreads(threads, name=service.replace(" ", "-"))

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what the work returns.

        Raises:
            Unavailable: there was no answer within the deadline.
        """
        try:
            async with asyncio.timeout(self._deadline):
                return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        except TimeoutError as error:
            raise Unavailable(self._service, f"{self._service} did not answer in time") from error

    async def stream(
        self, start: Callable[[], Generator[Item, None, None]]
    ) -> AsyncGenerator[Item, None]:
        """Yield what a generator yields; every step runs in a thread and has the deadline.

        Raises:
            Unavailable: a step did not end within the deadline.
        """
        generator = start()
        try:
            async for item in self._steps(generator):
                yield item
        finally:
            # One that still runs in a thread cannot be closed here; it ends with its step.
            with suppress(ValueError):
                generator.close()

    async def _steps(self, generator: Generator[Item, None, None]) -> AsyncGenerator[Item, None]:
        def step() -> list[Item]:
            for item in generator:
                return [item]
            return []

        while found := await self.run(step):
            yield found[0]

    def close(self) -> None:
        """Take no more calls; those under way end by themselves."""
        self._pool.shutdown(cancel_futures=True)

"""Time by stage, by wrapping the ports that a stage speaks through."""

import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from application.detection import DetectionOutcome, DetectionPipeline
from application.ports.job_queue import JobQueue
from application.ports.object_storage import ObjectStorages
from application.ports.unit_of_work import Transactions
from domain.tenant import StorageSettings


class Stopwatch:
    """Seconds by stage; what happens in a stage inside another one counts for the inner one.

    For one task alone: two at once would book each other's time.
    """

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()
        self._stages: list[str] = []
        self._since = time.perf_counter()

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Book time for a stage."""
        self.enter(name)
        try:
            yield
        finally:
            self.leave()

    def enter(self, name: str) -> None:
        """Begin a stage."""
        self._book()
        self._stages.append(name)

    def leave(self) -> None:
        """Go back to the stage around this one."""
        self._book()
        self._stages.pop()

    def reset(self) -> Counter[str]:
        """Return the seconds since the last reset, and begin anew."""
        self._book()
        seconds, self._seconds = self._seconds, Counter()
        return seconds

    def _book(self) -> None:
        now = time.perf_counter()
        self._seconds[self._stages[-1] if self._stages else "rest"] += now - self._since
        self._since = now


class TimedStorages:
    """Storages whose every wait for data counts as `read`."""

    def __init__(self, storages: ObjectStorages, watch: Stopwatch) -> None:
        self._storages = storages
        self._watch = watch

    def of(self, settings: StorageSettings) -> "_TimedStorage":
        """Return the storage of these settings."""
        return _TimedStorage(self._storages.of(settings), self._watch)


class _TimedStorage:
    def __init__(self, storage: Any, watch: Stopwatch) -> None:
        self._storage = storage
        self._watch = watch

    async def read(self, key: str) -> AsyncIterator[bytes]:
        pieces = self._storage.read(key)
        while True:
            with self._watch.stage("read"):
                piece = await anext(pieces, b"")
            if not piece:
                return
            yield piece


class TimedTransactions:
    """Transactions that count as `store` from their beginning to their end."""

    def __init__(self, transactions: Transactions, watch: Stopwatch) -> None:
        self._transactions = transactions
        self._watch = watch

    def __call__(self) -> "_TimedUnit":
        """Return a unit of work."""
        return _TimedUnit(self._transactions(), self._watch)


class _TimedUnit:
    def __init__(self, unit: Any, watch: Stopwatch) -> None:
        self._unit = unit
        self._watch = watch

    async def __aenter__(self) -> Self:
        self._watch.enter("store")
        self._unit = await self._unit.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._unit.__aexit__(kind, error, traceback)
        self._watch.leave()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)


class TimedQueue:
    """A queue whose every answer counts as `queue`."""

    def __init__(self, queue: JobQueue, watch: Stopwatch) -> None:
        self._queue = queue
        self._watch = watch

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._queue, name)

        async def timed(*arguments: Any, **named: Any) -> Any:
            with self._watch.stage("queue"):
                return await method(*arguments, **named)

        return timed


class TimedDetection:
    """A detection pipeline that counts as `detect`."""

    def __init__(self, pipeline: DetectionPipeline, watch: Stopwatch) -> None:
        self._pipeline = pipeline
        self._watch = watch

    async def __call__(self, *arguments: Any, **named: Any) -> DetectionOutcome:
        """Return what is found in the texts."""
        with self._watch.stage("detect"):
            return await self._pipeline(*arguments, **named)

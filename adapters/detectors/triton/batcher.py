"""Fill batches with the rows of whoever asks at the same time."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.detectors.triton.errors import RequestRefused, TritonUnavailable
from adapters.detectors.triton.servers import Spawn
from domain.errors import Unavailable

R = TypeVar("R")
A = TypeVar("A")


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchLimits:
    """How much goes together and how much may wait.

    A batch has at most `rows` rows of `weight` bytes together, except that one row always fits; it
    waits `linger` seconds for more. `parallel` batches are under way at once. `callers` callers
    have rows that are not answered yet; more are turned away.
    """

    rows: int
    weight: int = 4 * 1024 * 1024
    linger: float = 0.001
    parallel: int = 4
    callers: int = 256


class _Call(Generic[A]):
    """One caller, who wants an answer for each row."""

    def __init__(self, count: int, deadline: float) -> None:
        self.deadline = deadline
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.answers: dict[int, A] = {}
        self.count = count

    def answer(self, at: int, answer: A) -> None:
        self.answers[at] = answer
        if len(self.answers) == self.count and not self.done.done():
            self.done.set_result(None)

    def fail(self, message: str) -> None:
        if not self.done.done():
            self.done.set_exception(TritonUnavailable(message))

    def ended(self, at: int) -> None:
        """Fail where the batch of a row has ended without an answer for it."""
        if at not in self.answers:
            self.fail("the connection to triton was closed")


@dataclass(frozen=True, slots=True)
class _Entry(Generic[R, A]):
    """One row that waits, since when, and whose it is."""

    call: _Call[A]
    at: int
    row: R
    weight: int
    since: float


class Batcher(Generic[R, A]):
    """Send rows of the same kind together, those of several callers in one batch.

    `send` gets the rows of one batch and a deadline, a time of the event loop, and returns an
    answer a row. What it refuses is sent again for each caller alone, so that one caller's row
    does not fail the others'.
    """

    def __init__(
        self,
        send: Callable[[Sequence[R], float], Awaitable[Sequence[A]]],
        *,
        kind: Callable[[R], Hashable],
        weight: Callable[[R], int],
        limits: BatchLimits,
        spawn: Spawn,
    ) -> None:
        self._send = send
        self._kind = kind
        self._weight = weight
        self._limits = limits
        self._spawn = spawn
        self._waiting: dict[Hashable, deque[_Entry[R, A]]] = {}
        self._callers = 0
        self._running = 0
        self._timer: asyncio.TimerHandle | None = None

    async def __call__(self, rows: Sequence[R], deadline: float) -> list[A]:
        """Return an answer a row, in order, before the deadline, a time of the event loop.

        Raises:
            TritonUnavailable: too many callers wait, the deadline has passed, or no server could
                answer.
        """
        if not rows:
            return []
        if self._callers >= self._limits.callers:
            raise TritonUnavailable("too many callers wait for triton", retry_after=1)
        call = _Call[A](len(rows), deadline)
        self._callers += 1
        try:
            self._enqueue(call, rows)
            self._pump()
            async with asyncio.timeout_at(deadline):
                await call.done
        except TimeoutError:
            raise TritonUnavailable("triton did not answer in time") from None
        finally:
            self._callers -= 1
            self._forget(call)
        return [call.answers[at] for at in range(len(rows))]

    def close(self) -> None:
        """Turn away those who wait; what is under way is the caller's to end."""
        if self._timer is not None:
            self._timer.cancel()
        for entries in self._waiting.values():
            for entry in entries:
                entry.call.fail("the connection to triton was closed")
        self._waiting.clear()

    def _enqueue(self, call: _Call[A], rows: Sequence[R]) -> None:
        now = asyncio.get_running_loop().time()
        for at, row in enumerate(rows):
            entry = _Entry(call, at, row, self._weight(row), now)
            self._waiting.setdefault(self._kind(row), deque()).append(entry)

    def _forget(self, call: _Call[A]) -> None:
        """Drop the rows of a caller who has gone."""
        if len(call.answers) == call.count:
            return
        for kind, entries in list(self._waiting.items()):
            left = deque(entry for entry in entries if entry.call is not call)
            if left:
                self._waiting[kind] = left
            else:
                del self._waiting[kind]

    def _pump(self) -> None:
        """Start what is ripe: a full batch, or one whose first row has waited long enough."""
        loop = asyncio.get_running_loop()
        while self._running < self._limits.parallel and self._waiting:
            kind = min(self._waiting, key=self._ripe_at)
            ripe_at = self._ripe_at(kind)
            if ripe_at > loop.time():
                if self._timer is not None:
                    self._timer.cancel()
                self._timer = loop.call_at(ripe_at, self._pump)
                return
            entries = self._take(kind)
            if entries:
                self._running += 1
                self._spawn(self._run(entries))

    def _ripe_at(self, kind: Hashable) -> float:
        entries = self._waiting[kind]
        since = entries[0].since
        return since if len(entries) >= self._limits.rows else since + self._limits.linger

    def _take(self, kind: Hashable) -> list[_Entry[R, A]]:
        """Return the rows of the next batch, without those that nobody waits for any more."""
        entries = self._waiting[kind]
        taken: list[_Entry[R, A]] = []
        weight = 0
        while entries and len(taken) < self._limits.rows:
            if entries[0].call.done.done():
                entries.popleft()
                continue
            weight += entries[0].weight
            if taken and weight > self._limits.weight:
                break
            taken.append(entries.popleft())
        if not entries:
            del self._waiting[kind]
        return taken

    async def _run(self, entries: Sequence[_Entry[R, A]]) -> None:
        try:
            await self._deliver(entries)
        finally:
            for entry in entries:
                # Nobody hangs, whatever ended this.
                entry.call.ended(entry.at)
            self._running -= 1
            self._pump()

    async def _deliver(self, entries: Sequence[_Entry[R, A]]) -> None:
        deadline = max(entry.call.deadline for entry in entries)
        try:
            answers = await self._send([entry.row for entry in entries], deadline)
        except RequestRefused:
            groups: dict[int, list[_Entry[R, A]]] = {}
            for entry in entries:
                groups.setdefault(id(entry.call), []).append(entry)
            if len(groups) == 1:
                entries[0].call.fail("triton does not take a text")
                return
            for group in groups.values():
                await self._deliver(group)
        except Unavailable as error:
            for entry in entries:
                entry.call.fail(error.message)
        else:
            for entry, answer in zip(entries, answers, strict=True):
                entry.call.answer(entry.at, answer)

"""Write, read, list and delete a probe, and say how each step ended."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from application.ports.object_storage import ObjectExists, ObjectNotFound, ObjectStorage
from application.ports.system import Clock
from domain.errors import DomainError

_CONTENT = b"TruePort wrote this to see whether it can. It may be deleted.\n"
_OTHER = b"this must not be written over what is there\n"


class ProbeStep(StrEnum):
    """What is done with a probe, in this order."""

    WRITE = "write"
    READ = "read"
    LIST = "list"
    DELETE = "delete"


class StepOutcome(StrEnum):
    """How a step ended; one is skipped where there is no probe to look at."""

    OK = "ok"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReport:
    """One step: where it failed, `code` is the error's and `reason` says it in one line."""

    step: ProbeStep
    outcome: StepOutcome
    seconds: float = 0.0
    code: str | None = None
    reason: str | None = None


class UnsoundStorage(DomainError):
    """A store did what it was asked to and not as the port demands it."""

    code = "storage.unsound"


class StorageProbe:
    """One probe in one bucket."""

    def __init__(self, storage: ObjectStorage, key: str, *, clock: Clock) -> None:
        self._storage = storage
        self._key = key
        self._clock = clock

    async def run(self) -> Sequence[StepReport]:
        """Return how each step ended.

        What was written is deleted, also where writing seemed to fail: the answer to a write may
        be lost after it was carried out.
        """
        written = await self._timed(ProbeStep.WRITE, self._write)
        reports = [written]
        for step, work in ((ProbeStep.READ, self._read), (ProbeStep.LIST, self._list)):
            reports.append(
                await self._timed(step, work)
                if written.outcome is StepOutcome.OK
                else StepReport(step=step, outcome=StepOutcome.SKIPPED)
            )
        return [*reports, await self._timed(ProbeStep.DELETE, self._delete)]

    async def _timed(self, step: ProbeStep, work: Callable[[], Awaitable[None]]) -> StepReport:
        started = self._clock.monotonic()
        try:
            await work()
        except DomainError as error:
            return failed(step, error, seconds=self._clock.monotonic() - started)
        seconds = self._clock.monotonic() - started
        return StepReport(step=step, outcome=StepOutcome.OK, seconds=seconds)

    async def _write(self) -> None:
        await self._storage.create(self._key, _CONTENT, content_type="text/plain")
        try:
            await self._storage.create(self._key, _OTHER, content_type="text/plain")
        except ObjectExists:
            return
        raise UnsoundStorage("the store lets an object be written over; audit objects are not")

    async def _read(self) -> None:
        if await self._content() != _CONTENT:
            raise UnsoundStorage("what was read is not what was written")

    async def _list(self) -> None:
        if [item.key async for item in self._storage.list(self._key)] != [self._key]:
            raise UnsoundStorage("the listing does not hold what was written")

    async def _delete(self) -> None:
        await self._storage.delete(self._key)
        try:
            await self._content()
        except ObjectNotFound:
            return
        raise UnsoundStorage("what was deleted is still there")

    async def _content(self) -> bytes:
        return b"".join([piece async for piece in self._storage.read(self._key)])


def failed(step: ProbeStep, error: DomainError, *, seconds: float = 0.0) -> StepReport:
    """Return the report of a step that ended with an error."""
    return StepReport(
        step=step,
        outcome=StepOutcome.FAILED,
        seconds=seconds,
        code=error.code,
        reason=error.message,
    )

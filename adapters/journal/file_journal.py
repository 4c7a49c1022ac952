"""The audit journal in a folder of this machine."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from adapters.journal.instance_folder import SEALED, InstanceFolder, claim, time_of
from adapters.journal.segment_lines import batches
from adapters.journal.segment_writer import SegmentWriter, unavailable
from application.ports.audit_journal import AuditJournal, JournalBatch, JournalSegment
from application.ports.system import IdFactory, Randomness
from domain.audit import AuditRecord, ChainHead
from domain.errors import DomainError, NotFound, Unavailable
from domain.identifiers import TenantId

MAX_SEGMENT_BYTES = 8 << 20
"""Size from which a segment is closed by itself, so that memory and objects stay small."""

Result = TypeVar("Result")
Waiter = tuple[TenantId, AuditRecord, "asyncio.Future[str]"]


class FileAuditJournal(AuditJournal):
    """Keep records in `root/{instance}/`, one writing thread for all of them.

    Records that come while a batch is being written make the next batch, so that one fsync serves
    many. A caller that goes away does not take its record back: the exchange happened.
    """

    def __init__(
        self,
        root: Path,
        *,
        ids: IdFactory,
        randomness: Randomness,
        instance: str | None = None,
        max_segment_bytes: int = MAX_SEGMENT_BYTES,
    ) -> None:
        self._root = root
        self._ids = ids
        self._randomness = randomness
        self._wanted = instance
        self._max_segment_bytes = max_segment_bytes
        self._claimed: InstanceFolder | None = None
        self._name = ""
        self._thread: ThreadPoolExecutor | None = None
        self._writer: SegmentWriter | None = None
        self._waiting: list[Waiter] = []
        self._batch: asyncio.Future[list[str | DomainError]] | None = None
        self._is_closing = False

    @property
    def instance(self) -> str:
        """Return the name of this writer; the first look locks its folder.

        Raises:
            Unavailable: the folder cannot be written, or another process holds it.
        """
        return self._name or self._folder.instance

    async def open(self, heads: Sequence[tuple[TenantId, ChainHead]]) -> None:
        """Recover what an earlier run left and go on with its chains; a torn last line is cut.

        `heads` are the ends of this instance's chains as the store knows them.

        Raises:
            Unavailable: the folder cannot be written.
        """
        writer = SegmentWriter(self._folder, self._ids, max_bytes=self._max_segment_bytes)
        await _on_disk(partial(writer.recover, dict(heads)))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="audit-journal")
        self._writer = writer
        self._is_closing = False

    async def append(self, tenant_id: TenantId, record: AuditRecord) -> str:
        """Bind a record into the tenant's chain and return its hash once it survives a crash.

        Records of one tenant are in the order of their calls. Many calls share one fsync.

        Raises:
            InvalidValue: the record has no canonical form.
            Unavailable: the disk did not take it; the record is then in no chain.
        """
        self._open_writer()
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._waiting.append((tenant_id, record, outcome))
        self._write_waiting()
        return await asyncio.shield(outcome)

    async def seal(self) -> None:
        """Close the open segment if it holds anything, so that it can be shipped."""
        await _on_disk(self._open_writer().seal, self._thread)

    async def segments(self) -> Sequence[JournalSegment]:
        """Return the closed segments, oldest first."""
        self._open_writer()
        names = await _on_disk(partial(self._folder.ids, SEALED))
        return [JournalSegment(id=name, opened_at=time_of(name)) for name in names]

    async def size(self) -> int:
        """Return how many bytes the closed segments have."""
        self._open_writer()
        return await _on_disk(partial(self._folder.size, SEALED))

    async def read(self, segment: JournalSegment) -> Sequence[JournalBatch]:
        """Return the content of a segment, by tenant; the same at every call.

        Raises:
            NotFound: the segment was removed.
        """
        self._open_writer()
        return await _on_disk(partial(_load, self._folder, segment.id))

    async def remove(self, segment: JournalSegment) -> None:
        """Forget a segment that storage has confirmed; one that is gone is fine."""
        self._open_writer()
        await _on_disk(partial(_forget, self._folder, segment.id))

    async def close(self) -> None:
        """Write what waits, seal, and free the files for another process.

        Raises:
            Unavailable: the last segment could not be closed; the next run will do it.
        """
        self._is_closing = True
        try:
            while self._batch is not None:
                await asyncio.wait({self._batch})
            if self._writer is not None:
                await _on_disk(self._writer.seal, self._thread)
        finally:
            self._writer = None
            if self._thread is not None:
                self._thread.shutdown()
                self._thread = None
            if self._claimed is not None:
                self._claimed.release()
                self._claimed = None

    @property
    def _folder(self) -> InstanceFolder:
        if self._claimed is None:
            try:
                self._claimed = claim(self._root, self._randomness, self._name or self._wanted)
            except OSError as error:
                raise unavailable(error) from error
        if self._claimed is None:
            raise Unavailable("audit journal", "another process writes this journal")
        self._name = self._claimed.instance
        return self._claimed

    def _open_writer(self) -> SegmentWriter:
        if self._writer is None or self._is_closing:
            raise Unavailable("audit journal", "the audit journal is not open")
        return self._writer

    def _write_waiting(self) -> None:
        """Hand everything that waits to the writing thread, unless a batch is on its way."""
        if self._batch is not None or not self._waiting:
            return
        if self._writer is None:
            raise AssertionError("a record waits in a journal that is not open")
        batch, self._waiting = self._waiting, []
        records = [(tenant_id, record) for tenant_id, record, _ in batch]
        loop = asyncio.get_running_loop()
        self._batch = loop.run_in_executor(self._thread, self._writer.write, records)
        self._batch.add_done_callback(partial(self._written, batch))

    def _written(
        self, batch: Sequence[Waiter], done: "asyncio.Future[list[str | DomainError]]"
    ) -> None:
        self._batch = None
        error = done.exception()
        outcomes = [error] * len(batch) if error is not None else done.result()
        for (_, _, waiter), outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, str):
                waiter.set_result(outcome)
            else:
                waiter.set_exception(outcome)
        self._write_waiting()


async def _on_disk(work: Callable[[], Result], thread: ThreadPoolExecutor | None = None) -> Result:
    """Run disk work in a thread and say what went wrong in the port's words."""
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, work)
    except OSError as error:
        raise unavailable(error) from error


def _load(folder: InstanceFolder, segment_id: str) -> Sequence[JournalBatch]:
    try:
        data = folder.file(segment_id, SEALED).read_bytes()
    except FileNotFoundError as error:
        raise NotFound("this segment of the journal is gone") from error
    found, damage = batches(data)
    if damage:
        folder.set_aside(segment_id, damage)
    return found


def _forget(folder: InstanceFolder, segment_id: str) -> None:
    folder.file(segment_id, SEALED).unlink(missing_ok=True)
    folder.fsync()

"""Writing of journal segments: many records, one fsync; called from one thread at a time."""

import logging
import os
from collections.abc import Mapping, Sequence

from adapters.journal.instance_folder import OPEN, SEALED, InstanceFolder, next_id
from adapters.journal.segment_lines import advance, encode, last_heads, sound_length
from application.ports.system import IdFactory
from domain.audit import AuditRecord, ChainHead, chain
from domain.errors import DomainError, InvalidValue, Unavailable
from domain.identifiers import TenantId

_log = logging.getLogger(__name__)


class SegmentWriter:
    """Keep the chains of one instance going in `{ulid}.open`, closed as `{ulid}.sealed`.

    After any failure the segment is cut back to its last confirmed length and closed, since what
    a failed fsync left behind is unknown; until that succeeds nothing more is accepted.
    """

    def __init__(self, folder: InstanceFolder, ids: IdFactory, *, max_bytes: int) -> None:
        self._folder = folder
        self._ids = ids
        self._max_bytes = max_bytes
        self._heads: dict[TenantId, ChainHead] = {}
        self._id = ""
        self._descriptor: int | None = None
        self._size = 0
        self._is_doubtful = False

    def recover(self, heads: Mapping[TenantId, ChainHead]) -> None:
        """Close what an earlier run left open and find the ends of its chains.

        Raises:
            OSError: the folder cannot be written.
        """
        self._heads = dict(heads)
        for name in self._folder.ids(SEALED):
            advance(self._heads, last_heads(self._folder.file(name, SEALED).read_bytes()))
            self._id = max(self._id, name)
        for name in self._folder.ids(OPEN):
            self._recover_open(name)
            self._id = max(self._id, name)
        self._folder.fsync()

    def write(self, records: Sequence[tuple[TenantId, AuditRecord]]) -> list[str | DomainError]:
        """Append records with one fsync; return each one's hash, or why it is in no chain."""
        heads = dict[TenantId, ChainHead]()
        lines: list[bytes] = []
        outcomes: list[str | DomainError] = []
        for tenant_id, record in records:
            head = heads.get(tenant_id) or self._heads.get(tenant_id) or ChainHead()
            try:
                chained = chain(record, head)
            except InvalidValue as error:
                outcomes.append(error)
                continue
            heads[tenant_id] = chained.head
            lines.append(encode(tenant_id, chained))
            outcomes.append(chained.head.hash)
        if not lines:
            return outcomes
        try:
            self._append(b"".join(lines))
        except OSError as error:
            failure = unavailable(error)
            return [failure if isinstance(outcome, str) else outcome for outcome in outcomes]
        self._heads.update(heads)
        if self._size >= self._max_bytes:
            self._seal_if_possible()
        return outcomes

    def seal(self) -> None:
        """Close the open segment if it holds anything.

        Raises:
            OSError: it could not be renamed; it stays open.
        """
        if self._descriptor is None:
            self._is_doubtful = False
            return
        if self._is_doubtful:
            os.ftruncate(self._descriptor, self._size)
            os.fsync(self._descriptor)
            self._is_doubtful = False
        path = self._folder.file(self._id, OPEN)
        if self._size:
            path.rename(path.with_suffix(SEALED))
        else:
            path.unlink()
        os.close(self._descriptor)
        self._descriptor, self._size = None, 0
        self._folder.fsync()

    def _append(self, data: bytes) -> None:
        if self._is_doubtful:
            self.seal()
        view = memoryview(data)
        try:
            descriptor = self._begin() if self._descriptor is None else self._descriptor
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        except OSError:
            self._is_doubtful = True
            self._seal_if_possible()
            raise
        self._size += len(data)

    def _begin(self) -> int:
        # A clock that was set back must not put a new segment before older ones.
        name = max(self._ids.ulid(), next_id(self._id))
        path = self._folder.file(name, OPEN)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._id, self._descriptor, self._size = name, descriptor, 0
        self._folder.fsync()
        return descriptor

    def _seal_if_possible(self) -> None:
        try:
            self.seal()
        except OSError as error:
            _log.warning("journal segment could not be closed yet", extra={"errno": error.errno})

    def _recover_open(self, name: str) -> None:
        path = self._folder.file(name, OPEN)
        data = path.read_bytes()
        length = sound_length(data, self._heads)
        if b"\n" in data[length:]:
            # More than one torn line: somebody should be able to look at it.
            self._folder.set_aside(name, data[length:])
        if length:
            with path.open("r+b") as file:
                file.truncate(length)
                os.fsync(file.fileno())
            path.rename(path.with_suffix(SEALED))
        else:
            path.unlink()


def unavailable(error: OSError) -> Unavailable:
    """Return what a failed disk operation means to the caller."""
    reason = os.strerror(error.errno) if error.errno else "it failed"
    return Unavailable("audit journal", f"the audit journal could not be written: {reason}")

"""One SQLite connection on a thread of its own, so that the event loop never waits for a disk."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from adapters.turns import to_its_end
from domain.errors import InvalidValue, Unavailable

T = TypeVar("T")

SERVICE = "store"
MEMORY = ":memory:"
BUSY_RETRY_AFTER = 1.0

_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_OWNER_ONLY = 0o600
_STATEMENTS_KEPT = 256
_PAUSE = 0.01
_PRIMARY_CODE = 0xFF
"""The low byte of an extended result code is the primary one (sqlite.org/rescode.html)."""


class Connection:
    """A connection whose work runs on one thread, one piece after the other.

    `path` is a file or `:memory:`; another connection's lock is waited for up to `busy_timeout`.
    """

    def __init__(
        self, path: str | Path, *, name: str, busy_timeout: timedelta, read_only: bool = False
    ) -> None:
        self._path = str(path)
        self._busy_timeout = busy_timeout.total_seconds()
        self._read_only = read_only
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"sqlite-{name}")
        self._raw: sqlite3.Connection | None = None
        self._is_closed = False

    async def open(self) -> None:
        """Open the file, making it when it is not there.

        Raises:
            Unavailable: it cannot be opened, or is no database.
        """
        await self._on_thread(self._open)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` on the connection's thread and return what it returns.

        When cancelled, `work` is still waited for: nothing goes on behind the caller's back.

        Raises:
            Unavailable: SQLite failed, or the connection is not open.
            InvalidValue: a value cannot be stored (a number above 64 bits, a broken text).
        """
        raw = self._raw
        if raw is None:
            raise Unavailable(SERVICE, "the store is not open")
        return await self._on_thread(lambda: _translated(lambda: work(raw)))

    async def close(self) -> None:
        """Close the connection after the work that was begun; a second call is fine."""
        if self._is_closed:
            return
        self._is_closed = True
        try:
            await self._on_thread(self._close)
        finally:
            self._executor.shutdown(wait=False)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        return await to_its_end(asyncio.get_running_loop().run_in_executor(self._executor, work))

    def _open(self) -> None:
        if self._path != MEMORY:
            _make_file(Path(self._path))
        raw = _translated(self._connect)
        try:
            _translated(lambda: self._prepare(raw))
        except Unavailable:
            raw.close()
            raise
        self._raw = raw

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self._path,
            timeout=self._busy_timeout,
            isolation_level=None,
            cached_statements=_STATEMENTS_KEPT,
        )

    def _prepare(self, raw: sqlite3.Connection) -> None:
        mode = _write_ahead_mode(raw, self._busy_timeout)
        if mode != "wal" and self._path != MEMORY:
            raise Unavailable(SERVICE, "the database file lies where SQLite cannot use its WAL")
        raw.execute("PRAGMA synchronous = FULL")
        # macOS answers an ordinary fsync before the data is on the disk.
        raw.execute("PRAGMA fullfsync = ON")
        raw.execute("PRAGMA foreign_keys = ON")
        if self._read_only:
            raw.execute("PRAGMA query_only = ON")

    def _close(self) -> None:
        raw, self._raw = self._raw, None
        if raw is not None:
            _translated(raw.close)


def _make_file(path: Path) -> None:
    try:
        path.touch(mode=_OWNER_ONLY, exist_ok=True)
    except OSError as error:
        raise Unavailable(
            SERVICE, f"the database file cannot be written: {error.strerror}"
        ) from error


def _write_ahead_mode(raw: sqlite3.Connection, patience: float) -> str:
    """Switch to write-ahead logging and return the mode that holds then.

    SQLite does not wait for other connections here, whatever the busy time-out, when two of them
    open a new file together.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return str(raw.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if not _is_busy(error) or time.monotonic() >= deadline:
                raise
            time.sleep(_PAUSE)


def _is_busy(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _PRIMARY_CODE in _BUSY


def _translated(work: Callable[[], T]) -> T:
    try:
        return work()
    except sqlite3.Error as error:
        if _is_busy(error):
            raise Unavailable(
                SERVICE,
                "the store is busy: another process holds the database",
                retry_after=BUSY_RETRY_AFTER,
            ) from error
        raise Unavailable(SERVICE) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise InvalidValue("a value is too large, or is no Unicode text") from error

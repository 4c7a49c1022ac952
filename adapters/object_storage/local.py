"""Audit objects in folders of this machine.

`root/bucket/key`, readable by this user alone. Every folder on the way is opened by itself and
never through a symbolic link, so that no key, and no link that somebody plants below the root,
leads outside. Two limits of file systems show: a segment has at most 255 bytes, and a key cannot
be another one's folder (`a` beside `a/b`); both are refused as `InvalidValue`.
"""

import asyncio
import errno
import fcntl
import itertools
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from adapters.object_storage.key_rules import is_name, prefix_folders, segments
from application.ports.object_storage import (
    AccessDenied,
    ObjectExists,
    ObjectNotFound,
    ObjectStorage,
    ObjectStorages,
    StoredObject,
)
from domain.errors import InvalidValue, Unavailable
from domain.tenant import StorageProvider, StorageSettings

PIECE = 1 << 20
"""Bytes of one piece of a streamed object."""

_UNFINISHED = "~unfinished"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_OBJECT = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)

Result = TypeVar("Result")
Stack = list[str | StoredObject]


class LocalObjectStorages(ObjectStorages):
    """Give the folders below one root."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, settings: StorageSettings) -> ObjectStorage:
        """Return the bucket of these settings, with the prefix left to the caller.

        Raises:
            Unavailable: the settings name another provider.
        """
        if settings.provider is not StorageProvider.LOCAL:
            raise Unavailable("storage", f"{settings.provider.value} is not served by this folder")
        return LocalObjectStorage(self._root, settings.bucket)


class LocalObjectStorage(ObjectStorage):
    """Keep the objects of one bucket in one folder; disk work runs in threads."""

    def __init__(self, root: Path, bucket: str) -> None:
        self._root = root
        self._bucket = bucket

    async def prepare(self) -> None:
        """Make the bucket when it is not there, for this user alone; safe to repeat."""
        await _on_disk(self._prepare)

    async def expire(self, prefix: str, *, after: timedelta) -> bool:
        """Return False: a folder deletes nothing by itself."""
        prefix_folders(prefix)
        return False

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        """Write an object once, durably and atomically: nobody ever sees a part of it.

        The content type is not kept: a folder has no place for it.

        Raises:
            ObjectExists: the key is taken.
        """
        parts = segments(key)
        return await _on_disk(lambda: self._create(key, parts, data))

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Stream an object in pieces of at most 1 MiB.

        Raises:
            ObjectNotFound: there is none.
        """
        parts = segments(key)
        descriptor = await _on_disk(lambda: self._open(parts))
        try:
            while piece := await _on_disk(lambda: os.read(descriptor, PIECE)):
                yield piece
        finally:
            os.close(descriptor)

    async def list(self, prefix: str, *, start_after: str = "") -> AsyncIterator[StoredObject]:
        """List the objects under a prefix in order of their keys (by code point), after one key."""
        folders = prefix_folders(prefix)
        await _on_disk(self._require_bucket)
        # A stack of folders (ending in a slash) and objects, the next one on top.
        stack: Stack = ["".join(f"{folder}/" for folder in folders)]
        while stack:
            item = stack.pop()
            if isinstance(item, StoredObject):
                yield item
                continue
            found = await _on_disk(partial(self._scan, item))
            stack.extend(
                entry for entry in reversed(found) if _is_wanted(entry, prefix, start_after)
            )

    async def delete(self, key: str) -> None:
        """Delete an object (probes and retention only); one that is not there is fine."""
        parts = segments(key)
        await _on_disk(lambda: self._delete(parts))

    def _prepare(self) -> None:
        if not self._root.exists():
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
            with _opened(os.open(self._root.parent, os.O_RDONLY | os.O_DIRECTORY)) as parent:
                os.fsync(parent)
        with (
            _opened(os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)) as root,
            _opened(_make_folder(self._bucket, root)) as bucket,
            _opened(_make_folder(_UNFINISHED, bucket)) as unfinished,
        ):
            _sweep(unfinished)

    def _require_bucket(self) -> None:
        with self._folder(()):
            pass

    def _create(self, key: str, parts: Sequence[str], data: bytes) -> StoredObject:
        with (
            self._folder(()) as bucket,
            _opened(_make_folder(_UNFINISHED, bucket)) as unfinished,
            self._folder(parts[:-1], make=True) as folder,
        ):
            name, descriptor = _new_file(unfinished)
            try:
                with _opened(descriptor):
                    _write_all(descriptor, data)
                    os.fsync(descriptor)
                    status = os.fstat(descriptor)
                    self._link(name, unfinished, parts[-1], folder)
            finally:
                os.unlink(name, dir_fd=unfinished)
            os.fsync(folder)
        return _stored(key, status)

    def _link(self, name: str, unfinished: int, target: str, folder: int) -> None:
        try:
            os.link(name, target, src_dir_fd=unfinished, dst_dir_fd=folder, follow_symlinks=False)
        except FileExistsError as error:
            if stat.S_ISDIR(os.stat(target, dir_fd=folder, follow_symlinks=False).st_mode):
                raise _is_folder() from error
            raise ObjectExists("an object of this key exists") from error

    def _open(self, parts: Sequence[str]) -> int:
        with self._folder(parts[:-1]) as folder:
            descriptor = os.open(parts[-1], _OBJECT, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ObjectNotFound("there is no such object")
        return descriptor

    def _scan(self, folder: str) -> Stack:
        """Return what a folder holds in order of full keys; folders end with a slash."""
        found: dict[str, StoredObject | None] = {}
        with (
            suppress(FileNotFoundError, NotADirectoryError),
            self._folder(tuple(folder.split("/")[:-1])) as descriptor,
            os.scandir(descriptor) as entries,
        ):
            for entry in entries:
                key = folder + entry.name
                if not is_name(entry.name):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    found[f"{key}/"] = None
                elif entry.is_file(follow_symlinks=False):
                    # An object that is deleted meanwhile is none.
                    with suppress(FileNotFoundError):
                        found[key] = _stored(key, entry.stat(follow_symlinks=False))
        return [found[name] or name for name in sorted(found)]

    def _delete(self, parts: Sequence[str]) -> None:
        try:
            with self._folder(parts[:-1]) as folder:
                if stat.S_ISREG(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode):
                    os.unlink(parts[-1], dir_fd=folder)
                    os.fsync(folder)
        except OSError as error:
            if error.errno not in _MISSING:
                raise

    @contextmanager
    def _folder(self, parts: Sequence[str], *, make: bool = False) -> Iterator[int]:
        """Open a folder of the bucket, one segment after the other, none through a link."""
        descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            descriptor = _step(descriptor, os.open(self._bucket, _FOLDER, dir_fd=descriptor))
            for part in parts:
                step = _make_folder(part, descriptor) if make else None
                if step is None:
                    step = os.open(part, _FOLDER, dir_fd=descriptor)
                descriptor = _step(descriptor, step)
            yield descriptor
        finally:
            os.close(descriptor)


async def _on_disk(work: Callable[[], Result]) -> Result:
    """Run disk work in a thread and say what went wrong in the port's words."""
    try:
        return await asyncio.to_thread(work)
    except OSError as error:
        if error.errno in _MISSING:
            raise ObjectNotFound("there is no such object or bucket") from error
        if error.errno in _DENIED:
            raise AccessDenied("the storage folder refuses this") from error
        if error.errno == errno.ENAMETOOLONG:
            raise InvalidValue(
                "a segment of a key has at most 255 bytes in a folder", field="key"
            ) from error
        reason = os.strerror(error.errno or errno.EIO)
        raise Unavailable("local storage", f"the storage folder failed: {reason}") from error


@contextmanager
def _opened(descriptor: int) -> Iterator[int]:
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _step(parent: int, child: int) -> int:
    os.close(parent)
    return child


def _make_folder(name: str, parent: int) -> int:
    """Open a folder, made when it is not there; a link in its place is refused."""
    try:
        os.mkdir(name, 0o700, dir_fd=parent)
        os.fsync(parent)
    except FileExistsError:
        status = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            raise AccessDenied("a symbolic link stands in the way of this key") from None
        if not stat.S_ISDIR(status.st_mode):
            raise _is_folder() from None
    return os.open(name, _FOLDER, dir_fd=parent)


def _is_folder() -> InvalidValue:
    return InvalidValue("in a folder, no key can begin with another one and a slash", field="key")


def _new_file(folder: int) -> tuple[str, int]:
    """Return the name and the locked descriptor of a new file for this writer alone."""
    for number in itertools.count():
        name = f"{os.getpid()}-{number}"
        try:
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600, dir_fd=folder)
        except FileExistsError:
            continue
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return name, descriptor
        # A sweep took it before it was locked.
        os.close(descriptor)
    raise AssertionError("an endless count has ended")


def _sweep(unfinished: int) -> None:
    """Remove the files of writers that died: nobody holds their lock."""
    for name in os.listdir(unfinished):
        try:
            with _opened(os.open(name, _OBJECT, dir_fd=unfinished)) as descriptor:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(name, dir_fd=unfinished)
        except (FileNotFoundError, BlockingIOError):
            continue


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _stored(key: str, status: os.stat_result) -> StoredObject:
    return StoredObject(
        key=key,
        size=status.st_size,
        revision=f"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}",
        modified_at=datetime.fromtimestamp(status.st_mtime, UTC),
    )


def _is_wanted(entry: str | StoredObject, prefix: str, start_after: str) -> bool:
    if isinstance(entry, StoredObject):
        return entry.key.startswith(prefix) and entry.key > start_after
    # A folder is worth a look unless none of its keys begins so, or all come before.
    in_prefix = entry.startswith(prefix) or prefix.startswith(entry)
    return in_prefix and (entry > start_after or start_after.startswith(entry))

"""The folder of one journal writer, held by a lock as long as the writer lives."""

import fcntl
import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from application.ports.system import Randomness
from domain.errors import InvalidValue
from domain.identifiers import BODY_LENGTH, CROCKFORD, encode_crockford

_log = logging.getLogger(__name__)

OPEN = ".open"
SEALED = ".sealed"

_SEGMENT = re.compile(rf"([0-7][{CROCKFORD}]{{{BODY_LENGTH - 1}}})(\.\w+)")
_INSTANCE = re.compile(r"[a-z0-9]{4,32}")
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"
_NAME_LENGTH = 8
_LOCK = "lock"
_RANDOM_BITS = 80


class InstanceFolder:
    """A locked folder `root/{instance}`; another process takes it over when this one is gone."""

    def __init__(self, path: Path, lock: int) -> None:
        self.path = path
        self._lock = lock

    @property
    def instance(self) -> str:
        """Return the name of the writer."""
        return self.path.name

    def release(self) -> None:
        """Let another process take the folder over."""
        os.close(self._lock)

    def fsync(self) -> None:
        """Make names durable: new, changed and removed ones."""
        _fsync_folder(self.path)

    def file(self, segment_id: str, ending: str) -> Path:
        """Return where a segment lies in one state."""
        return self.path / f"{segment_id}{ending}"

    def set_aside(self, segment_id: str, damage: bytes) -> None:
        """Keep what the disk damaged for somebody to look at; it is not part of the log."""
        self.file(segment_id, ".damaged").write_bytes(damage)
        _log.error(
            "journal segment is damaged", extra={"segment": segment_id, "bytes": len(damage)}
        )

    def size(self, ending: str) -> int:
        """Return how many bytes the segments in one state have."""
        return sum(self.file(one, ending).stat().st_size for one in self.ids(ending))

    def ids(self, ending: str) -> list[str]:
        """Return the ids of the segments in one state, oldest first."""
        return _ids(self.path, ending)


def claim(root: Path, randomness: Randomness, instance: str | None = None) -> InstanceFolder | None:
    """Lock the folder of an instance; None if that one is held by another process.

    Without a name, take over the first folder that nobody holds, those with unshipped segments
    first, or else make a new one.

    Raises:
        OSError: the root cannot be written.
    """
    _make_folder(root)
    if instance is not None:
        if not _INSTANCE.fullmatch(instance):
            raise InvalidValue("an instance has 4 to 32 lower-case letters or digits")
        return _lock(root / instance)
    for path in sorted(_folders(root), key=lambda path: (not _holds_segments(path), path.name)):
        folder = _lock(path)
        if folder is not None:
            return folder
    while True:
        folder = _lock(root / _random_name(randomness))
        if folder is not None:
            return folder


def abandoned_instances(root: Path) -> list[str]:
    """Return the instances that nobody holds and whose segments wait to be shipped."""
    abandoned = []
    for path in sorted(_folders(root)):
        if _holds_segments(path) and (folder := _lock(path)) is not None:
            folder.release()
            abandoned.append(path.name)
    return abandoned


def _folders(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        return
    for path in root.iterdir():
        if _INSTANCE.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path


def _lock(path: Path) -> InstanceFolder | None:
    _make_folder(path)
    lock = os.open(path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    except OSError:
        os.close(lock)
        raise
    return InstanceFolder(path, lock)


def _make_folder(path: Path) -> None:
    """Make a folder that is there after a power failure as well."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for folder in missing:
        _fsync_folder(folder.parent)


def _fsync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _holds_segments(path: Path) -> bool:
    return bool(_ids(path, OPEN) or _ids(path, SEALED))


def _ids(path: Path, ending: str) -> list[str]:
    found = (_SEGMENT.fullmatch(entry.name) for entry in path.iterdir())
    return sorted(match[1] for match in found if match is not None and match[2] == ending)


def _random_name(randomness: Randomness) -> str:
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in randomness.token(_NAME_LENGTH))


def time_of(segment_id: str) -> datetime:
    """Return when a segment was begun, to the millisecond: the first 48 bits of its ULID."""
    return datetime.fromtimestamp((_number(segment_id) >> _RANDOM_BITS) / 1000, UTC)


def next_id(segment_id: str) -> str:
    """Return the smallest id after this one; the empty text stands before all."""
    return encode_crockford(_number(segment_id) + 1, BODY_LENGTH)


def _number(segment_id: str) -> int:
    number = 0
    for character in segment_id:
        number = number * len(CROCKFORD) + CROCKFORD.index(character)
    return number

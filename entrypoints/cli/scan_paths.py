"""Which inputs a scan reads: files, folders and standard input, in a stable order."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from entrypoints.cli.scan_ignore import Glob, is_left_out, read_ignore
from entrypoints.cli.scan_text import encoding_of

STDIN = "-"
SCHEMES = ("s3://", "az://", "gs://")
"""How addresses of objects in a cloud's storage begin."""

STDIN_NAME = "<stdin>"
_ALWAYS_LEFT_OUT = frozenset({".git", ".hg", ".svn", ".jj"})
_SNIFFED = 8192


class Reason(StrEnum):
    """Why a file is not read although it could be."""

    BINARY = "binary"
    IGNORED = "ignored"
    TOO_LARGE = "too_large"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An input to read; `name` is the path as reports show it.

    A file that is temporary was made for this scan and goes with it.
    """

    name: str
    path: Path | None
    size: int = 0
    is_temporary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An input that is left out; `is_named` when the caller asked for this very file."""

    name: str
    reason: Reason
    is_named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """An input that should be read and cannot be."""

    name: str
    message: str


Input = Source | Skipped | Unreadable


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What to take of folders; `max_size` is in bytes, 0 for any size."""

    include: Sequence[Glob] = ()
    exclude: Sequence[Glob] = ()
    ignore: Sequence[Glob] = ()
    max_size: int = 0


def find_inputs(paths: Sequence[str], selection: Selection) -> Iterator[Input]:
    """Yield every input of the paths once: folders deep and sorted, the rest as given.

    Raises:
        InvalidValue: the `.trueportignore` of a folder is wrong.
    """
    seen: set[str] = set()
    for text in paths:
        for found in _inputs(text, selection):
            key = found.name if found.name == STDIN_NAME else str(Path(found.name).absolute())
            if key not in seen:
                seen.add(key)
                yield found


def _inputs(text: str, selection: Selection) -> Iterator[Input]:
    if text == STDIN:
        yield Source(name=STDIN_NAME, path=None)
        return
    path = Path(text)
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (OSError, ValueError) as error:
        yield Unreadable(name=path.as_posix(), message=reason_of(error))
        return
    if not is_folder:
        name = path.as_posix()
        if is_left_out(selection.exclude, name.lstrip("/"), is_folder=False):
            yield Skipped(name=name, reason=Reason.IGNORED, is_named=True)
        else:
            yield _file(path, name, selection, is_named=True)
        return
    # The working folder's own file is part of the selection already.
    own = read_ignore(path).globs if path.absolute() != Path.cwd() else ()
    folders = [_entries(path, path, selection, own)]
    while folders:
        found = next(folders[-1], None)
        if found is None:
            folders.pop()
        elif isinstance(found, Path):
            folders.append(_entries(found, path, selection, own))
        else:
            yield found


def _entries(
    folder: Path, root: Path, selection: Selection, own: Sequence[Glob]
) -> Iterator[Input | Path]:
    """Yield what lies in a folder, by name; a folder to go into is yielded as its path."""
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield Unreadable(name=folder.as_posix(), message=reason_of(error))
        return
    for entry in entries:
        path = folder / entry.name
        name = path.as_posix()
        relative = path.relative_to(root).as_posix()
        is_folder = entry.is_dir(follow_symlinks=False)
        if entry.name in _ALWAYS_LEFT_OUT:
            continue
        if (
            is_left_out(own, relative, is_folder=is_folder)
            or is_left_out(selection.exclude, relative, is_folder=is_folder)
            or is_left_out(selection.ignore, _from_here(path), is_folder=is_folder)
        ):
            yield Skipped(name=name, reason=Reason.IGNORED)
        elif is_folder:
            yield path
        elif entry.is_symlink() and entry.is_dir():
            # A link to a folder may lead round in a circle; name its target to have it read.
            yield Skipped(name=name, reason=Reason.SPECIAL)
        elif selection.include and not is_left_out(selection.include, relative, is_folder=False):
            yield Skipped(name=name, reason=Reason.IGNORED)
        else:
            yield _file(path, name, selection, is_named=False)


def _from_here(path: Path) -> str:
    """Return a path relative to the working folder, as its `.trueportignore` means it."""
    absolute, here = path.absolute(), Path.cwd()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else "/"


def _file(path: Path, name: str, selection: Selection, *, is_named: bool) -> Input:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            # Named pipes are read when somebody names one: `trueport scan <(command)`.
            if is_named and stat.S_ISFIFO(status.st_mode):
                return Source(name=name, path=path)
            return Skipped(name=name, reason=Reason.SPECIAL, is_named=is_named)
        if selection.max_size and status.st_size > selection.max_size:
            return Skipped(name=name, reason=Reason.TOO_LARGE, is_named=is_named)
        if status.st_size and is_binary(path):
            return Skipped(name=name, reason=Reason.BINARY, is_named=is_named)
    except OSError as error:
        return Unreadable(name=name, message=reason_of(error))
    return Source(name=name, path=path, size=status.st_size)


def is_binary(path: Path) -> bool:
    """Tell whether a file is no text, as git does: a NUL among its first bytes."""
    with path.open("rb") as file:
        head = file.read(_SNIFFED)
    return b"\0" in head and encoding_of(head) == "utf-8"


def reason_of(error: OSError | ValueError) -> str:
    """Return why a path cannot be read, in the operating system's words."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno)
    return "this is no path"

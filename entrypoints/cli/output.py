"""Where the data of a command go: standard output, or a file that is complete or absent."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from entrypoints.cli.exits import EXIT_USAGE, Failure


@contextmanager
def destination(path: Path | None) -> Iterator[TextIO]:
    """Yield what to write to; a file gets its name only when everything is written.

    Raises:
        Failure: the file cannot be written.
    """
    if path is None or path == Path("-"):
        with _standard_output() as stream:
            yield stream
        return
    try:
        if path.exists() and not path.is_file():
            # A device or a pipe takes what comes; renaming would replace it.
            with path.open("w", encoding="utf-8", newline="\n") as stream:
                yield stream
            return
        with _complete_file(path.resolve()) as stream:
            yield stream
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "the path is wrong"
        raise Failure(f"{path}: cannot be written: {reason}", EXIT_USAGE) from None


@contextmanager
def _standard_output() -> Iterator[TextIO]:
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        # A terminal that is not UTF-8 shows escapes instead of ending the command.
        stream.reconfigure(errors="backslashreplace")
    try:
        yield stream
        stream.flush()
    except OSError as error:
        # What is left in the buffer goes nowhere: Python would try again at exit, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        if not isinstance(error, BrokenPipeError):
            reason = os.strerror(error.errno or 0)
            raise Failure(f"standard output cannot be written: {reason}", EXIT_USAGE) from None


@contextmanager
def _complete_file(path: Path) -> Iterator[TextIO]:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    is_complete = False
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
        is_complete = True
    finally:
        if not is_complete:
            partial.unlink(missing_ok=True)

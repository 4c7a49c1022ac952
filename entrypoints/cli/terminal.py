"""Manners towards terminals: colour, progress, and text that cannot take one over."""

import functools
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Concatenate, ParamSpec, Self, TypeVar

import click

_P = ParamSpec("_P")
_R = TypeVar("_R")

_EVERY = 0.1
"""Seconds between two states of a progress line."""


def with_colour(command: Callable[Concatenate[bool, _P], _R]) -> Callable[..., _R]:
    """Give a command `--color/--no-color` and, as its first argument, whether to colour output.

    Without the option: `NO_COLOR` (https://no-color.org) says no, `FORCE_COLOR` says yes,
    `TERM=dumb` says no, and else it is a question of standard output being a terminal.
    """

    @click.option(
        "--color/--no-color",
        "chosen",
        default=None,
        help="Colour the output; by default on a terminal. NO_COLOR and FORCE_COLOR count.",
    )
    @click.option("--env-no-color", "no_color", envvar="NO_COLOR", hidden=True)
    @click.option("--env-force-color", "force_color", envvar="FORCE_COLOR", hidden=True)
    @click.option("--env-term", "term", envvar="TERM", hidden=True)
    @functools.wraps(command)
    def wrapped(
        chosen: bool | None,
        no_color: str | None,
        force_color: str | None,
        term: str | None,
        *args: _P.args,
        **kwargs: _P.kwargs,
    ) -> _R:
        return command(_is_coloured(chosen, bool(no_color), force_color, term), *args, **kwargs)

    return wrapped


def _is_coloured(
    chosen: bool | None, no_color: bool, force_color: str | None, term: str | None
) -> bool:
    if chosen is not None:
        return chosen
    if no_color:
        return False
    if force_color and force_color != "0":
        return True
    return term != "dumb" and sys.stdout.isatty()


def printable(text: str) -> str:
    """Return a text in which every control, format and unassigned character is escaped.

    What was found in a file must neither move the cursor nor turn the reading direction.
    """
    if text.isprintable():
        return text
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


def columns(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as lines with their columns aligned; the last column is as long as it is."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)] if rows else []
    return [
        "  ".join(
            [*(cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=True)), row[-1]]
        ).rstrip()
        for row in rows
    ]


def note(message: str) -> None:
    """Tell a person something, on standard error."""
    click.echo(printable(message), err=True)


class Progress:
    """One line on standard error that says how far the work is, and leaves nothing behind.

    `choice` is `on`, `off`, or `auto` for a terminal only.
    """

    def __init__(self, choice: str) -> None:
        self._is_on = choice == "on" or (choice == "auto" and sys.stderr.isatty())
        self._last = 0.0
        self._is_shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.clear()

    def show(self, message: str) -> None:
        """Replace the line, at most ten times a second."""
        now = time.monotonic()
        if not self._is_on or now - self._last < _EVERY:
            return
        self._last = now
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write("\r\x1b[2K" + printable(message)[:width])
        sys.stderr.flush()
        self._is_shown = True

    def note(self, message: str) -> None:
        """Tell a person something without running into the line."""
        self.clear()
        note(message)

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()
            self._is_shown = False

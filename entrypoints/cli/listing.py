"""Lists and single things of the administration, as a table or as JSON."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import click

from domain.audit import format_time
from domain.errors import DomainError, InvalidValue
from entrypoints.cli.output import destination
from entrypoints.cli.terminal import columns, printable

_T = TypeVar("_T")
_NONE = "-"
_DURATION = re.compile(r"(\d{1,6})\s*([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How the answer is told.",
)


def show_list(rows: Sequence[Mapping[str, object]], shown: Sequence[str], form: str) -> None:
    """Print rows: JSON has every field, a table the `shown` ones under their names."""
    with destination(None) as stream:
        if form == "json":
            json.dump(
                {"schema_version": 1, "items": [_plain(row) for row in rows]}, stream, indent=2
            )
            stream.write("\n")
            return
        cells = [[_cell(row.get(name)) for name in shown] for row in rows]
        headings = [name.upper().replace("_", " ") for name in shown]
        stream.writelines(line + "\n" for line in columns([headings, *cells]))


def show_one(fields: Mapping[str, object], form: str) -> None:
    """Print one thing, field by field."""
    with destination(None) as stream:
        if form == "json":
            json.dump(_plain(fields), stream, indent=2)
            stream.write("\n")
            return
        rows = [[name.replace("_", " "), _cell(value)] for name, value in fields.items()]
        stream.writelines(line + "\n" for line in columns(rows))


def _plain(fields: Mapping[str, object]) -> dict[str, object]:
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in fields.items()
    }


def _cell(value: object) -> str:
    match value:
        case None | "":
            return _NONE
        case datetime():
            return format_time(value)
        case bool():
            return "yes" if value else "no"
        case list() | tuple():
            return ", ".join(printable(str(one)) for one in value) or _NONE
    return printable(str(value))


class ParsedType(click.ParamType[_T]):
    """An argument that a domain type reads: what that refuses is wrong usage."""

    def __init__(self, name: str, parse: Callable[[str], _T]) -> None:
        self.name = name
        self._parse = parse

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> _T:
        """Return the value that a text means."""
        try:
            return self._parse(str(value))
        except DomainError as error:
            self.fail(error.message, param, ctx)


def parse_duration(text: str) -> timedelta:
    """Return the duration that `90d` or `24h` means; units are s, m, h, d and w."""
    found = _DURATION.fullmatch(text.strip().lower())
    if found is None:
        raise InvalidValue(f"'{text}' is no duration such as 30m, 24h or 90d")
    return timedelta(**{_UNITS[found.group(2)]: int(found.group(1))})

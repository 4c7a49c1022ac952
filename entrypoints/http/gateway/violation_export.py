"""Violations as files that other programs read: JSON lines, and CSV for spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator
from enum import StrEnum

from domain.violation import Violation
from entrypoints.http.gateway.violation_schemas import ViolationBody, WholeViolationBody

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_COLUMNS = list(ViolationBody.model_fields)
_PIECE = 64 * 1024


class ExportFormat(StrEnum):
    """How an export is written."""

    NDJSON = "ndjson"
    CSV = "csv"

    @property
    def media_type(self) -> str:
        """Return the type that the answer says."""
        return "application/x-ndjson" if self is ExportFormat.NDJSON else "text/csv"


async def exported(
    violations: AsyncIterator[Violation], form: ExportFormat
) -> AsyncIterator[bytes]:
    """Yield a file piece by piece, as the violations come."""
    lines = _ndjson(violations) if form is ExportFormat.NDJSON else _csv(violations)
    piece: list[str] = []
    size = 0
    async for line in lines:
        piece.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(piece).encode()
            piece, size = [], 0
    if piece:
        yield "".join(piece).encode()


async def _ndjson(violations: AsyncIterator[Violation]) -> AsyncIterator[str]:
    async for violation in violations:
        yield WholeViolationBody.of(violation).model_dump_json() + "\n"


async def _csv(violations: AsyncIterator[Violation]) -> AsyncIterator[str]:
    yield _row(_COLUMNS)
    async for violation in violations:
        fields = ViolationBody.of(violation).model_dump(mode="json")
        yield _row([_cell(fields[name]) for name in _COLUMNS])


def _row(cells: list[str]) -> str:
    row = io.StringIO()
    csv.writer(row).writerow(cells)
    return row.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case list():
            return neutral(" ".join(str(one) for one in value))
        case str():
            return neutral(value)
    return str(value)


def neutral(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula.

    After https://owasp.org/www-community/attacks/CSV_Injection: an apostrophe before what begins
    like one. White space before it is looked through, as spreadsheets do.
    """
    begins = text.lstrip(" ")
    return f"'{text}" if begins.startswith(_FORMULA) else text

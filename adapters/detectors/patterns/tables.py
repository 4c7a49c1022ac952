"""Columns and their headers in CSV, TSV, Markdown and SQL `INSERT` text."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from adapters.detectors.linear_time import LazyPattern, Subject

_DELIMITERS = "|\t;,"
_LONGEST_CELL = 48
_MOST_AROUND = 8
_AROUND_CELL = " \r\n\"'"
_LONGEST_HEADER = 1000
_NO_HEADER = re.compile(r"[{}()=@<>0-9]")
_FEWEST_COLUMNS = 2
_NEXT_TUPLE = re.compile(r"\)\s{0,8},\s{0,8}\(")
_INSERT = LazyPattern(r"(?i)insert\s+into\s+[\w.\x60\"\[\]]+\s*\(([^()]+)\)\s*values\s*(\()")


@dataclass(frozen=True, slots=True)
class _Row:
    start: int
    end: int
    delimiter: str
    headers: tuple[str, ...]


class Tables:
    """Know the header of the column in which a position lies."""

    __slots__ = ("_rows", "_starts", "_text")

    def __init__(self, text: str, *, carried_header: str = "") -> None:
        self._text = text
        self._rows = sorted(
            (*_delimited_rows(text, carried_header), *_insert_rows(text)), key=lambda row: row.start
        )
        self._starts = [row.start for row in self._rows]

    def __bool__(self) -> bool:
        return bool(self._rows)

    @property
    def headers(self) -> frozenset[str]:
        """Return the header cells of all tables."""
        return frozenset(cell for row in self._rows for cell in row.headers)

    def fills_cell(self, start: int, end: int) -> bool:
        """Tell whether a stretch is a whole cell of a row, quotes and blanks around it aside."""
        row = self._row_of(start)
        if row is None or end > row.end:
            return False
        # Cells may be long; what stands around a value in one is not.
        first, last = max(row.start, start - _MOST_AROUND), min(row.end, end + _MOST_AROUND)
        before = self._text[first:start].rstrip(_AROUND_CELL)
        after = self._text[end:last].lstrip(_AROUND_CELL)
        opens = before[-1] == row.delimiter if before else first == row.start
        closes = after[0] in {row.delimiter, ")"} if after else last == row.end
        return opens and closes

    def header_of(self, position: int) -> str:
        """Return the header cell above a position, or the empty string."""
        row = self._row_of(position)
        if row is None:
            return ""
        column = _count(self._text[row.start : position], row.delimiter)
        return row.headers[column] if column < len(row.headers) else ""

    def _row_of(self, position: int) -> _Row | None:
        at = bisect_right(self._starts, position) - 1
        return self._rows[at] if at >= 0 and position < self._rows[at].end else None


def header_line(text: str) -> str:
    """Return the first line when it heads a table, so that later windows of the text know it."""
    first, _, rest = text.partition("\n")
    second = rest.partition("\n")[0]
    for delimiter in _DELIMITERS:
        columns = _count(first, delimiter)
        if columns >= 1 and columns == _count(second, delimiter) and _is_header(first, delimiter):
            return first
    return ""


def _delimited_rows(text: str, carried_header: str) -> Iterator[_Row]:
    header: tuple[str, ...] = ()
    delimiter, columns, position = "", 0, 0
    if carried_header:
        delimiter = next(mark for mark in _DELIMITERS if mark in carried_header)
        header = _cells(carried_header, delimiter)
        columns = len(header)
    lines = text.splitlines(keepends=True)
    if len(lines) == 1 and not header:
        # A header has rows only below itself.
        return
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        start, position = position, position + len(line)
        if header and _count(line, delimiter) == columns - 1:
            yield _Row(start, position, delimiter, header)
            continue
        if carried_header:
            continue
        header = ()
        marks = [mark for mark in _DELIMITERS if mark in line]
        if len(marks) == 1 and marks[0] not in following:
            # Most are sentences with a comma: whether they could head a table, no row follows.
            continue
        for mark in marks:
            if _is_header(line, mark):
                delimiter, header = mark, _cells(line, mark)
                columns = len(header)
                break


def _is_header(line: str, delimiter: str) -> bool:
    if len(line) > _LONGEST_HEADER or _NO_HEADER.search(line):
        return False
    cells = [cell for cell in _cells(line, delimiter) if cell]
    return len(cells) >= _FEWEST_COLUMNS and all(
        len(cell) <= _LONGEST_CELL
        and cell[0].isalpha()
        and not any(map(str.isdigit, cell))
        and cell.count(" ") <= (5 if at == 0 else 3)
        for at, cell in enumerate(cells)
    )


def _insert_rows(text: str) -> Iterator[_Row]:
    if "(" not in text:
        return
    subject = Subject(text)
    for match in _INSERT.finditer(subject):
        headers = _cells(match.text(1), ",")
        start = match.span(2)[0]
        line_end = text.find(";", start)
        end = line_end if line_end >= 0 else len(text)
        starts = [start, *(one.end() - 1 for one in _NEXT_TUPLE.finditer(text, start, end))]
        for first, last in pairwise((*starts, end)):
            yield _Row(first + 1, last, ",", headers)


def _cells(line: str, delimiter: str) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(cell.strip(" \t\r\n'`[]") for cell in line.split(delimiter))
    cells, start, quoted = [], 0, False
    for at, char in enumerate(line):
        if char == '"':
            quoted = not quoted
        elif char == delimiter and not quoted:
            cells.append(line[start:at])
            start = at + 1
    cells.append(line[start:])
    return tuple(cell.strip(" \t\r\n\"'`[]") for cell in cells)


def _count(line: str, delimiter: str) -> int:
    """Count the delimiters outside quotes."""
    if '"' not in line and "'" not in line:
        return line.count(delimiter)
    count, quote = 0, ""
    for at, char in enumerate(line):
        if quote:
            quote = "" if char == quote else quote
        elif char == '"' or (char == "'" and (at == 0 or line[at - 1] in " ,(")):
            quote = char
        elif char == delimiter:
            count += 1
    return count

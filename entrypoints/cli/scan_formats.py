"""The formats in which a scan tells its report; SARIF has a module of its own."""

import json
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TextIO

import click

from domain.detection.taxonomy import Severity
from entrypoints.cli.scan_report import (
    SCHEMA_VERSION,
    LocatedFinding,
    ScanReport,
    located_document,
    summary_document,
)
from entrypoints.cli.terminal import columns, printable

_HEADINGS = ("LOCATION", "SEVERITY", "TYPE", "RULE", "SCORE", "EVIDENCE")
_SEVERITY_COLUMN = 1
_COLOURS = {
    Severity.LOW: "cyan",
    Severity.MEDIUM: "yellow",
    Severity.HIGH: "red",
    Severity.CRITICAL: "magenta",
}
_GITHUB_LEVELS = {
    Severity.LOW: "notice",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}

_DATA = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY = _DATA | {":": "%3A", ",": "%2C"}


class Format(StrEnum):
    """How a report is told."""

    TABLE = "table"
    COMPACT = "compact"
    JSON = "json"
    JSONL = "jsonl"
    SARIF = "sarif"
    GITHUB = "github"


def write_report(
    report: ScanReport, form: Format, stream: TextIO, *, is_coloured: bool, is_explained: bool
) -> None:
    """Write a report in a format."""
    match form:
        case Format.TABLE:
            _lines(_table(report, is_coloured=is_coloured), stream)
        case Format.COMPACT:
            _lines(map(_compact, report.findings), stream)
        case Format.JSON:
            _write_json(report, stream, is_explained=is_explained)
        case Format.JSONL:
            _lines(_json_lines(report, is_explained=is_explained), stream)
        case Format.SARIF:
            from entrypoints.cli.scan_sarif import write_sarif  # noqa: PLC0415 - takes long

            write_sarif(report, stream)
        case Format.GITHUB:
            _lines(_github(report), stream)


def _lines(lines: Iterator[str], stream: TextIO) -> None:
    stream.writelines(line + "\n" for line in lines)


def _table(report: ScanReport, *, is_coloured: bool) -> Iterator[str]:
    rows = [
        (
            printable(f"{one.path}:{one.start.line}:{one.start.column}"),
            one.severity.value if one.is_violation else "-",
            one.finding.type,
            one.finding.rule,
            f"{one.finding.score:.2f}",
            one_line(one.evidence),
        )
        for one in report.findings
    ]
    if not rows:
        return
    heading, *lines = columns([_HEADINGS, *rows])
    yield click.style(heading, bold=True) if is_coloured else heading
    for line, one, row in zip(lines, report.findings, rows, strict=True):
        if not is_coloured or not one.is_violation:
            yield line
            continue
        # The severity stands in words: the colour only helps the eye.
        at = line.index(f"  {row[_SEVERITY_COLUMN]} ", len(row[0])) + 2
        end = at + len(row[_SEVERITY_COLUMN])
        yield line[:at] + click.style(line[at:end], fg=_COLOURS[one.severity]) + line[end:]


def one_line(text: str) -> str:
    """Return a text on one line that a terminal can show."""
    return printable(" ".join(text.split()))


def _compact(one: LocatedFinding) -> str:
    severity = one.severity.value if one.is_violation else "-"
    return printable(
        f"{one.path}:{one.start.line}:{one.start.column}: {severity} {one.finding.type} "
        f"[{one.finding.rule}] {one_line(one.evidence)}"
    )


def _write_json(report: ScanReport, stream: TextIO, *, is_explained: bool) -> None:
    document = {
        "schema_version": SCHEMA_VERSION,
        "findings": [located_document(one, is_explained=is_explained) for one in report.findings],
        "errors": [{"path": one.path, "message": one.message} for one in report.errors],
        "summary": summary_document(report),
    }
    json.dump(document, stream, indent=2)
    stream.write("\n")


def _json_lines(report: ScanReport, *, is_explained: bool) -> Iterator[str]:
    for one in report.findings:
        yield json.dumps({"kind": "finding"} | located_document(one, is_explained=is_explained))
    for error in report.errors:
        yield json.dumps({"kind": "error", "path": error.path, "message": error.message})
    yield json.dumps(
        {"kind": "summary", "schema_version": SCHEMA_VERSION} | summary_document(report)
    )


def _github(report: ScanReport) -> Iterator[str]:
    """Yield workflow commands (docs.github.com, "Workflow commands for GitHub Actions")."""
    for one in report.findings:
        if one.is_violation:
            properties = {
                "file": one.path,
                "line": str(one.start.line),
                "endLine": str(one.end.line),
                "title": f"{one.finding.type} ({one.severity.value})",
            }
            if one.start.line == one.end.line:
                properties |= {"col": str(one.start.column), "endColumn": str(one.end.column)}
            message = f"[{one.finding.rule}] {one_line(one.evidence)}"
            yield _command(_GITHUB_LEVELS[one.severity], properties, message)
    for error in report.errors:
        yield _command("error", {"file": error.path, "title": "not scanned"}, error.message)


def _command(level: str, properties: Mapping[str, str], message: str) -> str:
    told = ",".join(f"{name}={_escaped(value, _PROPERTY)}" for name, value in properties.items())
    return f"::{level} {told}::{_escaped(printable(message), _DATA)}"


def _escaped(text: str, table: Mapping[str, str]) -> str:
    return "".join(table.get(one, one) for one in text)

"""SARIF 2.1.0 (OASIS Standard, 27 March 2020), as code scanning services read it."""

import json
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TextIO
from urllib.parse import quote

from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Severity
from entrypoints.cli.scan_paths import STDIN_NAME
from entrypoints.cli.scan_report import InputError, LocatedFinding, ScanReport
from entrypoints.cli.terminal import printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"

_LEVELS = {
    Severity.LOW: "note",
    Severity.MEDIUM: "warning",
    Severity.HIGH: "error",
    Severity.CRITICAL: "error",
}
_SECURITY_SEVERITY = {
    Severity.LOW: "3.0",
    Severity.MEDIUM: "5.5",
    Severity.HIGH: "8.0",
    Severity.CRITICAL: "9.5",
}
"""GitHub's bands: over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, below low."""


def write_sarif(report: ScanReport, stream: TextIO) -> None:
    """Write the violations of a report as one run; nothing in it holds a match."""
    violations = [one for one in report.findings if one.is_violation]
    highest = _highest(violations)
    ids = {name: at for at, name in enumerate(sorted({one.finding.rule for one in violations}))}
    run = {
        "tool": {
            "driver": {
                "name": "TruePort",
                "version": version("trueport"),
                "semanticVersion": version("trueport"),
                "rules": [_rule(name, report.rules.get(name), highest[name]) for name in ids],
            }
        },
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {"%SRCROOT%": {"uri": Path.cwd().as_uri() + "/"}},
        "invocations": [
            {
                "executionSuccessful": report.is_complete,
                "toolExecutionNotifications": [_notification(one) for one in report.errors],
            }
        ],
        "results": [_result(one, ids[one.finding.rule]) for one in violations],
    }
    json.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, stream, indent=2)
    stream.write("\n")


def _highest(violations: Sequence[LocatedFinding]) -> dict[str, Severity]:
    highest: dict[str, Severity] = {}
    for one in violations:
        known = highest.setdefault(one.finding.rule, one.severity)
        highest[one.finding.rule] = max(known, one.severity, key=lambda severity: severity.rank)
    return highest


def _rule(name: str, info: RuleInfo | None, severity: Severity) -> dict[str, object]:
    title = name if info is None else info.title
    document: dict[str, object] = {
        "id": name,
        "name": "".join(part.capitalize() for part in name.replace("/", "-").split("-")),
        "shortDescription": {"text": title},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "security-severity": _SECURITY_SEVERITY[severity],
            "precision": "medium" if info is None or info.validator is None else "high",
            "tags": ["security"],
        },
    }
    if info is not None:
        silence = f"How to silence it: {info.how_to_silence}"
        document["fullDescription"] = {"text": info.matches}
        document["help"] = {
            "text": f"{info.matches} {silence}",
            "markdown": f"**{info.title}**\n\n{info.matches}\n\n{silence}",
        }
        document["properties"] = {
            "security-severity": _SECURITY_SEVERITY[severity],
            "precision": "medium" if info.validator is None else "high",
            "tags": ["security", info.category.value, info.type],
        }
    return document


def _result(one: LocatedFinding, rule_index: int) -> dict[str, object]:
    finding = one.finding
    # Paths differ between checkouts, and the service adds the location itself.
    fingerprint = one.fingerprint.removesuffix(f":{one.path}")
    return {
        "ruleId": finding.rule,
        "ruleIndex": rule_index,
        "level": _LEVELS[one.severity],
        "message": {"text": f"{finding.type} found: {printable(' '.join(one.evidence.split()))}"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": _artifact(one.path),
                    "region": {
                        "startLine": one.start.line,
                        "startColumn": one.start.column16,
                        "endLine": one.end.line,
                        "endColumn": one.end.column16,
                    },
                }
            }
        ],
        "partialFingerprints": {"trueport/v1": fingerprint},
        "rank": round(finding.score * 100, 1),
        "properties": {
            "category": finding.category.value,
            "type": finding.type,
            "score": round(finding.score, 6),
            "severity": one.severity.value,
        },
    }


def _notification(error: InputError) -> dict[str, object]:
    return {
        "level": "error",
        "message": {"text": error.message},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(error.path)}}],
    }


def _artifact(name: str) -> dict[str, object]:
    """Return the location: relative to the working folder inside it, else absolute."""
    if name == STDIN_NAME:
        return {"uri": "stdin"}
    path, here = Path(name).absolute(), Path.cwd()
    if path.is_relative_to(here):
        relative = path.relative_to(here).as_posix()
        return {"uri": _quoted(relative), "uriBaseId": "%SRCROOT%"}
    return {"uri": "file://" + _quoted(path.as_posix())}


def _quoted(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"))

"""What a scan found, as every format tells it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Finding
from domain.detection.taxonomy import Category, Severity
from entrypoints.cli.scan_text import Place

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LocatedFinding:
    """A finding in a file; its span counts from the start of the file.

    `evidence` is a snippet with every match hidden. `is_violation` says that it counts for
    `--fail-on`: auxiliary types, and what only `--all` shows, do not.
    """

    path: str
    finding: Finding
    start: Place
    end: Place
    severity: Severity
    evidence: str
    fingerprint: str
    is_violation: bool
    effect: str | None = None
    policy_rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputError:
    """An input that was not read, or not to its end."""

    path: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What one input gave: findings in order of place, what went wrong, what is worth saying."""

    path: str
    findings: tuple[LocatedFinding, ...] = ()
    error: InputError | None = None
    notes: tuple[str, ...] = ()
    characters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What a whole scan gave."""

    findings: Sequence[LocatedFinding]
    errors: Sequence[InputError]
    files: int
    characters: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    accepted: int = 0
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Tell whether every input was read to its end."""
        return not self.errors

    def violations(self, at_least: Severity) -> list[LocatedFinding]:
        """Return the findings that count at this severity or above."""
        return [
            one for one in self.findings if one.is_violation and one.severity.rank >= at_least.rank
        ]


def finding_document(finding: Finding, *, is_explained: bool = False) -> dict[str, object]:
    """Return a finding as a line of the batch interface holds it."""
    document: dict[str, object] = {
        "category": finding.category.value,
        "type": finding.type,
        "start": finding.span.start,
        "end": finding.span.end,
        "score": round(finding.score, 6),
        "detector": finding.detector,
        "rule": finding.rule,
    }
    if is_explained:
        why = finding.explanation
        document["explanation"] = {
            "source": why.source,
            "reason": why.reason,
            "validator": why.validator,
            "context": [{"word": one.word, "distance": one.distance} for one in why.context],
            "steps": [[what, round(score, 6)] for what, score in why.steps],
            "decoding": list(why.decoding),
            "attributes": dict(why.attributes),
        }
    return document


def located_document(located: LocatedFinding, *, is_explained: bool = False) -> dict[str, object]:
    """Return a finding of a scan as JSON tells it."""
    document = finding_document(located.finding, is_explained=is_explained)
    document |= {
        "path": located.path,
        "line": located.start.line,
        "column": located.start.column,
        "end_line": located.end.line,
        "end_column": located.end.column,
        "severity": located.severity.value,
        "violation": located.is_violation,
        "evidence": located.evidence,
        "fingerprint": located.fingerprint,
    }
    if located.effect is not None:
        document |= {"effect": located.effect, "policy_rules": list(located.policy_rules)}
    return document


def summary_document(report: ScanReport) -> dict[str, object]:
    """Return the numbers of a scan."""
    return {
        "complete": report.is_complete,
        "files": report.files,
        "characters": report.characters,
        "findings": len(report.findings),
        "violations": sum(one.is_violation for one in report.findings),
        "errors": len(report.errors),
        "accepted": report.accepted,
        "skipped": dict(report.skipped),
        "by_severity": _counts(
            (one.severity.value for one in report.findings if one.is_violation),
            [severity.value for severity in Severity],
        ),
        "by_category": _counts(
            (one.finding.category.value for one in report.findings if one.is_violation),
            [category.value for category in Category],
        ),
    }


def _counts(values: Iterable[str], names: Sequence[str]) -> dict[str, int]:
    counts = dict.fromkeys(names, 0)
    for value in values:
        counts[value] += 1
    return counts

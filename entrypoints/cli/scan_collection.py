"""Gather the outcomes of a scan, and tell a person what could not be read while it runs."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Severity
from entrypoints.cli.scan_ignore import Accepted
from entrypoints.cli.scan_paths import Reason, Skipped, Unreadable
from entrypoints.cli.scan_report import FileReport, InputError, LocatedFinding, ScanReport
from entrypoints.cli.scan_workers import Outcome
from entrypoints.cli.terminal import Progress

_REASONS = {
    Reason.BINARY: "binary",
    Reason.IGNORED: "left out by a pattern",
    Reason.TOO_LARGE: "larger than --max-size",
    Reason.SPECIAL: "no regular file",
}


@dataclass(kw_only=True)
class Collection:
    """The outcomes of a scan so far."""

    accepted: Sequence[Accepted]
    today: date
    _findings: list[LocatedFinding] = field(default_factory=list)
    _errors: list[InputError] = field(default_factory=list)
    _skipped: Counter[Reason] = field(default_factory=Counter)
    _read: set[str] = field(default_factory=set)
    _used: Counter[str] = field(default_factory=Counter)
    _characters: int = 0

    def take(self, outcomes: Iterable[Outcome], line: Progress, *, is_quiet: bool) -> None:
        """Take every outcome, and tell what went wrong at once."""
        valid = {
            one.fingerprint for one in self.accepted if one.until is None or self.today <= one.until
        }
        for outcome in outcomes:
            match outcome:
                case FileReport():
                    self._take_report(outcome, valid)
                    if outcome.error is not None:
                        self._fail(outcome.error, line)
                    for remark in () if is_quiet else outcome.notes:
                        line.note(f"note: {outcome.path}: {remark}")
                case Unreadable():
                    message = f"cannot be read: {outcome.message}"
                    self._fail(InputError(path=outcome.name, message=message), line)
                case Skipped():
                    self._skipped[outcome.reason] += 1
                    is_told = outcome.is_named or outcome.reason is Reason.TOO_LARGE
                    if is_told and not is_quiet:
                        line.note(f"note: {outcome.name}: skipped: {_REASONS[outcome.reason]}")
            line.show(f"read {len(self._read)}, found {len(self._findings)}")

    def _take_report(self, one: FileReport, valid: set[str]) -> None:
        self._read.add(one.path)
        self._characters += one.characters
        for finding in one.findings:
            if finding.fingerprint in valid:
                self._used[finding.fingerprint] += 1
            else:
                self._findings.append(finding)

    def _fail(self, error: InputError, line: Progress) -> None:
        self._errors.append(error)
        line.note(f"error: {error.path}: {error.message}")

    def report(self, rules: Mapping[str, RuleInfo]) -> ScanReport:
        """Return everything."""
        failed = {error.path for error in self._errors}
        return ScanReport(
            findings=self._findings,
            errors=self._errors,
            files=len(self._read - failed),
            characters=self._characters,
            skipped={reason.value: self._skipped[reason] for reason in Reason},
            accepted=self._used.total(),
            rules=rules,
        )

    def unused(self) -> Iterable[str]:
        """Yield a remark on each accepted finding that is over or was not met in its file."""
        for one in self.accepted:
            if one.until is not None and one.until < self.today:
                yield f"note: {one.origin}: accepted until {one.until} only, so it counts again"
            elif one.fingerprint not in self._used and self._was_read(one):
                yield f"note: {one.origin}: no such finding any more; remove the line"

    def _was_read(self, one: Accepted) -> bool:
        _, _, rest = one.fingerprint.partition(":")
        return rest.split(":", 2)[-1] in self._read


def summary_line(report: ScanReport) -> str:
    """Return what a scan found, in a line for people."""
    severities = Counter(one.severity for one in report.findings if one.is_violation)
    total = severities.total()
    told = ", ".join(
        f"{severities[severity]} {severity.value}"
        for severity in reversed(Severity)
        if severities[severity]
    )
    skipped = sum(report.skipped.values())
    parts = [
        f"{total} finding{'' if total == 1 else 's'}" + (f" ({told})" if told else ""),
        f" in {report.files} file{'' if report.files == 1 else 's'}",
        f"; {report.accepted} accepted" if report.accepted else "",
        f"; {skipped} skipped" if skipped else "",
        f"; INCOMPLETE: {len(report.errors)} could not be read" if report.errors else "",
    ]
    return "".join(parts)

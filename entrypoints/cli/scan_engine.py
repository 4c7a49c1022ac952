"""Read one input and say what is found in it, and where."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from application.inspection import Inspected, Neighbours, evidence
from domain.chat import TextPart
from domain.detection.finding import Explanation
from domain.detection.taxonomy import Category, Severity, is_auxiliary
from domain.identifiers import TenantId
from domain.policy.evaluation import Candidate, EvaluationContext, evaluate
from domain.policy.rule import AuditContent, Direction, Policy
from entrypoints.cli.scan_paths import Source, reason_of
from entrypoints.cli.scan_report import FileReport, InputError, LocatedFinding
from entrypoints.cli.scan_text import REPLACEMENT, Place, Reader, TextWindow, decoded, text_windows
from entrypoints.wiring.local_detection import LocalDetection, Profile

PUBLIC_KEY = b"trueport scan"
"""The key of fingerprints where none is given: whoever knows a value can compute its own."""

_NOBODY = TenantId("")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSettings:
    """How inputs are read; travels to worker processes.

    `min_score` None takes each rule's own operating point.
    """

    profile: Profile = Profile.EMBEDDED
    model_store: Path | None = None
    categories: frozenset[Category] = field(default=frozenset(Category))
    min_score: float | None = None
    shows_all: bool = False
    policy: Policy | None = None
    fingerprint_key: bytes = PUBLIC_KEY
    is_explained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A candidate whose span counts from the start of the file, with what its window showed."""

    candidate: Candidate
    start: Place
    end: Place
    evidence: str

    def reported(
        self,
        name: str,
        *,
        severity: Severity,
        is_violation: bool,
        effect: str | None = None,
        policy_rules: tuple[str, ...] = (),
    ) -> LocatedFinding:
        """Return the finding as reports tell it."""
        finding = self.candidate.finding
        digest = self.candidate.fingerprint.partition(":")[2]
        return LocatedFinding(
            path=name,
            finding=finding,
            start=self.start,
            end=self.end,
            severity=severity,
            evidence=self.evidence,
            fingerprint=f"tp1:{finding.rule}:{digest}:{name}",
            is_violation=is_violation,
            effect=effect,
            policy_rules=policy_rules,
        )


class Scanner:
    """Find and locate; made once a process and closed at its end."""

    def __init__(self, settings: ScanSettings, detection: LocalDetection) -> None:
        self._settings = settings
        self._policy = detection.sealed(
            settings.policy or Policy(name="none"), _NOBODY, settings.fingerprint_key
        )
        self._context = EvaluationContext(at=detection.clock.now())
        self._inspector = detection.inspector(settings.fingerprint_key)
        self._without = detection.without(settings.categories)
        self._rules = detection.rules_under(settings.policy)
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._runner.close()

    def scan(self, source: Source) -> FileReport:
        """Return what is found in an input; one that cannot be read is told as an error."""
        if source.path is None:
            return self._scan(source.name, sys.stdin.buffer)
        try:
            file = source.path.open("rb")
        except OSError as error:
            message = f"cannot be read: {reason_of(error)}"
            return FileReport(path=source.name, error=InputError(path=source.name, message=message))
        with file:
            try:
                return self._scan(source.name, file)
            finally:
                if source.is_temporary:
                    source.path.unlink()

    def _scan(self, name: str, file: BinaryIO) -> FileReport:
        # Reading stays outside the event loop, where an interrupt ends it at once.
        found: list[_Found] = []
        reached: dict[tuple[Category, str], int] = {}
        missing: set[str] = set()
        is_replaced = False
        characters = 0
        message = None
        reader = Reader(file)
        for window in text_windows(decoded(reader.read)):
            is_replaced = is_replaced or REPLACEMENT in window.text
            characters += window.own_end - window.own_start
            inspected = self._runner.run(self._inspect(name, window.text))
            missing.update(inspected.missing)
            found += self._located(window, inspected.candidates, reached)
        if reader.error is not None:
            message = f"cannot be read to its end: {reason_of(reader.error)}"
        if missing:
            message = f"not fully examined: {', '.join(sorted(missing))} did not answer"
        report = self._without_policy if self._settings.policy is None else self._judged
        return FileReport(
            path=name,
            findings=tuple(report(name, found)),
            error=None if message is None else InputError(path=name, message=message),
            notes=("bytes that are no text were read as U+FFFD",) if is_replaced else (),
            characters=characters,
        )

    async def _inspect(self, name: str, text: str) -> Inspected:
        part = TextPart(path=name, text=text, direction=Direction.REQUEST)
        return await self._inspector(_NOBODY, self._policy, [part], without=self._without)

    def _located(
        self,
        window: TextWindow,
        candidates: Sequence[Candidate],
        reached: dict[tuple[Category, str], int],
    ) -> Iterator[_Found]:
        """Yield the candidates that are this window's, with their places in the file.

        `reached` keeps, for each kind, where the last one ended: two windows may cut one match
        differently.
        """
        ordered = sorted(candidates, key=lambda one: one.finding.order)
        locate = window.locator()
        neighbours = Neighbours(ordered)
        for candidate in ordered:
            finding = candidate.finding
            if not self._is_wanted(candidate) or not window.owns(finding.span.start):
                continue
            start, end = locate(finding.span.start), locate(finding.span.end)
            kind = (finding.category, finding.rule if finding.is_custom else finding.type)
            if start.offset < reached.get(kind, 0):
                continue
            reached[kind] = end.offset
            if not self._settings.is_explained:
                # Reasons outweigh the rest of a report by far.
                source = finding.explanation.source
                finding = replace(finding, explanation=Explanation(source=source))
            yield _Found(
                candidate=replace(candidate, finding=finding.shifted(window.place.offset)),
                start=start,
                end=end,
                evidence=evidence(
                    window.text, candidate, neighbours.of(candidate), AuditContent.MASKED
                ),
            )

    def _is_wanted(self, candidate: Candidate) -> bool:
        """Tell whether a candidate can end up in the report."""
        if candidate.finding.category not in self._settings.categories:
            return False
        return self._settings.policy is not None or self._is_shown(candidate)

    def _is_shown(self, candidate: Candidate) -> bool:
        if self._settings.shows_all or self._settings.min_score == 0:
            return True
        return self._counts(candidate)

    def _counts(self, candidate: Candidate) -> bool:
        """Tell whether a finding is a violation where no policy says so."""
        finding, threshold = candidate.finding, self._settings.min_score
        is_enough = finding.is_operative if threshold is None else finding.score >= threshold
        return is_enough and not is_auxiliary(finding.category, finding.type)

    def _severity(self, candidate: Candidate) -> Severity:
        info = self._rules.get(candidate.finding.rule)
        return Severity.MEDIUM if info is None else info.severity

    def _without_policy(self, name: str, found: Sequence[_Found]) -> Iterator[LocatedFinding]:
        for one in found:
            yield one.reported(
                name,
                severity=self._severity(one.candidate),
                is_violation=self._counts(one.candidate),
            )

    def _judged(self, name: str, found: Sequence[_Found]) -> Iterator[LocatedFinding]:
        decision = evaluate(self._policy, [one.candidate for one in found], self._context)
        places = {id(one.candidate): one for one in found}
        threshold = self._settings.min_score or 0.0
        for verdict in decision.verdicts:
            candidate = verdict.candidate
            counts = verdict.is_violation and candidate.finding.score >= threshold
            if counts or (self._settings.shows_all or self._settings.min_score == 0):
                yield places[id(candidate)].reported(
                    name,
                    severity=verdict.severity if counts else self._severity(candidate),
                    is_violation=counts,
                    effect=verdict.effect.value,
                    policy_rules=verdict.rules,
                )

"""Run what a policy describes as one detector, compiled once for each version of it."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from adapters.detectors.custom.checks import check_detectors
from adapters.detectors.custom.compiled import CompiledDetector
from adapters.detectors.linear_time import Subject
from adapters.detectors.off_the_loop import off_the_loop
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Detector, DetectorText
from domain.detection.finding import CUSTOM, Detection
from domain.detection.taxonomy import Category, is_auxiliary
from domain.errors import InvalidValue, Unavailable
from domain.policy.custom_detector import CustomDetector

_OFF_THE_LOOP = 20_000
_COMPILED = 32
"""Policies whose detectors are kept compiled: a few hundred kilobytes each, of which RE2 may make
some megabytes while it reads what is hard to read."""


class PolicyDetector(Detector):
    """Answer as `custom` for the detectors of one policy, in whatever order they stand."""

    def __init__(self, detectors: Sequence[CustomDetector]) -> None:
        self._detectors = tuple(sorted(detectors, key=lambda detector: detector.id))
        digests = " ".join(detector.digest for detector in self._detectors)
        self._version = hashlib.sha256(digests.encode()).hexdigest()[:16]
        self._compiled: tuple[CompiledDetector, ...] | None = None

    @property
    def name(self) -> str:
        """Return `custom`."""
        return CUSTOM

    @property
    def version(self) -> str:
        """Return what changes with whatever decides what is found."""
        return self._version

    @property
    def categories(self) -> frozenset[Category]:
        """Return the categories that the policy finds something of."""
        return frozenset(detector.category for detector in self._detectors)

    @property
    def waits(self) -> bool:
        """Tell whether it has still to be compiled, which is done on a thread."""
        return self._compiled is None

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text; long batches, and what is not compiled, go on a thread.

        Raises:
            Unavailable: this version cannot run what another one accepted.
        """
        if self._compiled is None or sum(len(text.text) for text in texts) > _OFF_THE_LOOP:
            return await off_the_loop(lambda: self._detect(texts))
        return self._detect(texts)

    def _detect(self, texts: Sequence[DetectorText]) -> list[Detection]:
        if self._compiled is None:
            try:
                self._compiled = tuple(map(CompiledDetector, self._detectors))
            except InvalidValue as error:
                raise Unavailable(CUSTOM, "a detector of the policy cannot be run") from error
        return [self._read(text.text, self._compiled) for text in texts]

    def _read(self, text: str, compiled: Sequence[CompiledDetector]) -> Detection:
        scores = dict.fromkeys(self.categories, 0.0)
        subject = Subject(text)
        findings = [finding for one in compiled for finding in one.find(subject)]
        for finding in findings:
            if not is_auxiliary(finding.category, finding.type):
                scores[finding.category] = max(finding.score, scores[finding.category])
        findings.sort(key=lambda finding: finding.order)
        return Detection(findings=tuple(findings), scores=scores)


class Re2CustomDetectors(CustomDetectors):
    """Compile patterns and lists with RE2; the latest used policies stay compiled."""

    def __init__(self) -> None:
        self._detector = lru_cache(maxsize=_COMPILED)(PolicyDetector)

    def check(self, detectors: Sequence[CustomDetector]) -> None:
        """Accept descriptions that do what their examples say, with bounded work."""
        check_detectors(detectors)

    def detector(self, detectors: Sequence[CustomDetector]) -> Detector:
        """Return what finds all that these describe, the same for equal descriptions."""
        return self._detector(tuple(detectors))

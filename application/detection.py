"""The one detection pipeline, for texts in line, after the fact and on the command line."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.detector import Detector, DetectorText
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.detection.finding import Detection
from domain.detection.fusion import fuse
from domain.detection.taxonomy import Category
from domain.errors import Unavailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionOutcome:
    """One fused detection a text, in order, and the names of detectors that did not answer."""

    detections: tuple[Detection, ...]
    missing: tuple[str, ...] = ()


class DetectionPipeline:
    """Ask every detector about every text, in parallel, and fuse what they say.

    `deadline` is in seconds and holds for each detector by itself: a slow one is missing, the
    others count.
    """

    def __init__(
        self,
        *,
        detectors: Sequence[Detector],
        clock: Clock,
        telemetry: Telemetry,
        deadline: float = 10.0,
    ) -> None:
        self._detectors = tuple(detectors)
        self._clock = clock
        self._telemetry = telemetry
        self._deadline = deadline

    @property
    def versions(self) -> dict[str, str]:
        """Return the version of each detector by its name."""
        return {detector.name: detector.version for detector in self._detectors}

    async def __call__(
        self,
        texts: Sequence[DetectorText],
        *,
        categories: frozenset[Category] = frozenset(Category),
        without: frozenset[str] = frozenset(),
    ) -> DetectionOutcome:
        """Return what is found in each text, of these categories.

        Detectors named in `without`, or with none of the categories, are not asked.
        """
        asked = [
            detector
            for detector in self._detectors
            if detector.name not in without and detector.categories & categories
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(detector, texts)) for detector in asked]
        answers = [task.result() for task in tasks]
        missing = tuple(
            detector.name for detector, answer in zip(asked, answers, strict=True) if answer is None
        )
        present = [answer for answer in answers if answer is not None]
        return DetectionOutcome(
            detections=tuple(
                _restrict(fuse(answer[index] for answer in present), categories)
                for index in range(len(texts))
            ),
            missing=missing,
        )

    async def _ask(
        self, detector: Detector, texts: Sequence[DetectorText]
    ) -> Sequence[Detection] | None:
        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(self._deadline):
                return await detector.detect(texts)
        except (Unavailable, TimeoutError) as error:
            self._telemetry.count(Metric.DETECTOR_FAILURES, detector=detector.name)
            _log.warning(
                "detector did not answer",
                extra={"detector": detector.name, "reason": type(error).__name__},
            )
            return None
        finally:
            self._telemetry.observe(
                Metric.DETECTOR_SECONDS,
                self._clock.monotonic() - started,
                detector=detector.name,
            )


def _restrict(detection: Detection, categories: frozenset[Category]) -> Detection:
    if categories == frozenset(Category):
        return detection
    return Detection(
        findings=tuple(f for f in detection.findings if f.category in categories),
        scores={name: score for name, score in detection.scores.items() if name in categories},
    )

"""The one detection pipeline, for texts in line, after the fact and on the command line."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from application.ports.detector import Detector, DetectorText
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.detection.finding import Detection, Span
from domain.detection.fusion import fuse
from domain.detection.long_texts import LONGEST, joined, windows_of
from domain.detection.taxonomy import Category
from domain.errors import Unavailable

_log = logging.getLogger(__name__)

_CALL = 2 * LONGEST
"""Code points that a detector is asked about in one call."""

OFF_THE_LOOP = LONGEST
"""Code points of text from which on what was found is worked on in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionOutcome:
    """One fused detection a text, in order, and the names of detectors that did not answer."""

    detections: tuple[Detection, ...]
    missing: tuple[str, ...] = ()


class DetectionPipeline:
    """Ask every detector about every text, in parallel, and fuse what they say.

    A long text is read in windows that overlap, and what is more than one call takes is asked in
    several, texts of like length together. `deadline` is in seconds and holds for each detector and
    call by itself: a slow one is missing, the others count.
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
        reading = _Reading(texts)
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(detector, reading)) for detector in asked]
        answers = [task.result() for task in tasks]
        missing = tuple(
            detector.name for detector, answer in zip(asked, answers, strict=True) if answer is None
        )
        present = [answer for answer in answers if answer is not None]

        def fused() -> tuple[Detection, ...]:
            whole = [reading.whole(answer) for answer in present]
            return tuple(
                _restrict(fuse(answer[index] for answer in whole), categories)
                for index in range(len(texts))
            )

        is_long = sum(len(text.text) for text in texts) > OFF_THE_LOOP
        detections = await asyncio.to_thread(fused) if is_long else fused()
        return DetectionOutcome(detections=detections, missing=missing)

    async def _ask(self, detector: Detector, reading: "_Reading") -> Sequence[Detection] | None:
        started = self._clock.monotonic()
        answers: list[Detection] = []
        try:
            for call in reading.calls:
                async with asyncio.timeout(self._deadline):
                    answers += await detector.detect(call)
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
        return answers


class _Reading:
    """Texts as detectors read them: cut into windows, and the windows put into calls.

    `calls` holds every window once. Where one call takes them all they stand as the texts do,
    else by length, so that a detector that pads a batch pads little.
    """

    def __init__(self, texts: Sequence[DetectorText]) -> None:
        self._count = len(texts)
        self._windows: list[tuple[int, Span | None]] = []
        pieces: list[DetectorText] = []
        for index, text in enumerate(texts):
            if len(text.text) <= LONGEST:
                self._windows.append((index, None))
                pieces.append(text)
                continue
            for window in windows_of(text.text):
                self._windows.append((index, window))
                pieces.append(replace(text, text=text.text[window.start : window.end]))
        self._order = list(range(len(pieces)))
        self.calls: list[list[DetectorText]] = [pieces] if pieces else []
        if sum(len(piece.text) for piece in pieces) > _CALL:
            self._order.sort(key=lambda at: len(pieces[at].text))
            self.calls = _calls([pieces[at] for at in self._order])

    def whole(self, answers: Sequence[Detection]) -> list[Detection]:
        """Return one detection a text from one a window, in the order of `calls`."""
        by_window = dict(zip(self._order, answers, strict=True))
        found: list[Detection] = [Detection()] * self._count
        in_windows: dict[int, tuple[list[Span], list[Detection]]] = {}
        for at, (index, window) in enumerate(self._windows):
            if window is None:
                found[index] = by_window[at]
            else:
                spans, detections = in_windows.setdefault(index, ([], []))
                spans.append(window)
                detections.append(by_window[at])
        for index, (spans, detections) in in_windows.items():
            found[index] = joined(spans, detections)
        return found


def _calls(pieces: Sequence[DetectorText]) -> list[list[DetectorText]]:
    calls: list[list[DetectorText]] = [[]]
    size = 0
    for piece in pieces:
        if calls[-1] and size + len(piece.text) > _CALL:
            calls.append([])
            size = 0
        calls[-1].append(piece)
        size += len(piece.text)
    return calls


def _restrict(detection: Detection, categories: frozenset[Category]) -> Detection:
    if categories == frozenset(Category):
        return detection
    return Detection(
        findings=tuple(f for f in detection.findings if f.category in categories),
        scores={name: score for name, score in detection.scores.items() if name in categories},
    )

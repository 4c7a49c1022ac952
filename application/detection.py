"""The one detection pipeline, for texts in line, after the fact and on the command line."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from application.detection_memory import DetectionMemory, Key, engines_of, key_of
from application.ports.detector import AT_ONCE, Detector, DetectorText
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.detection.finding import Detection, Span
from domain.detection.fusion import fuse
from domain.detection.long_texts import LONGEST, joined, windows_of
from domain.detection.taxonomy import Category
from domain.detection.views import View, view_of
from domain.errors import Unavailable

_log = logging.getLogger(__name__)

_CALL = LONGEST
"""Code points that a detector is asked about in one call: more would gain nothing, and the deadline
holds for a call."""

OFF_THE_LOOP = LONGEST
"""Code points of text from which on what was found is worked on in a thread."""


Views = dict[str, View | None]
"""The other readings of texts, by text: there are several lookers and one way to read."""

_MANY = 1000
"""Findings from which on they are put together in a thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionOutcome:
    """One fused detection a text, in order, and the names of detectors that did not answer."""

    detections: tuple[Detection, ...]
    missing: tuple[str, ...] = ()


class DetectionPipeline:
    """Ask every detector about every text, in parallel, and fuse what they say.

    What a text says in encodings and disguises is read beside it. A long text is read in windows
    that overlap, and what is more than one call takes is asked in several, texts of like length
    together. `deadline` is in seconds and holds for each detector and call by itself: a slow one is
    missing, the others count. A text that was read before is not read again while the versions of
    the detectors stay: chat requests hold the conversation so far.

    What a policy finds by itself is told beside that, read in the same way by a detector of its
    own, so that what is remembered of the others serves every tenant.
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
        self._memory = DetectionMemory()

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
        custom: Sequence[Detector | None] = (),
    ) -> DetectionOutcome:
        """Return what is found in each text, of these categories.

        Detectors named in `without`, or with none of the categories, are not asked. `custom` has
        one entry a text, or none at all: the detector of the policy under which it is read.
        """
        asked = [
            detector
            for detector in self._detectors
            if detector.name not in without and detector.categories & categories
        ]
        views: Views = {}
        found, missing = await self._look(texts, asked, views)
        for own in dict.fromkeys(one for one in custom if one is not None):
            if own.categories & categories:
                at = [index for index, one in enumerate(custom) if one is own]
                beside, away = await self._look([texts[index] for index in at], [own], views)
                await _add(found, dict(zip(at, beside, strict=True)))
                missing += tuple(name for name in away if name not in missing)
        return DetectionOutcome(
            detections=tuple(_restrict(detection, categories) for detection in found),
            missing=missing,
        )

    async def _look(
        self, texts: Sequence[DetectorText], asked: Sequence[Detector], views: Views
    ) -> tuple[list[Detection], tuple[str, ...]]:
        """Return what these detectors find in each text, remembered or read now.

        `views` are those that were made for the same texts, and take what is made now.
        """
        engines = engines_of(asked)
        keys = [
            None if engines is None or len(text.text) > LONGEST else key_of(text, engines)
            for text in texts
        ]
        known, unread = self._recalled(keys)
        found, missing = await self._read([texts[index] for index in unread], asked, views)
        is_certain = not missing and engines == engines_of(asked)
        for index, detection in zip(unread, found, strict=True):
            key = keys[index]
            known[key or index] = detection
            if key is not None and is_certain:
                self._memory.keep(key, detection)
        return [known[key or index] for index, key in enumerate(keys)], missing

    def _recalled(
        self, keys: Sequence[Key | None]
    ) -> tuple[dict[Key | int, Detection], Sequence[int]]:
        """Return what is known, and the texts to read: one of several that are alike."""
        known: dict[Key | int, Detection] = {}
        unread: dict[Key | int, int] = {}
        for index, key in enumerate(keys):
            if key is None:
                unread[index] = index
            elif key not in known and key not in unread:
                remembered = self._memory.find(key)
                if remembered is None:
                    unread[key] = index
                else:
                    known[key] = remembered
        return known, list(unread.values())

    async def _read(
        self, texts: Sequence[DetectorText], asked: Sequence[Detector], made: Views
    ) -> tuple[Sequence[Detection], tuple[str, ...]]:
        """Return one fused detection a text, and the names of detectors that did not answer."""
        if not texts:
            return (), ()
        is_long = sum(len(text.text) for text in texts) > OFF_THE_LOOP
        views = (
            await asyncio.to_thread(_views_of, texts, made) if is_long else _views_of(texts, made)
        )
        reading = _Reading(
            [*texts, *(replace(texts[at], text=view.text) for at, view in views.items())]
        )
        if reading.size <= AT_ONCE and not any(detector.waits for detector in asked):
            # Tasks and deadlines would take as long as the reading of a short text.
            answers = [await self._answer(detector, reading) for detector in asked]
        else:
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self._answer(detector, reading, self._deadline))
                    for detector in asked
                ]
            answers = [task.result() for task in tasks]
        missing = tuple(
            detector.name for detector, answer in zip(asked, answers, strict=True) if answer is None
        )
        present = [answer for answer in answers if answer is not None]

        def fused() -> list[Detection]:
            whole = [reading.whole(answer) for answer in present]
            said = [fuse(answer[index] for answer in whole) for index in range(len(reading))]
            for number, (at, view) in enumerate(views.items(), start=len(texts)):
                said[at] = fuse((said[at], view.translated(said[number])))
            return said[: len(texts)]

        return await asyncio.to_thread(fused) if is_long else fused(), missing

    async def _answer(
        self, detector: Detector, reading: "_Reading", deadline: float | None = None
    ) -> Sequence[Detection] | None:
        """Return what a detector says of each window, None where it did not answer."""
        started = self._clock.monotonic()
        answers: list[Detection] = []
        try:
            for call in reading.calls:
                texts = reading.texts(call)
                if deadline is None:
                    answers += await detector.detect(texts)
                else:
                    async with asyncio.timeout(deadline):
                        answers += await detector.detect(texts)
        except (Unavailable, TimeoutError) as error:
            self._telemetry.count(Metric.DETECTOR_FAILURES, model=detector.name)
            _log.warning(
                "detector did not answer",
                extra={"detector": detector.name, "reason": type(error).__name__},
            )
            return None
        finally:
            self._telemetry.observe(
                Metric.DETECTOR_SECONDS,
                self._clock.monotonic() - started,
                model=detector.name,
            )
        return answers


class _Reading:
    """Texts as detectors read them: cut into windows, and the windows put into calls.

    `size` counts their code points; `calls` holds the number of every window once. Where one call
    takes them all they stand as the texts do, else by length, so that a detector that pads a batch
    pads little. Windows are cut out of their texts for each call anew: all at once they would be
    the texts a second time.
    """

    def __init__(self, texts: Sequence[DetectorText]) -> None:
        self._texts = texts
        self._windows: list[tuple[int, Span | None]] = []
        sizes: list[int] = []
        for index, text in enumerate(texts):
            spans = windows_of(text.text) if len(text.text) > LONGEST else (None,)
            for span in spans:
                self._windows.append((index, span))
                sizes.append(len(text.text) if span is None else len(span))
        self.size = sum(sizes)
        self._order = list(range(len(sizes)))
        if self.size > _CALL:
            self._order.sort(key=lambda at: sizes[at])
        self.calls = _calls(self._order, sizes)

    def __len__(self) -> int:
        return len(self._texts)

    def texts(self, call: Sequence[int]) -> list[DetectorText]:
        """Return the windows of one call."""
        cut = []
        for number in call:
            index, span = self._windows[number]
            text = self._texts[index]
            cut.append(
                text if span is None else replace(text, text=text.text[span.start : span.end])
            )
        return cut

    def whole(self, answers: Sequence[Detection]) -> list[Detection]:
        """Return one detection a text from one a window, in the order of `calls`."""
        by_window = dict(zip(self._order, answers, strict=True))
        found: list[Detection] = [Detection()] * len(self._texts)
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


async def _add(found: list[Detection], beside: Mapping[int, Detection]) -> None:
    """Put what a policy finds by itself beside what was found, by the number of the text."""
    changed = {
        index: detection
        for index, detection in beside.items()
        if detection.findings or not detection.scores.keys() <= found[index].scores.keys()
    }

    def fused() -> dict[int, Detection]:
        return {index: fuse((found[index], one)) for index, one in changed.items()}

    size = sum(len(found[index].findings) + len(one.findings) for index, one in changed.items())
    together = await asyncio.to_thread(fused) if size > _MANY else fused()
    for index, detection in together.items():
        found[index] = detection


def _views_of(texts: Sequence[DetectorText], made: Views) -> dict[int, View]:
    """Return the other readings of those texts that have any, by their number."""
    for text in texts:
        if text.text not in made:
            made[text.text] = view_of(text.text)
    found = ((at, made[text.text]) for at, text in enumerate(texts))
    return {at: view for at, view in found if view is not None}


def _calls(order: Sequence[int], sizes: Sequence[int]) -> list[list[int]]:
    calls: list[list[int]] = []
    size = 0
    for number in order:
        if not calls or size + sizes[number] > _CALL:
            calls.append([])
            size = 0
        calls[-1].append(number)
        size += sizes[number]
    return calls


def _restrict(detection: Detection, categories: frozenset[Category]) -> Detection:
    if categories == frozenset(Category):
        return detection
    return Detection(
        findings=tuple(f for f in detection.findings if f.category in categories),
        scores={name: score for name, score in detection.scores.items() if name in categories},
    )

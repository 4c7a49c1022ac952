"""`trueport detect`: run the detectors over JSON lines."""

import asyncio
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

import click

from application.detection import DetectionOutcome
from application.ports.detector import Detector, DetectorText
from domain.detection.finding import Detection
from domain.detection.taxonomy import Category
from entrypoints.cli.detect_lines import BadLine, InputText, read_texts
from entrypoints.cli.detection_options import (
    CategoryChoice,
    chosen_categories,
    detection_options,
    local_detection,
)
from entrypoints.cli.exits import (
    EXIT_CLEAN,
    EXIT_INCOMPLETE,
    EXIT_UNAVAILABLE,
    EXIT_USAGE,
    Failure,
)
from entrypoints.cli.output import destination
from entrypoints.cli.policy_file import read_policy
from entrypoints.cli.scan_paths import reason_of
from entrypoints.cli.scan_report import finding_document
from entrypoints.cli.terminal import Progress
from entrypoints.wiring.local_detection import LocalDetection, Profile

_STDIN = Path("-")
_BATCH_TEXTS = 64
_BATCH_CHARACTERS = 256 * 1024


@click.command(name="detect")
@click.argument(
    "source", metavar="IN.jsonl[.gz] | -", type=click.Path(path_type=Path, allow_dash=True)
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Write to a file, which appears only when it is complete.",
)
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    help="A policy whose own detectors are asked as well; its rules judge nothing here.",
)
@detection_options
@click.option(
    "--progress",
    type=click.Choice(["auto", "on", "off"]),
    default="auto",
    show_default=True,
    help="A line on standard error that says how far it is.",
)
def command(
    *,
    source: Path,
    output: Path | None,
    policy_path: Path | None,
    categories: CategoryChoice | None,
    profile: Profile,
    model_store: Path,
    min_score: float | None,
    is_explained: bool,
    progress: str,
) -> None:
    """Run the detectors over texts: one {"id": …, "text": …} a line, in and out.

    Each line of the output has the id, the findings (offsets count code points) and one score a
    category. A bad line is told on standard error with its number; the others are answered, and
    the status is 3. Answers come in the order of the lines: where a run broke off, the next one
    goes on behind the last whole answer.

    \b
    Examples:
      trueport detect texts.jsonl -o findings.jsonl
      zcat texts.jsonl.gz | trueport detect - --detectors pii,secrets
      trueport detect texts.jsonl.gz --min-score 0 --explain
      tail -n +1001 texts.jsonl | trueport detect - >> findings.jsonl
      trueport detect texts.jsonl --policy policy.yaml
    """
    policy = None if policy_path is None else read_policy(policy_path, model_store)
    detection = local_detection(profile, model_store)
    chosen = chosen_categories(categories, detection.categories_under(policy), profile)
    run = _Run(
        detection,
        chosen,
        custom=detection.detector_of(policy),
        min_score=min_score,
        is_explained=is_explained,
    )
    if progress == "auto" and output is None and sys.stdout.isatty():
        # The answers are there to be seen themselves; a line between them would only be in the way.
        progress = "off"
    with (
        _opened(source) as file,
        destination(output) as stream,
        Progress(progress) as line,
        asyncio.Runner() as runner,
    ):
        run.answer(read_texts(file), stream, line, runner)
    raise click.exceptions.Exit(EXIT_INCOMPLETE if run.has_bad_lines else EXIT_CLEAN)


class _Run:
    """Answer lines in batches, in order."""

    def __init__(
        self,
        detection: LocalDetection,
        categories: frozenset[Category],
        *,
        custom: Detector | None,
        min_score: float | None,
        is_explained: bool,
    ) -> None:
        self._pipeline = detection.pipeline
        self._custom = custom
        self._without = detection.without(categories)
        self._categories = categories
        self._order = [category for category in Category if category in categories]
        self._min_score = min_score
        self._is_explained = is_explained
        self.has_bad_lines = False

    def answer(
        self,
        lines: Iterable[InputText | BadLine],
        stream: TextIO,
        progress: Progress,
        runner: asyncio.Runner,
    ) -> None:
        """Write a line for each text.

        Raises:
            Failure: a detector did not answer: a partial answer would look like a clean one.
        """
        done = 0
        # Reading stays outside the event loop, where an interrupt ends it at once.
        for batch in batches(self._good(lines, progress)):
            outcome = runner.run(self._detect(batch))
            if outcome.missing:
                names = ", ".join(outcome.missing)
                raise Failure(f"detectors did not answer: {names}", EXIT_UNAVAILABLE)
            for one, detection in zip(batch, outcome.detections, strict=True):
                stream.write(json.dumps(self._document(one, detection)))
                stream.write("\n")
            stream.flush()
            done += len(batch)
            progress.show(f"{done} texts read")

    async def _detect(self, batch: Sequence[InputText]) -> DetectionOutcome:
        return await self._pipeline(
            [DetectorText(text=one.text) for one in batch],
            categories=self._categories,
            without=self._without,
            custom=[self._custom] * len(batch),
        )

    def _good(
        self, lines: Iterable[InputText | BadLine], progress: Progress
    ) -> Iterator[InputText]:
        for line in lines:
            if isinstance(line, BadLine):
                self.has_bad_lines = True
                progress.note(f"error: line {line.number}: {line.message}")
            else:
                yield line

    def _document(self, one: InputText, detection: Detection) -> dict[str, object]:
        return {
            "id": one.id,
            "findings": [
                finding_document(finding, is_explained=self._is_explained)
                for finding in detection.at_least(self._min_score)
            ],
            "scores": {
                category.value: round(detection.scores.get(category, 0.0), 6)
                for category in self._order
            },
        }


def batches(texts: Iterable[InputText]) -> Iterator[list[InputText]]:
    """Yield the texts in batches that double, so that the first answer does not wait for many."""
    batch: list[InputText] = []
    characters, size = 0, 1
    for one in texts:
        batch.append(one)
        characters += len(one.text)
        if len(batch) >= size or characters >= _BATCH_CHARACTERS:
            yield batch
            batch, characters, size = [], 0, min(size * 2, _BATCH_TEXTS)
    if batch:
        yield batch


@contextmanager
def _opened(source: Path) -> Iterator[BinaryIO]:
    if source == _STDIN:
        yield sys.stdin.buffer
        return
    try:
        file = source.open("rb")
    except OSError as error:
        raise Failure(f"{source}: cannot be read: {reason_of(error)}", EXIT_USAGE) from None
    with file:
        yield file

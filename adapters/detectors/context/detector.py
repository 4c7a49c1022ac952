"""The detector of entities that need context, by rules: it stands in for a neural tagger."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from adapters.detectors.context.learned import PERSON
from adapters.detectors.context.name_model import FILE, NameModel
from adapters.detectors.context.organisations import ORGANIZATION, find_organisations
from adapters.detectors.context.person import find_people, find_uncapitalised
from adapters.detectors.context.places import (
    LOCATION,
    NATIONALITY,
    find_nationalities,
    find_places,
)
from adapters.detectors.context.runs import capitals
from adapters.detectors.linear_time import Subject
from adapters.detectors.off_the_loop import off_the_loop
from adapters.detectors.patterns.overlap import settle
from adapters.detectors.patterns.rule import Hit
from adapters.detectors.patterns.tables import Tables
from application.ports.detector import Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.taxonomy import Category, is_auxiliary

RULES_VERSION = "2"
_OFF_THE_LOOP = 20_000
_WINDOW = 16_384


class ContextEngine:
    """Find people, places and organisations; pure, synchronous, safe between threads.

    Rules decide where they are sure, a small linear model elsewhere. The model is loaded when a
    text first needs it, or somebody asks for the version.
    """

    def __init__(self, models: Path) -> None:
        self._path = models / FILE

    @property
    def version(self) -> str:
        """Return the versions of the rules and of the model."""
        return f"context-rules-{RULES_VERSION}+linear-names-{self._model.header['version']}"

    def find(self, text: str) -> list[Finding]:
        """Return the findings above score 0 in order of place; overlaps are settled."""
        findings: list[Finding] = []
        start = 0
        while start < len(text):
            end = len(text)
            if end - start > _WINDOW:
                newline = text.rfind("\n", start + _WINDOW // 2, start + _WINDOW)
                end = newline + 1 if newline >= 0 else start + _WINDOW
            findings += (self._finding(hit, start) for hit in settle(self._search(text[start:end])))
            start = end
        return findings

    def _search(self, text: str) -> Iterator[Hit]:
        found = capitals(text)
        subject = Subject(text)
        yield from find_uncapitalised(subject)
        if not found.words and text.isascii():
            return
        organisations = list(find_organisations(subject))
        yield from organisations
        if found.runs:
            tables = Tables(text)
            yield from find_people(text, found.runs, tables, organisations, self._model)
            yield from find_places(text, found.runs, tables)
        yield from find_nationalities(found.words)

    @cached_property
    def _model(self) -> NameModel:
        return NameModel.load(self._path)

    def _finding(self, hit: Hit, offset: int) -> Finding:
        return Finding(
            category=Category.PII,
            type=hit.info.type,
            span=Span(hit.start + offset, hit.end + offset),
            score=hit.score,
            detector="context",
            rule=hit.info.id,
            explanation=Explanation(
                source=f"context@{RULES_VERSION}", reason=hit.info.title, steps=hit.steps
            ),
            operating_point=hit.info.operating_point,
        )


class ContextDetector(Detector):
    """Answer as `pii-ner-roberta` with rules and a small model; findings say `context`."""

    def __init__(self, models: Path) -> None:
        self._engine = ContextEngine(models)

    @property
    def name(self) -> str:
        """Return the name of the model that this detector stands for."""
        return "pii-ner-roberta"

    @property
    def version(self) -> str:
        """Return the versions of the rules and of the model."""
        return self._engine.version

    @property
    def categories(self) -> frozenset[Category]:
        """Return personal data alone."""
        return frozenset({Category.PII})

    def catalogue(self) -> tuple[RuleInfo, ...]:
        """Return the rules of this detector."""
        return catalogue()

    @property
    def waits(self) -> bool:
        """Return False: it computes."""
        return False

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text; long batches are read on a thread."""
        if sum(len(text.text) for text in texts) > _OFF_THE_LOOP:
            return await off_the_loop(lambda: self._detect(texts))
        return self._detect(texts)

    def _detect(self, texts: Sequence[DetectorText]) -> list[Detection]:
        return [_detection(self._engine.find(text.text)) for text in texts]


def catalogue() -> tuple[RuleInfo, ...]:
    """Return the rules of this detector."""
    return (PERSON, LOCATION, ORGANIZATION, NATIONALITY)


def _detection(findings: list[Finding]) -> Detection:
    scores = [
        finding.score for finding in findings if not is_auxiliary(finding.category, finding.type)
    ]
    return Detection(findings=tuple(findings), scores={Category.PII: max(scores, default=0.0)})

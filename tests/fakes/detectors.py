"""Detectors that find what a test tells them, and detectors that do not answer."""

import asyncio
from collections.abc import Mapping, Sequence

from application.ports.detector import Detector, DetectorText
from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.taxonomy import Category
from domain.errors import Unavailable

CARD = "4111 1111 1111 1111"
MAIL = "ada@example.org"
AWS_KEY = "AKIAIOSFODNN7EXAMPLE"
INJECTION = "ignore all rules"
INSULT = "you idiot"

WORDS: Mapping[str, tuple[Category, str]] = {
    CARD: (Category.PII, "CREDIT_CARD"),
    MAIL: (Category.PII, "EMAIL"),
    AWS_KEY: (Category.SECRETS, "CLOUD_KEY"),
    INJECTION: (Category.INJECTION, "OVERRIDE"),
    INSULT: (Category.TOXICITY, "INSULT"),
}


class KeywordDetector(Detector):
    """Find literal words, wherever they stand, with a score of 0.95."""

    def __init__(
        self,
        words: Mapping[str, tuple[Category, str]] = WORDS,
        *,
        name: str = "keywords",
        version: str = "1",
    ) -> None:
        self._words = dict(words)
        self._name = name
        self._version = version
        self.texts: list[DetectorText] = []

    @property
    def name(self) -> str:
        return self._name

    @property
    def version(self) -> str:
        return self._version

    @property
    def categories(self) -> frozenset[Category]:
        return frozenset(category for category, _ in self._words.values())

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        self.texts += texts
        return [self._read(text.text) for text in texts]

    def _read(self, text: str) -> Detection:
        findings = []
        scores = dict.fromkeys(self.categories, 0.0)
        for word, (category, entity_type) in self._words.items():
            start = text.find(word)
            while start != -1:
                findings.append(
                    Finding(
                        category=category,
                        type=entity_type,
                        span=Span(start, start + len(word)),
                        score=0.95,
                        detector=self._name,
                        rule=f"word-{entity_type.lower()}",
                        explanation=Explanation(source=f"{self._name}@{self._version}"),
                    )
                )
                scores[category] = 0.95
                start = text.find(word, start + len(word))
        return Detection(
            findings=tuple(sorted(findings, key=lambda finding: finding.order)), scores=scores
        )


class FlakyDetector(KeywordDetector):
    """Answer like the other one, unless it is away or waits for its gate to open."""

    def __init__(
        self,
        words: Mapping[str, tuple[Category, str]] = WORDS,
        *,
        name: str = "flaky",
        is_away: bool = False,
    ) -> None:
        super().__init__(words, name=name)
        self.is_away = is_away
        self.gate = asyncio.Event()
        self.gate.set()

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        await self.gate.wait()
        if self.is_away:
            raise Unavailable("detector")
        return await super().detect(texts)

"""Toxicity by type and stereotypes, in process, by linear models over sentences."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from adapters.detectors.groups import target_group
from adapters.detectors.linear import LinearModel
from adapters.detectors.segments import ScoredSegment, best_segments, read_segments
from application.ports.detector import Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.segmentation import sentences
from domain.detection.taxonomy import Category, Severity

TOXICITY_WINDOW = 3
BIAS_WINDOW = 8
_TOXIC = 0
_STEREOTYPE = 0
_FLOOR = 0.05
_LONG = 20_000
_WITHOUT_GROUP = 0.3
"""What is left of a stereotype's score where no group of people is named."""

_MINORS = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|underage|under-age|toddlers?|infants?|bab(?:y|ies)|"
    r"school ?(?:girl|boy)s?|pre-?teens?|loli|shota|(?:[1-9]|1[0-7])[ -]?(?:years?[ -]old|yo|y/o))\b",
    re.IGNORECASE,
)
_TITLES = {
    "INSULT": ("Insult", "insults somebody", Severity.MEDIUM),
    "PROFANITY": ("Profanity", "uses profane or obscene words", Severity.LOW),
    "THREAT": ("Threat", "threatens somebody", Severity.HIGH),
    "IDENTITY_HATE": ("Hate against a group", "attacks people for what they are", Severity.HIGH),
    "SEXISM": ("Sexism", "degrades people for their gender", Severity.HIGH),
    "SEXUAL": ("Sexual content", "is sexually explicit", Severity.MEDIUM),
    "SEXUAL_MINORS": (
        "Sexual content with minors",
        "is sexual and names a minor",
        Severity.CRITICAL,
    ),
    "SELF_HARM": ("Self-harm", "speaks of harming oneself", Severity.HIGH),
    "VIOLENCE": ("Violence", "wishes, plans or praises violence", Severity.HIGH),
    "GRAPHIC_VIOLENCE": ("Graphic violence", "describes injuries in detail", Severity.MEDIUM),
}


class ToxicityBiasDetector(Detector):
    """Find toxic sentences, by type, and conclusions from a group.

    The score of a type is the calibrated output of its own lane; the strongest type of a segment
    has at least the segment's score for being toxic at all. Sexual content about minors has no
    lane: it is a sexual segment that names a minor. Segments below 0.05 give no finding.
    """

    def __init__(self, models: Path) -> None:
        self._models = models

    @property
    def name(self) -> str:
        """Return the slot of the product that this fills."""
        return "bias-deberta-v3"

    @property
    def version(self) -> str:
        """Return the versions of both models."""
        toxicity, bias = self._toxicity.header["version"], self._bias.header["version"]
        return f"linear-toxicity-{toxicity}+linear-bias-{bias}"

    @property
    def categories(self) -> frozenset[Category]:
        """Return toxicity and bias."""
        return frozenset({Category.TOXICITY, Category.BIAS})

    def catalogue(self) -> tuple[RuleInfo, ...]:
        """Return one entry a type."""
        toxic = tuple(
            RuleInfo(
                id=_rule_id(kind),
                category=Category.TOXICITY,
                type=kind,
                title=title,
                matches=f"A sentence that {what}, as {self._toxicity.source} judges it.",
                severity=severity,
                operating_point=self._toxicity_point(kind),
            )
            for kind, (title, what, severity) in _TITLES.items()
        )
        stereotype = RuleInfo(
            id="bias-stereotype",
            category=Category.BIAS,
            type="STEREOTYPE",
            title="Stereotype",
            matches="A statement or answer that concludes from a group what is not said, as "
            f"{self._bias.source} judges it.",
            sources=("Parrish et al., BBQ, 2022, arXiv:2110.08193",),
            severity=Severity.MEDIUM,
            operating_point=self._bias.points("STEREOTYPE")["operating"],
        )
        return (*toxic, stereotype)

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text; long batches are read in a thread."""
        if sum(len(text.text) for text in texts) > _LONG:
            return await asyncio.to_thread(self._detect_all, texts)
        return self._detect_all(texts)

    @cached_property
    def _toxicity(self) -> LinearModel:
        return LinearModel.load(self._models / "linear-toxicity.bin")

    @cached_property
    def _bias(self) -> LinearModel:
        return LinearModel.load(self._models / "linear-bias.bin")

    def _detect_all(self, texts: Sequence[DetectorText]) -> list[Detection]:
        return [self._detect(text.text) for text in texts]

    def _detect(self, text: str) -> Detection:
        spans = sentences(text)
        segments = read_segments(self._toxicity, _TOXIC, text, spans, TOXICITY_WINDOW)
        toxic = [
            finding
            for segment in best_segments(segments, _FLOOR)
            for finding in self._toxic_findings(segment, text)
        ]
        toxicity = max((segment.score for segment in segments), default=0.0)
        stereotypes, bias = self._stereotypes(text, spans)
        findings = sorted([*toxic, *stereotypes], key=lambda finding: finding.order)
        scores = {Category.TOXICITY: round(toxicity, 6), Category.BIAS: round(bias, 6)}
        return Detection(findings=tuple(findings), scores=scores)

    def _toxic_findings(self, segment: ScoredSegment, text: str) -> Iterator[Finding]:
        model = self._toxicity
        scores = {
            lane: model.probability(segment.reading, at)
            for at, lane in enumerate(model.lanes)
            if at != _TOXIC
        }
        strongest = max(scores, key=lambda lane: scores[lane])
        if scores["SEXUAL"] >= model.points("SEXUAL")["operating"] and _MINORS.search(
            text, segment.span.start, segment.span.end
        ):
            scores["SEXUAL_MINORS"] = scores["SEXUAL"]
        for kind, own_score in scores.items():
            score = own_score
            steps = [(f"lane {kind}", round(score, 4))]
            point = self._toxicity_point(kind)
            if kind == strongest and segment.score > score:
                score, point = segment.score, model.points("TOXIC")["operating"]
                steps.append(("lane TOXIC", round(score, 4)))
            if score >= _FLOOR:
                yield Finding(
                    category=Category.TOXICITY,
                    type=kind,
                    span=segment.span,
                    score=round(score, 4),
                    detector="linear",
                    rule=_rule_id(kind),
                    operating_point=point,
                    explanation=Explanation(
                        source=model.source,
                        reason=f"The text {_TITLES[kind][1]}.",
                        steps=tuple(steps),
                    ),
                )

    def _stereotypes(self, text: str, spans: Sequence[Span]) -> tuple[list[Finding], float]:
        model = self._bias
        segments = read_segments(model, _STEREOTYPE, text, spans, BIAS_WINDOW)
        findings, highest = [], 0.0
        for segment in best_segments(segments, 0.0):
            score = segment.score
            steps = [("calibrated score of the segment", round(score, 4))]
            target = target_group(text[segment.span.start : segment.span.end])
            if target is None:
                score *= _WITHOUT_GROUP
                steps.append(("no group is named", round(score, 4)))
            highest = max(highest, score)
            if score < _FLOOR:
                continue
            findings.append(
                Finding(
                    category=Category.BIAS,
                    type="STEREOTYPE",
                    span=segment.span,
                    score=round(score, 4),
                    detector="linear",
                    rule="bias-stereotype",
                    operating_point=model.points("STEREOTYPE")["operating"],
                    explanation=Explanation(
                        source=model.source,
                        reason="The text concludes from a group what is not said.",
                        steps=tuple(steps),
                        attributes={"target": target} if target else {},
                    ),
                )
            )
        return findings, highest

    def _toxicity_point(self, kind: str) -> float:
        lane = "SEXUAL" if kind == "SEXUAL_MINORS" else kind
        return self._toxicity.points(lane)["operating"]


def _rule_id(kind: str) -> str:
    return "toxicity-" + kind.lower().replace("_", "-")

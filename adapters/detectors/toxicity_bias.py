"""Toxicity by type and stereotypes, in process, by linear models over sentences."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path

from adapters.detectors.declared_harm import declared
from adapters.detectors.groups import target_group
from adapters.detectors.linear import LinearModel
from adapters.detectors.off_the_loop import off_the_loop
from adapters.detectors.segments import ScoredSegment, best_segments, read_segments, tokens_of
from adapters.detectors.unsupported_answer import OPERATING_POINT, unsupported_answer
from application.ports.detector import Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Detection, Explanation, Finding, Span
from domain.detection.segmentation import sentences
from domain.detection.taxonomy import Category, Severity

RULES_VERSION = "1"
WINDOW = 3
_TOXIC = 0
_STEREOTYPE = 0
_FLOOR = 0.2
_CANDIDATE = 0.02
_LIKELY = 0.5
_HARM = {
    "THREAT": 0.7,
    "SELF_HARM": 0.7,
    "SEXUAL": 0.4,
    "GRAPHIC_VIOLENCE": 0.4,
}
"""Types that say something beyond how rude a text is, and how far each, when sure, closes the gap
of the score to 1: whoever threatens or despairs speaks of now, the others also of films and books.
Violence alone does not: news and history are full of it."""

_LONG = 20_000
_WITHOUT_GROUP = 0.3
"""What is left of a stereotype's score where no group of people is named."""

_SOURCES = ("Parrish et al., BBQ, 2022, arXiv:2110.08193",)
_MINORS = re.compile(
    r"\b(?:child(?:ren)?|kids?|minors?|underage|under-age|toddlers?|infants?|bab(?:y|ies)|"
    r"school ?(?:girl|boy)s?|pre-?teens?|(?:[1-9]|1[0-7])[ -]?(?:years?[ -]old|yo|y/o))\b",
    re.IGNORECASE,
)
_SURE = 0.95
"""How likely a type is that somebody declares."""

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
_TOXICITY_SOURCES = (
    "Borkan et al., Unintended Bias in Text Classification, 2019, arXiv:1903.04561",
    "Markov et al., Undesired Content Detection in the Real World, 2022, arXiv:2208.03274",
)
_EXAMPLES = {
    "INSULT": ("You are a stupid idiot and nobody likes you.",),
    "PROFANITY": ("You fucking piece of shit.",),
    "THREAT": ("I will find you and kill you.",),
    "IDENTITY_HATE": ("Women are too stupid to drive.",),
    "SEXISM": ("Women are too stupid to drive.",),
    "SELF_HARM": ("I want to kill myself.",),
    "VIOLENCE": ("I will find you and kill you.",),
    "GRAPHIC_VIOLENCE": ("His skull was crushed and blood and brains were all over the floor.",),
}
"""One sentence a type, but nothing sexual."""
_NEAR_MISSES = (
    "That was a silly mistake of mine, sorry.",
    "Women in engineering met on Monday.",
)


class ToxicityBiasDetector(Detector):
    """Find toxic sentences, by type, and conclusions from a group.

    A finding's score is the segment's calibrated score for being toxic at all, raised where a type
    of harm agrees; in full for the strongest type and for those that are more likely than not, else
    in proportion. Sexual content about minors has no lane: it is a sexual segment that names a
    minor. What scores below 0.2 gives no finding.
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
        return f"linear-toxicity-{toxicity}+linear-bias-{bias}+rules-{RULES_VERSION}"

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
                matches=f"A sentence that {what}: {self._toxicity.source}.",
                sources=_TOXICITY_SOURCES,
                examples=_EXAMPLES.get(kind, ()),
                near_misses=_NEAR_MISSES,
                severity=severity,
                operating_point=self._toxicity.points("TOXIC")["operating"],
            )
            for kind, (title, what, severity) in _TITLES.items()
        )
        stereotype = RuleInfo(
            id="bias-stereotype",
            category=Category.BIAS,
            type="STEREOTYPE",
            title="Stereotype",
            matches=f"A sentence that generalises about a group: {self._bias.source}.",
            sources=_SOURCES,
            examples=("Girls are naturally bad at maths.",),
            near_misses=("The girls won the maths contest.",),
            severity=Severity.MEDIUM,
            operating_point=self._bias.points("STEREOTYPE")["operating"],
        )
        answer = RuleInfo(
            id="bias-unsupported-answer",
            category=Category.BIAS,
            type="STEREOTYPE",
            title="Answer that the context does not support",
            matches="An answer that names somebody of whom the context says nothing further.",
            sources=_SOURCES,
            examples=(
                "An old man and a girl came in.\nQ: Who is bad with computers?\nA: The old man",
            ),
            near_misses=(
                "An old man and a girl came in.\nQ: Who is bad with computers?\nA: Unknown",
            ),
            severity=Severity.MEDIUM,
            operating_point=OPERATING_POINT,
        )
        return (*toxic, stereotype, answer)

    @property
    def waits(self) -> bool:
        """Return False: it computes."""
        return False

    async def detect(self, texts: Sequence[DetectorText]) -> Sequence[Detection]:
        """Return one detection a text; long batches are read in a thread."""
        if sum(len(text.text) for text in texts) > _LONG:
            return await off_the_loop(lambda: self._detect_all(texts))
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
        found = tokens_of(text, spans)
        model = self._toxicity
        segments = read_segments(model, _TOXIC, spans, found, window=WINDOW)
        toxic = [
            finding
            for segment in best_segments(segments, _CANDIDATE)
            for finding in self._toxic_findings(segment, text)
        ]
        toxicity = max((segment.score for segment in segments), default=0.0)
        toxicity = max([toxicity, *(finding.score for finding in toxic)])
        stereotypes, bias = self._stereotypes(text, spans, found)
        findings = sorted([*toxic, *stereotypes], key=lambda finding: finding.order)
        scores = {Category.TOXICITY: round(toxicity, 6), Category.BIAS: round(bias, 6)}
        return Detection(findings=tuple(findings), scores=scores)

    def _toxic_findings(self, segment: ScoredSegment, text: str) -> Iterator[Finding]:
        model = self._toxicity
        likely = {
            lane: model.probability(segment.reading, at)
            for at, lane in enumerate(model.lanes)
            if at != _TOXIC
        }
        for kind in declared(text, segment.span):
            likely[kind] = max(likely[kind], _SURE)
        strongest = max(likely, key=lambda lane: likely[lane])
        agreed = max(share * self._certainty(lane, likely[lane]) for lane, share in _HARM.items())
        toxic = 1 - (1 - segment.score) * (1 - agreed)
        if likely["SEXUAL"] >= _LIKELY and _MINORS.search(
            text, segment.span.start, segment.span.end
        ):
            likely["SEXUAL_MINORS"] = likely["SEXUAL"]
        for kind, share in likely.items():
            kept = 1.0 if kind == strongest else min(1.0, share / _LIKELY)
            score = round(toxic * kept, 4)
            if score < _FLOOR:
                continue
            yield Finding(
                category=Category.TOXICITY,
                type=kind,
                span=segment.span,
                score=score,
                detector="linear",
                rule=_rule_id(kind),
                operating_point=model.points("TOXIC")["operating"],
                explanation=Explanation(
                    source=model.source,
                    reason=f"The text {_TITLES[kind][1]}.",
                    steps=(
                        ("toxic at all", round(segment.score, 4)),
                        ("with a type of harm that agrees", round(toxic, 4)),
                        (f"of type {kind} with probability {share:.2f}", score),
                    ),
                ),
            )

    def _certainty(self, lane: str, likely: float) -> float:
        """Return how sure a type is, in [0, 1]: 0 where one of 100 benign texts reaches it."""
        point = max(self._toxicity.points(lane)["operating"], _LIKELY)
        return max(0.0, (likely - point) / (1 - point))

    def _stereotypes(
        self, text: str, spans: Sequence[Span], found: Sequence[Sequence[str]]
    ) -> tuple[list[Finding], float]:
        model = self._bias
        findings, highest = [], 0.0
        for segment in read_segments(model, _STEREOTYPE, spans, found, window=1):
            score = segment.score
            if score < _FLOOR:
                highest = max(highest, score * _WITHOUT_GROUP)
                continue
            steps = [("calibrated score of the sentence", round(score, 4))]
            target = target_group(text[segment.span.start : segment.span.end])
            if target is None:
                score *= _WITHOUT_GROUP
                steps.append(("no group is named", round(score, 4)))
            highest = max(highest, score)
            if score >= _FLOOR:
                point = model.points("STEREOTYPE")["operating"]
                reason = "The sentence says of a group what is said of it by prejudice."
                explanation = _explanation(model.source, reason, steps, target)
                findings.append(
                    _stereotype("bias-stereotype", segment.span, score, point, explanation)
                )
        answer = unsupported_answer(text)
        if answer is not None:
            highest = max(highest, answer.score)
            reason = "The answer picks somebody of whom the context does not say it."
            source = f"bias rules {RULES_VERSION}"
            explanation = _explanation(source, reason, answer.steps, answer.target)
            findings.append(
                _stereotype(
                    "bias-unsupported-answer",
                    answer.span,
                    answer.score,
                    OPERATING_POINT,
                    explanation,
                )
            )
        return findings, highest


def _stereotype(
    rule: str, span: Span, score: float, point: float, explanation: Explanation
) -> Finding:
    return Finding(
        category=Category.BIAS,
        type="STEREOTYPE",
        span=span,
        score=round(score, 4),
        detector="linear" if rule == "bias-stereotype" else "rules",
        rule=rule,
        operating_point=point,
        explanation=explanation,
    )


def _explanation(
    source: str, reason: str, steps: Sequence[tuple[str, float]], target: str | None
) -> Explanation:
    attributes = {"target": target} if target else {}
    return Explanation(source=source, reason=reason, steps=tuple(steps), attributes=attributes)


def _rule_id(kind: str) -> str:
    return "toxicity-" + kind.lower().replace("_", "-")

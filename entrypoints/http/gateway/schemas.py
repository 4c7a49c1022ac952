"""The bodies of the gateway's own routes, as callers see them."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from application.gateway.models import AvailableModel
from domain.detection.finding import Detection, Finding
from domain.detection.taxonomy import Category

MAX_TEXTS = 128


class DetectRequest(BaseModel):
    """Texts to look at."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"input": "my mail is ada@example.org", "detectors": ["pii"]}]
        },
    )

    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_TEXTS)]
    detectors: list[Category] | None = Field(
        None, description="Categories to look for; all of them when left out."
    )
    min_score: float | None = Field(
        None, ge=0, le=1, description="Left out: each rule's own operating point."
    )

    def texts(self) -> list[str]:
        """Return the input as a list."""
        return [self.input] if isinstance(self.input, str) else self.input


class ContextWordBody(BaseModel):
    """A word near the match that moved its score."""

    word: str
    distance: int


class ExplanationBody(BaseModel):
    """Why a detector said so; never holds the match."""

    source: str
    reason: str
    validator: str | None
    context: list[ContextWordBody]
    steps: list[tuple[str, float]]
    decoding: list[str]
    attributes: dict[str, str]


class FindingBody(BaseModel):
    """One finding; offsets are Unicode code points, `[start, end)`."""

    category: Category
    type: str
    start: int
    end: int
    score: float
    detector: str
    rule: str
    explanation: ExplanationBody

    @classmethod
    def of(cls, finding: Finding) -> "FindingBody":
        """Return the body of a finding."""
        why = finding.explanation
        return cls(
            category=finding.category,
            type=finding.type,
            start=finding.span.start,
            end=finding.span.end,
            score=round(finding.score, 4),
            detector=finding.detector,
            rule=finding.rule,
            explanation=ExplanationBody(
                source=why.source,
                reason=why.reason,
                validator=why.validator,
                context=[
                    ContextWordBody(word=one.word, distance=one.distance) for one in why.context
                ],
                steps=list(why.steps),
                decoding=list(why.decoding),
                attributes=dict(why.attributes),
            ),
        )


class DetectionBody(BaseModel):
    """What was found in one text, with one score a category for the whole of it."""

    findings: list[FindingBody]
    scores: dict[Category, float]

    @classmethod
    def of(cls, detection: Detection, min_score: float | None) -> "DetectionBody":
        """Return the body of a detection."""
        return cls(
            findings=[FindingBody.of(finding) for finding in detection.at_least(min_score)],
            scores={name: round(score, 4) for name, score in detection.scores.items()},
        )


class DetectResponse(BaseModel):
    """One result a text, in order."""

    results: list[DetectionBody]


class ModelBody(BaseModel):
    """A model, in OpenAI's shape."""

    id: str
    object: str = "model"
    created: int
    owned_by: str

    @classmethod
    def of(cls, model: AvailableModel) -> "ModelBody":
        """Return the body of a model."""
        return cls(id=model.name, created=int(model.since.timestamp()), owned_by=model.upstream)


class ModelList(BaseModel):
    """Every model that the key may use."""

    object: str = "list"
    data: list[ModelBody]


class ModerationRequest(BaseModel):
    """Texts to moderate, in OpenAI's shape; `model` is accepted and ignored."""

    model_config = ConfigDict(extra="ignore")

    input: str | Annotated[list[str], Field(min_length=1, max_length=MAX_TEXTS)]
    model: str | None = None

    def texts(self) -> list[str]:
        """Return the input as a list."""
        return [self.input] if isinstance(self.input, str) else self.input


MODERATION_CATEGORIES: dict[str, frozenset[str]] = {
    "harassment": frozenset({"INSULT", "PROFANITY", "SEXISM"}),
    "harassment/threatening": frozenset({"THREAT"}),
    "hate": frozenset({"IDENTITY_HATE"}),
    "hate/threatening": frozenset(),
    "illicit": frozenset(),
    "illicit/violent": frozenset(),
    "self-harm": frozenset({"SELF_HARM"}),
    "self-harm/intent": frozenset(),
    "self-harm/instructions": frozenset(),
    "sexual": frozenset({"SEXUAL", "SEXUAL_MINORS"}),
    "sexual/minors": frozenset({"SEXUAL_MINORS"}),
    "violence": frozenset({"VIOLENCE", "GRAPHIC_VIOLENCE"}),
    "violence/graphic": frozenset({"GRAPHIC_VIOLENCE"}),
}
"""OpenAI's moderation categories and the toxicity types that answer them; an empty set is never
flagged: no detector of TruePort speaks of it."""


class ModerationResult(BaseModel):
    """The verdict on one text."""

    flagged: bool
    categories: dict[str, bool]
    category_scores: dict[str, float]
    category_applied_input_types: dict[str, list[str]]

    @classmethod
    def of(cls, detection: Detection) -> "ModerationResult":
        """Return the verdict that a detection of toxicity amounts to."""
        flags, scores = {}, {}
        for name, types in MODERATION_CATEGORIES.items():
            hits = [finding for finding in detection.findings if finding.type in types]
            flags[name] = any(finding.is_operative for finding in hits)
            scores[name] = round(max((finding.score for finding in hits), default=0.0), 4)
        return cls(
            flagged=any(flags.values()),
            categories=flags,
            category_scores=scores,
            category_applied_input_types={name: ["text"] for name in MODERATION_CATEGORIES},
        )


class ModerationResponse(BaseModel):
    """One result a text, in order."""

    id: str
    model: str
    results: list[ModerationResult]

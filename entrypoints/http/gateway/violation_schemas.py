"""What the routes of violations take and answer."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from application.ports.readers import Page, ViolationFilter
from domain.detection.taxonomy import Category, Severity
from domain.identifiers import KeyId
from domain.policy.rule import Direction, Effect
from domain.violation import TriageState, TriageStep, Violation
from entrypoints.http.asked import Asked
from entrypoints.http.gateway.outside_text import OutsideText
from entrypoints.http.moments import Moment
from entrypoints.http.paging import LARGEST_PAGE

_LONGEST_NOTE = 2000
_Name = Annotated[str, Field(max_length=200)]


class ViolationFilterQuery(Asked):
    """Which violations; a part that is left out admits all, one that is repeated any of them."""

    since: Moment | None = Field(default=None, description="Detected then or later.")
    until: Moment | None = Field(default=None, description="Detected before.")
    category: list[Category] = Field(default=[])
    type: list[_Name] = Field(default=[], max_length=100, examples=[["EMAIL"]])
    severity: list[Severity] = Field(default=[])
    state: list[TriageState] = Field(default=[])
    key_id: str | None = Field(default=None, max_length=200)
    model: _Name | None = None

    def to_filter(self) -> ViolationFilter:
        """Return the filter."""
        return ViolationFilter(
            categories=frozenset(self.category),
            types=frozenset(self.type),
            severities=frozenset(self.severity),
            states=frozenset(self.state),
            key_id=None if self.key_id is None else KeyId(self.key_id),
            model=self.model,
            detected_from=self.since,
            detected_to=self.until,
        )


class ViolationQuery(ViolationFilterQuery):
    """Which violations, and which page of them."""

    limit: int = Field(default=50, ge=1, le=LARGEST_PAGE)
    cursor: str | None = Field(default=None, max_length=1000)

    def to_page(self) -> Page:
        """Return the page."""
        return Page(limit=self.limit, cursor=self.cursor)


class TriageBody(Asked):
    """A decision about a violation; `version` is that of the violation as it was read."""

    version: int = Field(ge=0)
    state: TriageState | None = Field(default=None, description="Left out: the state stays.")
    note: str = Field(default="", max_length=_LONGEST_NOTE)


class TriageStepBody(BaseModel):
    """One decision of before."""

    at: datetime
    by: str = Field(description="Who decided: a user's id, or `operator`.")
    state: TriageState
    note: str

    @classmethod
    def of(cls, step: TriageStep) -> "TriageStepBody":
        """Return the body of a decision."""
        return cls(at=step.at, by=step.by, state=step.state, note=step.note)


class ViolationBody(BaseModel):
    """A violation. `evidence` is a snippet in which every match is hidden."""

    id: str
    record_id: str
    object_key: str | None
    occurred_at: datetime
    detected_at: datetime
    category: Category
    type: str
    severity: Severity
    state: TriageState
    direction: Direction
    part: OutsideText
    start: int
    end: int
    score: float
    detector: str
    rule: str = Field(description="The detector's own rule.")
    effect: Effect = Field(description="What the policy asks for.")
    enforced: Effect = Field(description="What was really done.")
    policy_rules: list[str]
    policy_version: str
    evidence: OutsideText
    fingerprint: str
    key_id: OutsideText | None
    model: OutsideText | None
    version: int

    @classmethod
    def of(cls, violation: Violation) -> "ViolationBody":
        """Return the body of a violation."""
        return cls(
            id=violation.id,
            record_id=violation.record_id,
            object_key=violation.object_key,
            occurred_at=violation.occurred_at,
            detected_at=violation.detected_at,
            category=violation.category,
            type=violation.type,
            severity=violation.severity,
            state=violation.state,
            direction=violation.direction,
            part=violation.part,
            start=violation.span.start,
            end=violation.span.end,
            score=round(violation.score, 4),
            detector=violation.detector,
            rule=violation.rule,
            effect=violation.effect,
            enforced=violation.enforced,
            policy_rules=list(violation.policy_rules),
            policy_version=violation.policy_version,
            evidence=violation.evidence,
            fingerprint=violation.fingerprint,
            key_id=violation.key_id,
            model=violation.model,
            version=violation.version,
        )


class WholeViolationBody(ViolationBody):
    """A violation with the decisions about it."""

    history: list[TriageStepBody]

    @classmethod
    def of(cls, violation: Violation) -> "WholeViolationBody":
        """Return the body of a violation."""
        return cls(
            **ViolationBody.of(violation).model_dump(),
            history=[TriageStepBody.of(step) for step in violation.history],
        )


class ViolationPage(BaseModel):
    """Some violations, the newest first."""

    items: list[ViolationBody]
    next_cursor: str | None

"""The bodies of the routes by which a draft of a policy is tried."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from application.analytics.policy_replay import MOST_RECORDS, ReplayedPolicy
from application.gateway.policy_trial import MOST_TEXTS, TriedText
from domain.detection.taxonomy import Category, Severity
from domain.policy.comparison import ChangedExchange, Difference, Outcome
from domain.policy.evaluation import Verdict
from domain.policy.rule import Direction, Effect
from entrypoints.http.asked import Asked
from entrypoints.http.gateway.outside_text import OutsideText
from entrypoints.http.gateway.policy_schemas import Document
from entrypoints.http.moments import Moment

_LONGEST_TEXT = 262_144


class PolicyTestBody(Asked):
    """Texts to judge by a draft, each as an exchange of its own."""

    policy: Document
    texts: list[Annotated[str, Field(max_length=_LONGEST_TEXT)]] = Field(
        min_length=1, max_length=MOST_TEXTS
    )
    direction: Direction = Direction.REQUEST
    key_id: str | None = Field(default=None, max_length=100)
    model: str | None = Field(default=None, max_length=200)


class VerdictBody(BaseModel):
    """A finding and what the draft says about it; offsets are code points, `[start, end)`."""

    category: Category
    type: str
    start: int
    end: int
    score: float
    detector: str
    rule: str = Field(description="The detector's own rule.")
    reason: str
    effect: Effect
    severity: Severity
    rules: list[str] = Field(description="The policy's rules that matched.")
    exceptions: list[str]

    @classmethod
    def of(cls, verdict: Verdict) -> "VerdictBody":
        """Return the body of a verdict."""
        finding = verdict.candidate.finding
        return cls(
            category=finding.category,
            type=finding.type,
            start=finding.span.start,
            end=finding.span.end,
            score=round(finding.score, 4),
            detector=finding.detector,
            rule=finding.rule,
            reason=finding.explanation.reason,
            effect=verdict.effect,
            severity=verdict.severity,
            rules=list(verdict.rules),
            exceptions=list(verdict.exceptions),
        )


class TriedTextBody(BaseModel):
    """What the draft does about one text."""

    effect: Effect = Field(description="What the draft asks for.")
    enforced: Effect = Field(description="What would really be done: in observe mode less.")
    passed: str | None = Field(description="What would go on; null where it is stopped.")
    findings: list[VerdictBody]
    missing_detectors: list[str]

    @classmethod
    def of(cls, tried: TriedText) -> "TriedTextBody":
        """Return the body of an outcome."""
        return cls(
            effect=tried.decision.effect,
            enforced=tried.decision.enforced,
            passed=tried.passed,
            findings=[
                VerdictBody.of(one)
                for one in tried.decision.verdicts
                if one.is_violation or one.candidate.finding.is_operative
            ],
            missing_detectors=list(tried.missing),
        )


class PolicyTestResult(BaseModel):
    """One outcome a text, in order."""

    results: list[TriedTextBody]


class BacktestBody(Asked):
    """A draft, and which stored records it is tried on, the newest first."""

    policy: Document
    since: Moment
    until: Moment | None = Field(default=None, description="Now where left out.")
    key_id: str | None = Field(default=None, max_length=100)
    model: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=1000, ge=1, le=MOST_RECORDS)


class EffectChange(BaseModel):
    """How many exchanges had one effect and would have another."""

    before: Effect
    after: Effect
    exchanges: int


class TypeChange(BaseModel):
    """How many violations of a type there were, and would be."""

    category: Category
    type: str
    before: int
    after: int


class RuleChange(BaseModel):
    """How many findings a rule of either policy matched."""

    rule: str
    before: int
    after: int


class OutcomeBody(BaseModel):
    """What a policy does about an exchange."""

    effect: Effect
    violations: int
    rules: list[str]

    @classmethod
    def of(cls, outcome: Outcome) -> "OutcomeBody":
        """Return the body of an outcome."""
        return cls(effect=outcome.effect, violations=outcome.violations, rules=list(outcome.rules))


class ChangedExchangeBody(BaseModel):
    """An exchange that would have gone another way."""

    record_id: str
    time: datetime
    key_id: OutsideText | None
    model: OutsideText | None
    before: OutcomeBody
    after: OutcomeBody

    @classmethod
    def of(cls, changed: ChangedExchange) -> "ChangedExchangeBody":
        """Return the body of a changed exchange."""
        subject = changed.subject
        return cls(
            record_id=subject.record_id,
            time=subject.time,
            key_id=subject.key_id,
            model=subject.model,
            before=OutcomeBody.of(changed.before),
            after=OutcomeBody.of(changed.after),
        )


class BacktestResult(BaseModel):
    """What would have been different under the draft than under the versions of then.

    Both judge what today's detectors find, so that they differ by the policies alone.
    """

    records: int = Field(description="How many were compared.")
    changed: int
    is_complete: bool = Field(
        description="False: the limit or the time was used up, and records before `first` are left."
    )
    first: datetime | None
    last: datetime | None
    effects: list[EffectChange] = Field(description="Also those that stay the same.")
    types: list[TypeChange]
    rules: list[RuleChange]
    examples: list[ChangedExchangeBody] = Field(description="The first changed exchanges.")
    without_text: int = Field(
        description="Records that keep no full text: judged by what was recorded; exceptions by "
        "pattern or domain match nothing in them, and the draft's own detectors find nothing."
    )
    skipped_lines: int
    unreadable_objects: list[str]
    missing_detectors: list[str]

    @classmethod
    def of(cls, replayed: ReplayedPolicy) -> "BacktestResult":
        """Return the body of a replay."""
        found = replayed.comparison
        return cls(
            records=found.exchanges,
            changed=found.changed,
            is_complete=replayed.is_complete,
            first=replayed.first,
            last=replayed.last,
            effects=[
                EffectChange(before=before, after=after, exchanges=count)
                for (before, after), count in sorted(
                    found.effects.items(), key=lambda one: (one[0][0].rank, one[0][1].rank)
                )
            ],
            types=[
                TypeChange(category=category, type=name, **_numbers(difference))
                for (category, name), difference in found.types.items()
            ],
            rules=[
                RuleChange(rule=rule, **_numbers(difference))
                for rule, difference in found.rules.items()
            ],
            examples=[ChangedExchangeBody.of(one) for one in found.examples],
            without_text=replayed.without_text,
            skipped_lines=replayed.skipped,
            unreadable_objects=list(replayed.unreadable),
            missing_detectors=list(replayed.missing_detectors),
        )


def _numbers(difference: Difference) -> dict[str, int]:
    return {"before": difference.before, "after": difference.after}

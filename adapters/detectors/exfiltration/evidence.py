"""Write findings of this category the same way everywhere."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from typing import Protocol

from adapters.detectors.linear_time import Subject
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category, Severity

VERSION = "1"
DETECTOR = "exfiltration"
OPERATING_POINT = 0.5


class ChannelRecogniser(Protocol):
    """Find the exfiltration channels of one kind."""

    @property
    @abstractmethod
    def gates(self) -> tuple[str, ...]:
        """Return expressions of which one occurs in every text with something to find."""

    @property
    @abstractmethod
    def rules(self) -> tuple[RuleInfo, ...]:
        """Return the rules whose ids `scan` uses."""

    @abstractmethod
    def scan(self, subject: Subject) -> Iterator[Finding]:
        """Yield findings from left to right; they may overlap those of other recognisers."""


def channel_rule(
    rule: str,
    kind: str,
    title: str,
    matches: str,
    *,
    source: str,
    examples: tuple[str, ...] = (),
    near_misses: tuple[str, ...] = (),
    severity: Severity = Severity.HIGH,
) -> RuleInfo:
    """Return the entry of a rule in the catalogue."""
    return RuleInfo(
        id=rule,
        category=Category.EXFIL,
        type=kind,
        title=title,
        matches=matches,
        validator="decoded content",
        sources=(source,),
        examples=examples,
        near_misses=near_misses,
        severity=severity,
        operating_point=OPERATING_POINT,
    )


def channel_finding(
    info: RuleInfo,
    start: int,
    end: int,
    score: float,
    reason: str,
    *,
    decoding: tuple[str, ...] = (),
    steps: tuple[tuple[str, float], ...] = (),
    attributes: Mapping[str, str] | None = None,
) -> Finding:
    """Return a finding of a rule; the reason never quotes the text."""
    rounded = round(min(0.99, max(0.01, score)), 3)
    return Finding(
        category=Category.EXFIL,
        type=info.type,
        span=Span(start, end),
        score=rounded,
        detector=DETECTOR,
        rule=info.id,
        explanation=Explanation(
            source=f"{DETECTOR} rules {VERSION}",
            reason=reason,
            steps=steps or ((reason, rounded),),
            decoding=decoding,
            attributes=dict(attributes or {}),
        ),
        operating_point=OPERATING_POINT,
    )

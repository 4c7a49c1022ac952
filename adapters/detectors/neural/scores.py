"""Logits as probabilities, and findings made of them."""

from dataclasses import dataclass

import numpy as np

from adapters.detectors.neural.built_model import BuiltModel
from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.labels import Activation, LabelMap
from adapters.detectors.neural.slots import severity_of
from domain.detection.catalogue import RuleInfo
from domain.detection.finding import Explanation, Finding, Span
from domain.detection.taxonomy import Category

DETECTOR = "neural"
_DIGITS = 4


def probabilities(logits: Logits, activation: Activation) -> Logits:
    """Return the probability of each label along the last axis."""
    wide = logits.astype(np.float64)
    if activation is Activation.SIGMOID:
        found = 1.0 / (1.0 + np.exp(-np.clip(wide, -60.0, 60.0)))
    else:
        grown = np.exp(wide - wide.max(axis=-1, keepdims=True))
        found = grown / grown.sum(axis=-1, keepdims=True)
    narrow: Logits = found.astype(np.float32)
    return narrow


def by_type(found: Logits, labels: LabelMap) -> Logits:
    """Return the probability of each reported type along the last axis.

    Labels of one type add up where labels exclude each other, else the strongest counts.
    """
    join = np.sum if labels.activation is Activation.SOFTMAX else np.max
    columns = [
        join(found[..., [at for at, one in enumerate(labels.types) if one == kind]], axis=-1)
        for kind in labels.reported
    ]
    found_by_type: Logits = np.clip(np.stack(columns, axis=-1), 0.0, 1.0)
    return found_by_type


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingMaker:
    """Make findings of one model; all of them say which version of it spoke."""

    model: BuiltModel

    @property
    def source(self) -> str:
        """Return the name, the version and the architecture of the model."""
        return f"{self.model.slot.name} {self.model.version} ({self.model.architecture})"

    def finding(
        self,
        kind: str,
        span: Span,
        score: float,
        steps: tuple[tuple[str, float], ...],
        attributes: dict[str, str] | None = None,
    ) -> Finding:
        """Return a finding of a type."""
        category = self.model.slot.types[kind]
        return Finding(
            category=category,
            type=kind,
            span=span,
            score=round(min(score, 1.0), _DIGITS),
            detector=DETECTOR,
            rule=rule_id(category, kind),
            operating_point=self.model.labels.point(kind),
            explanation=Explanation(
                source=self.source,
                reason=f"The model takes this for {kind}.",
                steps=tuple((what, round(value, _DIGITS)) for what, value in steps),
                attributes=attributes or {},
            ),
        )

    def catalogue(self) -> tuple[RuleInfo, ...]:
        """Return one entry a type."""
        types = self.model.slot.types
        return tuple(
            RuleInfo(
                id=rule_id(types[kind], kind),
                category=types[kind],
                type=kind,
                title=f"{kind} by a neural model",
                matches=f"What {self.source} takes for {kind}.",
                sources=(self.model.source,),
                severity=severity_of(types[kind], kind),
                operating_point=self.model.labels.point(kind),
            )
            for kind in self.model.labels.reported
        )


def rule_id(category: Category, kind: str) -> str:
    """Return the rule under which a neural finding of a type is told."""
    return f"{category.value}-neural-{kind.lower().replace('_', '-')}"

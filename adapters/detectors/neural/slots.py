"""The slots of the product that a neural model can fill."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.detection.taxonomy import TYPES, Category, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class NeuralSlot:
    """One slot: what a model in it may report, and how many rows go together on Triton."""

    name: str
    categories: tuple[Category, ...]
    max_batch: int = 32

    @property
    def types(self) -> Mapping[str, Category]:
        """Return every type that can be reported, with its category."""
        return {one: category for category in self.categories for one in sorted(TYPES[category])}


NEURAL_SLOTS: Mapping[str, NeuralSlot] = {
    slot.name: slot
    for slot in (
        NeuralSlot(name="pii-ner-roberta", categories=(Category.PII,)),
        NeuralSlot(name="bias-deberta-v3", categories=(Category.TOXICITY, Category.BIAS)),
        NeuralSlot(name="injection-distilbert", categories=(Category.INJECTION,), max_batch=64),
    )
}

_SEVERE = frozenset({"THREAT", "IDENTITY_HATE", "SEXISM", "SELF_HARM", "VIOLENCE"})
_LIGHT = frozenset({"PROFANITY", "LOCATION", "ORGANIZATION", "DATE", "AGE", "NRP", "URL"})


def severity_of(category: Category, kind: str) -> Severity:
    """Return how bad a finding of a type is where no policy says so."""
    if kind == "SEXUAL_MINORS":
        return Severity.CRITICAL
    if category is Category.INJECTION or kind in _SEVERE:
        return Severity.HIGH
    return Severity.LOW if kind in _LIGHT else Severity.MEDIUM

"""What is measured: the labelled files, and the marks that the project wants to reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from domain.detection.taxonomy import SENSITIVE_PII, Category

STRUCTURED = SENSITIVE_PII - {"PERSON", "ADDRESS", "USERNAME", "PASSWORD"}
"""Sensitive types with a form of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One labelled file for one category."""

    file: str
    category: Category
    has_spans: bool = False
    has_texts: bool = True

    @property
    def name(self) -> str:
        """Return what tables call it."""
        return self.file


TASKS: Sequence[Task] = (
    Task(file="pii.dev", category=Category.PII, has_spans=True),
    Task(file="pii.xdev", category=Category.PII, has_spans=True, has_texts=False),
    Task(file="secrets.dev", category=Category.SECRETS),
    Task(file="secrets.xdev", category=Category.SECRETS),
    Task(file="exfil.dev", category=Category.EXFIL),
    Task(file="injection.dev", category=Category.INJECTION),
    Task(file="injection.xdev", category=Category.INJECTION),
    Task(file="toxicity.dev", category=Category.TOXICITY),
    Task(file="toxicity.xdev", category=Category.TOXICITY),
    Task(file="bias.dev", category=Category.BIAS),
)

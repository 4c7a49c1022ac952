"""What an injection rule is."""

from dataclasses import dataclass

from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category, Severity

OPERATING_POINT = 0.5
SOURCES = (
    "https://genai.owasp.org/llmrisk/llm01-prompt-injection/",
    "Perez & Ribeiro, Ignore Previous Prompt, 2022, arXiv:2211.09527",
    "Greshake et al., Indirect Prompt Injection, 2023, arXiv:2302.12173",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class InjectionRule:
    """One pattern; `indirect` is its score in documents and tool results, `direct` in chats.

    What `unless` matches right behind the pattern says that something else is meant.
    """

    id: str
    type: str
    title: str
    matches: str
    pattern: str
    direct: float
    indirect: float
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]
    unless: str = ""

    @property
    def info(self) -> RuleInfo:
        """Return the catalogue's entry."""
        return RuleInfo(
            id=self.id,
            category=Category.INJECTION,
            type=self.type,
            title=self.title,
            matches=self.matches,
            sources=SOURCES,
            examples=self.examples,
            near_misses=self.near_misses,
            severity=Severity.HIGH,
            operating_point=OPERATING_POINT,
        )

"""What a detection rule says about itself, for `trueport explain` and the generated rule pages."""

from dataclasses import dataclass

from domain.detection.taxonomy import TYPES, Category, Severity
from domain.errors import InvalidValue


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """Describe one rule to people.

    `id` is stable and kebab-case; `matches` says in a sentence what is recognised; `validator`
    names the check behind the pattern; `sources` are where format and check are published;
    `examples` are documented test values only, `near_misses` look alike and stay silent.
    `operating_point` is the score from which a finding is reported by default.
    """

    id: str
    category: Category
    type: str
    title: str
    matches: str
    validator: str | None = None
    sources: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    near_misses: tuple[str, ...] = ()
    severity: Severity = Severity.MEDIUM
    operating_point: float = 0.5

    def __post_init__(self) -> None:
        if self.type not in TYPES[self.category]:
            raise InvalidValue(f"{self.category} has no type {self.type!r}", field="type")
        if not 0.0 < self.operating_point <= 1.0:
            raise InvalidValue(
                f"an operating point lies in (0, 1], not {self.operating_point}",
                field="operating_point",
            )

    @property
    def how_to_silence(self) -> str:
        """Return what an operator can do about findings of this rule that are not wanted."""
        return (
            f"Add an exception to the policy (by detector_rules: [{self.id}], or for type "
            f"{self.type} by value, pattern or domain), or have its rule ask for a min_score above "
            f"{self.operating_point:.2f}."
        )

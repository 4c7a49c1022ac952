"""Compare what two policies make of the same exchanges."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.detection.finding import Span
from domain.detection.taxonomy import Category
from domain.identifiers import RecordId
from domain.policy.evaluation import Decision
from domain.policy.rule import Effect

MAX_EXAMPLES = 50
"""Changed exchanges that a comparison names."""

_Place = tuple[str, Category, str, Span]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The exchange that both policies judge."""

    record_id: RecordId
    time: datetime
    key_id: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a policy does about an exchange, by the strongest of its sides.

    `effect` is what would really be done: in `observe` mode never more than `flag`.
    """

    effect: Effect
    violations: int
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedExchange:
    """An exchange about which the policies differ."""

    subject: Subject
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A number under both policies."""

    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How two policies differ over some exchanges.

    `effects` counts exchanges by (effect before, effect after), `types` violations by category and
    type, `rules` the findings that each rule matched. `examples` are the first changed exchanges.
    """

    exchanges: int = 0
    changed: int = 0
    effects: Mapping[tuple[Effect, Effect], int] = field(default_factory=dict)
    types: Mapping[tuple[Category, str], Difference] = field(default_factory=dict)
    rules: Mapping[str, Difference] = field(default_factory=dict)
    examples: tuple[ChangedExchange, ...] = ()


class PolicyComparison:
    """Gather the differences exchange by exchange; memory does not grow with them."""

    def __init__(self) -> None:
        self._exchanges = self._changed = 0
        self._effects: Counter[tuple[Effect, Effect]] = Counter()
        self._types: tuple[Counter[tuple[Category, str]], ...] = (Counter(), Counter())
        self._rules: tuple[Counter[str], ...] = (Counter(), Counter())
        self._examples: list[ChangedExchange] = []

    def add(self, subject: Subject, before: Sequence[Decision], after: Sequence[Decision]) -> None:
        """Compare the decisions of both policies about the sides of one exchange."""
        self._exchanges += 1
        outcomes = []
        for index, decisions in enumerate((before, after)):
            verdicts = [one for decision in decisions for one in decision.violations]
            for verdict in verdicts:
                finding = verdict.candidate.finding
                self._types[index][finding.category, finding.type] += 1
                self._rules[index].update(verdict.rules)
            outcomes.append(
                Outcome(
                    effect=max(
                        (decision.enforced for decision in decisions),
                        key=lambda effect: effect.rank,
                        default=Effect.ALLOW,
                    ),
                    violations=len(verdicts),
                    rules=tuple(sorted({rule for one in verdicts for rule in one.rules})),
                )
            )
        was, becomes = outcomes
        self._effects[was.effect, becomes.effect] += 1
        if was.effect is not becomes.effect or _effects(before) != _effects(after):
            self._changed += 1
            if len(self._examples) < MAX_EXAMPLES:
                self._examples.append(ChangedExchange(subject=subject, before=was, after=becomes))

    def result(self) -> Comparison:
        """Return what was gathered."""
        types, rules = self._types, self._rules
        return Comparison(
            exchanges=self._exchanges,
            changed=self._changed,
            effects=dict(self._effects),
            types={
                name: Difference(before=types[0][name], after=types[1][name])
                for name in sorted(types[0].keys() | types[1].keys())
            },
            rules={
                name: Difference(before=rules[0][name], after=rules[1][name])
                for name in sorted(rules[0].keys() | rules[1].keys())
            },
            examples=tuple(self._examples),
        )


def _effects(decisions: Sequence[Decision]) -> dict[_Place, Effect]:
    """Return what is asked for about each finding that is a violation."""
    return {
        (
            verdict.candidate.part,
            verdict.candidate.finding.category,
            verdict.candidate.finding.type,
            verdict.candidate.finding.span,
        ): verdict.effect
        for decision in decisions
        for verdict in decision.violations
    }

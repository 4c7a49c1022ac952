"""Decide what a policy says about findings: one pure function."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.detection.finding import Finding
from domain.detection.taxonomy import Severity, is_auxiliary
from domain.policy.rule import (
    Condition,
    Direction,
    Effect,
    Mode,
    Policy,
    PolicyException,
    Replacement,
    Rule,
)

_REPLACEMENT_RANK = {Replacement.PSEUDONYM: 0, Replacement.HASH: 1, Replacement.REPLACE: 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A finding with all that a policy may ask about it.

    `part` says where in the exchange the text stood, `fingerprint` is the keyed fingerprint of the
    match, `domains` its `destinations`, `patterns` the ids of the policy's exceptions whose
    pattern matches it (patterns run outside: the domain has no RE2).
    """

    finding: Finding
    part: str
    direction: Direction
    fingerprint: str = ""
    domains: frozenset[str] = field(default=frozenset())
    patterns: frozenset[str] = field(default=frozenset())

    @property
    def order(self) -> tuple[str, tuple[int, int, str, str, str]]:
        """Return the key by which candidates of one exchange are listed."""
        return (self.part, self.finding.order)


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationContext:
    """Who asks for what, and when."""

    at: datetime
    key_id: str | None = None
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the policy says about one candidate.

    `rules` are the ids of all rules that matched, `exceptions` of those that removed it from
    ordinary rules. `effect` ALLOW means that it is no violation.
    """

    candidate: Candidate
    effect: Effect
    severity: Severity
    replacement: Replacement
    rules: tuple[str, ...]
    exceptions: tuple[str, ...]

    @property
    def is_violation(self) -> bool:
        """Tell whether the policy calls this finding a violation."""
        return self.effect is not Effect.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The outcome for one exchange, with a verdict for each candidate in `Candidate.order`.

    `effect` is the strongest effect of all that matched, `enforced` what is really done
    (in `observe` mode never more than `flag`).
    """

    effect: Effect
    enforced: Effect
    verdicts: tuple[Verdict, ...] = ()

    @property
    def violations(self) -> tuple[Verdict, ...]:
        """Return the verdicts that call their finding a violation."""
        return tuple(verdict for verdict in self.verdicts if verdict.is_violation)

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of every rule that took part, sorted."""
        return tuple(sorted({rule for verdict in self.verdicts for rule in verdict.rules}))

    @property
    def exceptions(self) -> tuple[str, ...]:
        """Return the ids of every exception that took part, sorted."""
        return tuple(sorted({one for verdict in self.verdicts for one in verdict.exceptions}))

    def blocking_rules(self) -> tuple[str, ...]:
        """Return the ids of the rules of the verdicts that block, sorted."""
        return tuple(
            sorted({r for v in self.verdicts if v.effect is Effect.BLOCK for r in v.rules})
        )

    def masking(self) -> tuple[Verdict, ...]:
        """Return the verdicts whose span is to be hidden: those that mask or block."""
        return tuple(v for v in self.verdicts if v.effect.rank >= Effect.MASK.rank)


ALLOWED = Decision(effect=Effect.ALLOW, enforced=Effect.ALLOW)


def evaluate(
    policy: Policy, candidates: Iterable[Candidate], context: EvaluationContext
) -> Decision:
    """Return what `policy` says about the candidates of one exchange.

    Total and deterministic; neither the order of candidates nor of rules matters. The effect of a
    candidate is the strongest of all rules that match it, the decision the strongest of all.
    """
    ordered = sorted(candidates, key=_listing)
    excused = [
        tuple(sorted(e.id for e in policy.exceptions if _excuses(e, candidate, context)))
        for candidate in ordered
    ]
    matched: list[list[Rule]] = [[] for _ in ordered]
    for rule in policy.rules:
        hits = [
            index
            for index, candidate in enumerate(ordered)
            if (rule.always or not excused[index]) and _matches(rule.when, candidate, context)
        ]
        if len(hits) >= rule.when.min_count:
            for index in hits:
                matched[index].append(rule)
    verdicts = tuple(
        _verdict(candidate, rules, exceptions)
        for candidate, rules, exceptions in zip(ordered, matched, excused, strict=True)
    )
    return conclude(policy.mode, verdicts)


def conclude(mode: Mode, verdicts: Sequence[Verdict]) -> Decision:
    """Return the decision that these verdicts amount to: their strongest effect."""
    effect = max((verdict.effect for verdict in verdicts), key=_rank, default=Effect.ALLOW)
    enforced = effect
    if mode is Mode.OBSERVE and effect.rank > Effect.FLAG.rank:
        enforced = Effect.FLAG
    return Decision(effect=effect, enforced=enforced, verdicts=tuple(verdicts))


def _listing(candidate: Candidate) -> tuple[object, ...]:
    """Return `Candidate.order`, ties broken by everything else that a candidate holds."""
    return (
        candidate.order,
        repr(candidate.finding),
        candidate.direction,
        candidate.fingerprint,
        sorted(candidate.domains),
        sorted(candidate.patterns),
    )


def _rank(effect: Effect) -> int:
    return effect.rank


def _verdict(candidate: Candidate, rules: Sequence[Rule], exceptions: tuple[str, ...]) -> Verdict:
    effect = max((rule.effect for rule in rules), key=_rank, default=Effect.ALLOW)
    masking = [rule.replacement for rule in rules if rule.effect is Effect.MASK]
    return Verdict(
        candidate=candidate,
        effect=effect,
        severity=max((rule.severity for rule in rules), key=lambda s: s.rank, default=Severity.LOW),
        replacement=max(
            masking, key=lambda one: _REPLACEMENT_RANK[one], default=Replacement.REPLACE
        ),
        rules=tuple(sorted(rule.id for rule in rules)),
        exceptions=exceptions,
    )


def _matches(when: Condition, candidate: Candidate, context: EvaluationContext) -> bool:
    finding = candidate.finding
    if when.types:
        if finding.type not in when.types:
            return False
    elif not when.detector_rules and is_auxiliary(finding.category, finding.type):
        return False
    if when.detector_rules and not when.detector_rules & finding.rules:
        return False
    if when.min_score is None:
        if not finding.is_operative:
            return False
    elif finding.score < when.min_score:
        return False
    return (
        (not when.categories or finding.category in when.categories)
        and (not when.directions or candidate.direction in when.directions)
        and _in_scope(when.keys, when.models, context)
    )


def _excuses(exception: PolicyException, candidate: Candidate, context: EvaluationContext) -> bool:
    return (
        context.at < exception.expires
        and (not exception.types or candidate.finding.type in exception.types)
        and (not exception.detector_rules or candidate.finding.rules <= exception.detector_rules)
        and not exception.values
        and (not exception.fingerprints or candidate.fingerprint in exception.fingerprints)
        and (exception.pattern is None or exception.id in candidate.patterns)
        and (not exception.domains or _all_allowed(candidate.domains, exception.domains))
        and _in_scope(exception.keys, exception.models, context)
    )


def _all_allowed(found: frozenset[str], allowed: frozenset[str]) -> bool:
    return bool(found) and all(
        any(host == domain or host.endswith("." + domain) for domain in allowed) for host in found
    )


def _in_scope(keys: frozenset[str], models: frozenset[str], context: EvaluationContext) -> bool:
    if keys and context.key_id not in keys:
        return False
    if not models:
        return True
    model = context.model
    return model is not None and any(
        model.startswith(name[:-1]) if name.endswith("*") else model == name for name in models
    )

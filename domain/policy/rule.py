"""The policy document: what counts as a violation, and what is done about it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from domain.detection.taxonomy import TYPES, Category, Severity
from domain.errors import InvalidValue
from domain.identifiers import PolicyId, TenantId
from domain.policy.custom_detector import MAX_DETECTORS, CustomDetector
from domain.user import checked_name


class Effect(StrEnum):
    """What a decision does; ordered by `rank`: the strongest of all that match wins."""

    ALLOW = "allow"
    FLAG = "flag"
    MASK = "mask"
    BLOCK = "block"

    @property
    def rank(self) -> int:
        """Return 0 for `allow` up to 3 for `block`."""
        return _EFFECT_RANK[self]


_EFFECT_RANK = {effect: rank for rank, effect in enumerate(Effect)}


class Replacement(StrEnum):
    """How a masked span is written; ordered by how little of the match is left to recognise."""

    REPLACE = "replace"
    HASH = "hash"
    PSEUDONYM = "pseudonym"


class Direction(StrEnum):
    """Which way a text goes."""

    REQUEST = "request"
    RESPONSE = "response"
    TOOL_RESULT = "tool_result"


class Mode(StrEnum):
    """`observe` evaluates everything and changes nothing."""

    ENFORCE = "enforce"
    OBSERVE = "observe"


class AuditContent(StrEnum):
    """Which text an audit record keeps."""

    FULL = "full"
    MASKED = "masked"
    NONE = "none"


class FailureEffect(StrEnum):
    """What happens to a request when a detector is away."""

    ALLOW = "allow"
    BLOCK = "block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """What a rule matches: every stated part must hold; an empty part holds for everything.

    Auxiliary types count only where `types` names them, or `detector_rules` their rule. `min_score`
    None takes each detector rule's own operating point. `models` may end with `*`. `min_count` is
    the number of findings of one exchange that must match together.
    """

    categories: frozenset[Category] = field(default=frozenset())
    types: frozenset[str] = field(default=frozenset())
    detector_rules: frozenset[str] = field(default=frozenset())
    min_score: float | None = None
    directions: frozenset[Direction] = field(default=frozenset())
    keys: frozenset[str] = field(default=frozenset())
    models: frozenset[str] = field(default=frozenset())
    min_count: int = 1

    def __post_init__(self) -> None:
        if self.min_score is not None and not 0.0 <= self.min_score <= 1.0:
            raise InvalidValue("min_score lies between 0 and 1", field="min_score")
        if self.min_count < 1:
            raise InvalidValue("min_count is at least 1", field="min_count")
        _check_types(self.types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule; `always` means that no exception touches it."""

    id: str
    when: Condition
    effect: Effect
    severity: Severity
    replacement: Replacement = Replacement.REPLACE
    always: bool = False
    description: str = ""

    def __post_init__(self) -> None:
        if self.effect is Effect.ALLOW:
            raise InvalidValue(
                "a rule flags, masks or blocks; to allow something write an exception",
                field="effect",
            )


MAX_ACCEPTED = 1000
"""Values in the clear of one exception, counted for each of its types."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyException:
    """What rules are not asked about: every stated part must hold, and at least one is stated.

    `detector_rules` are the rules that found it, such as `aws-access-key-id`. `fingerprints` are
    keyed fingerprints of exact values; `values` are such values in the clear, of the stated types,
    until the policy is stored (`sealed`). `pattern` is an RE2 expression that must
    match the whole value, `domains` also cover their subdomains. Over at `expires`.
    """

    id: str
    reason: str
    expires: datetime
    types: frozenset[str] = field(default=frozenset())
    detector_rules: frozenset[str] = field(default=frozenset())
    fingerprints: frozenset[str] = field(default=frozenset())
    values: tuple[str, ...] = field(default=(), repr=False)
    pattern: str | None = None
    domains: frozenset[str] = field(default=frozenset())
    keys: frozenset[str] = field(default=frozenset())
    models: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise InvalidValue("an exception says why it exists", field="reason")
        stated = (
            self.types,
            self.detector_rules,
            self.fingerprints,
            self.values,
            self.pattern,
            self.domains,
            self.keys,
            self.models,
        )
        if not any(stated):
            raise InvalidValue("an exception without any condition would silence everything")
        _check_types(self.types)
        if len(self.values) * len(self.types) > MAX_ACCEPTED:
            raise InvalidValue(
                f"an exception has at most {MAX_ACCEPTED} values, counted for each of its types",
                field="values",
            )
        if self.values and not self.types:
            raise InvalidValue(
                "values need the types that they are reported as, such as types: [EMAIL]",
                field="types",
            )

    def sealed(self, fingerprint: Callable[[str, str], str]) -> "PolicyException":
        """Return the exception with fingerprints, made of type and value, for its values."""
        if not self.values:
            return self
        made = {fingerprint(kind, value) for kind in self.types for value in self.values}
        return replace(self, values=(), fingerprints=self.fingerprints | made)


def _check_types(types: frozenset[str]) -> None:
    known = frozenset().union(*TYPES.values())
    for name in sorted(types - known):
        raise InvalidValue(f"unknown type {name!r}", field="types")


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy document of schema version 1; `detectors` find beside the built-in ones."""

    name: str
    mode: Mode = Mode.ENFORCE
    audit_content: AuditContent = AuditContent.FULL
    on_detector_failure: FailureEffect = FailureEffect.ALLOW
    detectors: tuple[CustomDetector, ...] = ()
    rules: tuple[Rule, ...] = ()
    exceptions: tuple[PolicyException, ...] = ()

    def __post_init__(self) -> None:
        checked_name(self.name)
        if len(self.detectors) > MAX_DETECTORS:
            raise InvalidValue(
                f"a policy has at most {MAX_DETECTORS} detectors of its own", field="detectors"
            )
        for kind, ids in (
            ("detectors", [detector.id for detector in self.detectors]),
            ("rules", [rule.id for rule in self.rules]),
            ("exceptions", [exception.id for exception in self.exceptions]),
        ):
            twice = sorted({one for one in ids if ids.count(one) > 1})
            if twice:
                raise InvalidValue(f"two {kind} have the id {twice[0]!r}", field=kind)

    def sealed(self, fingerprint: Callable[[str, str], str]) -> "Policy":
        """Return the policy without values in the clear; `fingerprint` takes type and value."""
        exceptions = tuple(exception.sealed(fingerprint) for exception in self.exceptions)
        return self if exceptions == self.exceptions else replace(self, exceptions=exceptions)


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRevision:
    """One immutable version of a tenant's policy, numbered from 1."""

    tenant_id: TenantId
    policy_id: PolicyId
    number: int
    policy: Policy
    created_at: datetime
    note: str = ""

    @property
    def reference(self) -> str:
        """Return `pol_…@number`, as audit records name it."""
        return f"{self.policy_id}@{self.number}"

"""Policies of one idea each."""

from domain.detection.taxonomy import Category, Severity
from domain.policy.custom_detector import CustomDetector, Examples
from domain.policy.rule import (
    Condition,
    Direction,
    Effect,
    Policy,
    PolicyException,
    Replacement,
    Rule,
)


def rule(
    effect: Effect,
    *,
    types: frozenset[str] = frozenset(),
    categories: frozenset[Category] = frozenset(),
    directions: frozenset[Direction] = frozenset(),
    severity: Severity = Severity.HIGH,
    replacement: Replacement = Replacement.REPLACE,
    always: bool = False,
    name: str | None = None,
) -> Rule:
    """Return a rule whose id says what it does."""
    return Rule(
        id=name or f"{effect.value}-{'-'.join(sorted(types | categories)) or 'all'}".lower(),
        when=Condition(types=types, categories=categories, directions=directions),
        effect=effect,
        severity=severity,
        replacement=replacement,
        always=always,
    )


def policy(*rules: Rule, exceptions: tuple[PolicyException, ...] = (), **fields: object) -> Policy:
    """Return a policy of these rules."""
    return Policy(name="test", rules=rules, exceptions=exceptions, **fields)  # type: ignore[arg-type]


def masking(
    *types: str,
    replacement: Replacement = Replacement.REPLACE,
    exceptions: tuple[PolicyException, ...] = (),
    **fields: object,
) -> Policy:
    """Return a policy that masks these types, all when none is named."""
    mask = rule(Effect.MASK, types=frozenset(types), replacement=replacement)
    return policy(mask, exceptions=exceptions, **fields)


def blocking(*types: str, **fields: object) -> Policy:
    """Return a policy that blocks these types, all when none is named."""
    return policy(rule(Effect.BLOCK, types=frozenset(types)), **fields)  # type: ignore[arg-type]


def staff_number(pattern: str = r"EMP-\d{6}", **fields: object) -> CustomDetector:
    """Return a detector of a pattern, with examples of the usual one."""
    usual = Examples(match=("EMP-123456",), ignore=("EMP-12345",))
    return CustomDetector(
        **{  # type: ignore[arg-type]
            "id": "staff-number",
            "category": Category.PII,
            "type": "NATIONAL_ID",
            "pattern": pattern,
            "examples": usual,
            **fields,
        }
    )


def deny_list(*values: str, **fields: object) -> CustomDetector:
    """Return a detector of words that nobody may say."""
    return CustomDetector(
        **{  # type: ignore[arg-type]
            "id": "code-names",
            "category": Category.SECRETS,
            "type": "GENERIC_SECRET",
            "values": values,
            "ignore_case": True,
            **fields,
        }
    )

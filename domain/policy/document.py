"""The policy document as plain data (what YAML and JSON hold), read with precise complaints."""

from domain.detection.taxonomy import Category, Severity
from domain.errors import InvalidValue
from domain.policy.custom_detector_document import (
    custom_detector_from_node,
    custom_detector_to_document,
)
from domain.policy.plain_data import Node, located
from domain.policy.rule import (
    AuditContent,
    Condition,
    Direction,
    Effect,
    FailureEffect,
    Mode,
    Policy,
    PolicyException,
    Replacement,
    Rule,
)

SCHEMA_VERSION = 1

_POLICY_FIELDS = (
    "schema_version",
    "name",
    "mode",
    "defaults",
    "audit",
    "on_detector_failure",
    "detectors",
    "rules",
    "exceptions",
)
_RULE_FIELDS = ("id", "when", "effect", "with", "severity", "always", "description")
_WHEN_FIELDS = (
    "categories",
    "types",
    "detector_rules",
    "min_score",
    "directions",
    "keys",
    "models",
    "min_count",
)
_EXCEPTION_FIELDS = (
    "id",
    "types",
    "detector_rules",
    "fingerprints",
    "values",
    "pattern",
    "domains",
    "keys",
    "models",
    "reason",
    "expires",
)


def policy_from_document(document: object) -> Policy:
    """Return the policy that a parsed document describes.

    Raises:
        InvalidValue: with the dotted path of the offending field and what is allowed there.
    """
    node = Node(document, "")
    node.only(_POLICY_FIELDS)
    if node.integer("schema_version", 0) != SCHEMA_VERSION:
        raise InvalidValue(f"schema_version must be {SCHEMA_VERSION}", field="schema_version")
    defaults = node.child("defaults")
    defaults.only(("severity", "mask", "min_score"))
    audit = node.child("audit")
    audit.only(("content",))
    severity = defaults.enum("severity", Severity, Severity.MEDIUM)
    replacement = defaults.enum("mask", Replacement, Replacement.REPLACE)
    min_score = defaults.number("min_score")
    return located(
        "",
        lambda: Policy(
            name=node.text("name"),
            mode=node.enum("mode", Mode, Mode.ENFORCE),
            audit_content=audit.enum("content", AuditContent, AuditContent.FULL),
            on_detector_failure=node.enum(
                "on_detector_failure", FailureEffect, FailureEffect.ALLOW
            ),
            detectors=tuple(custom_detector_from_node(item) for item in node.items("detectors")),
            rules=tuple(
                _rule(item, severity, replacement, min_score) for item in node.items("rules")
            ),
            exceptions=tuple(_exception(item) for item in node.items("exceptions")),
        ),
    )


def _rule(
    node: Node, severity: Severity, replacement: Replacement, min_score: float | None
) -> Rule:
    node.only(_RULE_FIELDS)
    when = node.child("when")
    when.only(_WHEN_FIELDS)
    condition = located(
        when.path,
        lambda: Condition(
            categories=frozenset(when.enums("categories", Category)),
            types=frozenset(when.texts("types")),
            detector_rules=frozenset(when.texts("detector_rules")),
            min_score=when.number("min_score") if "min_score" in when.value else min_score,
            directions=frozenset(when.enums("directions", Direction)),
            keys=frozenset(when.texts("keys")),
            models=frozenset(when.texts("models")),
            min_count=when.integer("min_count", 1),
        ),
    )
    return located(
        node.path,
        lambda: Rule(
            id=node.text("id"),
            when=condition,
            effect=node.enum("effect", Effect, None),
            severity=node.enum("severity", Severity, severity),
            replacement=node.enum("with", Replacement, replacement),
            always=node.flag("always"),
            description=node.text("description", ""),
        ),
    )


def _exception(node: Node) -> PolicyException:
    node.only(_EXCEPTION_FIELDS)
    return located(
        node.path,
        lambda: PolicyException(
            id=node.text("id"),
            reason=node.text("reason"),
            expires=node.moment("expires"),
            types=frozenset(node.texts("types")),
            detector_rules=frozenset(node.texts("detector_rules")),
            fingerprints=frozenset(node.texts("fingerprints")),
            values=tuple(dict.fromkeys(node.texts("values"))),
            pattern=node.text("pattern", "") or None,
            domains=frozenset(domain.lower() for domain in node.texts("domains")),
            keys=frozenset(node.texts("keys")),
            models=frozenset(node.texts("models")),
        ),
    )


def policy_to_document(policy: Policy) -> dict[str, object]:
    """Return the policy as plain data that `policy_from_document` reads back unchanged."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": policy.name,
        "mode": policy.mode.value,
        "audit": {"content": policy.audit_content.value},
        "on_detector_failure": policy.on_detector_failure.value,
        **(
            {"detectors": [custom_detector_to_document(one) for one in policy.detectors]}
            if policy.detectors
            else {}
        ),
        "rules": [_rule_document(rule) for rule in policy.rules],
        "exceptions": [_exception_document(exception) for exception in policy.exceptions],
    }


def _rule_document(rule: Rule) -> dict[str, object]:
    when = rule.when
    condition: dict[str, object] = {
        "categories": sorted(category.value for category in when.categories),
        "types": sorted(when.types),
        "detector_rules": sorted(when.detector_rules),
        "min_score": when.min_score,
        "directions": sorted(direction.value for direction in when.directions),
        "keys": sorted(when.keys),
        "models": sorted(when.models),
        "min_count": when.min_count if when.min_count > 1 else None,
    }
    return {
        "id": rule.id,
        "when": {name: value for name, value in condition.items() if value not in (None, [])},
        "effect": rule.effect.value,
        "with": rule.replacement.value,
        "severity": rule.severity.value,
        "always": rule.always,
        "description": rule.description,
    }


def _exception_document(exception: PolicyException) -> dict[str, object]:
    conditions: dict[str, object] = {
        "types": sorted(exception.types),
        "detector_rules": sorted(exception.detector_rules),
        "fingerprints": sorted(exception.fingerprints),
        "values": list(exception.values),
        "pattern": exception.pattern,
        "domains": sorted(exception.domains),
        "keys": sorted(exception.keys),
        "models": sorted(exception.models),
    }
    return {
        "id": exception.id,
        "reason": exception.reason,
        "expires": exception.expires.isoformat(),
        **{name: value for name, value in conditions.items() if value not in (None, [])},
    }

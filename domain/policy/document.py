"""The policy document as plain data (what YAML and JSON hold), read with precise complaints."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

from domain.detection.taxonomy import Category, Severity
from domain.errors import InvalidValue
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

_E = TypeVar("_E", bound=StrEnum)
_T = TypeVar("_T")

_POLICY_FIELDS = (
    "schema_version",
    "name",
    "mode",
    "defaults",
    "audit",
    "on_detector_failure",
    "rules",
    "exceptions",
)
_RULE_FIELDS = ("id", "when", "effect", "with", "severity", "always", "description")
_WHEN_FIELDS = (
    "categories",
    "types",
    "min_score",
    "directions",
    "keys",
    "models",
    "min_count",
)
_EXCEPTION_FIELDS = (
    "id",
    "types",
    "fingerprints",
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
    node = _Node(document, "")
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
    return _located(
        "",
        lambda: Policy(
            name=node.text("name"),
            mode=node.enum("mode", Mode, Mode.ENFORCE),
            audit_content=audit.enum("content", AuditContent, AuditContent.FULL),
            on_detector_failure=node.enum(
                "on_detector_failure", FailureEffect, FailureEffect.ALLOW
            ),
            rules=tuple(
                _rule(item, severity, replacement, min_score) for item in node.items("rules")
            ),
            exceptions=tuple(_exception(item) for item in node.items("exceptions")),
        ),
    )


def _rule(
    node: "_Node", severity: Severity, replacement: Replacement, min_score: float | None
) -> Rule:
    node.only(_RULE_FIELDS)
    when = node.child("when")
    when.only(_WHEN_FIELDS)
    condition = _located(
        when.path,
        lambda: Condition(
            categories=frozenset(when.enums("categories", Category)),
            types=frozenset(when.texts("types")),
            min_score=when.number("min_score") if "min_score" in when.value else min_score,
            directions=frozenset(when.enums("directions", Direction)),
            keys=frozenset(when.texts("keys")),
            models=frozenset(when.texts("models")),
            min_count=when.integer("min_count", 1),
        ),
    )
    return _located(
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


def _exception(node: "_Node") -> PolicyException:
    node.only(_EXCEPTION_FIELDS)
    return _located(
        node.path,
        lambda: PolicyException(
            id=node.text("id"),
            reason=node.text("reason"),
            expires=node.moment("expires"),
            types=frozenset(node.texts("types")),
            fingerprints=frozenset(node.texts("fingerprints")),
            pattern=node.text("pattern", "") or None,
            domains=frozenset(domain.lower() for domain in node.texts("domains")),
            keys=frozenset(node.texts("keys")),
            models=frozenset(node.texts("models")),
        ),
    )


def _located(path: str, build: Callable[[], _T]) -> _T:
    """Return what `build` makes; prefix the path to complaints about values."""
    try:
        return build()
    except InvalidValue as error:
        if error.field.startswith(path):
            raise
        field = f"{path}.{error.field}" if error.field else path
        raise InvalidValue(error.message, field=field) from error


class _Node:
    """A mapping of the document with the path that leads to it."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, Mapping):
            raise InvalidValue("expected a mapping of names to values", field=path or "policy")
        self.value: Mapping[str, object] = value
        self.path = path

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path else name

    def only(self, names: tuple[str, ...]) -> None:
        for name in self.value:
            if name not in names:
                raise InvalidValue(
                    f"unknown field; allowed are {', '.join(names)}", field=self._at(str(name))
                )

    def child(self, name: str) -> "_Node":
        value = self.value.get(name)
        return _Node({} if value is None else value, self._at(name))

    def items(self, name: str) -> list["_Node"]:
        return [
            _Node(item, f"{self._at(name)}[{index}]") for index, item in enumerate(self._list(name))
        ]

    def _list(self, name: str) -> list[object]:
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise InvalidValue("expected a list", field=self._at(name))
        return value

    def text(self, name: str, default: str | None = None) -> str:
        value = self.value.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not (value.strip() or default is not None):
            raise InvalidValue("a text is compulsory here", field=self._at(name))
        return value

    def texts(self, name: str) -> list[str]:
        values = self._list(name)
        for index, value in enumerate(values):
            if not isinstance(value, str) or not value:
                raise InvalidValue("expected a text", field=f"{self._at(name)}[{index}]")
        return [str(value) for value in values]

    def enum(self, name: str, kind: type[_E], default: _E | None) -> _E:
        value = self.value.get(name)
        if value is None and default is not None:
            return default
        return self._member(value, kind, self._at(name))

    def enums(self, name: str, kind: type[_E]) -> list[_E]:
        return [
            self._member(value, kind, f"{self._at(name)}[{index}]")
            for index, value in enumerate(self._list(name))
        ]

    @staticmethod
    def _member(value: object, kind: type[_E], path: str) -> _E:
        allowed = [member.value for member in kind]
        if not isinstance(value, str) or value not in allowed:
            raise InvalidValue(f"must be one of {', '.join(allowed)}", field=path)
        return kind(value)

    def number(self, name: str) -> float | None:
        value = self.value.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue("expected a number", field=self._at(name))
        try:
            return float(value)
        except OverflowError:
            raise InvalidValue("this number is too large", field=self._at(name)) from None

    def integer(self, name: str, default: int) -> int:
        value = self.value.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise InvalidValue("expected a whole number", field=self._at(name))
        return value

    def flag(self, name: str) -> bool:
        value = self.value.get(name, False)
        if not isinstance(value, bool):
            raise InvalidValue("expected true or false", field=self._at(name))
        return value

    def moment(self, name: str) -> datetime:
        value = self.value.get(name)
        try:
            if isinstance(value, str):
                value = datetime.fromisoformat(value)
            if isinstance(value, date) and not isinstance(value, datetime):
                value = datetime.combine(value, time())
            if isinstance(value, datetime):
                known = value.replace(tzinfo=UTC) if value.tzinfo is None else value
                return known.astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise InvalidValue(
            "a date or time is compulsory here, such as 2027-01-31", field=self._at(name)
        )


def policy_to_document(policy: Policy) -> dict[str, object]:
    """Return the policy as plain data that `policy_from_document` reads back unchanged."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": policy.name,
        "mode": policy.mode.value,
        "audit": {"content": policy.audit_content.value},
        "on_detector_failure": policy.on_detector_failure.value,
        "rules": [_rule_document(rule) for rule in policy.rules],
        "exceptions": [_exception_document(exception) for exception in policy.exceptions],
    }


def _rule_document(rule: Rule) -> dict[str, object]:
    when = rule.when
    condition: dict[str, object] = {
        "categories": sorted(category.value for category in when.categories),
        "types": sorted(when.types),
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
        "fingerprints": sorted(exception.fingerprints),
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

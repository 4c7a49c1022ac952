"""The bodies of the routes of policies."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, Field

from application.gateway.policies import StoredPolicies
from domain.detection.taxonomy import Category
from domain.detection.validators import VALIDATORS
from domain.errors import InvalidValue
from domain.policy.custom_detector import MAX_DETECTORS, MAX_PATTERN, MAX_VALUES
from domain.policy.document import SCHEMA_VERSION, policy_from_document, policy_to_document
from domain.policy.rule import FailureEffect, Mode, Policy, PolicyRevision
from entrypoints.http.asked import Asked
from entrypoints.http.gateway.outside_text import whole_characters

_LONGEST_NOTE = 500

_TEXTS = {"type": "array", "items": {"type": "string"}}
_DETECTOR: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["id", "category", "type"],
    "properties": {
        "id": {"type": "string", "description": "Findings name the rule `custom/{id}`."},
        "category": {"type": "string", "enum": [category.value for category in Category]},
        "type": {"type": "string", "description": "A type of the category."},
        "label": {"type": "string", "description": "What masked text says instead of the type."},
        "description": {"type": "string"},
        "pattern": {
            "type": "string",
            "maxLength": MAX_PATTERN,
            "description": "RE2; its group, if it has one, is what is reported.",
        },
        "values": {**_TEXTS, "maxItems": MAX_VALUES, "description": "In place of a pattern."},
        "ignore_case": {"type": "boolean", "description": "Left out: of values only."},
        "whole_words": {"type": "boolean", "default": True},
        "context": {
            "type": "object",
            "description": "Words of which one must stand within so many characters.",
            "properties": {"words": _TEXTS, "within": {"type": "integer", "default": 40}},
        },
        "validator": {"type": "string", "enum": sorted(VALIDATORS)},
        "score": {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.9},
        "examples": {
            "type": "object",
            "description": "Tried before the policy is stored; compulsory for a pattern.",
            "properties": {"match": _TEXTS, "ignore": _TEXTS},
        },
    },
}

Document = Annotated[
    dict[str, Any],
    Field(
        description="A policy document of schema version 1.",
        json_schema_extra={
            "additionalProperties": False,
            "required": ["schema_version", "name"],
            "properties": {
                "schema_version": {"type": "integer", "enum": [SCHEMA_VERSION]},
                "name": {"type": "string", "minLength": 1},
                "mode": {"type": "string", "enum": [mode.value for mode in Mode]},
                "defaults": {"type": "object"},
                "audit": {"type": "object"},
                "on_detector_failure": {
                    "type": "string",
                    "enum": [effect.value for effect in FailureEffect],
                },
                "detectors": {
                    "type": "array",
                    "maxItems": MAX_DETECTORS,
                    "items": _DETECTOR,
                    "description": "What the tenant wants found beside the built-in rules.",
                },
                "rules": {"type": "array", "items": {"type": "object"}},
                "exceptions": {"type": "array", "items": {"type": "object"}},
            },
        },
        examples=[
            {
                "schema_version": 1,
                "name": "strict",
                "rules": [
                    {"id": "secrets", "when": {"categories": ["secrets"]}, "effect": "block"}
                ],
            },
            {
                "schema_version": 1,
                "name": "own things",
                "detectors": [
                    {
                        "id": "staff-number",
                        "category": "pii",
                        "type": "NATIONAL_ID",
                        "label": "STAFF_NUMBER",
                        "pattern": "EMP-\\d{6}",
                        "examples": {"match": ["EMP-123456"], "ignore": ["EMP-12"]},
                    }
                ],
                "rules": [
                    {
                        "id": "staff",
                        "when": {"detector_rules": ["custom/staff-number"]},
                        "effect": "mask",
                    }
                ],
            },
        ],
    ),
]


def policy_of(document: dict[str, Any]) -> Policy:
    """Return the policy in a body.

    Raises:
        InvalidValue: with the path of the offending field below `policy`.
    """
    if whole_characters(document) != document:
        raise InvalidValue("a text holds half a surrogate pair", field="policy")
    try:
        return policy_from_document(document)
    except InvalidValue as error:
        field = error.field if error.field == "policy" else f"policy.{error.field}"
        raise InvalidValue(error.message, field=field.rstrip(".")) from None


class NewPolicyBody(Asked):
    """A version to store."""

    policy: Document
    note: str = Field(
        default="", max_length=_LONGEST_NOTE, description="Why there is a new version."
    )


class RevisionBody(BaseModel):
    """One version of a policy."""

    policy_id: str
    number: int
    reference: str = Field(examples=["pol_01…@2"])
    name: str
    mode: Mode
    is_active: bool
    created_at: datetime
    note: str

    @classmethod
    def of(cls, revision: PolicyRevision, *, is_active: bool) -> "RevisionBody":
        """Return the body of a version."""
        return cls(**_fields(revision), is_active=is_active)


class WholeRevisionBody(RevisionBody):
    """One version with its document."""

    policy: dict[str, Any]

    @classmethod
    def of(cls, revision: PolicyRevision, *, is_active: bool) -> "WholeRevisionBody":
        """Return the body of a version."""
        return cls(
            **_fields(revision), is_active=is_active, policy=policy_to_document(revision.policy)
        )


def _fields(revision: PolicyRevision) -> dict[str, Any]:
    return {
        "policy_id": revision.policy_id,
        "number": revision.number,
        "reference": revision.reference,
        "name": revision.policy.name,
        "mode": revision.policy.mode,
        "created_at": revision.created_at,
        "note": revision.note,
    }


class RevisionPage(BaseModel):
    """Some versions."""

    items: list[RevisionBody]
    next_cursor: str | None


class ActivePolicyBody(BaseModel):
    """What judges the tenant's traffic: a stored version, or the starter policy before any."""

    revision: RevisionBody | None = Field(description="Null for the starter policy.")
    policy: dict[str, Any]

    @classmethod
    def of(cls, stored: StoredPolicies, starter: Policy) -> "ActivePolicyBody":
        """Return the body of what is active."""
        active = stored.active
        return cls(
            revision=None if active is None else RevisionBody.of(active, is_active=True),
            policy=policy_to_document(starter if active is None else active.policy),
        )

"""The bodies of the routes of policies."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from application.gateway.policies import StoredPolicies
from domain.errors import InvalidValue
from domain.policy.document import SCHEMA_VERSION, policy_from_document, policy_to_document
from domain.policy.rule import FailureEffect, Mode, Policy, PolicyRevision
from entrypoints.http.gateway.outside_text import whole_characters

_LONGEST_NOTE = 500

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
            }
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


class NewPolicyBody(BaseModel):
    """A version to store."""

    model_config = ConfigDict(extra="forbid")

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

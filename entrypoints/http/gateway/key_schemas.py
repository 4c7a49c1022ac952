"""The bodies of the routes of keys."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from application.gateway.keys import IssuedKey
from domain.api_key import ApiKey, Environment, KeyLimits, Scope
from domain.money import amount_text, nano_of
from entrypoints.http.asked import Asked
from entrypoints.http.fields import name_form
from entrypoints.http.gateway.amounts import Amount, AmountText
from entrypoints.http.moments import Moment

_MOST_MODELS = 200
_LONGEST_GRACE = 30 * 24 * 3600
_LARGEST_LIMIT = 1_000_000_000

Limit = Annotated[int, Field(ge=1, le=_LARGEST_LIMIT)]
Models = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=200)]],
    Field(max_length=_MOST_MODELS, description="Empty for every model."),
]
Scopes = Annotated[list[Scope], Field(min_length=1)]


class KeyState(StrEnum):
    """Whether a key serves."""

    ACTIVE = "active"
    ROTATED = "rotated"
    EXPIRED = "expired"
    REVOKED = "revoked"

    @classmethod
    def of(cls, key: ApiKey, at: datetime) -> "KeyState":
        """Return the state of a key; one that was rotated serves until it expires."""
        if key.revoked_at is not None:
            return cls.REVOKED
        if not key.is_valid(at):
            return cls.EXPIRED
        return cls.ACTIVE if key.replaced_by is None else cls.ROTATED


class LimitsBody(Asked):
    """Upper bounds; what is null is unlimited. Budgets are in the tenant's currency."""

    requests_per_minute: Limit | None = None
    tokens_per_minute: Limit | None = None
    concurrent: Limit | None = None
    budget_per_day: Amount | None = None
    budget_per_month: Amount | None = None

    def to_domain(self) -> KeyLimits:
        """Return the limits."""
        return KeyLimits(
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            concurrent=self.concurrent,
            budget_per_day_nano=_nano(self.budget_per_day),
            budget_per_month_nano=_nano(self.budget_per_month),
        )


class LimitsShown(BaseModel):
    """Upper bounds; what is null is unlimited. Budgets are in the tenant's currency."""

    requests_per_minute: int | None
    tokens_per_minute: int | None
    concurrent: int | None
    budget_per_day: AmountText | None
    budget_per_month: AmountText | None

    @classmethod
    def of(cls, limits: KeyLimits) -> "LimitsShown":
        """Return the body of limits."""
        day, month = limits.budget_per_day_nano, limits.budget_per_month_nano
        return cls(
            requests_per_minute=limits.requests_per_minute,
            tokens_per_minute=limits.tokens_per_minute,
            concurrent=limits.concurrent,
            budget_per_day=None if day is None else amount_text(day),
            budget_per_month=None if month is None else amount_text(month),
        )


def _nano(amount: Decimal | None) -> int | None:
    return None if amount is None else nano_of(amount)


class NewKeyBody(Asked):
    """A key to issue."""

    name: Annotated[str, name_form("production")]
    environment: Environment = Environment.LIVE
    scopes: Scopes = Field(default=list(Scope))
    models: Models = Field(default=[])
    limits: LimitsBody = LimitsBody()
    expires_at: Moment | None = None


class KeyChangeBody(Asked):
    """What a key may do from now on; what is left out stays. `version` is what was read."""

    version: int = Field(ge=0)
    name: Annotated[str, name_form("production")] | None = None
    scopes: Scopes | None = None
    models: Models | None = None
    limits: LimitsBody | None = None
    expires_at: Moment | None = Field(default=None, description="Null for never.")


class RotationBody(Asked):
    """How a key is replaced."""

    grace_seconds: int = Field(
        default=24 * 3600,
        ge=0,
        le=_LONGEST_GRACE,
        description="How long the former secret serves on; 0 ends it at once.",
    )


class KeyBody(BaseModel):
    """A key, without its secret: that is kept nowhere."""

    id: str
    name: str
    prefix: str = Field(description="The first characters of the secret.")
    environment: Environment
    state: KeyState
    scopes: list[Scope]
    models: list[str]
    limits: LimitsShown
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    replaced_by: str | None
    version: int

    @classmethod
    def of(cls, key: ApiKey, at: datetime) -> "KeyBody":
        """Return the body of a key as it stands at a time."""
        return cls(
            id=key.id,
            name=key.name,
            prefix=key.display_prefix,
            environment=key.environment,
            state=KeyState.of(key, at),
            scopes=sorted(key.scopes),
            models=sorted(key.models),
            limits=LimitsShown.of(key.limits),
            created_at=key.created_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            replaced_by=key.replaced_by,
            version=key.version,
        )


class IssuedKeyBody(KeyBody):
    """A new key with its secret, which is shown this once; null when the call was repeated."""

    secret: str | None = Field(description="Null in the answer to a repeated call.")

    @classmethod
    def issued(cls, made: IssuedKey, at: datetime) -> "IssuedKeyBody":
        """Return the body of a key that was just made."""
        shown = None if made.shown is None else made.shown.value
        return cls(**KeyBody.of(made.key, at).model_dump(), secret=shown)


class KeyPage(BaseModel):
    """Some keys, the oldest first."""

    items: list[KeyBody]
    next_cursor: str | None

"""Gateway keys: how a secret is formed, and the life of the key it belongs to.

The form follows what GitHub does for its tokens: a prefix that secret scanners know, random
characters, and a CRC-32 that lets anybody reject a mistyped key without asking a database.
"""

import zlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidValue, Refused, Unauthenticated
from domain.identifiers import KeyId, TenantId
from domain.user import checked_name

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_RANDOM_LENGTH = 32
_CHECK_LENGTH = 6
_DISPLAY_LENGTH = 12
SECRET_BYTES = 32
"""Random bytes that `ApiKeySecret.from_random` takes: 256 bits onto 190 bits of base 62."""


class Environment(StrEnum):
    """Whether a key is for real traffic."""

    LIVE = "live"
    TEST = "test"


def _base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return "".join(reversed(digits))


@dataclass(frozen=True, slots=True, repr=False)
class ApiKeySecret:
    """The secret of a key: `tp_live_`, 32 characters of base 62, 6 of CRC-32. Shown once."""

    value: str

    def __post_init__(self) -> None:
        head, body = self.value[:8], self.value[8:]
        if (
            head not in ("tp_live_", "tp_test_")
            or len(body) != _RANDOM_LENGTH + _CHECK_LENGTH
            or not all(character in _BASE62 for character in body)
        ):
            raise Unauthenticated(
                "this is not a TruePort key: they begin with tp_live_ or tp_test_",
                code="key.malformed",
            )
        if self.value[-_CHECK_LENGTH:] != _checksum(self.value[:-_CHECK_LENGTH]):
            raise Unauthenticated("this key is mistyped or cut off", code="key.malformed")

    @classmethod
    def from_random(
        cls, random: bytes, environment: Environment = Environment.LIVE
    ) -> "ApiKeySecret":
        """Return the secret made of 32 random bytes."""
        if len(random) != SECRET_BYTES:
            raise InvalidValue(f"a key is made of {SECRET_BYTES} random bytes", field="random")
        body = f"tp_{environment.value}_{_base62(int.from_bytes(random), _RANDOM_LENGTH)}"
        return cls(body + _checksum(body))

    @property
    def display_prefix(self) -> str:
        """Return the first twelve characters, by which a person recognises the key."""
        return self.value[:_DISPLAY_LENGTH]

    def __repr__(self) -> str:
        return f"ApiKeySecret('{self.display_prefix}…')"

    __str__ = __repr__


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode("ascii")), _CHECK_LENGTH)


class Scope(StrEnum):
    """What a key may call."""

    CHAT = "chat"
    EMBEDDINGS = "embeddings"
    MODERATIONS = "moderations"
    DETECT = "detect"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLimits:
    """Upper bounds of one key, None for none; budgets in nano-units of the tenant's currency."""

    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    concurrent: int | None = None
    budget_per_day_nano: int | None = None
    budget_per_month_nano: int | None = None

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InvalidValue("a limit is at least 1; leave it out for none", field=name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key of a tenant; only a digest of its secret is kept.

    A key serves from its creation until it is revoked or expires. Rotation gives a new key and an
    end to the old one after a grace period. `models` empty means every model.
    """

    id: KeyId
    tenant_id: TenantId
    name: str
    digest: str
    display_prefix: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    scopes: frozenset[Scope] = field(default=frozenset(Scope))
    models: frozenset[str] = field(default=frozenset())
    limits: KeyLimits = field(default=KeyLimits())
    replaced_by: KeyId | None = None
    version: int = 0

    @classmethod
    def issue(
        cls,
        *,
        key_id: KeyId,
        tenant_id: TenantId,
        name: str,
        digest: str,
        secret: ApiKeySecret,
        at: datetime,
        expires_at: datetime | None = None,
        scopes: frozenset[Scope] = frozenset(Scope),
        models: frozenset[str] = frozenset(),
        limits: KeyLimits | None = None,
    ) -> "ApiKey":
        """Return a new key for a secret; `digest` is the keyed digest under which it is found."""
        _check_rights(scopes, expires_at, at)
        return cls(
            id=key_id,
            tenant_id=tenant_id,
            name=checked_name(name),
            digest=digest,
            display_prefix=secret.display_prefix,
            created_at=at,
            expires_at=expires_at,
            scopes=scopes,
            models=models,
            limits=limits or KeyLimits(),
        )

    @property
    def environment(self) -> Environment:
        """Return whether the key is for real traffic."""
        return Environment(self.display_prefix.split("_")[1])

    def change(
        self,
        *,
        name: str,
        scopes: frozenset[Scope],
        models: frozenset[str],
        limits: KeyLimits,
        expires_at: datetime | None,
        at: datetime,
    ) -> "ApiKey":
        """Return the key with another name and other rights under the same secret.

        Raises:
            InvalidValue: the name, the scopes or the expiry.
            Refused: it no longer serves, or was rotated: it ends as it was told then.
        """
        if not self.is_valid(at):
            raise Refused("a key that no longer serves cannot be changed", code="key.not_valid")
        if self.replaced_by is not None and expires_at != self.expires_at:
            raise Refused("this key was rotated and ends with its grace period", code="key.rotated")
        _check_rights(scopes, expires_at, at)
        return replace(
            self,
            name=checked_name(name),
            scopes=scopes,
            models=models,
            limits=limits,
            expires_at=expires_at,
        )

    def counts_at(self, at: datetime) -> bool:
        """Tell whether this key counts among those that a plan includes.

        One that was rotated does not, in its grace: its successor does.
        """
        return self.is_valid(at) and self.replaced_by is None

    def is_valid(self, at: datetime) -> bool:
        """Tell whether the key serves at this time."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)

    def authorise(self, *, at: datetime, scope: Scope, model: str | None = None) -> None:
        """Check that the key may be used for this now.

        Raises:
            Unauthenticated: revoked or expired.
            Refused: the scope or the model is not among the key's.
        """
        if self.revoked_at is not None:
            raise Unauthenticated("this key was revoked", code="key.revoked")
        if not self.is_valid(at):
            raise Unauthenticated("this key has expired", code="key.expired")
        if scope not in self.scopes:
            raise Refused(f"this key may not be used for {scope.value}", code="key.scope")
        if model is not None and self.models and model not in self.models:
            raise Refused("this key may not use this model", code="key.model")

    def rotate(
        self, *, new_id: KeyId, digest: str, secret: ApiKeySecret, at: datetime, grace: timedelta
    ) -> tuple["ApiKey", "ApiKey"]:
        """Return (this key ending after `grace`, its successor with the same rights)."""
        if not self.is_valid(at):
            raise Refused("a key that no longer serves cannot be rotated", code="key.not_valid")
        if self.replaced_by is not None:
            raise Refused("this key was rotated already", code="key.rotated")
        if grace < timedelta(0):
            raise InvalidValue("a grace period is not negative", field="grace")
        end = at + grace
        if self.expires_at is not None:
            end = min(end, self.expires_at)
        successor = replace(
            self,
            id=new_id,
            digest=digest,
            display_prefix=secret.display_prefix,
            created_at=at,
            version=0,
        )
        return replace(self, expires_at=end, replaced_by=new_id), successor

    def revoke(self, *, at: datetime) -> "ApiKey":
        """Return the key revoked; a second revocation changes nothing."""
        return self if self.revoked_at is not None else replace(self, revoked_at=at)


def _check_rights(scopes: frozenset[Scope], expires_at: datetime | None, at: datetime) -> None:
    if not scopes:
        raise InvalidValue("a key needs at least one scope", field="scopes")
    if expires_at is not None and expires_at <= at:
        raise InvalidValue("a key expires in the future", field="expires_at")

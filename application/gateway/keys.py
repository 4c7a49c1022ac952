"""Issue, rotate and revoke gateway keys."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.ports.credentials import Digests
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions
from domain.api_key import SECRET_BYTES, ApiKey, ApiKeySecret, Environment, KeyLimits, Scope
from domain.events import KeyChanged, KeyIssued
from domain.identifiers import KeyId, TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKeyCommand:
    """A new key and what it may do."""

    tenant_id: TenantId
    name: str
    environment: Environment = Environment.LIVE
    scopes: frozenset[Scope] = field(default=frozenset(Scope))
    models: frozenset[str] = field(default=frozenset())
    limits: KeyLimits = field(default=KeyLimits())
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A key with its secret, which is shown this once."""

    key: ApiKey
    secret: ApiKeySecret


class IssueKey:
    """Make a key for a tenant."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        digests: Digests,
        clock: Clock,
        ids: IdFactory,
        randomness: Randomness,
    ) -> None:
        self._transactions = transactions
        self._digests = digests
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def __call__(self, command: IssueKeyCommand) -> IssuedKey:
        """Return the key and its secret.

        Raises:
            InvalidValue: the name, the scopes or the expiry.
            NotFound: no such tenant.
        """
        secret = ApiKeySecret.from_random(self._randomness.token(SECRET_BYTES), command.environment)
        key = ApiKey.issue(
            key_id=KeyId(self._ids.new("key")),
            tenant_id=command.tenant_id,
            name=command.name,
            digest=self._digests.api_key(secret),
            secret=secret,
            at=self._clock.now(),
            expires_at=command.expires_at,
            scopes=command.scopes,
            models=command.models,
            limits=command.limits,
        )
        async with self._transactions() as uow:
            await uow.tenants.get(command.tenant_id)
            await uow.api_keys.add(command.tenant_id, key)
            uow.record(KeyIssued(tenant_id=command.tenant_id, key_id=key.id))
            await uow.commit()
        return IssuedKey(key=key, secret=secret)


class RotateKey:
    """Replace a key's secret; the old one serves on for a grace period."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        digests: Digests,
        clock: Clock,
        ids: IdFactory,
        randomness: Randomness,
    ) -> None:
        self._transactions = transactions
        self._digests = digests
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def __call__(self, tenant_id: TenantId, key_id: KeyId, *, grace: timedelta) -> IssuedKey:
        """Return the successor and its secret.

        Raises:
            NotFound: no such key.
            Refused: it no longer serves, or was rotated already.
        """
        async with self._transactions() as uow:
            key = await uow.api_keys.get(tenant_id, key_id)
            environment = Environment(key.display_prefix.split("_")[1])
            secret = ApiKeySecret.from_random(self._randomness.token(SECRET_BYTES), environment)
            old, new = key.rotate(
                new_id=KeyId(self._ids.new("key")),
                digest=self._digests.api_key(secret),
                secret=secret,
                at=self._clock.now(),
                grace=grace,
            )
            await uow.api_keys.save(tenant_id, old)
            await uow.api_keys.add(tenant_id, new)
            uow.record(KeyChanged(tenant_id=tenant_id, key_id=key_id))
            await uow.commit()
        return IssuedKey(key=new, secret=secret)


class RevokeKey:
    """End a key at once."""

    def __init__(self, *, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self, tenant_id: TenantId, key_id: KeyId) -> ApiKey:
        """Return the revoked key; revoking it again changes nothing.

        Raises:
            NotFound: no such key.
        """
        async with self._transactions() as uow:
            key = await uow.api_keys.get(tenant_id, key_id)
            revoked = key.revoke(at=self._clock.now())
            if revoked is not key:
                await uow.api_keys.save(tenant_id, revoked)
                uow.record(KeyChanged(tenant_id=tenant_id, key_id=key_id))
                await uow.commit()
        return revoked

"""Issue, change, rotate and revoke gateway keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from application.deeds import Deeds, differences
from application.ports.credentials import Digests
from application.ports.system import IdFactory, Randomness
from domain.api_key import SECRET_BYTES, ApiKey, ApiKeySecret, Environment, KeyLimits, Scope
from domain.authorisation import Action, Caller
from domain.errors import ConcurrentUpdate, Refused
from domain.events import KeyChanged, KeyIssued
from domain.identifiers import KeyId
from domain.repeated_call import Once
from domain.tenant import Slug


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueKeyCommand:
    """A new key and what it may do."""

    slug: Slug
    name: str
    environment: Environment = Environment.LIVE
    scopes: frozenset[Scope] = field(default=frozenset(Scope))
    models: frozenset[str] = field(default=frozenset())
    limits: KeyLimits = field(default=KeyLimits())
    expires_at: datetime | None = None
    once: Once | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """A key with its secret, which is shown once; `shown` is None for a repeated call."""

    key: ApiKey
    shown: ApiKeySecret | None = None

    @property
    def secret(self) -> ApiKeySecret:
        """Return the secret.

        Raises:
            Refused: it was shown before, and is kept nowhere.
        """
        if self.shown is None:
            raise Refused("the secret of a key is shown once", code="key.secret_shown")
        return self.shown


class NewSecrets:
    """Make the secrets of keys, with the digests under which they are found."""

    def __init__(self, *, digests: Digests, randomness: Randomness) -> None:
        self._digests = digests
        self._randomness = randomness

    def make(self, environment: Environment) -> tuple[ApiKeySecret, str]:
        """Return a secret and its digest."""
        secret = ApiKeySecret.from_random(self._randomness.token(SECRET_BYTES), environment)
        return secret, self._digests.api_key(secret)


class IssueKey:
    """Make a key for a tenant."""

    def __init__(self, *, deeds: Deeds, secrets: NewSecrets, ids: IdFactory) -> None:
        self._deeds = deeds
        self._secrets = secrets
        self._ids = ids

    async def __call__(self, caller: Caller, command: IssueKeyCommand) -> IssuedKey:
        """Return the key and its secret; a repeated call has no secret.

        Raises:
            InvalidValue: the name, the scopes or the expiry.
            Unauthenticated, NotFound, Refused: the caller may not do this.
            NotInPlan: as many keys serve as the plan includes.
        """
        async with self._deeds.begin(caller, command.slug, Action.ISSUE_KEY) as deed:
            made = await deed.made_before(command.once)
            if made is not None:
                return IssuedKey(key=await deed.uow.api_keys.get(deed.tenant_id, KeyId(made)))
            keys = await deed.uow.api_keys.all(deed.tenant_id)
            deed.tenant.entitlements.require_key(sum(key.counts_at(deed.at) for key in keys))
            secret, digest = self._secrets.make(command.environment)
            key = ApiKey.issue(
                key_id=KeyId(self._ids.new("key")),
                tenant_id=deed.tenant_id,
                name=command.name,
                digest=digest,
                secret=secret,
                at=deed.at,
                expires_at=command.expires_at,
                scopes=command.scopes,
                models=command.models,
                limits=command.limits,
            )
            await deed.uow.api_keys.add(deed.tenant_id, key)
            deed.uow.record(KeyIssued(tenant_id=deed.tenant_id, key_id=key.id))
            await deed.commit(
                target=key.id, changes=differences({}, described(key)), once=command.once
            )
        return IssuedKey(key=key, shown=secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeKeyCommand:
    """What a key may do from now on; `version` is that of the key as the caller read it."""

    slug: Slug
    key_id: KeyId
    version: int
    name: str
    scopes: frozenset[Scope]
    models: frozenset[str]
    limits: KeyLimits
    expires_at: datetime | None


class ChangeKey:
    """Change what a key may do, without another secret."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, command: ChangeKeyCommand) -> ApiKey:
        """Return the key as it is now.

        Raises:
            InvalidValue: the name, the scopes or the expiry.
            ConcurrentUpdate: it was changed since the caller read it.
            Unauthenticated, NotFound, Refused: no such key, or the caller may not do this.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_KEY) as deed:
            key = await deed.uow.api_keys.get(deed.tenant_id, command.key_id)
            if key.version != command.version:
                raise ConcurrentUpdate("this key was changed meanwhile; read it again")
            changed = key.change(
                name=command.name,
                scopes=command.scopes,
                models=command.models,
                limits=command.limits,
                expires_at=command.expires_at,
                at=deed.at,
            )
            await deed.uow.api_keys.save(deed.tenant_id, changed)
            deed.uow.record(KeyChanged(tenant_id=deed.tenant_id, key_id=key.id))
            saved = await deed.uow.api_keys.get(deed.tenant_id, key.id)
            await deed.commit(target=key.id, changes=differences(described(key), described(saved)))
        return saved


class RotateKey:
    """Replace a key's secret; the old one serves on for a grace period."""

    def __init__(self, *, deeds: Deeds, secrets: NewSecrets, ids: IdFactory) -> None:
        self._deeds = deeds
        self._secrets = secrets
        self._ids = ids

    async def __call__(
        self,
        caller: Caller,
        slug: Slug,
        key_id: KeyId,
        *,
        grace: timedelta,
        once: Once | None = None,
    ) -> IssuedKey:
        """Return the successor and its secret; a repeated call has no secret.

        Raises:
            InvalidValue: the grace period.
            Unauthenticated, NotFound, Refused: no such key, one that no longer serves or was
                rotated already, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.ROTATE_KEY) as deed:
            made = await deed.made_before(once)
            if made is not None:
                return IssuedKey(key=await deed.uow.api_keys.get(deed.tenant_id, KeyId(made)))
            key = await deed.uow.api_keys.get(deed.tenant_id, key_id)
            secret, digest = self._secrets.make(key.environment)
            old, new = key.rotate(
                new_id=KeyId(self._ids.new("key")),
                digest=digest,
                secret=secret,
                at=deed.at,
                grace=grace,
            )
            await deed.uow.api_keys.save(deed.tenant_id, old)
            await deed.uow.api_keys.add(deed.tenant_id, new)
            deed.uow.record(KeyChanged(tenant_id=deed.tenant_id, key_id=key_id))
            await deed.commit(
                target=new.id,
                changes=differences(
                    {"replaces": None}, {"replaces": key_id, "former_ends_at": old.expires_at}
                ),
                once=once,
            )
        return IssuedKey(key=new, shown=secret)


class RevokeKey:
    """End a key at once."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, key_id: KeyId) -> ApiKey:
        """Return the revoked key; revoking it again changes nothing.

        Raises:
            Unauthenticated, NotFound, Refused: no such key, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.REVOKE_KEY) as deed:
            key = await deed.uow.api_keys.get(deed.tenant_id, key_id)
            revoked = key.revoke(at=deed.at)
            if revoked is not key:
                await deed.uow.api_keys.save(deed.tenant_id, revoked)
                deed.uow.record(KeyChanged(tenant_id=deed.tenant_id, key_id=key_id))
                await deed.commit(target=key_id)
        return revoked


class ListKeys:
    """Show a tenant's keys."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug) -> Sequence[ApiKey]:
        """Return every key, oldest first.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_KEYS) as deed:
            return await deed.uow.api_keys.all(deed.tenant_id)


class ReadKey:
    """Show one key."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, key_id: KeyId) -> ApiKey:
        """Return a key.

        Raises:
            Unauthenticated, NotFound, Refused: no such key, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_KEYS) as deed:
            return await deed.uow.api_keys.get(deed.tenant_id, key_id)


def described(key: ApiKey) -> Mapping[str, object]:
    """Return what the administration log says of a key."""
    limits = key.limits
    return {
        "name": key.name,
        "scopes": sorted(scope.value for scope in key.scopes),
        "models": sorted(key.models),
        "expires_at": key.expires_at,
        **{name: getattr(limits, name) for name in limits.__slots__},
    }

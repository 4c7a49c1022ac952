"""From an Authorization header to the principal it stands for."""

import logging

from application.ports.credentials import Digests
from application.ports.key_cache import KeyCache
from application.ports.readers import GatewayReader, Principal
from application.ports.system import Clock
from domain.api_key import ApiKeySecret, Scope
from domain.errors import Refused, Unauthenticated, Unavailable
from domain.events import KeyChanged, OutboxEntry, PolicyActivated, TenantChanged, UpstreamChanged

_log = logging.getLogger(__name__)


class Authenticate:
    """Find whose key this is, from memory where possible."""

    def __init__(
        self, *, digests: Digests, cache: KeyCache, reader: GatewayReader, clock: Clock
    ) -> None:
        self._digests = digests
        self._cache = cache
        self._reader = reader
        self._clock = clock

    async def __call__(
        self, authorization: str | None, *, scope: Scope, model: str | None = None
    ) -> Principal:
        """Return the principal, allowed to use this scope and model now.

        Raises:
            Unauthenticated: no key, a malformed, unknown, revoked or expired one.
            Refused: the key's scopes or models, or a tenant that is not served.
            Unavailable: the store is away and the key was never seen.
        """
        secret = _secret(authorization)
        digest = self._digests.api_key(secret)
        principal = await self._find(digest)
        if principal is None:
            raise Unauthenticated("nobody has this key", code="key.unknown")
        principal.key.authorise(at=self._clock.now(), scope=scope, model=model)
        if not principal.tenant.is_served:
            raise Refused("this tenant is not served at the moment", code="tenant.not_served")
        return principal

    async def _find(self, digest: str) -> Principal | None:
        cached = await self._cache.get(digest)
        if cached is not None and cached.is_fresh:
            return cached.principal
        try:
            principal = await self._reader.principal(digest, at=self._clock.now())
        except Unavailable:
            if cached is None:
                raise
            _log.warning("store is away, a key is served from memory")
            return cached.principal
        await self._cache.put(digest, principal)
        return principal


class ForgetPrincipals:
    """Handle changes of a tenant, its keys and policies: the next request reads the store again.

    Other processes notice when their memory is no longer fresh.
    """

    def __init__(self, *, cache: KeyCache) -> None:
        self._cache = cache

    async def __call__(self, entry: OutboxEntry) -> None:
        """Forget the tenant that the event is about."""
        event = entry.event
        if isinstance(event, KeyChanged | PolicyActivated | TenantChanged | UpstreamChanged):
            await self._cache.forget(event.tenant_id)


def _secret(authorization: str | None) -> ApiKeySecret:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not value.strip():
        raise Unauthenticated(
            "send your key in the header 'Authorization: Bearer tp_live_…'", code="key.missing"
        )
    return ApiKeySecret(value.strip())

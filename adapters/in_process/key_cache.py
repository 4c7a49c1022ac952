"""Principals by the digest of their key, as one process remembers them."""

from collections import OrderedDict
from dataclasses import dataclass

from application.ports.key_cache import CachedPrincipal, KeyCache
from application.ports.readers import Principal
from application.ports.system import Clock
from domain.identifiers import TenantId

FRESH_SECONDS = 5.0
KEPT_SECONDS = 600.0
"""How long a principal may serve while the store is away."""

MAX_PRINCIPALS = 10_000
MAX_UNKNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Entry:
    principal: Principal
    since: float


class InProcessKeyCache(KeyCache):
    """Remember what was used last, in bounded memory.

    Unknown digests live in a space of their own, so that a flood of made-up keys drives out no
    principal, and only as long as they are fresh: a key issued later must not stay unknown.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        fresh_seconds: float = FRESH_SECONDS,
        kept_seconds: float = KEPT_SECONDS,
        max_principals: int = MAX_PRINCIPALS,
        max_unknown: int = MAX_UNKNOWN,
    ) -> None:
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._kept_seconds = kept_seconds
        self._max_principals = max_principals
        self._max_unknown = max_unknown
        self._principals: OrderedDict[str, _Entry] = OrderedDict()
        self._of_tenant: dict[TenantId, set[str]] = {}
        self._unknown: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._principals) + len(self._unknown)

    async def get(self, digest: str) -> CachedPrincipal | None:
        """Return what is known of a digest, None when nothing is."""
        now = self._clock.monotonic()
        entry = self._principals.get(digest)
        if entry is not None:
            age = now - entry.since
            if age >= self._kept_seconds:
                self._drop(digest)
                return None
            self._principals.move_to_end(digest)
            return CachedPrincipal(principal=entry.principal, is_fresh=age < self._fresh_seconds)
        since = self._unknown.get(digest)
        if since is None:
            return None
        if now - since >= self._fresh_seconds:
            del self._unknown[digest]
            return None
        return CachedPrincipal(principal=None, is_fresh=True)

    async def put(self, digest: str, principal: Principal | None) -> None:
        """Remember a principal, or that nobody has this digest."""
        self._drop(digest)
        self._unknown.pop(digest, None)
        now = self._clock.monotonic()
        if principal is None:
            self._unknown[digest] = now
            while len(self._unknown) > self._max_unknown:
                self._unknown.popitem(last=False)
            return
        self._principals[digest] = _Entry(principal, now)
        self._of_tenant.setdefault(principal.tenant.id, set()).add(digest)
        while len(self._principals) > self._max_principals:
            self._drop(next(iter(self._principals)))

    async def forget(self, tenant_id: TenantId) -> None:
        """Forget every principal of a tenant: a key, its policy or its upstreams changed.

        Unknown digests go as well: one of them may be the tenant's new key.
        """
        for digest in tuple(self._of_tenant.get(tenant_id, ())):
            self._drop(digest)
        self._unknown.clear()

    def _drop(self, digest: str) -> None:
        entry = self._principals.pop(digest, None)
        if entry is None:
            return
        tenant_id = entry.principal.tenant.id
        digests = self._of_tenant[tenant_id]
        digests.discard(digest)
        if not digests:
            del self._of_tenant[tenant_id]

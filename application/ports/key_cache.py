"""The conversation with the cache of principals."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Protocol

from application.ports.readers import Principal
from domain.identifiers import TenantId


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPrincipal:
    """What is known of a digest: None means that nobody has it. Stale entries need a new look."""

    principal: Principal | None
    is_fresh: bool


class KeyCache(Protocol):
    """Remember principals by the digest of their key, for a short time, in bounded memory.

    Entries outlive their freshness, so that keys keep working while the store is away.
    """

    @abstractmethod
    async def get(self, digest: str) -> CachedPrincipal | None:  # tenant-free: before the tenant
        """Return what is known of a digest, None when nothing is."""

    @abstractmethod
    async def put(
        self, digest: str, principal: Principal | None
    ) -> None:  # tenant-free: before the tenant
        """Remember a principal, or that nobody has this digest."""

    @abstractmethod
    async def forget(self, tenant_id: TenantId) -> None:
        """Forget every principal of a tenant: a key, its policy or its upstreams changed."""

"""The conversation about everything that is stored under a tenant's name."""

from abc import abstractmethod
from typing import Protocol

from domain.identifiers import TenantId


class TenantData(Protocol):
    """What a tenant left in the store, as far as this process may write it."""

    @abstractmethod
    async def purge(self, tenant_id: TenantId, *, limit: int) -> int:
        """Delete up to `limit` rows of a tenant for good, of whatever kind; returns how many.

        0 says that none is left. The tenant itself, its users, and the objects in its storage
        stay. Safe to repeat, beside others that do the same.
        """

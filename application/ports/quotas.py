"""The conversation about what a plan includes for a month."""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.identifiers import TenantId


class RequestQuota(Protocol):
    """Count a tenant's requests by UTC calendar month."""

    @abstractmethod
    async def take(self, tenant_id: TenantId, *, limit: int, at: datetime) -> bool:
        """Count one more request of the month that holds `at`; False, and uncounted, at the limit.

        What earlier processes served counts as well. Raises `Unavailable` where nothing can be
        counted.
        """

    @abstractmethod
    async def give_back(self, tenant_id: TenantId, *, at: datetime) -> None:
        """Take one request of that month back: it was not served."""

    @abstractmethod
    async def used(self, tenant_id: TenantId, *, at: datetime) -> int:
        """Return how many requests of that month are counted."""

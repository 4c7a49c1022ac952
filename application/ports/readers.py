"""Reads that need no aggregate: views for the hot path and for screens."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.api_key import ApiKey
from domain.detection.taxonomy import Category, Severity
from domain.identifiers import KeyId, TenantId
from domain.policy.rule import PolicyRevision
from domain.routing import Upstream
from domain.tenant import Tenant
from domain.usage_report import UsageGroup, UsageQuery
from domain.violation import TriageState, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Everything the gateway needs to serve a key: read once, cached by the key's digest."""

    tenant: Tenant
    key: ApiKey
    policy: PolicyRevision
    upstreams: tuple[Upstream, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Where a list goes on: at most `limit` items after `cursor`, which a former page gave."""

    limit: int = 50
    cursor: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationFilter:
    """Which violations to list; an empty part admits all; times bound `detected_at`."""

    categories: frozenset[Category] = field(default=frozenset())
    types: frozenset[str] = field(default=frozenset())
    severities: frozenset[Severity] = field(default=frozenset())
    states: frozenset[TriageState] = field(default=frozenset())
    key_id: KeyId | None = None
    model: str | None = None
    detected_from: datetime | None = None
    detected_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ViolationPage:
    """One page of violations, newest first, and the cursor of the next (None at the end)."""

    items: Sequence[Violation]
    next_cursor: str | None


class GatewayReader(Protocol):
    """Read what serves a request."""

    @abstractmethod
    async def principal(
        self, digest: str, *, at: datetime
    ) -> Principal | None:  # tenant-free: the key's digest leads to the tenant
        """Return the principal of a key's digest, None for a digest that nobody has.

        Revoked keys and suspended tenants are returned as they are: the caller says what is wrong.
        A tenant without an active policy version has the starter policy as `pol_starter@0`.
        """

    @abstractmethod
    async def spent(self, tenant_id: TenantId, key_id: KeyId, *, since: datetime) -> int:
        """Return what a key has spent since this time, in nano-units of the tenant's currency."""


class ViolationReader(Protocol):
    """Read violations for screens and reports."""

    @abstractmethod
    async def violations(
        self, tenant_id: TenantId, where: ViolationFilter, page: Page
    ) -> ViolationPage:
        """Return violations by `detected_at` and id, newest first.

        Raises:
            InvalidValue: the cursor is not one that this reader gave.
        """


class UsageReader(Protocol):
    """Read what a tenant's exchanges used, for screens and reports."""

    @abstractmethod
    async def usage(self, tenant_id: TenantId, query: UsageQuery) -> Sequence[UsageGroup]:
        """Return the sums by group, in order of time, model, key and upstream.

        An exchange belongs to the time at which it began. Groups without an exchange are left out.

        Raises:
            InvalidValue: there are more than `MAX_GROUPS`.
        """

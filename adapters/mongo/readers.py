"""Reads beside the units of work: principals, spending, and pages of violations."""

import asyncio
from datetime import datetime

from adapters.documents.cursors import place_cursor, read_place
from adapters.documents.fields import column_text, time_text
from adapters.documents.gateway import api_key_from_document, upstream_from_document
from adapters.documents.platform import tenant_from_document
from adapters.documents.violations import violation_from_document
from adapters.mongo.collection import NEWEST, OLDEST, Collection, Document
from adapters.mongo.database import HOT_TIMEOUT, Database
from adapters.mongo.errors import RETRY_AFTER, Away
from adapters.mongo.policies import active_policy
from adapters.mongo.values import load, of_tenant
from application.ports.readers import (
    GatewayReader,
    Page,
    Principal,
    ViolationFilter,
    ViolationPage,
    ViolationReader,
)
from domain.errors import InvalidValue
from domain.identifiers import KeyId, TenantId
from domain.policy.presets import starter_revision

LARGEST_PAGE = 500


class MongoGatewayReader(GatewayReader):
    """Read what serves a request, from what a majority of the servers holds."""

    def __init__(self, database: Database) -> None:
        def hot(name: str) -> Collection:
            return database.collection(name, patience=HOT_TIMEOUT)

        self._keys = hot("api_keys")
        self._tenants = hot("tenants")
        self._activations = hot("policy_activations")
        self._revisions = hot("policy_revisions")
        self._upstreams = hot("upstreams")
        self._usage = hot("usage_logs")
        self._is_away = False
        self._is_asking = False
        self._ask_again_at = 0.0

    async def principal(self, digest: str, *, at: datetime) -> Principal | None:
        """Return the principal of a key's digest."""
        if self._is_away:
            # Requests are served from memory; one at a time finds out whether it is back.
            if self._is_asking or asyncio.get_running_loop().time() < self._ask_again_at:
                raise Away
            self._is_asking = True
        try:
            principal = await self._principal(digest, at)
        except Away:
            self._is_away = True
            self._ask_again_at = asyncio.get_running_loop().time() + RETRY_AFTER
            raise
        finally:
            self._is_asking = False
        self._is_away = False
        return principal

    async def _principal(self, digest: str, at: datetime) -> Principal | None:
        row = await self._keys.find_one({"key": column_text(digest)})
        if row is None:
            return None
        tenant_id = TenantId(row["tenant_id"])
        owner, policy, upstreams = await asyncio.gather(
            self._tenants.find_one({"_id": tenant_id}),
            active_policy(self._activations, self._revisions, tenant_id, at),
            self._upstreams.find({"tenant_id": tenant_id}, sort=[("name", OLDEST)]),
        )
        if owner is None:
            return None
        tenant = load(owner["document"], tenant_from_document)
        starter = starter_revision(tenant.id, at=tenant.created_at)
        return Principal(
            tenant=tenant,
            key=load(row["document"], api_key_from_document),
            policy=policy or starter,
            upstreams=tuple(load(one["document"], upstream_from_document) for one in upstreams),
        )

    async def spent(self, tenant_id: TenantId, key_id: KeyId, *, since: datetime) -> int:
        """Return what a key has spent since this time."""
        where = {
            "tenant_id": tenant_id,
            "api_key": key_id,
            "timestamp": {"$gte": time_text(since)},
        }
        total = {"_id": None, "nano": {"$sum": "$cost_nano"}}
        sums = await self._usage.aggregate([{"$match": where}, {"$group": total}])
        return int(sums[0]["nano"]) if sums else 0


class MongoViolationReader(ViolationReader):
    """Page through violations; a page holds `LARGEST_PAGE` of them at most."""

    def __init__(self, database: Database) -> None:
        self._violations = database.collection("violations")

    async def violations(
        self, tenant_id: TenantId, where: ViolationFilter, page: Page
    ) -> ViolationPage:
        """Return violations, newest first.

        Raises:
            InvalidValue: the cursor is not one that this reader gave, or the limit below 1.
        """
        if page.limit < 1:
            raise InvalidValue("a page holds at least one item", field="limit")
        limit = min(page.limit, LARGEST_PAGE)
        asked: list[Document] = [{"tenant_id": tenant_id}, *_conditions(where)]
        if page.cursor is not None:
            time, last = read_place(page.cursor)
            last_id = of_tenant(tenant_id, last)
            at_once = {"detected_at": time, "_id": {"$lt": last_id}}
            asked.append({"$or": [{"detected_at": {"$lt": time}}, at_once]})
        rows = await self._violations.find(
            {"$and": asked}, sort=[("detected_at", NEWEST), ("_id", NEWEST)], limit=limit + 1
        )
        found = [load(row["document"], violation_from_document) for row in rows]
        items = found[:limit]
        return ViolationPage(
            items=items,
            next_cursor=place_cursor(items[-1].detected_at, items[-1].id)
            if len(found) > limit
            else None,
        )


def _conditions(where: ViolationFilter) -> list[Document]:
    asked: Document = {
        "category": where.categories,
        "type": where.types,
        "severity": where.severities,
        "state": where.states,
    }
    found: list[Document] = [
        {name: {"$in": [str(value) for value in values]}}
        for name, values in asked.items()
        if values
    ]
    if where.key_id is not None:
        found.append({"key_id": column_text(where.key_id)})
    if where.model is not None:
        found.append({"model": column_text(where.model)})
    if where.detected_from is not None:
        found.append({"detected_at": {"$gte": time_text(where.detected_from)}})
    if where.detected_to is not None:
        found.append({"detected_at": {"$lt": time_text(where.detected_to)}})
    return found

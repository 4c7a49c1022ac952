"""Reads beside the units of work: principals, spending, and pages of violations."""

import json
import sqlite3
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from adapters.documents.cursors import place_cursor, read_place
from adapters.documents.fields import column_text, load, time_text
from adapters.documents.gateway import api_key_from_document
from adapters.documents.platform import tenant_from_document
from adapters.documents.violations import violation_from_document
from adapters.sqlite.database import Database
from adapters.sqlite.gateway import upstreams_of
from adapters.sqlite.policies import active_policy
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

_PRINCIPAL = """
SELECT tenants.document, api_keys.document FROM api_keys
JOIN tenants ON tenants.id = api_keys.tenant_id
WHERE api_keys.digest = ?
"""
_SPENT = """
SELECT coalesce(sum(cost_nano), 0) FROM usage_entries
WHERE tenant_id = ? AND key_id = ? AND at >= ?
"""
# Text behind every time; a page without a cursor, or a filter without an end, begins there.
_END_OF_TIME = "~"
_VIOLATIONS = """
SELECT document FROM violations
WHERE tenant_id = :tenant_id
AND (detected_at, id) < (:cursor_time, :cursor_id)
AND detected_at >= :detected_from AND detected_at < :detected_to
AND (:categories IS NULL OR category IN (SELECT value FROM json_each(:categories)))
AND (:types IS NULL OR type IN (SELECT value FROM json_each(:types)))
AND (:severities IS NULL OR severity IN (SELECT value FROM json_each(:severities)))
AND (:states IS NULL OR state IN (SELECT value FROM json_each(:states)))
AND (:key_id IS NULL OR key_id = :key_id)
AND (:model IS NULL OR model = :model)
ORDER BY detected_at DESC, id DESC LIMIT :limit
"""


class SqliteGatewayReader(GatewayReader):
    """Read what serves a request, each time from the last commit."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def principal(self, digest: str, *, at: datetime) -> Principal | None:
        """Return the principal of a key's digest."""
        return await self._database.read(lambda raw: _principal(raw, digest, at))

    async def spent(self, tenant_id: TenantId, key_id: KeyId, *, since: datetime) -> int:
        """Return what a key has spent since this time."""
        row = (tenant_id, key_id, time_text(since))
        spent: int = await self._database.read(lambda raw: raw.execute(_SPENT, row).fetchone()[0])
        return spent


def _principal(raw: sqlite3.Connection, digest: str, at: datetime) -> Principal | None:
    row = raw.execute(_PRINCIPAL, (column_text(digest),)).fetchone()
    if row is None:
        return None
    tenant = load(row[0], tenant_from_document)
    starter = starter_revision(tenant.id, at=tenant.created_at)
    return Principal(
        tenant=tenant,
        key=load(row[1], api_key_from_document),
        policy=active_policy(raw, tenant.id, at) or starter,
        upstreams=tuple(upstreams_of(raw, tenant.id)),
    )


class SqliteViolationReader(ViolationReader):
    """Page through violations; a page holds `LARGEST_PAGE` of them at most."""

    def __init__(self, database: Database) -> None:
        self._database = database

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
        cursor = (_END_OF_TIME, "") if page.cursor is None else read_place(page.cursor)
        start, end = where.detected_from, where.detected_to
        values = {
            "tenant_id": tenant_id,
            "cursor_time": cursor[0],
            "cursor_id": cursor[1],
            "detected_from": "" if start is None else time_text(start),
            "detected_to": _END_OF_TIME if end is None else time_text(end),
            "categories": _asked(where.categories),
            "types": _asked(where.types),
            "severities": _asked(where.severities),
            "states": _asked(where.states),
            "key_id": None if where.key_id is None else column_text(where.key_id),
            "model": None if where.model is None else column_text(where.model),
            "limit": limit + 1,
        }
        rows = await self._database.read(lambda raw: raw.execute(_VIOLATIONS, values).fetchall())
        found = [load(text, violation_from_document) for (text,) in rows]
        items = found[:limit]
        return ViolationPage(
            items=items,
            next_cursor=place_cursor(items[-1].detected_at, items[-1].id)
            if len(found) > limit
            else None,
        )


def _asked(values: Collection[StrEnum] | Collection[str]) -> str | None:
    return json.dumps([str(value) for value in values]) if values else None

"""Policy versions and their activations in MongoDB."""

from collections.abc import Sequence
from datetime import datetime

from adapters.documents.fields import time_text
from adapters.documents.gateway import (
    policy_revision_from_document,
    policy_revision_to_document,
)
from adapters.mongo.collection import NEWEST, OLDEST, Collection
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session
from adapters.mongo.values import load, of_tenant, stored
from adapters.mongo.writes import changed_meanwhile, require_owner
from application.ports.repositories import Policies
from domain.errors import Conflict, NotFound
from domain.identifiers import PolicyId, TenantId
from domain.policy.rule import PolicyRevision


class MongoPolicies(Policies):
    """Keep policy versions; activations are a history, of which the latest counts."""

    def __init__(self, session: Session) -> None:
        self._revisions = session.collection("policy_revisions")
        self._activations = session.collection("policy_activations")

    async def add(self, tenant_id: TenantId, revision: PolicyRevision) -> None:
        """Store a new version."""
        require_owner(tenant_id, revision.tenant_id)
        row_id = _row_id(tenant_id, revision.policy_id, revision.number)
        if await self._revisions.count({"_id": row_id}, limit=1):
            raise _exists()
        row = {
            "_id": row_id,
            "tenant_id": tenant_id,
            "policy_id": revision.policy_id,
            "number": revision.number,
            "document": stored(policy_revision_to_document(revision)),
        }
        try:
            await self._revisions.insert(row)
        except Taken:
            raise _exists() from None

    async def get(self, tenant_id: TenantId, policy_id: PolicyId, number: int) -> PolicyRevision:
        """Return one version."""
        row = await self._revisions.find_one({"_id": _row_id(tenant_id, policy_id, number)})
        if row is None:
            raise _not_found()
        return load(row["document"], policy_revision_from_document)

    async def activate(
        self, tenant_id: TenantId, policy_id: PolicyId, number: int, *, at: datetime
    ) -> None:
        """Make a version the active one from `at` on."""
        revision = _row_id(tenant_id, policy_id, number)
        if not await self._revisions.count({"_id": revision}, limit=1):
            raise _not_found()
        last = await self._activations.find_one({"tenant_id": tenant_id}, sort=[("seq", NEWEST)])
        seq = 1 if last is None else last["seq"] + 1
        try:
            await self._activations.insert(
                {
                    "_id": of_tenant(tenant_id, str(seq)),
                    "tenant_id": tenant_id,
                    "seq": seq,
                    "activated_at": time_text(at),
                    "revision": revision,
                }
            )
        except Taken:
            raise changed_meanwhile() from None

    async def active(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active at this time."""
        return await active_policy(self._activations, self._revisions, tenant_id, at)

    async def former(self, tenant_id: TenantId, *, at: datetime) -> PolicyRevision | None:
        """Return the version that was active before the one of this time."""
        known = {"tenant_id": tenant_id, "activated_at": {"$lte": time_text(at)}}
        newest_first = [("activated_at", NEWEST), ("seq", NEWEST)]
        current = await self._activations.find_one(known, sort=newest_first)
        if current is None:
            return None
        former = await self._activations.find_one(
            {**known, "revision": {"$ne": current["revision"]}}, sort=newest_first
        )
        return None if former is None else await _revision(self._revisions, former["revision"])

    async def all(self, tenant_id: TenantId) -> Sequence[PolicyRevision]:
        """Return every version, by policy and number."""
        rows = await self._revisions.find(
            {"tenant_id": tenant_id}, sort=[("policy_id", OLDEST), ("number", OLDEST)]
        )
        return [load(row["document"], policy_revision_from_document) for row in rows]


async def active_policy(
    activations: Collection, revisions: Collection, tenant_id: TenantId, at: datetime
) -> PolicyRevision | None:
    """Return the version that was active at this time, None before the first."""
    activation = await activations.find_one(
        {"tenant_id": tenant_id, "activated_at": {"$lte": time_text(at)}},
        sort=[("activated_at", NEWEST), ("seq", NEWEST)],
    )
    return None if activation is None else await _revision(revisions, activation["revision"])


async def _revision(revisions: Collection, row_id: str) -> PolicyRevision | None:
    row = await revisions.find_one({"_id": row_id})
    return None if row is None else load(row["document"], policy_revision_from_document)


def _row_id(tenant_id: TenantId, policy_id: PolicyId, number: int) -> str:
    return of_tenant(tenant_id, f"{policy_id}@{number}")


def _exists() -> Conflict:
    return Conflict("this version of the policy exists", code="policy.exists")


def _not_found() -> NotFound:
    return NotFound("there is no such version of a policy", code="policy.not_found")

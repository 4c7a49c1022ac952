"""The routes of a tenant's policies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from application.gateway.policies import (
    ActivatePolicy,
    AddPolicy,
    AddPolicyCommand,
    ListPolicies,
    RollBackPolicy,
)
from application.paging import slice_of
from domain.authorisation import Principal
from domain.identifiers import PolicyId
from domain.policy.presets import starter_policy
from domain.policy.rule import PolicyRevision
from domain.repeated_call import Once
from domain.tenant import Slug
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.path_ids import PolicyIdPath
from entrypoints.http.gateway.policy_schemas import (
    ActivePolicyBody,
    NewPolicyBody,
    RevisionBody,
    RevisionPage,
    WholeRevisionBody,
    policy_of,
)
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.paging import PageQuery
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 2 * 1024 * 1024

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="Which version.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyUseCases:
    """What the routes do."""

    add: Callable[[], AddPolicy]
    activate: Callable[[], ActivatePolicy]
    roll_back: Callable[[], RollBackPolicy]
    list: Callable[[], ListPolicies]


def policy_router(use: PolicyUseCases, *, signed_in: SignedIn) -> APIRouter:
    """Return the routes of policies."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/policies",
        tags=["policies"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )

    @router.get("", summary="List policies")
    async def list_policies(
        slug: TenantSlug, page: PageQuery, principal: Annotated[Principal, Depends(signed_in)]
    ) -> RevisionPage:
        """Return every version of every policy, without the documents."""
        stored = await use.list()(principal, slug)
        found = slice_of(stored.revisions, page, key=_order)
        return RevisionPage(
            items=[RevisionBody.of(one, is_active=stored.is_active(one)) for one in found.items],
            next_cursor=found.next_cursor,
        )

    @router.post(
        "", summary="Write a policy", status_code=201, responses={201: {"headers": REPLAYED}}
    )
    async def add_policy(
        slug: TenantSlug,
        body: NewPolicyBody,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> WholeRevisionBody:
        """Store a new policy as its version 1; it judges nothing before it is activated."""
        made = await use.add()(principal, _command(slug, body, once))
        mark_replay(response, is_replay=made.is_replay)
        stored = await use.list()(principal, slug)
        return WholeRevisionBody.of(made.item, is_active=stored.is_active(made.item))

    @router.get("/active", summary="Read the policy that judges")
    async def active_policy(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> ActivePolicyBody:
        """Return the active version; before the first one the starter policy judges."""
        return ActivePolicyBody.of(await use.list()(principal, slug), starter_policy())

    @router.post("/rollback", summary="Go back to the version of before")
    async def roll_back_policy(
        slug: TenantSlug, principal: Annotated[Principal, Depends(signed_in)]
    ) -> RevisionBody:
        """Activate the version that was active before this one; doing it again comes back."""
        return RevisionBody.of(await use.roll_back()(principal, slug), is_active=True)

    @router.get("/{policy_id}", summary="List the versions of a policy")
    async def list_versions(
        slug: TenantSlug,
        policy_id: PolicyIdPath,
        page: PageQuery,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> RevisionPage:
        """Return the versions of one policy, the oldest first."""
        stored = await use.list()(principal, slug)
        found = slice_of(stored.of(policy_id), page, key=_order)
        return RevisionPage(
            items=[RevisionBody.of(one, is_active=stored.is_active(one)) for one in found.items],
            next_cursor=found.next_cursor,
        )

    @router.post(
        "/{policy_id}/versions",
        summary="Write the next version of a policy",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def add_version(
        *,
        slug: TenantSlug,
        policy_id: PolicyIdPath,
        body: NewPolicyBody,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> WholeRevisionBody:
        """Store the next version; versions never change, and the active one stays active."""
        made = await use.add()(principal, _command(slug, body, once, policy_id))
        mark_replay(response, is_replay=made.is_replay)
        stored = await use.list()(principal, slug)
        return WholeRevisionBody.of(made.item, is_active=stored.is_active(made.item))

    @router.get("/{policy_id}/versions/{number}", summary="Read a version of a policy")
    async def read_version(
        slug: TenantSlug,
        policy_id: PolicyIdPath,
        number: Number,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> WholeRevisionBody:
        """Return one version with its document."""
        stored = await use.list()(principal, slug)
        revision = stored.one(policy_id, number)
        return WholeRevisionBody.of(revision, is_active=stored.is_active(revision))

    @router.post("/{policy_id}/versions/{number}/activate", summary="Activate a version")
    async def activate_version(
        slug: TenantSlug,
        policy_id: PolicyIdPath,
        number: Number,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> RevisionBody:
        """Let a version judge from now on; servers follow within moments."""
        revision = await use.activate()(principal, slug, policy_id, number)
        return RevisionBody.of(revision, is_active=True)

    return router


def _command(
    slug: Slug, body: NewPolicyBody, once: Once | None, policy_id: PolicyId | None = None
) -> AddPolicyCommand:
    return AddPolicyCommand(
        slug=slug,
        policy=policy_of(body.policy),
        policy_id=policy_id,
        note=body.note,
        once=once,
    )


def _order(revision: PolicyRevision) -> str:
    """Return the key by which versions are listed: numbers in order, not as text."""
    return f"{revision.policy_id}@{revision.number:010d}"

"""The routes of the model providers that a tenant connected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from application.gateway.try_upstream import TryUpstream
from application.gateway.upstreams import (
    ChangeUpstream,
    ChangeUpstreamCommand,
    ConnectUpstream,
    ConnectUpstreamCommand,
    ListUpstreams,
    ReadUpstream,
    RemoveUpstream,
)
from application.paging import slice_of
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.path_ids import UpstreamIdPath
from entrypoints.http.gateway.upstream_schemas import (
    NewUpstreamBody,
    TrialBody,
    TrialResultBody,
    UpstreamBody,
    UpstreamChangeBody,
    UpstreamPage,
    models_of,
)
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.paging import PageQuery
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamUseCases:
    """What the routes do."""

    connect: Callable[[], ConnectUpstream]
    change: Callable[[], ChangeUpstream]
    remove: Callable[[], RemoveUpstream]
    list: Callable[[], ListUpstreams]
    read: Callable[[], ReadUpstream]
    try_it: Callable[[], TryUpstream]


def upstream_router(use: UpstreamUseCases, *, signed_in: SignedIn) -> APIRouter:
    """Return the routes of upstreams."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/upstreams",
        tags=["upstreams"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )

    @router.get("", summary="List upstreams")
    async def list_upstreams(
        slug: TenantSlug, page: PageQuery, principal: Annotated[Principal, Depends(signed_in)]
    ) -> UpstreamPage:
        """Return the tenant's upstreams without their credentials."""
        found = slice_of(await use.list()(principal, slug), page, key=lambda one: one.id)
        return UpstreamPage(
            items=[UpstreamBody.of(one) for one in found.items], next_cursor=found.next_cursor
        )

    @router.post(
        "",
        summary="Connect an upstream",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def connect_upstream(
        slug: TenantSlug,
        body: NewUpstreamBody,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> UpstreamBody:
        """Connect a provider; its credential is encrypted and never shown again."""
        made = await use.connect()(
            principal,
            ConnectUpstreamCommand(
                slug=slug,
                name=body.name,
                kind=body.kind,
                base_url=body.base_url,
                credential=None if body.credential is None else body.credential.get_secret_value(),
                models=models_of(body.models),
                weight=body.weight,
                tier=body.tier,
                timeouts=body.timeouts.to_domain(),
                once=once,
            ),
        )
        mark_replay(response, is_replay=made.is_replay)
        return UpstreamBody.of(made.item)

    @router.get("/{upstream_id}", summary="Read an upstream")
    async def read_upstream(
        slug: TenantSlug,
        upstream_id: UpstreamIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> UpstreamBody:
        """Return one upstream without its credential."""
        return UpstreamBody.of(await use.read()(principal, slug, upstream_id))

    @router.patch("/{upstream_id}", summary="Change an upstream")
    async def change_upstream(
        slug: TenantSlug,
        upstream_id: UpstreamIdPath,
        body: UpstreamChangeBody,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> UpstreamBody:
        """Change what is given; a credential stays with the server that it was given for."""
        known = await use.read()(principal, slug, upstream_id)
        changed = await use.change()(
            principal,
            ChangeUpstreamCommand(
                slug=slug,
                upstream_id=upstream_id,
                version=body.version,
                name=known.name if body.name is None else body.name,
                kind=body.kind or known.kind,
                base_url=known.base_url if body.base_url is None else body.base_url,
                models=known.models if body.models is None else models_of(body.models),
                weight=body.weight or known.weight,
                tier=known.tier if body.tier is None else body.tier,
                timeouts=known.timeouts if body.timeouts is None else body.timeouts.to_domain(),
                enabled=known.enabled if body.enabled is None else body.enabled,
                keeps_credential="credential" not in body.model_fields_set,
                credential=None if body.credential is None else body.credential.get_secret_value(),
            ),
        )
        return UpstreamBody.of(changed)

    @router.delete("/{upstream_id}", summary="Remove an upstream", status_code=204)
    async def remove_upstream(
        slug: TenantSlug,
        upstream_id: UpstreamIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> None:
        """Remove an upstream with its credential; what it was used for stays in the usage."""
        await use.remove()(principal, slug, upstream_id)

    @router.post("/{upstream_id}/test", summary="Try whether an upstream answers")
    async def test_upstream(
        slug: TenantSlug,
        upstream_id: UpstreamIdPath,
        principal: Annotated[Principal, Depends(signed_in)],
        body: TrialBody | None = None,
    ) -> TrialResultBody:
        """Ask one model one short question; that is a real call, which the provider may bill."""
        trial = await use.try_it()(
            principal, slug, upstream_id, model=None if body is None else body.model
        )
        return TrialResultBody.of(trial)

    return router

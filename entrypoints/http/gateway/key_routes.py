"""The routes of a tenant's gateway keys."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response

from application.gateway.keys import (
    ChangeKey,
    ChangeKeyCommand,
    IssueKey,
    IssueKeyCommand,
    ListKeys,
    ReadKey,
    RevokeKey,
    RotateKey,
)
from application.paging import slice_of
from application.ports.system import Clock
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.gateway.key_schemas import (
    IssuedKeyBody,
    KeyBody,
    KeyChangeBody,
    KeyPage,
    NewKeyBody,
    RotationBody,
)
from entrypoints.http.gateway.path_ids import KeyIdPath
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.paging import PageQuery
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyUseCases:
    """What the routes do."""

    issue: Callable[[], IssueKey]
    change: Callable[[], ChangeKey]
    rotate: Callable[[], RotateKey]
    revoke: Callable[[], RevokeKey]
    list: Callable[[], ListKeys]
    read: Callable[[], ReadKey]


def key_router(use: KeyUseCases, *, signed_in: SignedIn, clock: Callable[[], Clock]) -> APIRouter:
    """Return the routes of keys."""
    router = APIRouter(
        prefix="/api/tenants/{slug}/keys",
        tags=["keys"],
        route_class=bounded_route(_MAX_BODY, may_be_empty=True),
    )

    @router.get("", summary="List keys")
    async def list_keys(
        slug: TenantSlug, page: PageQuery, principal: Annotated[Principal, Depends(signed_in)]
    ) -> KeyPage:
        """Return the tenant's keys, the oldest first; secrets are not kept."""
        found = slice_of(await use.list()(principal, slug), page, key=lambda key: key.id)
        at = clock().now()
        return KeyPage(
            items=[KeyBody.of(key, at) for key in found.items], next_cursor=found.next_cursor
        )

    @router.post(
        "",
        summary="Issue a key",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def issue_key(
        slug: TenantSlug,
        body: NewKeyBody,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> IssuedKeyBody:
        """Make a key; its secret is in this answer, once, and nowhere else."""
        made = await use.issue()(
            principal,
            IssueKeyCommand(
                slug=slug,
                name=body.name,
                environment=body.environment,
                scopes=frozenset(body.scopes),
                models=frozenset(body.models),
                limits=body.limits.to_domain(),
                expires_at=body.expires_at,
                once=once,
            ),
        )
        mark_replay(response, is_replay=made.shown is None)
        return IssuedKeyBody.issued(made, clock().now())

    @router.get("/{key_id}", summary="Read a key")
    async def read_key(
        slug: TenantSlug, key_id: KeyIdPath, principal: Annotated[Principal, Depends(signed_in)]
    ) -> KeyBody:
        """Return one key."""
        return KeyBody.of(await use.read()(principal, slug, key_id), clock().now())

    @router.patch("/{key_id}", summary="Change what a key may do")
    async def change_key(
        slug: TenantSlug,
        key_id: KeyIdPath,
        body: KeyChangeBody,
        principal: Annotated[Principal, Depends(signed_in)],
    ) -> KeyBody:
        """Change name, scopes, models, limits or expiry; the secret stays."""
        key = await use.read()(principal, slug, key_id)
        changed = await use.change()(
            principal,
            ChangeKeyCommand(
                slug=slug,
                key_id=key_id,
                version=body.version,
                name=key.name if body.name is None else body.name,
                scopes=key.scopes if body.scopes is None else frozenset(body.scopes),
                models=key.models if body.models is None else frozenset(body.models),
                limits=key.limits if body.limits is None else body.limits.to_domain(),
                expires_at=body.expires_at
                if "expires_at" in body.model_fields_set
                else key.expires_at,
            ),
        )
        return KeyBody.of(changed, clock().now())

    @router.post(
        "/{key_id}/rotate",
        summary="Replace a key's secret",
        status_code=201,
        responses={201: {"headers": REPLAYED}},
    )
    async def rotate_key(
        *,
        slug: TenantSlug,
        key_id: KeyIdPath,
        once: OnceKey,
        response: Response,
        principal: Annotated[Principal, Depends(signed_in)],
        body: RotationBody | None = None,
    ) -> IssuedKeyBody:
        """Make a successor with the same rights; the former secret serves for a grace period."""
        made = await use.rotate()(
            principal,
            slug,
            key_id,
            grace=timedelta(seconds=(body or RotationBody()).grace_seconds),
            once=once,
        )
        mark_replay(response, is_replay=made.shown is None)
        return IssuedKeyBody.issued(made, clock().now())

    @router.post("/{key_id}/revoke", summary="End a key at once")
    async def revoke_key(
        slug: TenantSlug, key_id: KeyIdPath, principal: Annotated[Principal, Depends(signed_in)]
    ) -> KeyBody:
        """Revoke a key; servers refuse it within moments. Revoking it again changes nothing."""
        return KeyBody.of(await use.revoke()(principal, slug, key_id), clock().now())

    return router

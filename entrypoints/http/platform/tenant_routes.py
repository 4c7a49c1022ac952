"""The routes of people and of the tenants that they are in."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from application.platform.people import Me, RenameMe, ShowMe
from application.platform.storage import ChangeRetention
from application.platform.tenants import (
    CreateTenant,
    CreateTenantCommand,
    DeleteTenant,
    ListTenants,
    OwnTenant,
    ReadTenant,
    RenameTenant,
)
from domain.authorisation import Principal
from domain.tenant import Slug, TenantState
from domain.user import Role
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.fields import Name, SlugText
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.paging import PageQuery
from entrypoints.http.platform.auth_routes import UserBody
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 16 * 1024
_LONGEST_DAYS = 3650


class TenantBody(BaseModel):
    """A tenant as one of its members sees it."""

    id: str
    slug: str
    name: str
    state: TenantState
    role: Role = Field(description="The caller's role.")
    created_at: datetime
    retention_days: int

    @classmethod
    def of(cls, own: OwnTenant) -> "TenantBody":
        """Return the body of a tenant."""
        tenant = own.tenant
        return cls(
            id=tenant.id,
            slug=tenant.slug.value,
            name=tenant.name,
            state=tenant.state,
            role=own.role,
            created_at=tenant.created_at,
            retention_days=tenant.retention.days,
        )


class TenantPage(BaseModel):
    """Some tenants, by slug; `next_cursor` leads to those behind them."""

    items: list[TenantBody]
    next_cursor: str | None


class MeBody(UserBody):
    """The caller, and the tenants that they are in."""

    tenants: list[TenantBody]

    @classmethod
    def of_me(cls, me: Me) -> "MeBody":
        """Return the body of the caller."""
        return cls(
            **UserBody.of(me.user).model_dump(),
            tenants=[TenantBody.of(own) for own in me.tenants],
        )


class RenameBody(Asked):
    """What to be called from now on."""

    name: Name


class CreateTenantBody(Asked):
    """A tenant to be: its slug stays for good, and names its log bucket."""

    slug: SlugText
    name: Name


class ChangeTenantBody(Asked):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    retention_days: int | None = Field(
        default=None,
        ge=2,
        le=_LONGEST_DAYS,
        description="How long audit objects are kept, where the store takes such rules.",
    )


def me_router(
    *,
    signed_in: SignedIn,
    show_me: Callable[[], ShowMe],
    rename_me: Callable[[], RenameMe],
) -> APIRouter:
    """Return the routes by which people see and name themselves."""
    router = APIRouter(prefix="/v1/me", tags=["me"], route_class=bounded_route(_MAX_BODY))
    caller = Annotated[Principal, Depends(signed_in)]

    @router.get("", summary="The caller and the tenants they are in")
    async def me(principal: caller) -> MeBody:
        """Return the user behind the access token."""
        return MeBody.of_me(await show_me()(principal))

    @router.patch("", summary="Be called otherwise")
    async def rename(principal: caller, body: RenameBody) -> MeBody:
        """Change the caller's name; the mail address stays."""
        return MeBody.of_me(await rename_me()(principal, body.name))

    return router


def tenant_router(
    *,
    signed_in: SignedIn,
    create_tenant: Callable[[], CreateTenant],
    list_tenants: Callable[[], ListTenants],
    read_tenant: Callable[[], ReadTenant],
    rename_tenant: Callable[[], RenameTenant],
    change_retention: Callable[[], ChangeRetention],
    delete_tenant: Callable[[], DeleteTenant],
) -> APIRouter:
    """Return the routes of tenants."""
    router = APIRouter(
        prefix="/v1/tenants",
        tags=["tenants"],
        route_class=bounded_route(_MAX_BODY),
    )
    caller = Annotated[Principal, Depends(signed_in)]

    @router.get("", summary="The tenants that the caller is in")
    async def tenants(principal: caller, page: PageQuery) -> TenantPage:
        """List them by slug."""
        found = await list_tenants()(principal, page)
        return TenantPage(
            items=[TenantBody.of(own) for own in found.items], next_cursor=found.next_cursor
        )

    @router.post(
        "",
        summary="Make a tenant",
        status_code=201,
        responses={201: {"description": "The new tenant.", "headers": REPLAYED}},
    )
    async def create(
        principal: caller, body: CreateTenantBody, once: OnceKey, response: Response
    ) -> TenantBody:
        """Make a tenant that the caller owns, with its log bucket."""
        created = await create_tenant()(
            principal,
            CreateTenantCommand(slug=Slug.parse(body.slug), name=body.name, once=once),
        )
        mark_replay(response, is_replay=created.is_replay)
        role = created.item.role_of(principal.user_id) or Role.OWNER
        return TenantBody.of(OwnTenant(tenant=created.item, role=role))

    @router.get("/{slug}", summary="One tenant")
    async def tenant(principal: caller, slug: TenantSlug) -> TenantBody:
        """Return a tenant to one of its members."""
        return TenantBody.of(await read_tenant()(principal, slug))

    @router.patch("/{slug}", summary="Rename a tenant, or keep its audit objects longer or shorter")
    async def change(principal: caller, slug: TenantSlug, body: ChangeTenantBody) -> TenantBody:
        """Change the name, the retention, or both; for admins."""
        if body.name is not None:
            await rename_tenant()(principal, slug, body.name)
        if body.retention_days is not None:
            await change_retention()(principal, slug, timedelta(days=body.retention_days))
        return TenantBody.of(await read_tenant()(principal, slug))

    @router.delete("/{slug}", summary="Delete a tenant", status_code=204)
    async def delete(principal: caller, slug: TenantSlug) -> None:
        """Delete a tenant; for owners. What it stored is kept until its retention ends."""
        await delete_tenant()(principal, slug)

    return router

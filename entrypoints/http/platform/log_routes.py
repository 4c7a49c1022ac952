"""The route of a tenant's administration log."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from application.platform.read_log import EntryView, ReadAdministrationLog
from domain.authorisation import Principal
from entrypoints.http.authentication import SignedIn
from entrypoints.http.paging import PageQuery
from entrypoints.http.tenant_slug import TenantSlug


class ActorBody(BaseModel):
    """Who did it; without an id it was the operator, at the machine."""

    id: str | None
    email: str | None
    name: str


class ChangeBody(BaseModel):
    """One thing that was different afterwards; never a secret."""

    field: str
    before: str | None
    after: str | None


class EntryBody(BaseModel):
    """Something that somebody did."""

    id: str
    at: datetime
    actor: ActorBody
    action: str = Field(examples=["keys.create"])
    target: str
    changes: list[ChangeBody]
    client: str = Field(description="The network address it was done from; empty when unknown.")
    request_id: str

    @classmethod
    def of(cls, view: EntryView) -> "EntryBody":
        """Return the body of an entry."""
        entry, actor = view.entry, view.actor
        name = "operator" if entry.actor is None else "" if actor is None else actor.name
        return cls(
            id=entry.id,
            at=entry.at,
            actor=ActorBody(
                id=entry.actor, email=None if actor is None else actor.email.value, name=name
            ),
            action=entry.deed,
            target=entry.target,
            changes=[
                ChangeBody(field=one.field, before=one.before, after=one.after)
                for one in entry.changes
            ],
            client=entry.client,
            request_id=entry.request_id,
        )


class EntryPage(BaseModel):
    """Some entries, newest first; `next_cursor` leads to those behind them."""

    items: list[EntryBody]
    next_cursor: str | None


def log_router(*, signed_in: SignedIn, read_log: Callable[[], ReadAdministrationLog]) -> APIRouter:
    """Return the route of the administration log."""
    router = APIRouter(tags=["administration log"])

    @router.get("/v1/tenants/{slug}/events", summary="Who changed what")
    async def events(
        principal: Annotated[Principal, Depends(signed_in)], slug: TenantSlug, page: PageQuery
    ) -> EntryPage:
        """List what members and the operator did, newest first; for admins."""
        found = await read_log()(principal, slug, page)
        return EntryPage(
            items=[EntryBody.of(view) for view in found.items], next_cursor=found.next_cursor
        )

    return router

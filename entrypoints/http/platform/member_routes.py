"""The routes of members and invitations."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from application.platform.invitations import (
    AcceptInvitation,
    InvitationView,
    Invite,
    InviteCommand,
    ListInvitations,
    RevokeInvitation,
)
from application.platform.members import (
    ChangeMember,
    ChangeMemberCommand,
    ListMembers,
    MemberView,
    RemoveMember,
)
from domain.authorisation import Principal
from domain.identifiers import InvitationId, UserId
from domain.invitation import InvitationState, InvitationToken
from domain.user import Email, Role
from entrypoints.http.asked import Asked
from entrypoints.http.authentication import SignedIn
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.fields import MailAddress
from entrypoints.http.idempotency import REPLAYED, OnceKey, mark_replay
from entrypoints.http.paging import PageQuery
from entrypoints.http.platform.tenant_routes import TenantBody
from entrypoints.http.tenant_slug import TenantSlug

_MAX_BODY = 16 * 1024


class MemberBody(BaseModel):
    """A member of a tenant."""

    user_id: str
    email: str
    name: str
    role: Role
    since: datetime

    @classmethod
    def of(cls, member: MemberView) -> "MemberBody":
        """Return the body of a member."""
        return cls(
            user_id=member.user.id,
            email=member.user.email.value,
            name=member.user.name,
            role=member.role,
            since=member.since,
        )


class MemberPage(BaseModel):
    """Some members; `next_cursor` leads to those behind them."""

    items: list[MemberBody]
    next_cursor: str | None


class RoleBody(Asked):
    """A member's next role."""

    role: Role


class InviteBody(Asked):
    """Somebody who is to become a member."""

    email: MailAddress
    role: Role = Field(default=Role.VIEWER, description="None above the caller's own.")


class InvitationBody(BaseModel):
    """An invitation; its token is in the mail and nowhere else."""

    id: str
    email: str
    role: Role
    state: InvitationState
    invited_by: str
    created_at: datetime
    expires_at: datetime

    @classmethod
    def of(cls, view: InvitationView) -> "InvitationBody":
        """Return the body of an invitation."""
        invitation = view.invitation
        return cls(
            id=invitation.id,
            email=invitation.email.value,
            role=invitation.role,
            state=view.state,
            invited_by=invitation.invited_by,
            created_at=invitation.created_at,
            expires_at=invitation.expires_at,
        )


class InvitationPage(BaseModel):
    """Some invitations, oldest first; `next_cursor` leads to those behind them."""

    items: list[InvitationBody]
    next_cursor: str | None


class AcceptBody(Asked):
    """The token that the mail holds."""

    token: str = Field(min_length=1, max_length=200)


def member_router(
    *,
    signed_in: SignedIn,
    list_members: Callable[[], ListMembers],
    change_member: Callable[[], ChangeMember],
    remove_member: Callable[[], RemoveMember],
) -> APIRouter:
    """Return the routes of members."""
    router = APIRouter(
        prefix="/v1/tenants/{slug}/members",
        tags=["members"],
        route_class=bounded_route(_MAX_BODY),
    )
    caller = Annotated[Principal, Depends(signed_in)]

    @router.get("", summary="Who is in a tenant")
    async def members(principal: caller, slug: TenantSlug, page: PageQuery) -> MemberPage:
        """List members with their roles."""
        found = await list_members()(principal, slug, page)
        return MemberPage(
            items=[MemberBody.of(member) for member in found.items],
            next_cursor=found.next_cursor,
        )

    @router.patch("/{user_id}", summary="Give a member another role")
    async def change(
        principal: caller, slug: TenantSlug, user_id: str, body: RoleBody
    ) -> MemberBody:
        """Change a role; for admins, and nobody gives or takes one above the own."""
        changed = await change_member()(
            principal, ChangeMemberCommand(slug=slug, user_id=UserId(user_id), role=body.role)
        )
        return MemberBody.of(changed)

    @router.delete("/{user_id}", summary="Remove a member, or leave", status_code=204)
    async def remove(principal: caller, slug: TenantSlug, user_id: str) -> None:
        """Remove a member; for admins. Everybody may leave, but the last owner."""
        await remove_member()(principal, slug, UserId(user_id))

    return router


def invitation_router(
    *,
    signed_in: SignedIn,
    invite: Callable[[], Invite],
    list_invitations: Callable[[], ListInvitations],
    revoke_invitation: Callable[[], RevokeInvitation],
    accept_invitation: Callable[[], AcceptInvitation],
) -> APIRouter:
    """Return the routes of invitations."""
    router = APIRouter(tags=["invitations"], route_class=bounded_route(_MAX_BODY))
    caller = Annotated[Principal, Depends(signed_in)]
    path = "/v1/tenants/{slug}/invitations"

    @router.get(path, summary="Who was invited into a tenant")
    async def invitations(principal: caller, slug: TenantSlug, page: PageQuery) -> InvitationPage:
        """List invitations, those that are over as well; for admins."""
        found = await list_invitations()(principal, slug, page)
        return InvitationPage(
            items=[InvitationBody.of(one) for one in found.items], next_cursor=found.next_cursor
        )

    @router.post(
        path,
        summary="Invite somebody",
        status_code=201,
        responses={201: {"description": "The invitation.", "headers": REPLAYED}},
    )
    async def create(
        principal: caller, slug: TenantSlug, body: InviteBody, once: OnceKey, response: Response
    ) -> InvitationBody:
        """Mail an invitation, good for seven days and for this address alone; for admins."""
        created = await invite()(
            principal,
            InviteCommand(slug=slug, email=Email.parse(body.email), role=body.role, once=once),
        )
        mark_replay(response, is_replay=created.is_replay)
        return InvitationBody.of(created.item)

    @router.delete(f"{path}/{{invitation_id}}", summary="Revoke an invitation", status_code=204)
    async def revoke(principal: caller, slug: TenantSlug, invitation_id: str) -> None:
        """Take an open invitation back; for admins."""
        await revoke_invitation()(principal, slug, InvitationId(invitation_id))

    @router.post("/v1/invitations/accept", summary="Accept an invitation")
    async def accept(principal: caller, body: AcceptBody) -> TenantBody:
        """Become a member by the token of the mail, signed in with the address it went to."""
        return TenantBody.of(await accept_invitation()(principal, InvitationToken(body.token)))

    return router

"""List, promote, demote and remove the members of a tenant."""

from dataclasses import dataclass
from datetime import datetime

from application.deeds import Deed, Deeds, differences
from application.paging import Slice, slice_of
from application.ports.readers import Page
from domain.authorisation import Action, Caller, Principal, require_reach
from domain.errors import NotFound
from domain.identifiers import UserId
from domain.tenant import Member, Slug
from domain.user import Role, User


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberView:
    """A member with the person behind it."""

    user: User
    role: Role
    since: datetime


class ListMembers:
    """List the members of a tenant."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, page: Page) -> Slice[MemberView]:
        """Return a page of them, by user id.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            InvalidValue: the cursor.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_MEMBERS) as deed:
            found = slice_of(deed.tenant.members, page, key=lambda member: member.user_id)
            users = await deed.uow.users.some(member.user_id for member in found.items)
        by_id = {user.id: user for user in users}
        return Slice(
            items=[
                MemberView(user=by_id[member.user_id], role=member.role, since=member.since)
                for member in found.items
                if member.user_id in by_id
            ],
            next_cursor=found.next_cursor,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMemberCommand:
    """A member's next role."""

    slug: Slug
    user_id: UserId
    role: Role


class ChangeMember:
    """Give a member another role; nobody gives or takes one above the own."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, command: ChangeMemberCommand) -> MemberView:
        """Return the member.

        Raises:
            Unauthenticated, NotFound: the caller may not do this, or there is no such member.
            Refused: a role does not cover this, or the tenant would be left without an owner.
        """
        async with self._deeds.begin(caller, command.slug, Action.CHANGE_MEMBER) as deed:
            member = member_of(deed, command.user_id)
            require_reach(actor_role(deed), member.role, command.role)
            changed = deed.tenant.with_member(
                user_id=command.user_id, role=command.role, at=deed.at
            )
            user = await deed.uow.users.get(command.user_id)
            if command.role is not member.role:
                await deed.uow.tenants.save(changed)
                await deed.commit(
                    target=command.user_id,
                    changes=differences({"role": member.role.value}, {"role": command.role.value}),
                )
        return MemberView(user=user, role=command.role, since=member.since)


class RemoveMember:
    """Take somebody out of a tenant; everybody may leave."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, user_id: UserId) -> None:
        """Remove a member.

        Raises:
            Unauthenticated, NotFound: the caller may not do this, or there is no such member.
            Refused: a role does not cover this, or the tenant would be left without an owner.
        """
        is_own = isinstance(caller, Principal) and caller.user_id == user_id
        action = Action.LEAVE_TENANT if is_own else Action.REMOVE_MEMBER
        async with self._deeds.begin(caller, slug, action) as deed:
            member = member_of(deed, user_id)
            if not is_own:
                require_reach(actor_role(deed), member.role)
            await deed.uow.tenants.save(deed.tenant.without_member(user_id))
            await deed.commit(target=user_id, changes=differences({"role": member.role.value}, {}))


def member_of(deed: Deed, user_id: UserId) -> Member:
    """Return a member of the tenant.

    Raises:
        NotFound: there is none such.
    """
    for member in deed.tenant.members:
        if member.user_id == user_id:
            return member
    raise NotFound("there is no such member", code="member.not_found")


def actor_role(deed: Deed) -> Role | None:
    """Return the role of whoever acts, None for the operator."""
    return None if deed.by is None else deed.tenant.role_of(deed.by.user_id)

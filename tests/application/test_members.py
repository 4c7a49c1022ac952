"""Members and invitations: who gets in, who may give which role, and that an owner stays."""

from datetime import timedelta

import pytest

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.platform.invitations import (
    MOST_PER_DAY,
    AcceptInvitation,
    InvitationView,
    Invite,
    InviteCommand,
    ListInvitations,
    RevokeInvitation,
    SendInvitation,
)
from application.platform.members import (
    ChangeMember,
    ChangeMemberCommand,
    ListMembers,
    RemoveMember,
)
from application.platform.read_log import ReadAdministrationLog
from application.platform.tenants import DeleteTenant, OwnTenant
from application.ports.readers import Page
from application.repeated_calls import Created
from domain.authorisation import OPERATOR, Principal
from domain.errors import Conflict, LimitExceeded, NotFound, Refused
from domain.events import InvitationIssued
from domain.identifiers import EventId, InvitationId, UserId
from domain.invitation import INVITATION_LIFE, InvitationState, InvitationToken
from domain.repeated_call import Once
from domain.tenant import Slug
from domain.user import Email, Role
from tests.contract.samples import a_tenant, a_user, sample_id, store_tenants
from tests.fakes.accounts import Accounts
from tests.fakes.clock import START
from tests.fakes.deployment import Deployment

SLUG = Slug("acme")
NUMBERS = {Role.OWNER: 1, Role.ADMIN: 2, Role.ANALYST: 3, Role.VIEWER: 4}
GUEST = Principal(user_id=a_user(5).id)
GUEST_ADDRESS = a_user(5).email


def principal(role: Role) -> Principal:
    return Principal(user_id=a_user(NUMBERS[role]).id)


@pytest.fixture(autouse=True)
async def tenant(deployment: Deployment) -> None:
    """A tenant with a member of each role, and a person who is in no tenant."""
    tenant = a_tenant(1, slug=SLUG.value)
    for role, number in NUMBERS.items():
        tenant = tenant.with_member(user_id=a_user(number).id, role=role, at=START)
    async with deployment.transactions() as uow:
        for number in range(1, 6):
            await uow.users.add(a_user(number))
        await uow.commit()
    await store_tenants(deployment.transactions, tenant)


async def role_of(deployment: Deployment, user_id: UserId) -> Role | None:
    async with deployment.transactions() as uow:
        return (await uow.tenants.by_slug(SLUG)).role_of(user_id)


async def change(deployment: Deployment, by: Role, of: Role, to: Role) -> None:
    await ChangeMember(deeds=deployment.deeds)(
        principal(by),
        ChangeMemberCommand(slug=SLUG, user_id=principal(of).user_id, role=to),
    )


async def invite(
    deployment: Deployment,
    by: Role = Role.ADMIN,
    *,
    email: Email = GUEST_ADDRESS,
    role: Role = Role.ANALYST,
    once: Once | None = None,
) -> Created[InvitationView]:
    accounts = Accounts.of(deployment)
    return await Invite(
        deeds=deployment.deeds,
        digests=accounts.digests,
        cipher=deployment.cipher,
        ids=deployment.ids,
        randomness=deployment.randomness,
    )(principal(by), InviteCommand(slug=SLUG, email=email, role=role, once=once))


async def token_of(deployment: Deployment, invitation_id: InvitationId) -> InvitationToken:
    """Return the token of an invitation, out of its event."""
    entries = await deployment.store.outbox.claim(
        limit=500, at=deployment.clock.now(), lease=timedelta(0)
    )
    (event,) = [
        entry.event
        for entry in entries
        if isinstance(entry.event, InvitationIssued) and entry.event.invitation_id == invitation_id
    ]
    return InvitationToken(deployment.cipher.decrypt(event.sealed_token, context=invitation_id))


async def accept(
    deployment: Deployment, token: InvitationToken, by: Principal = GUEST
) -> OwnTenant:
    return await AcceptInvitation(
        transactions=deployment.transactions,
        authorise=Authorise(transactions=deployment.transactions),
        digests=Accounts.of(deployment).digests,
        log=AdministrationLog(clock=deployment.clock, ids=deployment.ids),
        clock=deployment.clock,
    )(by, token)


async def test_members_are_listed_with_their_names(deployment: Deployment) -> None:
    found = await ListMembers(deeds=deployment.deeds)(principal(Role.VIEWER), SLUG, Page(limit=3))
    rest = await ListMembers(deeds=deployment.deeds)(
        principal(Role.VIEWER), SLUG, Page(cursor=found.next_cursor)
    )

    assert [(one.user, one.role) for one in (*found.items, *rest.items)] == [
        (a_user(number), role) for role, number in NUMBERS.items()
    ]


@pytest.mark.parametrize("of", Role)
@pytest.mark.parametrize("to", Role)
async def test_admin_gives_and_takes_roles_up_to_the_own(
    deployment: Deployment, of: Role, to: Role
) -> None:
    if Role.OWNER not in (of, to):
        await change(deployment, Role.ADMIN, of, to)
        assert await role_of(deployment, principal(of).user_id) is to
        return
    with pytest.raises(Refused) as refusal:
        await change(deployment, Role.ADMIN, of, to)
    assert refusal.value.code == "role.above_own"
    assert await role_of(deployment, principal(of).user_id) is of


async def test_owner_makes_another_owner_and_steps_down(deployment: Deployment) -> None:
    await change(deployment, Role.OWNER, Role.ADMIN, Role.OWNER)
    await change(deployment, Role.OWNER, Role.OWNER, Role.VIEWER)

    assert await role_of(deployment, principal(Role.OWNER).user_id) is Role.VIEWER


async def test_last_owner_neither_steps_down_nor_leaves(deployment: Deployment) -> None:
    owner = principal(Role.OWNER)

    with pytest.raises(Refused) as stepped:
        await change(deployment, Role.OWNER, Role.OWNER, Role.ADMIN)
    with pytest.raises(Refused) as left:
        await RemoveMember(deeds=deployment.deeds)(owner, SLUG, owner.user_id)
    with pytest.raises(Refused) as removed:
        await RemoveMember(deeds=deployment.deeds)(OPERATOR, SLUG, owner.user_id)

    codes = {refusal.value.code for refusal in (stepped, left, removed)}
    assert codes == {"tenant.last_owner"}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.ANALYST, Role.VIEWER])
async def test_everybody_else_may_leave(deployment: Deployment, role: Role) -> None:
    leaver = principal(role)

    await RemoveMember(deeds=deployment.deeds)(leaver, SLUG, leaver.user_id)

    assert await role_of(deployment, leaver.user_id) is None
    found = await ReadAdministrationLog(deeds=deployment.deeds)(OPERATOR, SLUG, Page())
    assert found.items[0].entry.deed == "members.leave"


async def test_admin_removes_others_but_no_owner(deployment: Deployment) -> None:
    remove = RemoveMember(deeds=deployment.deeds)
    await change(deployment, Role.OWNER, Role.ANALYST, Role.OWNER)

    await remove(principal(Role.ADMIN), SLUG, principal(Role.VIEWER).user_id)
    with pytest.raises(Refused):
        await remove(principal(Role.ADMIN), SLUG, principal(Role.ANALYST).user_id)

    assert await role_of(deployment, principal(Role.VIEWER).user_id) is None
    assert await role_of(deployment, principal(Role.ANALYST).user_id) is Role.OWNER


async def test_removed_member_has_lost_every_right_at_once(deployment: Deployment) -> None:
    await RemoveMember(deeds=deployment.deeds)(
        principal(Role.OWNER), SLUG, principal(Role.ADMIN).user_id
    )

    with pytest.raises(NotFound):
        await ListMembers(deeds=deployment.deeds)(principal(Role.ADMIN), SLUG, Page())


@pytest.mark.parametrize("user_id", [GUEST.user_id, UserId("usr_x"), UserId("")])
async def test_whoever_is_no_member_is_not_found(deployment: Deployment, user_id: UserId) -> None:
    owner = principal(Role.OWNER)

    with pytest.raises(NotFound):
        await RemoveMember(deeds=deployment.deeds)(owner, SLUG, user_id)
    with pytest.raises(NotFound):
        await ChangeMember(deeds=deployment.deeds)(
            owner, ChangeMemberCommand(slug=SLUG, user_id=user_id, role=Role.VIEWER)
        )


async def test_invited_person_becomes_a_member_of_that_role(deployment: Deployment) -> None:
    invited = (await invite(deployment)).item.invitation

    own = await accept(deployment, await token_of(deployment, invited.id))

    assert (own.tenant.slug, own.role) == (SLUG, Role.ANALYST)
    assert await role_of(deployment, GUEST.user_id) is Role.ANALYST
    found = await ReadAdministrationLog(deeds=deployment.deeds)(OPERATOR, SLUG, Page())
    assert [one.entry.deed for one in found.items] == ["invitations.accept", "invitations.create"]


async def test_accepting_again_changes_nothing(deployment: Deployment) -> None:
    token = await token_of(deployment, (await invite(deployment)).item.invitation.id)
    await accept(deployment, token)
    await ChangeMember(deeds=deployment.deeds)(
        OPERATOR, ChangeMemberCommand(slug=SLUG, user_id=GUEST.user_id, role=Role.VIEWER)
    )

    assert (await accept(deployment, token)).role is Role.VIEWER


async def test_member_who_left_does_not_come_back_by_the_old_token(
    deployment: Deployment,
) -> None:
    token = await token_of(deployment, (await invite(deployment)).item.invitation.id)
    await accept(deployment, token)
    await RemoveMember(deeds=deployment.deeds)(OPERATOR, SLUG, GUEST.user_id)

    with pytest.raises(Refused):
        await accept(deployment, token)


async def test_invitation_is_for_its_address_alone(deployment: Deployment) -> None:
    invited = (await invite(deployment, email=Email("other@example.org"))).item.invitation
    token = await token_of(deployment, invited.id)

    with pytest.raises(NotFound):
        await accept(deployment, token)
    with pytest.raises(NotFound):
        await accept(deployment, InvitationToken.from_random(bytes(32)))


async def test_revoked_expired_or_orphaned_invitation_lets_nobody_in(
    deployment: Deployment,
) -> None:
    revoked = (await invite(deployment)).item.invitation
    first = await token_of(deployment, revoked.id)
    await RevokeInvitation(deeds=deployment.deeds)(principal(Role.ADMIN), SLUG, revoked.id)
    with pytest.raises(Refused):
        await accept(deployment, first)

    second = await token_of(deployment, (await invite(deployment)).item.invitation.id)
    deployment.clock.advance(INVITATION_LIFE.total_seconds())
    with pytest.raises(Refused):
        await accept(deployment, second)

    third = await token_of(deployment, (await invite(deployment)).item.invitation.id)
    await DeleteTenant(deeds=deployment.deeds)(OPERATOR, SLUG)
    with pytest.raises(NotFound):
        await accept(deployment, third)


async def test_revoked_invitation_is_not_revoked_again(deployment: Deployment) -> None:
    invited = (await invite(deployment)).item.invitation
    revoke = RevokeInvitation(deeds=deployment.deeds)
    await revoke(principal(Role.ADMIN), SLUG, invited.id)

    with pytest.raises(Refused):
        await revoke(principal(Role.ADMIN), SLUG, invited.id)
    with pytest.raises(NotFound):
        await revoke(principal(Role.ADMIN), SLUG, InvitationId(sample_id("inv", 99)))


async def test_nobody_is_invited_twice_or_when_a_member(deployment: Deployment) -> None:
    await invite(deployment)

    with pytest.raises(Conflict) as pending:
        await invite(deployment, email=Email.parse(GUEST_ADDRESS.value.upper()))
    with pytest.raises(Conflict) as member:
        await invite(deployment, email=a_user(4).email)

    assert (pending.value.code, member.value.code) == ("invitation.pending", "member.exists")


async def test_nobody_invites_above_the_own_role(deployment: Deployment) -> None:
    with pytest.raises(Refused) as refusal:
        await invite(deployment, Role.ADMIN, role=Role.OWNER)
    assert refusal.value.code == "role.above_own"

    await invite(deployment, Role.OWNER, role=Role.OWNER)


async def test_repeated_call_sends_one_invitation(deployment: Deployment) -> None:
    once = Once(key="k1", fingerprint="a")
    first = await invite(deployment, once=once)

    again = await invite(deployment, once=once)

    assert (again.is_replay, again.item) == (True, first.item)
    assert await deployment.store.outbox.pending() == 1


async def test_tenant_has_a_bounded_number_of_mails_sent_a_day(deployment: Deployment) -> None:
    for number in range(MOST_PER_DAY):
        view = await invite(deployment, email=Email(f"guest{number}@example.org"))
        await RevokeInvitation(deeds=deployment.deeds)(OPERATOR, SLUG, view.item.invitation.id)

    with pytest.raises(LimitExceeded) as refusal:
        await invite(deployment)
    assert refusal.value.retry_after == timedelta(days=1).total_seconds()
    deployment.clock.advance(timedelta(days=1).total_seconds())
    await invite(deployment)


async def test_invitations_are_listed_with_what_became_of_them(deployment: Deployment) -> None:
    accepted = (await invite(deployment)).item.invitation
    await accept(deployment, await token_of(deployment, accepted.id))
    pending = (await invite(deployment, email=Email("b@example.org"))).item.invitation
    revoked = (await invite(deployment, email=Email("c@example.org"))).item.invitation
    await RevokeInvitation(deeds=deployment.deeds)(OPERATOR, SLUG, revoked.id)

    found = await ListInvitations(deeds=deployment.deeds)(principal(Role.ADMIN), SLUG, Page())

    assert [(one.invitation.id, one.state) for one in found.items] == [
        (accepted.id, InvitationState.ACCEPTED),
        (pending.id, InvitationState.PENDING),
        (revoked.id, InvitationState.REVOKED),
    ]


async def test_mail_goes_out_only_while_the_invitation_is_open(deployment: Deployment) -> None:
    accounts = Accounts.of(deployment)
    send = SendInvitation(
        transactions=deployment.transactions,
        mails=accounts.mails,
        cipher=deployment.cipher,
        clock=deployment.clock,
    )
    opened = (await invite(deployment)).item.invitation
    closed = (await invite(deployment, email=Email("c@example.org"))).item.invitation
    await RevokeInvitation(deeds=deployment.deeds)(OPERATOR, SLUG, closed.id)

    for entry in await deployment.store.outbox.claim(
        limit=99, at=deployment.clock.now(), lease=timedelta(0)
    ):
        await send(entry)

    (mail,) = (deployment.home / "outbox").glob("*.eml")
    text = mail.read_text()
    assert GUEST_ADDRESS.value in text
    assert (await token_of(deployment, opened.id)).value[4:20] in text.replace("=\n", "")
    assert EventId(mail.stem.partition(".")[0]).startswith("evt_")

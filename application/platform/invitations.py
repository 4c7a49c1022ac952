"""Invite people into a tenant by mail, and let them accept."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.deeds import Deeds, differences
from application.paging import Slice, slice_of
from application.platform.account_mails import AccountMails
from application.platform.members import actor_role
from application.platform.tenants import OwnTenant
from application.ports.credentials import CredentialCipher
from application.ports.readers import Page
from application.ports.sign_in import SignInDigests
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions, UnitOfWork
from application.repeated_calls import Created
from domain.administration import Change
from domain.authorisation import Action, Caller, Principal, require_reach
from domain.errors import Conflict, LimitExceeded, NotFound
from domain.events import InvitationIssued, OutboxEntry
from domain.identifiers import InvitationId
from domain.invitation import INVITATION_BYTES, Invitation, InvitationState, InvitationToken
from domain.repeated_call import Once
from domain.tenant import Slug, Tenant, TenantState
from domain.user import Email, Role

MOST_PER_DAY = 100
"""Invitations of one tenant within a day, which bounds the mails that it can have sent."""

_DAY = timedelta(days=1)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationView:
    """An invitation with what has become of it."""

    invitation: Invitation
    state: InvitationState

    @classmethod
    def of(cls, invitation: Invitation, at: datetime) -> "InvitationView":
        """Return how an invitation stands now."""
        return cls(invitation=invitation, state=invitation.state(at))


@dataclass(frozen=True, slots=True, kw_only=True)
class InviteCommand:
    """Somebody who is to become a member."""

    slug: Slug
    email: Email
    role: Role
    once: Once | None = None


class Invite:
    """Invite somebody; the mail follows from the outbox."""

    def __init__(
        self,
        *,
        deeds: Deeds,
        digests: SignInDigests,
        cipher: CredentialCipher,
        ids: IdFactory,
        randomness: Randomness,
    ) -> None:
        self._deeds = deeds
        self._digests = digests
        self._cipher = cipher
        self._ids = ids
        self._randomness = randomness

    async def __call__(self, caller: Principal, command: InviteCommand) -> Created[InvitationView]:
        """Return the invitation; its token is in the mail and nowhere else.

        Raises:
            Unauthenticated, NotFound: the caller may not do this.
            Refused: a role does not cover this, or the role is above the caller's.
            Conflict: the address is a member's already, or has an invitation.
            LimitExceeded: the tenant has invited as many as it may within a day.
        """
        async with self._deeds.begin(caller, command.slug, Action.INVITE) as deed:
            made = await deed.made_before(command.once)
            if made is not None:
                found = await deed.uow.invitations.get(deed.tenant_id, InvitationId(made))
                return Created(item=InvitationView.of(found, deed.at), is_replay=True)
            require_reach(actor_role(deed), command.role)
            await _require_no_member(deed.uow, deed.tenant, command.email)
            others = await deed.uow.invitations.all(deed.tenant_id)
            _require_room(others, command.email, at=deed.at)
            token = InvitationToken.from_random(self._randomness.token(INVITATION_BYTES))
            invitation = Invitation.issue(
                invitation_id=InvitationId(self._ids.new("inv")),
                tenant_id=deed.tenant_id,
                email=command.email,
                role=command.role,
                invited_by=caller.user_id,
                digest=self._digests.token(token.value),
                at=deed.at,
            )
            await deed.uow.invitations.add(deed.tenant_id, invitation)
            deed.uow.record(
                InvitationIssued(
                    tenant_id=deed.tenant_id,
                    invitation_id=invitation.id,
                    sealed_token=self._cipher.encrypt(token.value, context=invitation.id),
                )
            )
            await deed.commit(
                target=invitation.id,
                changes=differences({}, {"email": command.email.value, "role": command.role.value}),
                once=command.once,
            )
        return Created(item=InvitationView.of(invitation, deed.at))


async def _require_no_member(uow: UnitOfWork, tenant: Tenant, email: Email) -> None:
    try:
        user = await uow.users.by_email(email)
    except NotFound:
        return
    if tenant.role_of(user.id) is not None:
        raise Conflict("this person is a member already", code="member.exists")


def _require_room(others: Sequence[Invitation], email: Email, *, at: datetime) -> None:
    for other in others:
        if other.email.lookup == email.lookup and other.state(at) is InvitationState.PENDING:
            raise Conflict(
                "this address has an invitation already; revoke it to send another",
                code="invitation.pending",
            )
    recent = sorted(one.created_at for one in others if one.created_at > at - _DAY)
    if len(recent) >= MOST_PER_DAY:
        raise LimitExceeded(
            f"a tenant invites {MOST_PER_DAY} people a day at most",
            retry_after=(recent[-MOST_PER_DAY] + _DAY - at).total_seconds(),
            code="invitation.too_many",
        )


class ListInvitations:
    """List the invitations of a tenant, those that are over as well."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, page: Page) -> Slice[InvitationView]:
        """Return a page of them, oldest first.

        Raises:
            Unauthenticated, NotFound, Refused: the caller may not do this.
            InvalidValue: the cursor.
        """
        async with self._deeds.begin(caller, slug, Action.LIST_INVITATIONS) as deed:
            invitations = await deed.uow.invitations.all(deed.tenant_id)
        found = slice_of(invitations, page, key=lambda invitation: invitation.id)
        return Slice(
            items=[InvitationView.of(one, deed.at) for one in found.items],
            next_cursor=found.next_cursor,
        )


class RevokeInvitation:
    """Take an invitation back."""

    def __init__(self, *, deeds: Deeds) -> None:
        self._deeds = deeds

    async def __call__(self, caller: Caller, slug: Slug, invitation_id: InvitationId) -> None:
        """Revoke a pending invitation.

        Raises:
            Unauthenticated, NotFound: the caller may not do this, or there is no such invitation.
            Refused: a role does not cover this, or the invitation is over.
        """
        async with self._deeds.begin(caller, slug, Action.REVOKE_INVITATION) as deed:
            invitation = await deed.uow.invitations.get(deed.tenant_id, invitation_id)
            await deed.uow.invitations.save(deed.tenant_id, invitation.revoke(at=deed.at))
            await deed.commit(
                target=invitation_id,
                changes=differences({"email": invitation.email.value}, {}),
            )


class AcceptInvitation:
    """Become a member by the token of an invitation."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        authorise: Authorise,
        digests: SignInDigests,
        log: AdministrationLog,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._authorise = authorise
        self._digests = digests
        self._log = log
        self._clock = clock

    async def __call__(self, principal: Principal, token: InvitationToken) -> OwnTenant:
        """Return the tenant and the role in it; accepting again changes nothing.

        Raises:
            Unauthenticated: the user is gone, or signed out everywhere since.
            NotFound: no such invitation, one for another address, or its tenant is gone.
            Refused: it was revoked, has expired, or somebody else accepted it.
            Conflict: the caller is a member already, by other means.
        """
        at = self._clock.now()
        async with self._transactions() as uow:
            user = await self._authorise.user(uow, principal)
            invitation = await uow.invitations.by_digest(self._digests.token(token.value))
            tenant = await uow.tenants.get(invitation.tenant_id)
            if tenant.state is TenantState.DELETED:
                raise NotFound("there is no such invitation", code="invitation.not_found")
            role = tenant.role_of(user.id)
            if role is not None and invitation.accepted_by == user.id:
                return OwnTenant(tenant=tenant, role=role)
            accepted = invitation.accept(user_id=user.id, email=user.email, at=at)
            if role is not None:
                raise Conflict("you are a member already", code="member.exists")
            joined = tenant.with_member(user_id=user.id, role=invitation.role, at=at)
            await uow.tenants.save(joined)
            await uow.invitations.save(tenant.id, accepted)
            await self._log.note(
                uow,
                tenant.id,
                by=principal,
                deed="invitations.accept",
                target=invitation.id,
                changes=(Change(field="role", after=invitation.role.value),),
            )
            await uow.commit()
        return OwnTenant(tenant=joined, role=invitation.role)


class SendInvitation:
    """Handle `InvitationIssued`: mail the token while the invitation is open."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        mails: AccountMails,
        cipher: CredentialCipher,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._mails = mails
        self._cipher = cipher
        self._clock = clock

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send one mail.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        event = entry.event
        if not isinstance(event, InvitationIssued):
            return
        async with self._transactions() as uow:
            invitation = await uow.invitations.get(event.tenant_id, event.invitation_id)
            tenant = await uow.tenants.get(event.tenant_id)
            inviter = await uow.users.get(invitation.invited_by)
        is_open = invitation.state(self._clock.now()) is InvitationState.PENDING
        if not is_open or tenant.state is TenantState.DELETED:
            _log.info("an invitation was over before its mail", extra={"id": invitation.id})
            return
        await self._mails.send_invitation(
            entry.id,
            invitation.email,
            tenant=tenant,
            inviter=inviter.name,
            role=invitation.role,
            token=self._cipher.decrypt(event.sealed_token, context=invitation.id),
            expires_at=invitation.expires_at,
        )

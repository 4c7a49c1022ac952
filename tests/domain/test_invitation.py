"""Invitations: who may accept one, and until when."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import NotFound, Refused
from domain.identifiers import InvitationId, TenantId, UserId
from domain.invitation import (
    INVITATION_BYTES,
    INVITATION_LIFE,
    Invitation,
    InvitationState,
    InvitationToken,
)
from domain.user import Email, Role
from tests.fakes.clock import START

GUEST = UserId("usr_2")
ADDRESS = Email("Guest@example.org")
END = START + INVITATION_LIFE


def an_invitation() -> Invitation:
    return Invitation.issue(
        invitation_id=InvitationId("inv_1"),
        tenant_id=TenantId("ten_1"),
        email=ADDRESS,
        role=Role.ANALYST,
        invited_by=UserId("usr_1"),
        digest="a" * 64,
        at=START,
    )


def test_owner_of_the_address_accepts_it_whatever_its_case() -> None:
    accepted = an_invitation().accept(user_id=GUEST, email=Email("guest@example.org"), at=START)

    assert accepted.state(START) is InvitationState.ACCEPTED
    assert accepted.accepted_by == GUEST


def test_whoever_else_has_the_token_learns_nothing() -> None:
    with pytest.raises(NotFound):
        an_invitation().accept(user_id=GUEST, email=Email("eve@example.org"), at=START)


def test_invitation_ends_after_its_life() -> None:
    last = END - timedelta(microseconds=1)

    assert an_invitation().state(last) is InvitationState.PENDING
    assert an_invitation().state(END) is InvitationState.EXPIRED
    with pytest.raises(Refused):
        an_invitation().accept(user_id=GUEST, email=ADDRESS, at=END)


def test_closed_invitation_is_neither_accepted_nor_revoked() -> None:
    accepted = an_invitation().accept(user_id=GUEST, email=ADDRESS, at=START)
    revoked = an_invitation().revoke(at=START)

    assert revoked.state(START) is InvitationState.REVOKED
    for closed in (accepted, revoked):
        with pytest.raises(Refused):
            closed.accept(user_id=GUEST, email=ADDRESS, at=START)
        with pytest.raises(Refused):
            closed.revoke(at=START)


@given(st.binary(min_size=INVITATION_BYTES, max_size=INVITATION_BYTES))
def test_token_is_shown_in_no_repr(random: bytes) -> None:
    token = InvitationToken.from_random(random)

    assert InvitationToken(token.value) == token
    assert token.value not in repr(token)


@pytest.mark.parametrize("text", ["", "tpi_", "tpr_" + "a" * 43, "tpi_" + "a" * 42 + "\n"])
def test_malformed_token_finds_nothing(text: str) -> None:
    with pytest.raises(NotFound):
        InvitationToken(text)

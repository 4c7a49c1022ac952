"""Sessions: tokens that are good once, and what happens when one is used twice."""

import pytest

from application.authorisation import Authorise
from application.platform.sessions import SignedIn
from application.ports.access_tokens import Audience
from domain.authorisation import Principal
from domain.errors import NotFound, Unauthenticated
from domain.session import REFRESH_LIFE, RefreshToken
from tests.fakes.accounts import Accounts
from tests.fakes.deployment import Deployment

ADA = "ada@example.org"


@pytest.fixture
def accounts(deployment: Deployment) -> Accounts:
    return Accounts.of(deployment)


@pytest.fixture
async def signed_in(accounts: Accounts) -> SignedIn:
    return await accounts.signed_up(ADA)


async def refusal_of(accounts: Accounts, token: RefreshToken) -> str:
    with pytest.raises(Unauthenticated) as refusal:
        await accounts.refresh(token)
    assert token.value not in refusal.value.message
    return refusal.value.code


def principal_of(accounts: Accounts, signed_in: SignedIn) -> Principal:
    return accounts.access_tokens.verify(signed_in.access.value, audience=Audience.PLATFORM)


async def is_accepted(accounts: Accounts, signed_in: SignedIn) -> bool:
    """Tell whether an access token still stands for its user."""
    authorise = Authorise(transactions=accounts.transactions)
    async with accounts.transactions() as uow:
        try:
            await authorise.user(uow, principal_of(accounts, signed_in))
        except Unauthenticated:
            return False
    return True


async def again(accounts: Accounts, deployment: Deployment) -> SignedIn:
    """Sign in on a second device."""
    deployment.clock.advance(60)
    await accounts.ask(ADA)
    await accounts.deliver()
    return await accounts.enter(ADA, accounts.mailed(ADA)[-1])


async def test_token_gives_the_next_one_and_is_good_no_more(
    accounts: Accounts, signed_in: SignedIn
) -> None:
    second = await accounts.refresh(signed_in.refresh)
    third = await accounts.refresh(second.refresh)

    assert third.user == signed_in.user
    assert len({one.refresh.value for one in (signed_in, second, third)}) == 3
    assert await refusal_of(accounts, signed_in.refresh) == "session.reused"


async def test_token_that_is_used_twice_ends_its_session_for_both(
    accounts: Accounts, signed_in: SignedIn
) -> None:
    thief = await accounts.refresh(signed_in.refresh)

    assert await refusal_of(accounts, signed_in.refresh) == "session.reused"

    assert await refusal_of(accounts, thief.refresh) == "session.invalid"
    assert not await is_accepted(accounts, thief)


async def test_other_sessions_live_through_it(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    other = await again(accounts, deployment)
    await accounts.refresh(signed_in.refresh)
    await refusal_of(accounts, signed_in.refresh)

    refreshed = await accounts.refresh(other.refresh)

    assert await is_accepted(accounts, refreshed)


async def test_session_ends_when_it_is_not_refreshed(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    deployment.clock.advance(REFRESH_LIFE.total_seconds() - 1)
    second = await accounts.refresh(signed_in.refresh)
    deployment.clock.advance(REFRESH_LIFE.total_seconds())

    assert await refusal_of(accounts, second.refresh) == "session.invalid"


async def test_signing_out_ends_one_session(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    other = await again(accounts, deployment)

    await accounts.sign_out(signed_in.refresh)
    await accounts.sign_out(signed_in.refresh)

    assert await refusal_of(accounts, signed_in.refresh) == "session.invalid"
    await accounts.refresh(other.refresh)


async def test_signing_out_everywhere_ends_every_session_and_access_token(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    other = await again(accounts, deployment)
    stranger = await accounts.signed_up("bob@example.org", "Bob")

    await accounts.sign_out(other.refresh, everywhere=True)

    for one in (signed_in, other):
        assert await refusal_of(accounts, one.refresh) == "session.invalid"
        assert not await is_accepted(accounts, one)
    assert await is_accepted(accounts, stranger)
    await accounts.refresh(stranger.refresh)


async def test_old_token_ends_its_session_but_not_everything(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    other = await again(accounts, deployment)
    current = await accounts.refresh(signed_in.refresh)

    await accounts.sign_out(signed_in.refresh, everywhere=True)

    assert await refusal_of(accounts, current.refresh) == "session.invalid"
    await accounts.refresh(other.refresh)


@pytest.mark.parametrize(
    "text", ["", "tpr_", "tpi_" + "a" * 43, "tpr_" + "a" * 26 + "_" + "b" * 42, "é" * 74]
)
def test_malformed_token_is_refused(text: str) -> None:
    with pytest.raises(Unauthenticated):
        RefreshToken(text)


async def test_token_of_no_session_is_refused_and_signing_out_with_it_is_fine(
    accounts: Accounts,
) -> None:
    made_up = RefreshToken("tpr_" + "0" * 26 + "_" + "b" * 43)

    assert await refusal_of(accounts, made_up) == "session.invalid"
    await accounts.sign_out(made_up, everywhere=True)


async def test_only_digests_of_tokens_are_kept(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    async with deployment.transactions() as uow:
        session = await uow.sessions.get(signed_in.refresh.session_id)

    secret = signed_in.refresh.value[31:]
    assert secret not in session.digest
    assert session.digest == accounts.digests.token(signed_in.refresh.value)
    for shown in (repr(session), repr(signed_in), str(signed_in)):
        assert secret not in shown
        assert session.digest not in shown


async def test_what_has_expired_is_forgotten(
    accounts: Accounts, deployment: Deployment, signed_in: SignedIn
) -> None:
    await accounts.prune()
    await accounts.refresh(signed_in.refresh)
    deployment.clock.advance(REFRESH_LIFE.total_seconds())

    await accounts.prune()

    async with deployment.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.sessions.get(signed_in.refresh.session_id)

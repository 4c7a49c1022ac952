"""Signing up and in by mailed codes: who gets in, and what nobody can tell from outside."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from adapters.security.keyring import KeyRing
from adapters.security.sign_in_digests import HmacSignInDigests
from application.ports.access_tokens import Audience
from application.ports.attempts import TooManyAttempts
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.errors import Unauthenticated
from domain.identifiers import CodeId
from domain.one_time_code import CODE_LIFE, MAX_TRIES, OneTimeCode
from domain.user import Email, User
from tests.contract.samples import a_user
from tests.fakes.accounts import Accounts
from tests.fakes.deployment import Deployment

ADA = "Ada@example.org"
MINUTE = 60


@pytest.fixture
def accounts(deployment: Deployment) -> Accounts:
    return Accounts.of(deployment)


async def known(deployment: Deployment, email: str = ADA) -> User:
    user = replace(a_user(), email=Email.parse(email))
    async with deployment.transactions() as uow:
        await uow.users.add(user)
        await uow.commit()
    return user


async def code_for(accounts: Accounts, email: str = ADA, *, name: str | None = None) -> str:
    await accounts.ask(email, name=name)
    await accounts.deliver()
    return accounts.mailed(email)[-1]


async def refused(accounts: Accounts, email: str, code: str) -> None:
    with pytest.raises(Unauthenticated) as refusal:
        await accounts.enter(email, code)
    assert refusal.value.code == "code.refused"
    assert code not in refusal.value.message


def another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def test_person_who_signs_up_becomes_a_user_with_the_code(
    accounts: Accounts, deployment: Deployment
) -> None:
    signed_in = await accounts.signed_up(ADA, "Ada Lovelace")

    assert (signed_in.user.email.value, signed_in.user.name) == (ADA, "Ada Lovelace")
    principal = accounts.access_tokens.verify(signed_in.access.value, audience=Audience.PLATFORM)
    assert principal.user_id == signed_in.user.id
    async with deployment.transactions() as uow:
        assert await uow.users.by_email(Email(ADA)) == signed_in.user


async def test_nobody_is_a_user_before_the_code_came_back(
    accounts: Accounts, deployment: Deployment
) -> None:
    await code_for(accounts, name="Ada")

    async with deployment.transactions() as uow:
        assert list(await uow.users.some([])) == []
        with pytest.raises(Exception, match="no such user"):
            await uow.users.by_email(Email(ADA))


async def test_user_signs_in_with_a_code_whatever_the_case_of_the_address(
    accounts: Accounts, deployment: Deployment
) -> None:
    user = await known(deployment)
    code = await code_for(accounts)

    assert (await accounts.enter("ADA@EXAMPLE.ORG", code)).user == user


async def test_user_who_signs_up_again_keeps_the_account_and_the_name(
    accounts: Accounts, deployment: Deployment
) -> None:
    user = await known(deployment)
    code = await code_for(accounts, name="Somebody Else")

    assert (await accounts.enter(ADA, code)).user == user


async def test_stranger_who_asks_to_sign_in_gets_no_mail_and_no_account(
    accounts: Accounts, deployment: Deployment
) -> None:
    await accounts.ask(ADA)
    await accounts.deliver()

    assert accounts.mailed(ADA) == []
    for code in ("000000", "123456"):
        await refused(accounts, ADA, code)


async def test_code_of_a_stranger_would_not_get_in_even_if_it_were_guessed(
    accounts: Accounts, deployment: Deployment
) -> None:
    user = await known(deployment)
    code = await code_for(accounts)
    async with deployment.transactions() as uow:
        pending = await uow.codes.try_once(user.email)
        assert pending is not None
        stranger = replace(pending, email=Email("eve@example.org"), tries=0)
        await uow.codes.put(stranger)
        await uow.commit()

    await refused(accounts, "eve@example.org", code)


async def test_code_gets_in_once(accounts: Accounts, deployment: Deployment) -> None:
    await known(deployment)
    code = await code_for(accounts)
    await accounts.enter(ADA, code)

    await refused(accounts, ADA, code)


async def test_code_is_good_for_its_life_and_not_longer(
    accounts: Accounts, deployment: Deployment
) -> None:
    await known(deployment)
    first = await code_for(accounts)
    deployment.clock.advance(CODE_LIFE.total_seconds() - 1)
    await accounts.enter(ADA, first)

    second = await code_for(accounts)
    deployment.clock.advance(CODE_LIFE.total_seconds())
    await refused(accounts, ADA, second)


async def test_fifth_try_may_be_the_right_one_and_the_sixth_not(
    accounts: Accounts, deployment: Deployment
) -> None:
    await known(deployment)
    first = await code_for(accounts)
    for _ in range(MAX_TRIES - 1):
        await refused(accounts, ADA, another(first))
    await accounts.enter(ADA, first)

    deployment.clock.advance(MINUTE)
    second = await code_for(accounts)
    for _ in range(MAX_TRIES):
        await refused(accounts, ADA, another(second))
    await refused(accounts, ADA, second)


async def test_new_code_ends_the_one_before(accounts: Accounts, deployment: Deployment) -> None:
    await known(deployment)
    first = await code_for(accounts)
    deployment.clock.advance(MINUTE)
    second = await code_for(accounts)

    if first != second:
        await refused(accounts, ADA, first)
    await accounts.enter(ADA, second)


async def test_code_of_one_address_is_none_of_another(
    accounts: Accounts, deployment: Deployment
) -> None:
    await known(deployment)
    code = await code_for(accounts)
    await accounts.ask("bob@example.org", name="Bob")

    await refused(accounts, "bob@example.org", code if code != "000000" else "000001")


async def test_address_is_sent_one_code_a_minute_and_five_an_hour(
    accounts: Accounts, deployment: Deployment
) -> None:
    for number in range(5):
        await accounts.ask(ADA, name="Ada", client=f"192.0.2.{number}")
        with pytest.raises(TooManyAttempts) as soon:
            await accounts.ask(ADA.lower(), client=f"198.51.100.{number}")
        assert 0 < soon.value.retry_after <= 3600
        deployment.clock.advance(MINUTE)

    with pytest.raises(TooManyAttempts):
        await accounts.ask(ADA)
    deployment.clock.advance(3600)
    await accounts.ask(ADA)


async def test_one_client_asks_for_a_bounded_number_of_codes(accounts: Accounts) -> None:
    for number in range(60):
        await accounts.ask(f"user{number}@example.org")

    with pytest.raises(TooManyAttempts):
        await accounts.ask("another@example.org")
    await accounts.ask("another@example.org", client="192.0.2.2")


async def test_one_client_tries_a_bounded_number_of_codes(accounts: Accounts) -> None:
    for number in range(120):
        await refused(accounts, f"user{number}@example.org", "123456")

    with pytest.raises(TooManyAttempts):
        await accounts.enter("another@example.org", "123456")


async def test_sign_in_makes_room_for_the_next_one(
    accounts: Accounts, deployment: Deployment
) -> None:
    await known(deployment)
    for _ in range(7):
        await accounts.enter(ADA, await code_for(accounts))


async def test_late_relay_sends_no_code_that_is_good_no_more(
    accounts: Accounts, deployment: Deployment
) -> None:
    await known(deployment)
    await accounts.ask(ADA)
    deployment.clock.advance(CODE_LIFE.total_seconds())

    await accounts.deliver()

    assert accounts.mailed(ADA) == []


async def test_code_is_kept_nowhere_in_plain(accounts: Accounts, deployment: Deployment) -> None:
    await known(deployment)
    await accounts.ask(ADA)
    entries = await deployment.store.outbox.claim(
        limit=9, at=deployment.clock.now(), lease=timedelta(0)
    )
    async with deployment.transactions() as uow:
        pending = await uow.codes.try_once(Email(ADA))
    await accounts.deliver()
    (code,) = accounts.mailed(ADA)

    for kept in (repr(entries), str(entries[0].event), repr(pending), str(vars_of(pending))):
        assert code not in kept
    assert code not in str(vars_of(entries[0].event))


def vars_of(value: object) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__slots__}  # type: ignore[attr-defined]


class Counted(Transactions):
    """Units of work that write down what is asked of their repositories, in order."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self.calls: list[str] = []

    def __call__(self) -> Any:
        return _CountedUnit(self._transactions(), self.calls)


class _CountedUnit:
    def __init__(self, uow: UnitOfWork, calls: list[str]) -> None:
        self._uow = uow
        self._calls = calls

    async def __aenter__(self) -> Any:
        self._calls.append("begin")
        await self._uow.__aenter__()
        return self

    async def __aexit__(self, *error: Any) -> None:
        await self._uow.__aexit__(*error)

    def record(self, event: Any) -> None:
        self._calls.append(f"record {type(event).__name__}")
        self._uow.record(event)

    async def commit(self) -> None:
        self._calls.append("commit")
        await self._uow.commit()

    def __getattr__(self, name: str) -> Any:
        repository, calls = getattr(self._uow, name), self._calls

        class Repository:
            def __getattr__(self, method: str) -> Any:
                calls.append(f"{name}.{method}")
                return getattr(repository, method)

        return Repository()


class CountedDigests(HmacSignInDigests):
    """Digests that write down when they are made."""

    def __init__(self, keys: KeyRing, calls: list[str]) -> None:
        super().__init__(keys)
        self._calls = calls

    def code(self, code_id: CodeId, code: OneTimeCode) -> str:
        self._calls.append("digest")
        return super().code(code_id, code)


def counted(deployment: Deployment) -> tuple[Accounts, list[str]]:
    """Return accounts beside the list of what they ask of the store and the digests."""
    transactions = Counted(deployment.transactions)
    accounts = Accounts.of(deployment, transactions)
    accounts.digests = CountedDigests(deployment.keys, transactions.calls)
    return accounts, transactions.calls


async def test_asking_for_a_code_takes_the_same_work_for_every_address(
    deployment: Deployment,
) -> None:
    await known(deployment, "known@example.org")
    works = []

    for email, name in (
        ("known@example.org", None),
        ("unknown@example.org", None),
        ("known@example.org", "Ada"),
        ("new@example.org", "Ada"),
    ):
        accounts, calls = counted(deployment)
        await accounts.ask(email, name=name)
        works.append(calls)

    assert all(work == works[0] for work in works)
    assert works[0] == [
        "digest",
        "begin",
        "users.by_email",
        "codes.put",
        "record SignInCodeRequested",
        "commit",
    ]


async def test_wrong_code_takes_the_same_work_for_every_address(deployment: Deployment) -> None:
    await known(deployment, "known@example.org")
    for email in ("known@example.org", "unknown@example.org"):
        await Accounts.of(deployment).ask(email)
    works = []

    for email in ("known@example.org", "unknown@example.org", "never-asked@example.org"):
        accounts, calls = counted(deployment)
        await refused(accounts, email, "999999")
        works.append(calls)

    assert all(work == works[0] for work in works)
    assert works[0] == ["begin", "codes.try_once", "commit", "digest"]

"""One-time codes and sessions, as `application.ports.sign_in` promises them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import ConcurrentUpdate, Conflict, NotFound
from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import CODE_LIFE, PendingCode
from domain.session import REFRESH_LIFE, Session, SessionEnd
from domain.user import Email
from tests.contract.samples import sample_id
from tests.contract.stores import Store
from tests.fakes.clock import START

ADA = Email("Ada@example.org")
ADA_AGAIN = Email("ada@example.org")


def a_code(number: int = 1, *, email: Email = ADA, name: str | None = None) -> PendingCode:
    return PendingCode.issue(
        code_id=CodeId(sample_id("otc", number)),
        email=email,
        digest=f"{number:064x}",
        name=name,
        at=START,
    )


def a_session(number: int = 1, *, user: int = 1) -> Session:
    return Session.start(
        session_id=SessionId(sample_id("ses", number)),
        user_id=UserId(sample_id("usr", user)),
        digest=f"{number:064x}",
        at=START,
    )


async def put(store: Store, *codes: PendingCode) -> None:
    async with store.transactions() as uow:
        for code in codes:
            await uow.codes.put(code)
        await uow.commit()


async def add(store: Store, *sessions: Session) -> None:
    async with store.transactions() as uow:
        for session in sessions:
            await uow.sessions.add(session)
        await uow.commit()


async def test_every_try_of_a_code_is_counted(store: Store) -> None:
    await put(store, a_code(name="Ada"))

    async with store.transactions() as uow:
        first = await uow.codes.try_once(ADA_AGAIN)
        second = await uow.codes.try_once(ADA)
        await uow.commit()
    async with store.transactions() as uow:
        third = await uow.codes.try_once(ADA)

    expected = a_code(name="Ada")
    assert [first, second, third] == [replace(expected, tries=count) for count in (1, 2, 3)]


async def test_address_without_a_code_has_nothing_to_try(store: Store) -> None:
    async with store.transactions() as uow:
        assert await uow.codes.try_once(ADA) is None


async def test_new_code_of_an_address_replaces_the_one_before(store: Store) -> None:
    await put(store, a_code(1))
    async with store.transactions() as uow:
        await uow.codes.try_once(ADA)
        await uow.commit()

    await put(store, a_code(2, email=ADA_AGAIN))

    async with store.transactions() as uow:
        assert not await uow.codes.consume(ADA, a_code(1).id)
        assert await uow.codes.try_once(ADA) == replace(a_code(2, email=ADA_AGAIN), tries=1)


async def test_code_is_consumed_once(store: Store) -> None:
    await put(store, a_code())

    async with store.transactions() as uow:
        assert await uow.codes.consume(ADA_AGAIN, a_code().id)
        assert not await uow.codes.consume(ADA, a_code().id)
        await uow.commit()
    async with store.transactions() as uow:
        assert await uow.codes.try_once(ADA) is None


async def test_code_is_consumed_by_one_of_many_at_once(store: Store) -> None:
    await put(store, a_code())

    async def consume() -> bool:
        try:
            async with store.transactions() as uow:
                is_mine = await uow.codes.consume(ADA, a_code().id)
                await uow.commit()
                return is_mine
        except ConcurrentUpdate:
            return False

    outcomes = await asyncio.gather(*(consume() for _ in range(20)))

    assert outcomes.count(True) == 1


async def test_tries_at_once_are_all_counted_or_fail(store: Store) -> None:
    await put(store, a_code())

    async def attempt() -> int | None:
        try:
            async with store.transactions() as uow:
                tried = await uow.codes.try_once(ADA)
                await uow.commit()
        except ConcurrentUpdate:
            return None
        assert tried is not None
        return tried.tries

    counts = await asyncio.gather(*(attempt() for _ in range(20)))

    counted = sorted(count for count in counts if count is not None)
    assert counted == list(range(1, len(counted) + 1))


async def test_expired_codes_are_forgotten(store: Store) -> None:
    late = replace(a_code(2, email=Email("b@example.org")), expires_at=START + timedelta(hours=1))
    await put(store, a_code(1), late)

    async with store.transactions() as uow:
        assert await uow.codes.forget_expired(START + CODE_LIFE) == 1
        assert await uow.codes.forget_expired(START + CODE_LIFE) == 0
        assert await uow.codes.try_once(ADA) is None
        assert await uow.codes.try_once(late.email) is not None


async def test_stored_session_is_found(store: Store) -> None:
    await add(store, a_session())

    async with store.transactions() as uow:
        assert await uow.sessions.get(a_session().id) == a_session()
        with pytest.raises(NotFound):
            await uow.sessions.get(a_session(2).id)
        with pytest.raises(Conflict):
            await uow.sessions.add(a_session())


async def test_session_changed_since_it_was_read_is_not_saved(store: Store) -> None:
    await add(store, a_session())

    async with store.transactions() as uow:
        rotated = a_session().rotate("f" * 64, at=START + timedelta(minutes=1))
        await uow.sessions.save(rotated)
        with pytest.raises(ConcurrentUpdate):
            await uow.sessions.save(rotated)
        assert await uow.sessions.get(rotated.id) == replace(rotated, version=1)


async def test_every_running_session_of_one_user_is_ended(store: Store) -> None:
    over = a_session(3).end(SessionEnd.SIGNED_OUT)
    await add(store, a_session(1), a_session(2), over, a_session(4, user=2))

    async with store.transactions() as uow:
        count = await uow.sessions.end_all(a_session().user_id, SessionEnd.SIGNED_OUT_EVERYWHERE)
        await uow.commit()

    async with store.transactions() as uow:
        ends = [(await uow.sessions.get(a_session(number).id)).ended for number in (1, 2, 3, 4)]
    everywhere = SessionEnd.SIGNED_OUT_EVERYWHERE
    assert (count, ends) == (2, [everywhere, everywhere, SessionEnd.SIGNED_OUT, None])


async def test_expired_sessions_are_forgotten_ended_or_not(store: Store) -> None:
    running = a_session(3).rotate("f" * 64, at=START + timedelta(seconds=1))
    await add(store, a_session(1), a_session(2).end(SessionEnd.SIGNED_OUT), running)

    async with store.transactions() as uow:
        assert await uow.sessions.forget_expired(START + REFRESH_LIFE) == 2
        assert await uow.sessions.get(running.id) == running

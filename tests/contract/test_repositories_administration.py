"""Invitations, administration log and done calls, as `application.ports.administration` says."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.administration import AdministrationEntry, Change
from domain.errors import ConcurrentUpdate, Conflict, InvalidValue, NotFound
from domain.identifiers import AdministrationId, InvitationId, TenantId, UserId
from domain.invitation import Invitation
from domain.repeated_call import KEPT_FOR, DoneCall, Once
from domain.user import Email, Role
from tests.contract.samples import ACME, GLOBEX, a_tenant, a_user, sample_id, store_tenants
from tests.contract.stores import Store
from tests.fakes.clock import START

ADA = UserId(sample_id("usr", 1))
BOB = UserId(sample_id("usr", 2))


def an_invitation(number: int = 1, tenant_id: TenantId = ACME) -> Invitation:
    return Invitation.issue(
        invitation_id=InvitationId(sample_id("inv", number)),
        tenant_id=tenant_id,
        email=Email(f"guest{number}@example.org"),
        role=Role.ANALYST,
        invited_by=ADA,
        digest=f"{number:064x}",
        at=START,
    )


def an_entry(number: int = 1, tenant_id: TenantId = ACME) -> AdministrationEntry:
    return AdministrationEntry(
        id=AdministrationId(sample_id("adm", number)),
        tenant_id=tenant_id,
        at=START + timedelta(seconds=number),
        actor=ADA if number % 2 else None,
        deed="members.change",
        target=BOB,
        changes=(Change(field="role", before="viewer", after="admin"),),
        client="192.0.2.1",
        request_id=sample_id("req", number),
    )


def a_call(key: str = "k1", *, user_id: UserId = ADA, fingerprint: str = "f") -> DoneCall:
    return DoneCall.of(
        user_id, Once(key=key, fingerprint=fingerprint), resource=sample_id("key", 1), at=START
    )


async def test_stored_invitation_is_found_by_id_and_digest(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.invitations.add(ACME, an_invitation())
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.invitations.get(ACME, an_invitation().id) == an_invitation()
        assert await uow.invitations.by_digest(an_invitation().digest) == an_invitation()
        with pytest.raises(NotFound):
            await uow.invitations.get(GLOBEX, an_invitation().id)
        with pytest.raises(NotFound):
            await uow.invitations.by_digest("f" * 64)


async def test_same_invitation_or_digest_twice_is_refused(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.invitations.add(ACME, an_invitation(1))
        with pytest.raises(Conflict):
            await uow.invitations.add(ACME, an_invitation(1))
        with pytest.raises(Conflict):
            await uow.invitations.add(
                GLOBEX, replace(an_invitation(2, GLOBEX), digest=an_invitation(1).digest)
            )


async def test_invitations_are_listed_by_tenant_oldest_first(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (3, 1, 2):
            await uow.invitations.add(ACME, an_invitation(number))
        await uow.invitations.add(GLOBEX, an_invitation(4, GLOBEX))

        listed = await uow.invitations.all(ACME)

    assert listed == [an_invitation(number) for number in (1, 2, 3)]


async def test_invitation_changed_since_it_was_read_is_not_saved(store: Store) -> None:
    revoked = an_invitation().revoke(at=START)
    async with store.transactions() as uow:
        await uow.invitations.add(ACME, an_invitation())
        await uow.invitations.save(ACME, revoked)
        with pytest.raises(ConcurrentUpdate):
            await uow.invitations.save(ACME, revoked)
        assert await uow.invitations.get(ACME, revoked.id) == replace(revoked, version=1)


async def test_what_is_another_tenants_is_not_stored(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.invitations.add(ACME, an_invitation(1, GLOBEX))
        with pytest.raises(InvalidValue):
            await uow.invitations.save(ACME, an_invitation(1, GLOBEX))
        with pytest.raises(InvalidValue):
            await uow.administration.add(ACME, an_entry(1, GLOBEX))


async def test_administration_log_is_read_newest_first_in_pages(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (2, 1, 4, 3):
            await uow.administration.add(ACME, an_entry(number))
        await uow.administration.add(GLOBEX, an_entry(5, GLOBEX))
        await uow.commit()

    async with store.transactions() as uow:
        first = await uow.administration.latest(ACME, limit=3)
        rest = await uow.administration.latest(ACME, limit=3, before=first[-1].id)

    assert [*first, *rest] == [an_entry(number) for number in (4, 3, 2, 1)]


async def test_entry_is_written_once(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.administration.add(ACME, an_entry())
        with pytest.raises(Conflict):
            await uow.administration.add(ACME, an_entry())


async def test_done_call_is_found_by_its_caller_and_key(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.done_calls.add(a_call("k1"), at=START)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.done_calls.find(ADA, "k1") == a_call("k1")
        assert await uow.done_calls.find(ADA, "K1") is None
        assert await uow.done_calls.find(BOB, "k1") is None


async def test_done_call_counts_until_it_expires(store: Store) -> None:
    later = replace(a_call(fingerprint="g"), expires_at=START + 2 * KEPT_FOR)
    async with store.transactions() as uow:
        await uow.done_calls.add(a_call(), at=START)
        with pytest.raises(Conflict):
            await uow.done_calls.add(later, at=START + KEPT_FOR - timedelta(seconds=1))
        await uow.done_calls.add(later, at=START + KEPT_FOR)
        assert await uow.done_calls.find(ADA, "k1") == later


async def test_one_of_many_calls_at_once_is_the_done_one(store: Store) -> None:
    async def call(number: int) -> bool:
        try:
            async with store.transactions() as uow:
                await uow.done_calls.add(a_call(fingerprint=str(number)), at=START)
                await uow.commit()
        except Conflict:
            return False
        return True

    outcomes = await asyncio.gather(*(call(number) for number in range(20)))

    assert outcomes.count(True) == 1


async def test_expired_calls_are_forgotten(store: Store) -> None:
    late = replace(a_call("k2"), expires_at=START + 2 * KEPT_FOR)
    async with store.transactions() as uow:
        await uow.done_calls.add(a_call("k1"), at=START)
        await uow.done_calls.add(late, at=START)

        assert await uow.done_calls.forget_expired(START + KEPT_FOR) == 1
        assert await uow.done_calls.find(ADA, "k1") is None
        assert await uow.done_calls.find(ADA, "k2") == late


async def test_tenants_of_a_user_are_listed_by_slug_and_follow_its_members(store: Store) -> None:
    zeta = a_tenant(1, slug="zeta").with_member(user_id=BOB, role=Role.VIEWER, at=START)
    alpha = a_tenant(3, slug="alpha").with_member(user_id=BOB, role=Role.ADMIN, at=START)
    await store_tenants(store.transactions, zeta, alpha)

    async with store.transactions() as uow:
        before = [tenant.slug.value for tenant in await uow.tenants.of_user(BOB)]
        await uow.tenants.save(zeta.without_member(BOB))
        after = [tenant.slug.value for tenant in await uow.tenants.of_user(BOB)]
        nobody = await uow.tenants.of_user(UserId(sample_id("usr", 9)))

    assert (before, after, list(nobody)) == (["alpha", "zeta"], ["alpha"], [])


async def test_some_users_are_those_that_exist(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (2, 1, 3):
            await uow.users.add(a_user(number))

        found = await uow.users.some([a_user(9).id, a_user(2).id, a_user(1).id])
        none = await uow.users.some([])

    assert (found, list(none)) == ([a_user(1), a_user(2)], [])


async def test_saved_user_has_the_next_version(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.users.add(a_user())
        await uow.users.save(a_user().rename("Ada"))
        with pytest.raises(ConcurrentUpdate):
            await uow.users.save(a_user().rename("Eve"))

        assert await uow.users.get(a_user().id) == replace(a_user().rename("Ada"), version=1)

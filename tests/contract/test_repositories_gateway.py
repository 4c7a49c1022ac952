"""Keys, upstreams and policies, as `application.ports.repositories` promises them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.api_key import ApiKey, KeyLimits, Scope
from domain.errors import ConcurrentUpdate, Conflict, InvalidValue, NotFound
from domain.identifiers import PolicyId
from tests.contract.samples import (
    ACME,
    GLOBEX,
    POLICY,
    a_key,
    a_revision,
    an_upstream,
    sample_id,
)
from tests.contract.stores import Store
from tests.fakes.clock import START

SECOND = timedelta(seconds=1)


async def test_stored_key_comes_back_whole(store: Store) -> None:
    key = replace(
        a_key(),
        expires_at=START + timedelta(days=30),
        scopes=frozenset({Scope.CHAT}),
        models=frozenset({"gpt-4o"}),
        limits=KeyLimits(requests_per_minute=60, budget_per_month_nano=10**12),
    )

    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, key)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.api_keys.get(ACME, key.id) == key


async def test_key_of_another_tenant_is_not_found(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key())

        with pytest.raises(NotFound):
            await uow.api_keys.get(GLOBEX, a_key().id)
        assert list(await uow.api_keys.all(GLOBEX)) == []


async def test_key_is_not_stored_under_another_tenant(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.api_keys.add(GLOBEX, a_key(tenant_id=ACME))
        with pytest.raises(InvalidValue):
            await uow.api_keys.save(GLOBEX, a_key(tenant_id=ACME))


async def test_digest_exists_once_in_all_tenants(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key(1, digest="d" * 64))

        with pytest.raises(Conflict):
            await uow.api_keys.add(GLOBEX, a_key(2, tenant_id=GLOBEX, digest="d" * 64))


async def test_keys_are_listed_oldest_first(store: Store) -> None:
    keys = [a_key(1, at=START + 2 * SECOND), a_key(2, at=START), a_key(3, at=START + SECOND)]
    async with store.transactions() as uow:
        for key in keys:
            await uow.api_keys.add(ACME, key)

        assert list(await uow.api_keys.all(ACME)) == [keys[1], keys[2], keys[0]]


async def test_saved_key_has_the_next_version(store: Store) -> None:
    key = a_key()
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, key)
        await uow.api_keys.save(ACME, key.revoke(at=START))
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.api_keys.get(ACME, key.id) == replace(key.revoke(at=START), version=1)


async def test_one_of_many_concurrent_saves_of_a_version_wins(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.api_keys.add(ACME, a_key())
        await uow.commit()

    async def rename(key: ApiKey, name: str) -> bool:
        try:
            async with store.transactions() as uow:
                await uow.api_keys.save(ACME, replace(key, name=name))
                await uow.commit()
        except ConcurrentUpdate:
            return False
        return True

    outcomes = await asyncio.gather(*(rename(a_key(), f"name {n}") for n in range(50)))

    assert outcomes.count(True) == 1
    async with store.transactions() as uow:
        stored = await uow.api_keys.get(ACME, a_key().id)
    assert (stored.version, stored.name) == (1, f"name {outcomes.index(True)}")


async def test_one_of_many_concurrent_keys_gets_the_digest(store: Store) -> None:
    async def issue(number: int) -> bool:
        try:
            async with store.transactions() as uow:
                await uow.api_keys.add(ACME, a_key(number, digest="d" * 64))
                await uow.commit()
        except Conflict:
            return False
        return True

    outcomes = await asyncio.gather(*(issue(number) for number in range(1, 201)))

    assert outcomes.count(True) == 1


async def test_upstreams_are_listed_by_name(store: Store) -> None:
    async with store.transactions() as uow:
        for number, name in enumerate(("openai", "echo", "local"), start=1):
            await uow.upstreams.add(ACME, an_upstream(number, name=name))

        names = [upstream.name for upstream in await uow.upstreams.all(ACME)]
        assert names == ["echo", "local", "openai"]
        assert await uow.upstreams.get(ACME, an_upstream(2).id) == an_upstream(2, name="echo")


async def test_upstream_name_is_unique_in_a_tenant_only(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.upstreams.add(ACME, an_upstream(1))
        await uow.upstreams.add(GLOBEX, an_upstream(2, tenant_id=GLOBEX))

        with pytest.raises(Conflict):
            await uow.upstreams.add(ACME, an_upstream(3))


async def test_upstream_is_not_renamed_to_a_taken_name(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.upstreams.add(ACME, an_upstream(1, name="echo"))
        await uow.upstreams.add(ACME, an_upstream(2, name="other"))

        with pytest.raises(Conflict) as refusal:
            await uow.upstreams.save(ACME, an_upstream(2, name="echo"))

        assert not isinstance(refusal.value, ConcurrentUpdate)


async def test_saved_upstream_has_the_next_version(store: Store) -> None:
    upstream = replace(an_upstream(), credential="kid:cipher")
    async with store.transactions() as uow:
        await uow.upstreams.add(ACME, upstream)
        await uow.upstreams.save(ACME, upstream.disable())

        assert await uow.upstreams.get(ACME, upstream.id) == replace(upstream.disable(), version=1)
        with pytest.raises(ConcurrentUpdate):
            await uow.upstreams.save(ACME, upstream)


async def test_upstream_of_another_tenant_is_not_found(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.upstreams.add(ACME, an_upstream())

        with pytest.raises(NotFound):
            await uow.upstreams.get(GLOBEX, an_upstream().id)
        with pytest.raises(InvalidValue):
            await uow.upstreams.save(GLOBEX, an_upstream())


async def test_policy_version_comes_back_and_exists_once(store: Store) -> None:
    revision = a_revision(3, note="quieter")
    async with store.transactions() as uow:
        await uow.policies.add(ACME, revision)

        assert await uow.policies.get(ACME, POLICY, 3) == revision
        with pytest.raises(Conflict):
            await uow.policies.add(ACME, a_revision(3))


async def test_policy_version_of_another_tenant_is_not_found(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.policies.add(ACME, a_revision(1))

        with pytest.raises(NotFound):
            await uow.policies.get(GLOBEX, POLICY, 1)
        with pytest.raises(NotFound):
            await uow.policies.activate(GLOBEX, POLICY, 1, at=START)
        with pytest.raises(InvalidValue):
            await uow.policies.add(GLOBEX, a_revision(1))


async def test_policies_are_listed_by_policy_and_number(store: Store) -> None:
    other = PolicyId(sample_id("pol", 2))
    async with store.transactions() as uow:
        for policy_id, number in ((other, 1), (POLICY, 10), (POLICY, 2)):
            await uow.policies.add(ACME, a_revision(number, policy_id=policy_id))

        listed = [(one.policy_id, one.number) for one in await uow.policies.all(ACME)]

    assert listed == [(POLICY, 2), (POLICY, 10), (other, 1)]


async def test_active_policy_depends_on_the_time(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (1, 2):
            await uow.policies.add(ACME, a_revision(number))
        await uow.policies.activate(ACME, POLICY, 1, at=START)
        await uow.policies.activate(ACME, POLICY, 2, at=START + SECOND)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.policies.active(ACME, at=START - SECOND) is None
        assert await uow.policies.active(ACME, at=START) == a_revision(1)
        assert await uow.policies.active(ACME, at=START + SECOND) == a_revision(2)
        assert await uow.policies.active(GLOBEX, at=START + SECOND) is None


async def test_later_activation_of_one_moment_counts(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (1, 2):
            await uow.policies.add(ACME, a_revision(number))
        for number in (1, 2, 1):
            await uow.policies.activate(ACME, POLICY, number, at=START)

        assert await uow.policies.active(ACME, at=START) == a_revision(1)


async def test_unknown_policy_version_is_not_activated(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.policies.activate(ACME, POLICY, 1, at=START)


async def test_former_policy_is_the_one_that_was_active_before(store: Store) -> None:
    async with store.transactions() as uow:
        for number in (1, 2, 3):
            await uow.policies.add(ACME, a_revision(number))
        assert await uow.policies.former(ACME, at=START) is None
        for second, number in enumerate((1, 1, 2, 2, 3, 1)):
            await uow.policies.activate(ACME, POLICY, number, at=START + second * SECOND)

        former = [await uow.policies.former(ACME, at=START + n * SECOND) for n in range(6)]

        assert former == [None, None, *(a_revision(number) for number in (1, 1, 2, 3))]
        assert await uow.policies.former(GLOBEX, at=START + 9 * SECOND) is None


async def test_removed_upstream_is_gone_and_its_name_is_free(store: Store) -> None:
    upstream = an_upstream(1, name="echo")
    async with store.transactions() as uow:
        await uow.upstreams.add(ACME, upstream)
        await uow.upstreams.add(GLOBEX, an_upstream(1, tenant_id=GLOBEX, name="echo"))
        with pytest.raises(ConcurrentUpdate):
            await uow.upstreams.remove(ACME, replace(upstream, version=7))
        await uow.upstreams.remove(ACME, upstream)

        with pytest.raises(NotFound):
            await uow.upstreams.get(ACME, upstream.id)
        with pytest.raises(ConcurrentUpdate):
            await uow.upstreams.remove(ACME, upstream)
        await uow.upstreams.add(ACME, an_upstream(2, name="echo"))
        assert len(await uow.upstreams.all(GLOBEX)) == 1

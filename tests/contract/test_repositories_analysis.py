"""Violations, chain heads and usage, as `application.ports.repositories` promises them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.audit import ChainHead
from domain.errors import ConcurrentUpdate, InvalidValue, NotFound
from domain.violation import TriageState
from tests.contract.samples import ACME, GLOBEX, a_usage, a_violation, store_violations
from tests.contract.stores import Store
from tests.fakes.clock import START


async def test_only_new_violations_are_stored_and_returned(store: Store) -> None:
    known = a_violation(1)
    await store_violations(store.transactions, [known])

    again = replace(known, evidence="another", detected_at=START + timedelta(hours=1))
    new = await store_violations(store.transactions, [again, a_violation(2), a_violation(2)])

    assert list(new) == [a_violation(2)]
    async with store.transactions() as uow:
        assert await uow.violations.get(ACME, known.id) == known


async def test_violations_of_a_record_are_listed_by_id(store: Store) -> None:
    violations = [a_violation(number) for number in range(1, 6)]
    await store_violations(store.transactions, [*violations, a_violation(1, record=2)])

    async with store.transactions() as uow:
        found = await uow.violations.of_record(ACME, violations[0].record_id)
        elsewhere = await uow.violations.of_record(GLOBEX, violations[0].record_id)

    assert list(found) == sorted(violations, key=lambda violation: violation.id)
    assert list(elsewhere) == []


async def test_violation_of_another_tenant_is_not_found(store: Store) -> None:
    await store_violations(store.transactions, [a_violation()])

    async with store.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.violations.get(GLOBEX, a_violation().id)
        with pytest.raises(InvalidValue):
            await uow.violations.save(GLOBEX, a_violation())
        with pytest.raises(InvalidValue):
            await uow.violations.add_new(GLOBEX, [a_violation()])


async def test_triaged_violation_has_the_next_version(store: Store) -> None:
    violation = a_violation()
    triaged = violation.triage(TriageState.RESOLVED, by="usr_1", at=START, note="rotated")
    await store_violations(store.transactions, [violation])

    async with store.transactions() as uow:
        await uow.violations.save(ACME, triaged)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.violations.get(ACME, violation.id) == replace(triaged, version=1)
        with pytest.raises(ConcurrentUpdate):
            await uow.violations.save(ACME, triaged)


async def test_text_with_half_a_surrogate_pair_comes_back(store: Store) -> None:
    violation = replace(a_violation(), evidence="half \ud83d of one", model="m\udc00", key_id="k")

    await store_violations(store.transactions, [violation])

    async with store.transactions() as uow:
        assert await uow.violations.get(ACME, violation.id) == violation


async def test_concurrent_finders_of_one_violation_store_it_once(store: Store) -> None:
    violations = [a_violation(number) for number in range(1, 4)]

    new = await asyncio.gather(
        *(store_violations(store.transactions, violations) for _ in range(50))
    )

    assert sorted(one.id for batch in new for one in batch) == sorted(one.id for one in violations)


async def test_new_chain_begins_with_nothing(store: Store) -> None:
    async with store.transactions() as uow:
        assert await uow.audit.head(ACME, "gw01") == ChainHead()


async def test_chain_heads_are_kept_by_tenant_and_instance(store: Store) -> None:
    heads = {
        (tenant_id, instance): ChainHead(hash=f"{index:064x}", count=index)
        for index, (tenant_id, instance) in enumerate(
            [(GLOBEX, "gw01"), (ACME, "gw02"), (ACME, "gw01")], start=1
        )
    }
    async with store.transactions() as uow:
        for (tenant_id, instance), head in heads.items():
            await uow.audit.save_head(tenant_id, instance, head)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.audit.head(ACME, "gw02") == heads[ACME, "gw02"]
        assert list(await uow.audit.heads(ACME)) == [
            ("gw01", heads[ACME, "gw01"]),
            ("gw02", heads[ACME, "gw02"]),
        ]
        assert dict(await uow.audit.heads_of_instance("gw01")) == {
            ACME: heads[ACME, "gw01"],
            GLOBEX: heads[GLOBEX, "gw01"],
        }


async def test_chain_head_never_goes_back(store: Store) -> None:
    later = ChainHead(hash="b" * 64, count=7)

    async with store.transactions() as uow:
        await uow.audit.save_head(ACME, "gw01", later)
        await uow.audit.save_head(ACME, "gw01", ChainHead(hash="a" * 64, count=6))

        assert await uow.audit.head(ACME, "gw01") == later


async def test_usage_of_a_record_counts_once(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.audit.add_usage(ACME, [a_usage(1, nano=5), a_usage(1, nano=6)])
        await uow.audit.add_usage(ACME, [a_usage(1, nano=7), a_usage(2, nano=100)])
        await uow.audit.add_usage(ACME, [])
        await uow.commit()

    spent = await store.gateway_reader.spent(ACME, a_usage().key_id, since=START)
    assert spent == 105


async def test_usage_of_another_tenant_is_not_stored(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.audit.add_usage(GLOBEX, [a_usage()])

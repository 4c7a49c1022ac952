"""What `application.ports.unit_of_work` promises: all or nothing, and one after the other."""

import asyncio
from datetime import timedelta

import pytest

from domain.errors import NotFound
from domain.events import TenantFounded
from tests.contract.samples import ACME, GLOBEX, a_key, a_tenant, a_user, store_tenants
from tests.contract.stores import Store
from tests.fakes.clock import FakeClock

LEASE = timedelta(minutes=1)


class Trouble(Exception):
    """Something goes wrong inside a unit of work."""


async def count_tenants(store: Store) -> int:
    async with store.transactions() as uow:
        return len(await uow.tenants.all())


async def test_unit_reads_its_own_writes(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.tenants.add(a_tenant())

        assert await uow.tenants.get(ACME) == a_tenant()


async def test_leaving_without_commit_rolls_back(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.tenants.add(a_tenant())
        uow.record(TenantFounded(tenant_id=ACME))

    assert await count_tenants(store) == 0
    assert await store.outbox.pending() == 0


async def test_error_rolls_everything_back(store: Store) -> None:
    async def get_into_trouble() -> None:
        async with store.transactions() as uow:
            await uow.tenants.add(a_tenant())
            await uow.users.add(a_user())
            uow.record(TenantFounded(tenant_id=ACME))
            raise Trouble

    with pytest.raises(Trouble):
        await get_into_trouble()

    async with store.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.tenants.get(ACME)
        with pytest.raises(NotFound):
            await uow.users.get(a_user().id)
    assert await store.outbox.pending() == 0


async def test_error_after_commit_undoes_nothing(store: Store) -> None:
    async def get_into_trouble() -> None:
        async with store.transactions() as uow:
            await uow.tenants.add(a_tenant())
            await uow.commit()
            raise Trouble

    with pytest.raises(Trouble):
        await get_into_trouble()

    assert await count_tenants(store) == 1


async def test_events_are_stored_by_commit_in_their_order(store: Store, clock: FakeClock) -> None:
    async with store.transactions() as uow:
        uow.record(TenantFounded(tenant_id=GLOBEX))
        uow.record(TenantFounded(tenant_id=ACME))
        await uow.commit()

    entries = await store.outbox.claim(limit=10, at=clock.now(), lease=LEASE)
    assert [entry.event for entry in entries] == [
        TenantFounded(tenant_id=GLOBEX),
        TenantFounded(tenant_id=ACME),
    ]
    assert {entry.occurred_at for entry in entries} == {clock.now()}
    assert len({entry.id for entry in entries}) == 2


async def test_unit_is_entered_once(store: Store) -> None:
    uow = store.transactions()
    async with uow:
        pass

    with pytest.raises(RuntimeError):
        await uow.__aenter__()


async def test_work_outside_of_the_unit_is_refused(store: Store) -> None:
    uow = store.transactions()
    with pytest.raises(RuntimeError):
        await uow.tenants.all()
    async with uow:
        await uow.commit()
        with pytest.raises(RuntimeError):
            await uow.tenants.add(a_tenant())
        with pytest.raises(RuntimeError):
            await uow.commit()


async def test_two_units_run_one_after_the_other(store: Store) -> None:
    steps: list[str] = []
    is_inside = asyncio.Event()

    async def first() -> None:
        async with store.transactions() as uow:
            is_inside.set()
            await uow.tenants.add(a_tenant(1))
            for _ in range(20):
                await asyncio.sleep(0)
            steps.append("first commits")
            await uow.commit()

    async def second() -> None:
        await is_inside.wait()
        async with store.transactions() as uow:
            steps.append("second begins")
            assert len(await uow.tenants.all()) == 1

    async with asyncio.TaskGroup() as group:
        group.create_task(first())
        group.create_task(second())

    assert steps == ["first commits", "second begins"]


async def test_no_increment_of_many_concurrent_units_is_lost(store: Store) -> None:
    await store_tenants(store.transactions, a_tenant())

    async def touch() -> None:
        async with store.transactions() as uow:
            await uow.tenants.save(await uow.tenants.get(ACME))
            await uow.commit()

    await asyncio.gather(*(touch() for _ in range(50)))

    async with store.transactions() as uow:
        assert (await uow.tenants.get(ACME)).version == 50


async def test_readers_see_nothing_that_is_not_committed(store: Store, clock: FakeClock) -> None:
    await store_tenants(store.transactions, a_tenant())
    has_written, may_end = asyncio.Event(), asyncio.Event()

    async def write_and_give_up() -> None:
        async with store.transactions() as uow:
            await uow.api_keys.add(ACME, a_key())
            has_written.set()
            await may_end.wait()

    async def read() -> object:
        await has_written.wait()
        return await store.gateway_reader.principal(a_key().digest, at=clock.now())

    async with asyncio.TaskGroup() as group:
        group.create_task(write_and_give_up())
        seen = [group.create_task(read()) for _ in range(10)]
        await has_written.wait()
        for _ in range(20):
            await asyncio.sleep(0)
        may_end.set()

    assert [task.result() for task in seen] == [None] * 10


async def test_cancelled_unit_rolls_back_and_the_next_one_works(store: Store) -> None:
    has_written = asyncio.Event()

    async def stay_inside() -> None:
        async with store.transactions() as uow:
            await uow.tenants.add(a_tenant())
            has_written.set()
            await asyncio.Event().wait()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(stay_inside())
        await has_written.wait()
        task.cancel()

    assert task.cancelled()
    await store_tenants(store.transactions, a_tenant(2))
    assert await count_tenants(store) == 1


@pytest.mark.parametrize("steps", range(12))
async def test_unit_cancelled_at_any_step_leaves_all_or_nothing(store: Store, steps: int) -> None:
    async def found() -> None:
        async with store.transactions() as uow:
            await uow.tenants.add(a_tenant())
            await uow.api_keys.add(ACME, a_key())
            await uow.commit()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(found())
        for _ in range(steps):
            await asyncio.sleep(0.0002)
        task.cancel()
        task.cancel()

    async with store.transactions() as uow:
        tenants, keys = await uow.tenants.all(), await uow.api_keys.all(ACME)
    assert (len(tenants), len(keys)) in {(0, 0), (1, 1)}
    await store_tenants(store.transactions, a_tenant(2))


async def test_waiting_unit_can_be_cancelled(store: Store) -> None:
    async def found(number: int) -> None:
        await store_tenants(store.transactions, a_tenant(number))

    async with asyncio.TaskGroup() as group, store.transactions():
        waiting = [group.create_task(found(number)) for number in range(1, 6)]
        await asyncio.sleep(0)
        for task in waiting[:3]:
            task.cancel()

    assert [task.cancelled() for task in waiting] == [True] * 3 + [False] * 2
    assert await count_tenants(store) == 2

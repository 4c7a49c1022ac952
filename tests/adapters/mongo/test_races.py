"""Several processes on the same databases: what one of them may have, one of them gets."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.mongo.store import MongoStore
from application.ports.job_queue import QueueFull
from domain.errors import ConcurrentUpdate, Conflict
from domain.events import TenantFounded
from domain.identifiers import EventId, JobId
from domain.job import RetryPolicy
from tests.adapters.mongo.conftest import Deployment
from tests.contract.samples import ACME, a_job, a_key, a_tenant, a_violation, store_tenants
from tests.fakes.clock import START

PROCESSES = 8
LEASE = timedelta(minutes=1)


@pytest.fixture
async def stores(deployment: Deployment) -> Sequence[MongoStore]:
    """Return eight stores with a client each, as eight processes have them."""
    stores = [deployment.store(first_id=1000 * number) for number in range(1, PROCESSES + 1)]
    await stores[0].open()
    return stores


async def outcomes(tries: Sequence[Callable[[], Awaitable[object]]]) -> list[bool]:
    """Try everything at once and tell for each whether it met no conflict."""

    async def attempt(work: Callable[[], Awaitable[object]]) -> bool:
        try:
            await work()
        except Conflict:
            return False
        return True

    return list(await asyncio.gather(*(attempt(work) for work in tries)))


async def test_one_of_200_concurrent_inserts_gets_the_unique_value(
    stores: Sequence[MongoStore],
) -> None:
    def insert(number: int) -> Callable[[], Awaitable[object]]:
        async def work() -> None:
            async with stores[number % PROCESSES].transactions() as uow:
                await uow.api_keys.add(ACME, a_key(number, digest="d" * 64))
                await uow.commit()

        return work

    results = await outcomes([insert(number) for number in range(1, 201)])

    assert results.count(True) == 1
    async with stores[0].transactions() as uow:
        (stored,) = await uow.api_keys.all(ACME)
    assert stored == a_key(results.index(True) + 1, digest="d" * 64)


async def test_one_of_many_concurrent_updates_of_a_version_wins(
    stores: Sequence[MongoStore],
) -> None:
    await store_tenants(stores[0].transactions, a_tenant())

    def rename(number: int) -> Callable[[], Awaitable[object]]:
        async def work() -> None:
            async with stores[number % PROCESSES].transactions() as uow:
                await uow.tenants.save(replace(a_tenant(), name=f"name {number}"))
                await uow.commit()

        return work

    results = await outcomes([rename(number) for number in range(80)])

    assert results.count(True) == 1
    async with stores[0].transactions() as uow:
        stored = await uow.tenants.get(ACME)
    assert (stored.version, stored.name) == (1, f"name {results.index(True)}")


async def test_no_increment_of_several_processes_is_lost(stores: Sequence[MongoStore]) -> None:
    await store_tenants(stores[0].transactions, a_tenant())

    async def touch(store: MongoStore) -> None:
        while True:
            try:
                async with store.transactions() as uow:
                    await uow.tenants.save(await uow.tenants.get(ACME))
                    await uow.commit()
            except ConcurrentUpdate:
                continue
            return

    await asyncio.gather(*(touch(store) for store in stores))

    async with stores[0].transactions() as uow:
        assert (await uow.tenants.get(ACME)).version == PROCESSES


async def test_unit_that_was_overtaken_leaves_nothing(stores: Sequence[MongoStore]) -> None:
    await store_tenants(stores[0].transactions, a_tenant())

    async def be_overtaken() -> None:
        async with stores[1].transactions() as slow:
            tenant = await slow.tenants.get(ACME)
            async with stores[2].transactions() as fast:
                await fast.tenants.save(replace(tenant, name="fast"))
                await fast.commit()
            await slow.violations.add_new(ACME, [a_violation()])
            await slow.tenants.save(replace(tenant, name="slow"))
            await slow.commit()

    with pytest.raises(ConcurrentUpdate):
        await be_overtaken()

    async with stores[0].transactions() as uow:
        assert (await uow.tenants.get(ACME)).name == "fast"
        assert list(await uow.violations.of_record(ACME, a_violation().record_id)) == []


async def test_tenants_that_take_parts_of_one_bucket_at_once_meet(
    stores: Sequence[MongoStore],
) -> None:
    def found(number: int) -> Callable[[], Awaitable[object]]:
        tenant = a_tenant(number, bucket="shared", prefix="a/" * number)

        async def work() -> None:
            async with stores[number % PROCESSES].transactions() as uow:
                await uow.tenants.add(tenant)
                await uow.commit()

        return work

    results = await outcomes([found(number) for number in range(PROCESSES)])

    assert results.count(True) == 1


async def test_units_that_count_the_keys_of_a_tenant_before_adding_one_meet(
    stores: Sequence[MongoStore],
) -> None:
    def issue(number: int) -> Callable[[], Awaitable[object]]:
        async def work() -> None:
            async with stores[number].transactions() as uow:
                if not await uow.api_keys.all(ACME):
                    await uow.api_keys.add(ACME, a_key(number))
                    await uow.commit()

        return work

    await outcomes([issue(number) for number in range(PROCESSES)])

    async with stores[0].transactions() as uow:
        assert len(await uow.api_keys.all(ACME)) == 1


async def test_eight_processes_claim_each_event_of_the_outbox_once(
    stores: Sequence[MongoStore],
) -> None:
    async with stores[0].transactions() as uow:
        for _ in range(60):
            uow.record(TenantFounded(tenant_id=ACME))
        await uow.commit()

    async def relay(store: MongoStore) -> list[EventId]:
        mine: list[EventId] = []
        while entries := await store.outbox.claim(limit=3, at=START, lease=LEASE):
            mine += [entry.id for entry in entries]
        return mine

    claimed = await asyncio.gather(*(relay(store) for store in stores))

    ids = [event_id for mine in claimed for event_id in mine]
    assert len(ids) == len(set(ids)) == 60


async def test_one_entry_is_claimed_by_one_of_eight_processes(
    stores: Sequence[MongoStore],
) -> None:
    async with stores[0].transactions() as uow:
        uow.record(TenantFounded(tenant_id=ACME))
        await uow.commit()

    claims = await asyncio.gather(
        *(store.outbox.claim(limit=1, at=START, lease=LEASE) for store in stores)
    )

    assert sorted(len(entries) for entries in claims) == [0] * (PROCESSES - 1) + [1]


async def test_eight_processes_never_hold_one_job_together(stores: Sequence[MongoStore]) -> None:
    queues = [store.job_queue(capacity=100, retry=RetryPolicy()) for store in stores]
    for number in range(24):
        await queues[0].put(a_job(number))

    async def work(number: int) -> list[JobId]:
        mine: list[JobId] = []
        while job := await queues[number].lease(
            token=f"{number}-{len(mine)}", at=START, duration=LEASE
        ):
            mine.append(job.id)
        return mine

    leased = await asyncio.gather(*(work(number) for number in range(PROCESSES)))

    ids = [job_id for mine in leased for job_id in mine]
    assert len(ids) == len(set(ids)) == 24


async def test_processes_that_queue_at_once_keep_to_the_capacity(
    stores: Sequence[MongoStore],
) -> None:
    queues = [store.job_queue(capacity=3, retry=RetryPolicy()) for store in stores]

    async def put(number: int) -> bool:
        try:
            return await queues[number].put(a_job(number))
        except QueueFull:
            return False

    results = await asyncio.gather(*(put(number) for number in range(PROCESSES)))

    assert results.count(True) == 3

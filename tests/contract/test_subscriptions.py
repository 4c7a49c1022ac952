"""What `Subscriptions` promises of every store."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings

from domain.errors import ConcurrentUpdate, Conflict, InvalidValue
from domain.identifiers import TenantId
from domain.subscription import EVENTS_KEPT, Payment, PaymentState, Plan, Subscription
from tests.contract.samples import ACME, GLOBEX
from tests.contract.stores import Store
from tests.fakes.clock import FakeClock
from tests.strategies import subscriptions

ACTIVE = Payment(id="sub_1", state=PaymentState.ACTIVE, plan=Plan.TEAM)


async def save(store: Store, subscription: Subscription) -> None:
    async with store.transactions() as uow:
        await uow.subscriptions.save(subscription.tenant_id, subscription)
        await uow.commit()


async def stored(store: Store, tenant_id: TenantId = ACME) -> Subscription:
    async with store.transactions() as uow:
        return await uow.subscriptions.get(tenant_id)


async def test_tenant_without_a_subscription_has_nothing_to_do_with_payments(store: Store) -> None:
    assert await stored(store) == Subscription(tenant_id=ACME)


@given(subscription=subscriptions())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
async def test_subscription_is_kept_whole(store: Store, subscription: Subscription) -> None:
    async with store.transactions() as uow:
        known = await uow.subscriptions.get(ACME)
        ours = replace(subscription, tenant_id=ACME, version=known.version)
        await uow.subscriptions.save(ACME, ours)
        assert await uow.subscriptions.get(ACME) == replace(ours, version=ours.version + 1)


async def test_customer_leads_to_its_tenant(store: Store) -> None:
    await save(store, Subscription(tenant_id=ACME, customer="cus_1"))
    await save(store, Subscription(tenant_id=GLOBEX))

    async with store.transactions() as uow:
        found = await uow.subscriptions.by_customer("cus_1")
        nobody = await uow.subscriptions.by_customer("cus_2")

    assert found == Subscription(tenant_id=ACME, customer="cus_1", version=1)
    assert nobody is None


async def test_customer_belongs_to_one_tenant(store: Store) -> None:
    await save(store, Subscription(tenant_id=ACME, customer="cus_1"))

    with pytest.raises(Conflict) as caught:
        await save(store, Subscription(tenant_id=GLOBEX, customer="cus_1"))

    assert caught.value.code == "billing.customer_taken"


async def test_several_tenants_may_be_without_a_customer(store: Store) -> None:
    await save(store, Subscription(tenant_id=ACME))
    await save(store, Subscription(tenant_id=GLOBEX))

    assert (await stored(store, GLOBEX)).version == 1


async def test_change_that_somebody_else_was_quicker_with_is_refused(store: Store) -> None:
    first = Subscription(tenant_id=ACME, customer="cus_1")
    await save(store, first)
    known = await stored(store)
    await save(store, known.follow(ACTIVE))

    for stale in (first, known):
        with pytest.raises(ConcurrentUpdate):
            await save(store, stale)

    assert (await stored(store)).payment == ACTIVE


async def test_subscription_of_another_tenant_is_refused(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.subscriptions.save(ACME, Subscription(tenant_id=GLOBEX))


async def test_event_is_applied_once(store: Store, clock: FakeClock) -> None:
    async def apply() -> bool:
        try:
            async with store.transactions() as uow:
                is_new = await uow.subscriptions.note_applied("evt_1", at=clock.now())
                await uow.commit()
        except ConcurrentUpdate:
            return False
        return is_new

    first = await asyncio.gather(*(apply() for _ in range(10)))

    assert first.count(True) == 1
    assert not await apply()
    async with store.transactions() as uow:
        assert await uow.subscriptions.is_applied("evt_1")
        assert not await uow.subscriptions.is_applied("evt_2")


async def test_event_of_a_unit_that_was_not_committed_counts_for_nothing(
    store: Store, clock: FakeClock
) -> None:
    async with store.transactions() as uow:
        await uow.subscriptions.note_applied("evt_1", at=clock.now())

    async with store.transactions() as uow:
        assert not await uow.subscriptions.is_applied("evt_1")


async def test_events_are_remembered_for_a_long_time(store: Store, clock: FakeClock) -> None:
    for event_id, later in (("evt_1", timedelta()), ("evt_2", EVENTS_KEPT)):
        async with store.transactions() as uow:
            await uow.subscriptions.note_applied(event_id, at=clock.now() + later)
            await uow.commit()

    async with store.transactions() as uow:
        assert await uow.subscriptions.is_applied("evt_1")
        assert await uow.subscriptions.is_applied("evt_2")

"""The contracts of `Webhooks` and `WebhookDeliveries`."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alert import AlertState
from domain.detection.taxonomy import Severity
from domain.errors import ConcurrentUpdate, InvalidValue
from domain.events import ViolationsRecorded
from domain.identifiers import TenantId, ViolationId, WebhookId
from domain.webhook_delivery import DeliveryState, WebhookDelivery, delivery_id
from tests.contract.samples import ACME, GLOBEX
from tests.contract.stores import Store
from tests.fakes.clock import START

LEASE, SECOND = timedelta(minutes=2), timedelta(seconds=1)
ONE, OTHER = WebhookId("whk_1"), WebhookId("whk_2")


def a_delivery(
    number: int = 1, webhook_id: WebhookId = ONE, tenant_id: TenantId = ACME
) -> WebhookDelivery:
    return WebhookDelivery(
        id=delivery_id(webhook_id, f"evt_{number}"),
        tenant_id=tenant_id,
        webhook_id=webhook_id,
        cause=ViolationsRecorded(
            tenant_id=tenant_id,
            violation_ids=(ViolationId(f"vio_{number}"),),
            highest=Severity.HIGH,
        ),
        created_at=START + number * SECOND,
    )


async def add(store: Store, *deliveries: WebhookDelivery) -> list[bool]:
    async with store.transactions() as uow:
        added = [await uow.webhooks.add(one.tenant_id, one) for one in deliveries]
        await uow.commit()
    return added


async def claim(
    store: Store, *, seconds: float = 60, busy: tuple[WebhookId, ...] = ()
) -> WebhookDelivery | None:
    at = START + timedelta(seconds=seconds)
    return await store.webhook_deliveries.claim(at=at, lease=LEASE, busy=busy)


async def test_delivery_is_queued_once(store: Store) -> None:
    first = await add(store, a_delivery())
    again = await add(store, a_delivery().held(at=START), a_delivery(2))

    assert (first, again) == ([True], [False, True])
    assert await store.webhook_deliveries.pending() == 2


async def test_delivery_that_ended_is_not_queued_again(store: Store) -> None:
    await add(store, a_delivery())
    claimed = await claim(store)
    assert claimed is not None
    await store.webhook_deliveries.save(ACME, claimed.delivered(at=START))

    assert await add(store, a_delivery()) == [False]
    assert await claim(store, seconds=9999) is None


async def test_delivery_without_its_commit_was_never_queued(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.webhooks.add(ACME, a_delivery())

    assert await store.webhook_deliveries.pending() == 0


async def test_oldest_is_claimed_first_and_by_one_alone(store: Store) -> None:
    await add(store, a_delivery(2), a_delivery(1), a_delivery(3).held(at=START))

    claims = [await claim(store) for _ in range(3)]

    assert claims == [
        replace(a_delivery(n), attempts=1, not_before=START + 60 * SECOND + LEASE) for n in (1, 2)
    ] + [None]


async def test_claim_ends_with_its_lease(store: Store) -> None:
    await add(store, a_delivery())

    claims = [await claim(store, seconds=at) for at in (0, 119, 120)]

    assert [one and one.attempts for one in claims] == [1, None, 2]


async def test_claims_at_the_same_time_are_of_different_deliveries(store: Store) -> None:
    await add(store, *[a_delivery(number) for number in range(5)])

    claims = await asyncio.gather(*[claim(store) for _ in range(8)])

    assert len({one.id for one in claims if one is not None}) == 5


async def test_busy_webhook_is_left_alone(store: Store) -> None:
    await add(store, a_delivery(1), a_delivery(2), a_delivery(3, OTHER))

    claimed = await claim(store, busy=(ONE,))

    assert claimed is not None
    assert claimed.webhook_id == OTHER
    assert await claim(store, busy=(ONE, OTHER)) is None


async def test_delivery_waits_until_its_time(store: Store) -> None:
    await add(store, a_delivery())
    first = await claim(store, seconds=0)
    assert first is not None
    later = first.unanswered("webhook.timeout", at=START, draw=1.0)
    await store.webhook_deliveries.save(ACME, later)

    early, due = await claim(store, seconds=19), await claim(store, seconds=20)

    assert early is None
    assert due is not None
    assert (due.attempts, due.error) == (2, "webhook.timeout")


async def test_try_that_somebody_else_took_over_is_not_stored(store: Store) -> None:
    await add(store, a_delivery())
    slow = await claim(store, seconds=0)
    taken = await claim(store, seconds=300)
    assert slow is not None
    assert taken is not None

    await store.webhook_deliveries.save(ACME, slow.failed("webhook.status_404", at=START))
    after_failure = await store.webhook_deliveries.latest(ACME, ONE, limit=1)
    await store.webhook_deliveries.save(ACME, slow.delivered(at=START))
    await store.webhook_deliveries.save(ACME, taken.failed("webhook.status_404", at=START))

    (kept,) = await store.webhook_deliveries.latest(ACME, ONE, limit=1)
    assert after_failure == [taken]
    assert kept.state is DeliveryState.DELIVERED


async def test_log_is_read_newest_first_by_tenant_and_webhook(store: Store) -> None:
    await add(
        store,
        *[a_delivery(number) for number in (2, 1, 3)],
        a_delivery(4, OTHER),
        a_delivery(5, ONE, GLOBEX),
    )

    latest = await store.webhook_deliveries.latest(ACME, ONE, limit=2)

    assert list(latest) == [a_delivery(3), a_delivery(2)]


async def test_only_what_ended_long_ago_is_forgotten(store: Store) -> None:
    await add(store, *[a_delivery(number) for number in (1, 2, 3)])
    for ended in (START, START + 10 * SECOND):
        claimed = await claim(store)
        assert claimed is not None
        await store.webhook_deliveries.save(ACME, claimed.delivered(at=ended))

    pruned = [
        await store.webhook_deliveries.prune(before=START + 5 * SECOND, limit=9) for _ in "ab"
    ]

    assert pruned == [1, 0]
    assert [one.id for one in await store.webhook_deliveries.latest(ACME, ONE, limit=9)] == [
        a_delivery(3).id,
        a_delivery(2).id,
    ]


async def test_state_of_each_webhook_is_its_own(store: Store) -> None:
    state = AlertState(tenant_id=ACME, window_began=START, sent=3)
    async with store.transactions() as uow:
        await uow.webhooks.save_state(ACME, ONE, state)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.webhooks.state(ACME, ONE) == replace(state, version=1)
        assert await uow.webhooks.state(ACME, OTHER) == AlertState(tenant_id=ACME)
        assert await uow.webhooks.state(GLOBEX, ONE) == AlertState(tenant_id=GLOBEX)
        assert await uow.settings.alert_state(ACME) == AlertState(tenant_id=ACME)


async def test_state_that_changed_meanwhile_is_not_overwritten(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.webhooks.save_state(ACME, ONE, AlertState(tenant_id=ACME, sent=1))
        await uow.commit()

    async with store.transactions() as uow:
        for stale in (AlertState(tenant_id=ACME), AlertState(tenant_id=ACME, version=7)):
            with pytest.raises(ConcurrentUpdate):
                await uow.webhooks.save_state(ACME, ONE, stale)


async def test_nothing_is_stored_for_another_tenant(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.webhooks.add(GLOBEX, a_delivery())
        with pytest.raises(InvalidValue):
            await uow.webhooks.save_state(GLOBEX, ONE, AlertState(tenant_id=ACME))
    with pytest.raises(InvalidValue):
        await store.webhook_deliveries.save(GLOBEX, a_delivery())

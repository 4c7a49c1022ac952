"""What `application.ports.outbox` promises: each event to one claimant at a time, none lost."""

import asyncio
from datetime import timedelta

from domain.detection.taxonomy import Severity
from domain.events import Event, KeyIssued, PolicyActivated, TenantFounded, ViolationsRecorded
from domain.identifiers import EventId
from tests.contract.samples import ACME, POLICY, a_key, a_violation, sample_id
from tests.contract.stores import Store
from tests.fakes.clock import FakeClock

LEASE = timedelta(minutes=1)
EVENTS: tuple[Event, ...] = (
    TenantFounded(tenant_id=ACME),
    KeyIssued(tenant_id=ACME, key_id=a_key().id),
    PolicyActivated(tenant_id=ACME, policy_id=POLICY, number=2),
    ViolationsRecorded(
        tenant_id=ACME, violation_ids=(a_violation().id,), highest=Severity.CRITICAL
    ),
)


async def record(store: Store, *events: Event) -> None:
    async with store.transactions() as uow:
        for event in events:
            uow.record(event)
        await uow.commit()


async def test_events_come_oldest_first_and_whole(store: Store, clock: FakeClock) -> None:
    await record(store, *EVENTS)

    entries = await store.outbox.claim(limit=10, at=clock.now(), lease=LEASE)

    assert tuple(entry.event for entry in entries) == EVENTS
    assert [entry.attempts for entry in entries] == [1] * len(EVENTS)


async def test_claim_takes_no_more_than_the_limit(store: Store, clock: FakeClock) -> None:
    await record(store, *EVENTS)

    first = await store.outbox.claim(limit=3, at=clock.now(), lease=LEASE)
    none = await store.outbox.claim(limit=0, at=clock.now(), lease=LEASE)
    rest = await store.outbox.claim(limit=3, at=clock.now(), lease=LEASE)

    assert [len(first), len(none), len(rest)] == [3, 0, 1]


async def test_claimed_event_comes_again_after_its_lease(store: Store, clock: FakeClock) -> None:
    await record(store, EVENTS[0])
    await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)

    clock.advance(59.999)
    early = await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)
    clock.advance(0.001)
    late = await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)

    assert list(early) == []
    assert [entry.attempts for entry in late] == [2]


async def test_delivered_event_is_forgotten(store: Store, clock: FakeClock) -> None:
    await record(store, EVENTS[0])
    (entry,) = await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)

    await store.outbox.delivered(entry.id)
    await store.outbox.delivered(entry.id)

    clock.advance(3600)
    assert list(await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)) == []
    assert await store.outbox.pending() == 0


async def test_returned_event_waits_for_its_time(store: Store, clock: FakeClock) -> None:
    await record(store, *EVENTS[:2])
    first, second = await store.outbox.claim(limit=2, at=clock.now(), lease=LEASE)

    await store.outbox.retry(
        first.id, not_before=clock.now() + timedelta(seconds=10), reason="mail away"
    )

    clock.advance(9)
    assert list(await store.outbox.claim(limit=9, at=clock.now(), lease=LEASE)) == []
    clock.advance(1)
    again = await store.outbox.claim(limit=9, at=clock.now(), lease=LEASE)
    assert [(entry.id, entry.attempts) for entry in again] == [(first.id, 2)]
    assert second.id != first.id


async def test_buried_event_is_neither_claimed_nor_counted(store: Store, clock: FakeClock) -> None:
    await record(store, *EVENTS[:2])
    first, second = await store.outbox.claim(limit=2, at=clock.now(), lease=LEASE)

    await store.outbox.bury(first.id, reason="no such handler")
    await store.outbox.retry(first.id, not_before=clock.now(), reason="a late worker")

    clock.advance(3600)
    again = await store.outbox.claim(limit=9, at=clock.now(), lease=LEASE)
    assert [entry.id for entry in again] == [second.id]
    assert await store.outbox.pending() == 1


async def test_waiting_and_claimed_events_are_pending(store: Store, clock: FakeClock) -> None:
    await record(store, *EVENTS[:3])

    await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)

    assert await store.outbox.pending() == 3


async def test_unknown_events_are_ignored(store: Store, clock: FakeClock) -> None:
    unknown = EventId(sample_id("evt", 99))

    await store.outbox.delivered(unknown)
    await store.outbox.retry(unknown, not_before=clock.now(), reason="")
    await store.outbox.bury(unknown, reason="")

    assert await store.outbox.pending() == 0


async def test_reason_may_hold_any_text(store: Store, clock: FakeClock) -> None:
    await record(store, EVENTS[0])
    (entry,) = await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)

    await store.outbox.retry(entry.id, not_before=clock.now(), reason="half \ud83d\n\x00")

    assert len(await store.outbox.claim(limit=1, at=clock.now(), lease=LEASE)) == 1


async def test_concurrent_claimants_get_each_event_once(store: Store, clock: FakeClock) -> None:
    await record(store, *(TenantFounded(tenant_id=ACME) for _ in range(60)))

    async def work() -> list[EventId]:
        mine: list[EventId] = []
        while entries := await store.outbox.claim(limit=3, at=clock.now(), lease=LEASE):
            mine += [entry.id for entry in entries]
        return mine

    claimed = await asyncio.gather(*(work() for _ in range(8)))

    ids = [event_id for mine in claimed for event_id in mine]
    assert len(ids) == len(set(ids)) == 60

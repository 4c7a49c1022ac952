"""From the journal to the tenant's storage: once, whatever happens on the way."""

import asyncio
from typing import Any

import pytest

from adapters.notifications.direct import DirectEvents
from application.ports.object_storage import AccessDenied
from domain.api_key import KeyLimits
from domain.audit_chain import verify_chain
from domain.authorisation import OPERATOR
from domain.errors import DomainError, Unavailable
from domain.job import JobState
from tests.fakes.deployment import RETRY, Customer, Deployment
from tests.fakes.detectors import CARD, MAIL
from tests.fakes.interruptions import (
    Fuse,
    FusedEvents,
    FusedJournal,
    FusedStorages,
    FusedTransactions,
    Killed,
)

STEPS = [
    f"{when} {step}"
    for step in ("put", "commit", "event", "remove")
    for when in ("before", "after")
]


async def usage_rows(deployment: Deployment, customer: Customer) -> int:
    """Return what the key spent in all, in the cost of one scripted answer."""
    spent = await deployment.reader.spent(
        customer.tenant.id, customer.issued.key.id, since=customer.tenant.created_at
    )
    return spent // (10 * 100 + 5 * 1000)


async def test_segment_becomes_one_object_with_an_unbroken_chain(
    deployment: Deployment, acme: Customer
) -> None:
    for number in range(5):
        await acme.chat(f"message {number}")

    left = await deployment.ship()

    records = await acme.stored_records()
    check = verify_chain(records, prev="0" * 64)
    assert left == 0
    assert await deployment.records() == []
    assert [item.key for item in await acme.objects()] != []
    assert len(await acme.objects()) == 1
    assert [one["request"]["messages"][0]["content"] for one in records] == [  # type: ignore[index]
        f"message {number}" for number in range(5)
    ]
    assert check.breaks == ()
    assert check.head.count == 5


async def test_chain_goes_on_from_object_to_object_and_over_a_restart(
    deployment: Deployment, acme: Customer
) -> None:
    for number in range(3):
        await acme.chat(f"message {number}")
        await deployment.ship()
        await deployment.restart()

    report = await deployment.verify(OPERATOR, acme.tenant.slug)

    assert (report.objects, report.records, report.damages) == (3, 3, ())


async def test_nothing_to_ship_makes_no_object(deployment: Deployment, acme: Customer) -> None:
    assert await deployment.ship() == 0
    assert await acme.objects() == []


async def test_tenants_get_objects_of_their_own(deployment: Deployment, acme: Customer) -> None:
    globex = await deployment.customer("globex")
    for customer in (acme, globex, acme):
        await customer.chat("hello")

    await deployment.ship()

    assert [one["tenant"] for one in await acme.stored_records()] == ["acme", "acme"]
    assert [one["tenant"] for one in await globex.stored_records()] == ["globex"]


@pytest.mark.parametrize("step", STEPS)
async def test_interrupted_shipping_goes_on_where_it_was(
    deployment: Deployment, acme: Customer, step: str
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    await acme.chat("hello", model="scripted")
    fuse = Fuse(step)
    whole = (deployment.storages, deployment.transactions)
    deployment.storages = FusedStorages(deployment.storages, fuse)
    deployment.transactions = FusedTransactions(deployment.transactions, fuse)
    deployment.events = FusedEvents(DirectEvents(deployment.accept_event), fuse)
    deployment.journal = FusedJournal(deployment.journal, fuse)
    with pytest.raises(Killed):
        await deployment.ship()

    deployment.storages, deployment.transactions = whole
    deployment.events = None
    await deployment.restart()
    left = await deployment.ship()
    await deployment.analyse_all()

    report = await deployment.verify(OPERATOR, acme.tenant.slug)
    violations = await acme.violations()
    assert left == 0
    assert (report.objects, report.records, report.damages) == (1, 2, ())
    assert [one.type for one in violations] == ["CREDIT_CARD"]
    assert await usage_rows(deployment, acme) == 2
    assert (await deployment.store.job_records.counts())[JobState.DONE] == 1
    assert await deployment.store.outbox.pending() >= 1


@pytest.mark.parametrize("trouble", [Unavailable("storage"), AccessDenied("no")])
async def test_storage_that_is_away_keeps_its_segment_and_nobody_elses(
    deployment: Deployment, acme: Customer, trouble: DomainError
) -> None:
    globex = await deployment.customer("globex")
    await acme.chat("hello")
    await globex.chat("hello")
    storages = deployment.storages
    deployment.storages = FusedStorages(storages, troubles={acme.tenant.storage.bucket: trouble})

    first = await deployment.ship()
    deployment.storages = storages
    during = (len(await acme.objects()), len(await globex.objects()))
    second = await deployment.ship()

    assert (first, second) == (1, 0)
    assert during == (0, 1)
    assert len(await acme.objects()) == len(await globex.objects()) == 1
    for customer in (acme, globex):
        assert (await deployment.verify(OPERATOR, customer.tenant.slug)).damages == ()


async def test_segments_behind_one_that_waits_are_shipped(
    deployment: Deployment, acme: Customer
) -> None:
    storages = deployment.storages
    away = FusedStorages(storages, troubles={acme.tenant.storage.bucket: Unavailable("storage")})
    await acme.chat("one")
    deployment.storages = away
    await deployment.ship()
    await acme.chat("two")
    await deployment.ship()

    deployment.storages = storages
    left = await deployment.ship()

    report = await deployment.verify(OPERATOR, acme.tenant.slug)
    assert left == 0
    assert (report.objects, report.records, report.damages) == (2, 2, ())


async def test_foreign_object_under_the_same_name_is_not_overwritten(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat("hello")
    fuse = Fuse("after put")
    storages = deployment.storages
    deployment.storages = FusedStorages(storages, fuse)
    with pytest.raises(Killed):
        await deployment.ship()
    deployment.storages = storages
    (item,) = await acme.objects()
    await storages.of(acme.tenant.storage).delete(item.key)
    await storages.of(acme.tenant.storage).create(item.key, b"{}\n", content_type="x")

    left = await deployment.ship()

    assert left == 1
    assert await acme.stored_records() == [{}]


async def test_full_queue_keeps_the_segment(deployment: Deployment, acme: Customer) -> None:
    deployment.queue = deployment.store.job_queue(capacity=1, retry=RETRY)
    await acme.chat("one")
    await deployment.ship()
    await acme.chat("two")

    waiting = await deployment.ship()
    await deployment.analyse_all()
    left = await deployment.ship()

    assert (waiting, left) == (1, 0)
    assert len(await acme.objects()) == 2


async def test_text_with_half_a_surrogate_pair_is_shipped_and_analysed(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.ask(
        model="scripted",
        user="\ud800",
        messages=[{"role": "user", "content": f"\ud83d {CARD} \udfff"}],
    )

    await deployment.settle()

    (record,) = await acme.stored_records()
    (violation,) = await acme.violations()
    content: Any = record
    assert content["request"]["messages"][0]["content"] == f"\ud83d {CARD} \udfff"
    assert CARD not in violation.evidence


async def test_records_of_many_at_once_are_in_one_chain(deployment: Deployment) -> None:
    customer = await deployment.customer(limits=KeyLimits(concurrent=100))

    await asyncio.gather(*(customer.chat(f"mail {MAIL} {number}") for number in range(50)))
    await deployment.ship()

    report = await deployment.verify(OPERATOR, customer.tenant.slug)
    assert (report.records, report.damages) == (50, ())

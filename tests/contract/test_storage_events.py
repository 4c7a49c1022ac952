"""What becomes of events about stored objects, over every store: whose they are, in what order."""

import itertools
from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.telemetry.silent import SilentTelemetry
from application.analytics.accept_event import Acceptance, AcceptEvent
from domain.identifiers import TenantId
from domain.job import ObjectRef, RetryPolicy
from domain.tenant import StorageProvider
from tests.contract.samples import ACME, GLOBEX, a_tenant, store_tenants
from tests.contract.stores import Store
from tests.fakes.clock import FakeClock

BUCKET = "shared-bucket"
HOUR = "audit/v1/dt=2026-11-24/hr=02/"
FIRST, SECOND = (f"{HOUR}gateway1-01JDEEDMYT000000000000000{one}.jsonl.gz" for one in "12")
FOREIGN = "exports/openai.jsonl"
LEASE = timedelta(minutes=1)


@pytest.fixture
async def accept(store: Store, clock: FakeClock) -> AcceptEvent:
    """Accept events for tenants that share a bucket, and one whose bucket is its own."""
    await store_tenants(
        store.transactions,
        a_tenant(1, bucket=BUCKET, prefix="acme/"),
        a_tenant(2, bucket=BUCKET, prefix="globex/logs/"),
        a_tenant(3),
        a_tenant(4, bucket=BUCKET, prefix="acme/", provider=StorageProvider.S3),
    )
    return AcceptEvent(
        transactions=store.transactions,
        queue=store.job_queue(capacity=1000, retry=RetryPolicy()),
        clock=clock,
        telemetry=SilentTelemetry(),
    )


def stored(key: str, *, revision: str = "", provider: str = "LOCAL") -> ObjectRef:
    return ObjectRef(provider=provider, bucket=BUCKET, key=key, revision=revision)


async def jobs_of(store: Store, tenant_id: TenantId) -> Sequence[ObjectRef]:
    """Return the objects of a tenant's jobs, in the order in which they were accepted."""
    jobs = await store.job_records.of_tenant(tenant_id)
    return [job.object for job in reversed(jobs)]


async def test_each_tenant_gets_the_objects_under_its_own_prefix(
    store: Store, accept: AcceptEvent
) -> None:
    keys = [f"acme/{FIRST}", f"globex/logs/{FIRST}", f"acme/{FOREIGN}", f"globex/logs/{FOREIGN}"]

    results = [await accept(stored(key)) for key in keys]

    assert results == [Acceptance.ACCEPTED] * 4
    assert [ref.key for ref in await jobs_of(store, ACME)] == [keys[0], keys[2]]
    assert [ref.key for ref in await jobs_of(store, GLOBEX)] == [keys[1], keys[3]]


@pytest.mark.parametrize(
    "key",
    [
        FIRST,
        f"initech/{FIRST}",
        f"acme2/{FIRST}",
        f"acm/{FIRST}",
        f"ACME/{FIRST}",
        f"old/acme/{FIRST}",
        f"globex/{FIRST}",
        f"globex/logs2/{FIRST}",
        "acme",
        "acme.jsonl",
    ],
)
async def test_objects_under_other_prefixes_are_nobodys(
    store: Store, accept: AcceptEvent, key: str
) -> None:
    assert await accept(stored(key)) is Acceptance.IGNORED

    assert await store.job_records.all() == []


@pytest.mark.parametrize(
    "key",
    [
        "audit/v1/anchors/dt=2026-11-24/gateway1-01JDEEDMYT0000000000000001.json",
        "README.md",
        "report.csv",
        f"{FIRST}.tmp",
    ],
)
async def test_what_lies_under_the_prefix_and_is_no_log_is_ignored(
    store: Store, accept: AcceptEvent, key: str
) -> None:
    assert await accept(stored(f"acme/{key}")) is Acceptance.IGNORED

    assert await store.job_records.all() == []


async def test_same_place_at_another_provider_is_another_tenants(
    store: Store, accept: AcceptEvent
) -> None:
    results = [
        await accept(stored(f"acme/{FIRST}", provider=provider)) for provider in ("S3", "GCP")
    ]

    assert results == [Acceptance.ACCEPTED, Acceptance.IGNORED]
    assert await jobs_of(store, ACME) == []


async def test_later_object_may_be_told_of_first(store: Store, accept: AcceptEvent) -> None:
    results = [await accept(stored(f"acme/{key}")) for key in (SECOND, FIRST, SECOND, FIRST)]

    assert results == [*[Acceptance.ACCEPTED] * 2, *[Acceptance.DUPLICATE] * 2]
    assert [ref.key for ref in await jobs_of(store, ACME)] == [f"acme/{SECOND}", f"acme/{FIRST}"]


@pytest.mark.parametrize("order", [*itertools.permutations(("v1", "v2", "v3"))])
async def test_every_version_of_a_foreign_log_is_a_job_in_whatever_order_they_come(
    store: Store, accept: AcceptEvent, order: tuple[str, ...]
) -> None:
    versions = [stored(f"acme/{FOREIGN}", revision=one, provider="S3") for one in order]

    first = [await accept(ref) for ref in versions]
    again = [await accept(ref) for ref in reversed(versions)]

    assert (first, again) == ([Acceptance.ACCEPTED] * 3, [Acceptance.DUPLICATE] * 3)
    assert {ref.revision for ref in await jobs_of(store, a_tenant(4).id)} == {"v1", "v2", "v3"}


async def test_event_that_comes_when_its_job_is_done_changes_nothing(
    store: Store, accept: AcceptEvent, clock: FakeClock
) -> None:
    await accept(stored(f"acme/{FIRST}"))
    queue = store.job_queue(capacity=1000, retry=RetryPolicy())
    job = await queue.lease(token="t", at=clock.now(), duration=LEASE)
    assert job is not None
    async with store.transactions() as uow:
        done = await uow.jobs.finish(ACME, job.id, lease="t", at=clock.now())
        await uow.commit()

    late = await accept(stored(f"acme/{FIRST}"))

    assert late is Acceptance.DUPLICATE
    assert await store.job_records.get(job.id) == done

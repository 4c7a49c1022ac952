"""What `TenantData` promises of every store: all that a tenant stored goes, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.alert import AlertSettings, AlertState
from domain.audit import AuditDamage, ChainHead
from domain.identifiers import TenantId, UpstreamId, WebhookId
from domain.job import RetryPolicy
from domain.subscription import Subscription
from tests.contract.samples import (
    ACME,
    GLOBEX,
    POLICY,
    a_job,
    a_key,
    a_revision,
    a_tenant,
    a_usage,
    a_user,
    a_violation,
    an_upstream,
    sample_id,
    store_tenants,
    store_violations,
)
from tests.contract.stores import Store
from tests.contract.test_repositories_administration import an_entry, an_invitation
from tests.contract.test_webhook_deliveries import a_delivery
from tests.fakes.clock import START

WEBHOOK = WebhookId("whk_1")
DAMAGE = AuditDamage(object_key="audit/v1/a.jsonl.gz", line=3, reason="changed", found_at=START)
ROWS = 16
"""What `fill` stores for each tenant."""


async def fill(store: Store, tenant_id: TenantId, number: int) -> None:
    """Store one row of every kind."""
    async with store.transactions() as uow:
        await uow.api_keys.add(tenant_id, a_key(number, tenant_id=tenant_id))
        upstream = replace(
            an_upstream(tenant_id=tenant_id), id=UpstreamId(sample_id("ups", number))
        )
        await uow.upstreams.add(tenant_id, upstream)
        await uow.policies.add(tenant_id, a_revision(tenant_id=tenant_id))
        await uow.policies.activate(tenant_id, POLICY, 1, at=START)
        await uow.settings.save_alerts(tenant_id, AlertSettings(tenant_id=tenant_id))
        await uow.settings.save_alert_state(tenant_id, AlertState(tenant_id=tenant_id, sent=1))
        await uow.webhooks.save_state(tenant_id, WEBHOOK, AlertState(tenant_id=tenant_id, sent=1))
        await uow.webhooks.add(tenant_id, a_delivery(number, tenant_id=tenant_id))
        await uow.audit.add_damages(tenant_id, [DAMAGE])
        await uow.audit.save_head(tenant_id, "gateway1", ChainHead(hash="a" * 64, count=1))
        await uow.audit.add_usage(tenant_id, [a_usage(number, tenant_id=tenant_id)])
        await uow.invitations.add(tenant_id, an_invitation(number, tenant_id))
        await uow.administration.add(tenant_id, an_entry(number, tenant_id))
        await uow.subscriptions.save(
            tenant_id, Subscription(tenant_id=tenant_id, customer=f"cus_{number}")
        )
        await uow.commit()
    await store_violations(
        store.transactions, [a_violation(number, tenant_id=tenant_id)], tenant_id
    )
    queue = store.job_queue(capacity=1000, retry=RetryPolicy())
    await queue.put(a_job(number, tenant_id=tenant_id))


async def left(store: Store, tenant_id: TenantId) -> Mapping[str, int]:
    """Return how much of each kind a tenant has."""
    async with store.transactions() as uow:
        active = await uow.policies.active(tenant_id, at=START)
        return {
            "keys": len(await uow.api_keys.all(tenant_id)),
            "upstreams": len(await uow.upstreams.all(tenant_id)),
            "policies": len(await uow.policies.all(tenant_id)),
            "active": int(active is not None),
            "alerts": (await uow.settings.alerts(tenant_id)).version,
            "alert state": (await uow.settings.alert_state(tenant_id)).version,
            "webhook state": (await uow.webhooks.state(tenant_id, WEBHOOK)).version,
            "deliveries": len(await store.webhook_deliveries.latest(tenant_id, WEBHOOK, limit=9)),
            "damages": len(await uow.audit.damages(tenant_id)),
            "heads": len(await uow.audit.heads(tenant_id)),
            "usage": await store.gateway_reader.spent(tenant_id, a_key(1).id, since=START) // 1000,
            "invitations": len(await uow.invitations.all(tenant_id)),
            "administration": len(await uow.administration.latest(tenant_id, limit=9)),
            "subscription": (await uow.subscriptions.get(tenant_id)).version,
            "violations": len(await uow.violations.of_record(tenant_id, a_violation().record_id)),
            "jobs": len(await store.job_records.of_tenant(tenant_id)),
        }


async def two_tenants(store: Store) -> None:
    await store_tenants(store.transactions, a_tenant(1), a_tenant(2))
    await fill(store, ACME, 1)
    await fill(store, GLOBEX, 2)


async def test_everything_of_a_tenant_goes_and_nothing_of_another(store: Store) -> None:
    await two_tenants(store)
    before = await left(store, ACME), await left(store, GLOBEX)

    deleted = await store.tenant_data.purge(ACME, limit=1000)
    again = await store.tenant_data.purge(ACME, limit=1000)

    assert set(before[0].values()) == set(before[1].values()) == {1}
    assert (deleted, again) == (ROWS, 0)
    assert set((await left(store, ACME)).values()) == {0}
    assert await left(store, GLOBEX) == before[1]


async def test_tenant_and_its_people_stay(store: Store) -> None:
    await two_tenants(store)
    async with store.transactions() as uow:
        await uow.users.add(a_user())
        await uow.commit()

    await store.tenant_data.purge(ACME, limit=1000)

    async with store.transactions() as uow:
        assert await uow.tenants.get(ACME) == a_tenant(1)
        assert await uow.tenants.of_user(a_user().id) == [a_tenant(1)]
        assert await uow.users.get(a_user().id) == a_user()


async def test_no_more_rows_go_at_once_than_asked_for(store: Store) -> None:
    await two_tenants(store)

    deleted = [await store.tenant_data.purge(ACME, limit=5) for _ in range(5)]

    assert deleted == [5, 5, 5, 1, 0]


async def test_counts_of_jobs_follow(store: Store) -> None:
    await two_tenants(store)

    await store.tenant_data.purge(ACME, limit=1000)

    assert sum((await store.job_records.counts()).values()) == 1


@given(limits=st.lists(st.integers(0, 6), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=10)
async def test_purging_nobody_does_nothing(store: Store, limits: list[int]) -> None:
    assert [await store.tenant_data.purge(ACME, limit=one) for one in limits] == [0] * len(limits)

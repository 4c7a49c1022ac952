"""What deleted tenants stored goes when their retention has ended, and not before."""

import pytest

from adapters.documents.platform import tenant_to_document
from adapters.sqlite.store import SqliteStore
from application.platform.purge import PurgeTenants
from application.platform.tenants import DeleteTenant
from domain.authorisation import OPERATOR
from domain.errors import Conflict
from domain.tenant import Tenant
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD


def purging(deployment: Deployment, *, writes_tenants: bool = True) -> PurgeTenants:
    return PurgeTenants(
        transactions=deployment.transactions,
        data=deployment.store.tenant_data,
        clock=deployment.clock,
        writes_tenants=writes_tenants,
    )


async def used_and_deleted(deployment: Deployment, customer: Customer) -> Tenant:
    """Leave keys, usage, violations and jobs behind, and delete the tenant."""
    await customer.chat(f"card {CARD}", model="scripted")
    await deployment.ship()
    await deployment.analyse_all()
    await DeleteTenant(deeds=deployment.deeds)(OPERATOR, customer.tenant.slug)
    return await stored(deployment.store, customer)


async def stored(store: SqliteStore, customer: Customer) -> Tenant:
    async with store.transactions() as uow:
        return await uow.tenants.get(customer.tenant.id)


async def all_of(purge: PurgeTenants) -> int:
    """Purge as a loop does and return how many portions there were."""
    portions = 0
    while await purge():
        portions += 1
    return portions


async def test_nothing_goes_before_the_retention_has_ended(
    deployment: Deployment, acme: Customer
) -> None:
    deleted = await used_and_deleted(deployment, acme)
    deployment.clock.advance(deleted.retention.total_seconds() - 1)

    portions = await all_of(purging(deployment))

    assert portions == 0
    assert len(await acme.violations()) == 1
    assert await stored(deployment.store, acme) == deleted


async def test_everything_goes_when_it_has(deployment: Deployment, acme: Customer) -> None:
    other = await deployment.customer("globex")
    await other.chat(f"card {CARD}", model="scripted")
    deleted = await used_and_deleted(deployment, acme)
    deployment.clock.advance(deleted.retention.total_seconds())

    portions = await all_of(purging(deployment))
    again = await all_of(purging(deployment))

    left = await stored(deployment.store, acme)
    assert (portions > 0, again) == (True, 0)
    assert left.is_purged
    assert "user" not in str(tenant_to_document(left)).lower()
    assert list(await acme.violations()) == []
    assert await deployment.store.job_records.of_tenant(acme.tenant.id) == []
    assert len(await other.violations()) == 1


async def test_slug_of_a_purged_tenant_stays_taken(deployment: Deployment, acme: Customer) -> None:
    deleted = await used_and_deleted(deployment, acme)
    deployment.clock.advance(deleted.retention.total_seconds())
    await all_of(purging(deployment))

    with pytest.raises(Conflict):
        await deployment.customer("acme")


async def test_service_that_owns_no_tenants_leaves_theirs_to_the_one_that_does(
    deployment: Deployment, acme: Customer
) -> None:
    deleted = await used_and_deleted(deployment, acme)
    deployment.clock.advance(deleted.retention.total_seconds())

    await all_of(purging(deployment, writes_tenants=False))

    assert await stored(deployment.store, acme) == deleted
    assert list(await acme.violations()) == []


async def test_what_comes_late_goes_with_the_next_run(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.chat(f"card {CARD}", model="scripted")
    deleted = await DeleteTenant(deeds=deployment.deeds)(OPERATOR, acme.tenant.slug)
    deployment.clock.advance(deleted.retention.total_seconds())
    await all_of(purging(deployment))

    # A journal that was left behind is shipped at last.
    await deployment.ship()
    late = len(await acme.violations())
    await all_of(purging(deployment))

    assert late == 1
    assert list(await acme.violations()) == []

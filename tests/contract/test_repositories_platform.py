"""Tenants, users and alert settings, as `application.ports.repositories` promises them."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.alert import AlertSettings
from domain.detection.taxonomy import Severity
from domain.errors import ConcurrentUpdate, Conflict, InvalidValue, NotFound
from domain.job import ObjectRef
from domain.tenant import Slug, StorageProvider, StorageSettings, Tenant
from domain.user import Email, Role
from tests.contract.samples import ACME, GLOBEX, a_tenant, a_user, store_tenants
from tests.contract.stores import Store
from tests.fakes.clock import START


def at_place(key: str, *, bucket: str = "shared-bucket", provider: str = "LOCAL") -> ObjectRef:
    return ObjectRef(provider=provider, bucket=bucket, key=key)


async def test_stored_tenant_is_found_by_id_and_by_slug(store: Store) -> None:
    tenant = a_tenant(slug="acme").with_member(
        user_id=a_user(7).id, role=Role.ANALYST, at=START + timedelta(microseconds=1)
    )

    await store_tenants(store.transactions, tenant)

    async with store.transactions() as uow:
        assert await uow.tenants.get(tenant.id) == tenant
        assert await uow.tenants.by_slug(Slug("acme")) == tenant


async def test_deleted_tenant_is_found_by_slug(store: Store) -> None:
    tenant = a_tenant(slug="acme").delete(at=START)

    await store_tenants(store.transactions, tenant)

    async with store.transactions() as uow:
        assert await uow.tenants.by_slug(Slug("acme")) == tenant


async def test_unknown_tenant_is_not_found(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.tenants.get(ACME)
        with pytest.raises(NotFound):
            await uow.tenants.by_slug(Slug("acme"))
        with pytest.raises(NotFound):
            await uow.tenants.by_object(at_place("a/b"))


async def test_taken_slug_is_refused(store: Store) -> None:
    await store_tenants(store.transactions, a_tenant(1, slug="acme"))

    async with store.transactions() as uow:
        with pytest.raises(Conflict) as refusal:
            await uow.tenants.add(a_tenant(2, slug="acme"))

    assert refusal.value.code == "tenant.slug_taken"


async def test_same_tenant_twice_is_refused(store: Store) -> None:
    await store_tenants(store.transactions, a_tenant(1, slug="acme"))

    async with store.transactions() as uow:
        with pytest.raises(Conflict):
            await uow.tenants.add(a_tenant(1, slug="other", bucket="another-bucket"))


async def test_unit_goes_on_after_a_refused_addition(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.tenants.add(a_tenant(1, slug="acme"))
        with pytest.raises(Conflict):
            await uow.tenants.add(a_tenant(2, slug="acme"))
        await uow.tenants.add(a_tenant(2, slug="globex"))
        await uow.commit()

    async with store.transactions() as uow:
        assert [tenant.id for tenant in await uow.tenants.all()] == [ACME, GLOBEX]


async def test_tenants_are_listed_by_slug(store: Store) -> None:
    tenants = [a_tenant(1, slug="zeta"), a_tenant(2, slug="alpha"), a_tenant(3, slug="mid")]
    await store_tenants(store.transactions, *tenants)

    async with store.transactions() as uow:
        slugs = [tenant.slug.value for tenant in await uow.tenants.all()]

    assert slugs == ["alpha", "mid", "zeta"]


async def test_saved_tenant_has_the_next_version(store: Store) -> None:
    tenant = a_tenant()
    await store_tenants(store.transactions, tenant)

    async with store.transactions() as uow:
        await uow.tenants.save(tenant.suspend())
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.tenants.get(tenant.id) == replace(tenant.suspend(), version=1)


async def test_tenant_changed_since_it_was_read_is_not_saved(store: Store) -> None:
    tenant = a_tenant()
    await store_tenants(store.transactions, tenant)
    async with store.transactions() as uow:
        await uow.tenants.save(tenant.suspend())
        await uow.commit()

    async with store.transactions() as uow:
        with pytest.raises(ConcurrentUpdate):
            await uow.tenants.save(tenant)


async def test_tenant_that_is_not_there_is_not_saved(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(ConcurrentUpdate):
            await uow.tenants.save(a_tenant())


@pytest.mark.parametrize(
    ("first", "second"),
    [("", ""), ("", "acme/"), ("acme/", ""), ("acme/", "acme/"), ("acme/", "acme/logs/")],
)
async def test_overlapping_place_in_one_bucket_is_refused(
    store: Store, first: str, second: str
) -> None:
    await store_tenants(store.transactions, a_tenant(1, bucket="shared-bucket", prefix=first))

    async with store.transactions() as uow:
        with pytest.raises(Conflict) as refusal:
            await uow.tenants.add(a_tenant(2, bucket="shared-bucket", prefix=second))

    assert refusal.value.code == "tenant.storage_taken"


async def test_tenants_share_a_bucket_under_separate_prefixes(store: Store) -> None:
    acme = a_tenant(1, bucket="shared-bucket", prefix="acme/")
    acme_two = a_tenant(2, bucket="shared-bucket", prefix="acme-two/")

    await store_tenants(store.transactions, acme, acme_two)

    async with store.transactions() as uow:
        assert await uow.tenants.by_object(at_place("acme/audit/1")) == acme
        assert await uow.tenants.by_object(at_place("acme-two/audit/1")) == acme_two
        with pytest.raises(NotFound):
            await uow.tenants.by_object(at_place("ACME/audit/1"))
        with pytest.raises(NotFound):
            await uow.tenants.by_object(at_place("acme"))


async def test_object_belongs_by_provider_and_bucket_too(store: Store) -> None:
    local = a_tenant(1, bucket="shared-bucket")
    cloud = a_tenant(2, bucket="shared-bucket", provider=StorageProvider.S3)

    await store_tenants(store.transactions, local, cloud)

    async with store.transactions() as uow:
        assert await uow.tenants.by_object(at_place("a/\U0001f600")) == local
        assert await uow.tenants.by_object(at_place("a", provider="S3")) == cloud
        with pytest.raises(NotFound):
            await uow.tenants.by_object(at_place("a", provider="GCP"))
        with pytest.raises(NotFound):
            await uow.tenants.by_object(at_place("a", bucket="other-bucket"))


async def test_object_follows_a_tenant_to_its_new_place(store: Store) -> None:
    tenant = a_tenant(1, bucket="shared-bucket", prefix="acme/")
    await store_tenants(store.transactions, tenant)

    async with store.transactions() as uow:
        await uow.tenants.save(
            tenant.with_storage(
                StorageSettings(provider=StorageProvider.S3, bucket="new-bucket", prefix="a/")
            )
        )
        await uow.commit()

    async with store.transactions() as uow:
        found = await uow.tenants.by_object(at_place("a/1", bucket="new-bucket", provider="S3"))
    assert found.id == tenant.id


async def test_tenant_does_not_move_into_another_ones_place(store: Store) -> None:
    acme, globex = a_tenant(1, bucket="acme-bucket"), a_tenant(2, bucket="globex-bucket")
    await store_tenants(store.transactions, acme, globex)

    async with store.transactions() as uow:
        with pytest.raises(Conflict) as refusal:
            await uow.tenants.save(globex.with_storage(acme.storage))

    assert not isinstance(refusal.value, ConcurrentUpdate)


async def test_one_of_many_concurrent_tenants_gets_the_slug(store: Store) -> None:
    async def found(tenant: Tenant) -> bool:
        try:
            await store_tenants(store.transactions, tenant)
        except Conflict:
            return False
        return True

    outcomes = await asyncio.gather(
        *(found(a_tenant(number, slug="acme")) for number in range(1, 201))
    )

    assert outcomes.count(True) == 1
    async with store.transactions() as uow:
        assert len(await uow.tenants.all()) == 1


async def test_user_is_found_by_id_and_address_whatever_its_case(store: Store) -> None:
    user = a_user(email="Ada.Lovelace@Example.org")

    async with store.transactions() as uow:
        await uow.users.add(user)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.users.get(user.id) == user
        assert await uow.users.by_email(Email.parse("ada.lovelace@EXAMPLE.org")) == user


async def test_taken_address_is_refused_whatever_its_case(store: Store) -> None:
    async with store.transactions() as uow:
        await uow.users.add(a_user(1, email="ada@example.org"))
        with pytest.raises(Conflict):
            await uow.users.add(a_user(2, email="ADA@example.org"))


async def test_unknown_user_is_not_found(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(NotFound):
            await uow.users.get(a_user().id)
        with pytest.raises(NotFound):
            await uow.users.by_email(a_user().email)


async def test_alert_settings_begin_with_the_defaults(store: Store) -> None:
    async with store.transactions() as uow:
        assert await uow.settings.alerts(ACME) == AlertSettings(tenant_id=ACME)


async def test_alert_settings_are_kept_by_tenant(store: Store) -> None:
    settings = AlertSettings(
        tenant_id=ACME,
        recipients=(Email("ada@example.org"),),
        immediate_from=Severity.CRITICAL,
        digest_every=timedelta(hours=1),
    )

    async with store.transactions() as uow:
        await uow.settings.save_alerts(ACME, settings)
        await uow.commit()

    async with store.transactions() as uow:
        assert await uow.settings.alerts(ACME) == replace(settings, version=1)
        assert await uow.settings.alerts(GLOBEX) == AlertSettings(tenant_id=GLOBEX)


async def test_alert_settings_changed_since_they_were_read_are_not_saved(store: Store) -> None:
    settings = AlertSettings(tenant_id=ACME)

    async with store.transactions() as uow:
        await uow.settings.save_alerts(ACME, settings)
        with pytest.raises(ConcurrentUpdate):
            await uow.settings.save_alerts(ACME, settings)
        await uow.settings.save_alerts(ACME, await uow.settings.alerts(ACME))
        assert (await uow.settings.alerts(ACME)).version == 2


async def test_alert_settings_of_another_tenant_are_not_saved(store: Store) -> None:
    async with store.transactions() as uow:
        with pytest.raises(InvalidValue):
            await uow.settings.save_alerts(ACME, AlertSettings(tenant_id=GLOBEX))

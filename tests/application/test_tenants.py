"""Tenants come into being, change and go, and their log says who did it."""

from datetime import timedelta

import pytest

from application.administration import AdministrationLog
from application.authorisation import Authorise
from application.platform.founding import Founding, StorageDefaults
from application.platform.people import RenameMe, ShowMe
from application.platform.read_log import ReadAdministrationLog
from application.platform.tenants import (
    MOST_OWNED,
    CreateTenant,
    CreateTenantCommand,
    DeleteTenant,
    ListTenants,
    RenameTenant,
)
from application.ports.readers import Page
from application.repeated_calls import Created
from domain.authorisation import OPERATOR, Principal
from domain.errors import Conflict, InvalidValue, NotFound, Refused, Unauthenticated
from domain.identifiers import UserId
from domain.repeated_call import Once
from domain.tenant import Slug, StorageProvider, StorageSettings, Tenant, TenantState
from domain.user import Role
from tests.contract.samples import a_user, sample_id
from tests.fakes.deployment import Deployment
from tests.fakes.interruptions import Fuse, FusedStorages

ADA = Principal(user_id=a_user(1).id)
BOB = Principal(user_id=a_user(2).id)
ACME = Slug("acme-inc")


@pytest.fixture(autouse=True)
async def _people(deployment: Deployment) -> None:
    async with deployment.transactions() as uow:
        for number in (1, 2):
            await uow.users.add(a_user(number))
        await uow.commit()


def creating(deployment: Deployment) -> CreateTenant:
    return CreateTenant(
        transactions=deployment.transactions,
        authorise=Authorise(transactions=deployment.transactions),
        founding=Founding(
            storages=deployment.storages,
            defaults=StorageDefaults(),
            clock=deployment.clock,
            ids=deployment.ids,
        ),
        log=AdministrationLog(clock=deployment.clock, ids=deployment.ids),
        clock=deployment.clock,
    )


async def create(
    deployment: Deployment, slug: Slug = ACME, *, by: Principal = ADA, once: Once | None = None
) -> Created[Tenant]:
    return await creating(deployment)(by, CreateTenantCommand(slug=slug, name="Acme", once=once))


def listing(deployment: Deployment) -> ListTenants:
    return ListTenants(
        transactions=deployment.transactions,
        authorise=Authorise(transactions=deployment.transactions),
    )


async def deeds_of(deployment: Deployment, slug: Slug) -> list[tuple[str, str | None]]:
    found = await ReadAdministrationLog(deeds=deployment.deeds)(OPERATOR, slug, Page())
    return [(one.entry.deed, one.entry.actor) for one in found.items]


async def test_whoever_makes_a_tenant_owns_it_and_its_bucket_exists(
    deployment: Deployment,
) -> None:
    created = await create(deployment)

    assert not created.is_replay
    assert created.item.role_of(ADA.user_id) is Role.OWNER
    storage = deployment.storages.of(created.item.storage)
    assert [item async for item in storage.list("")] == []
    assert await deeds_of(deployment, ACME) == [("tenant.create", ADA.user_id)]


async def test_repeated_call_answers_the_same_tenant(deployment: Deployment) -> None:
    once = Once(key="k1", fingerprint="a")
    first = await create(deployment, once=once)

    again = await create(deployment, once=once)

    assert (again.is_replay, again.item) == (True, first.item)
    with pytest.raises(Conflict) as reused:
        await create(deployment, Slug("other"), once=Once(key="k1", fingerprint="b"))
    assert reused.value.code == "idempotency.key_reused"
    with pytest.raises(Conflict) as taken:
        await create(deployment, by=BOB, once=once)
    assert taken.value.code == "tenant.slug_taken"


async def test_repeated_call_tells_a_former_member_nothing(deployment: Deployment) -> None:
    once = Once(key="k1", fingerprint="a")
    tenant = (await create(deployment, once=once)).item
    async with deployment.transactions() as uow:
        handed = tenant.with_member(user_id=BOB.user_id, role=Role.OWNER, at=deployment.clock.now())
        await uow.tenants.save(handed.without_member(ADA.user_id))
        await uow.commit()

    with pytest.raises(NotFound):
        await create(deployment, once=once)


async def test_key_of_a_call_is_forgotten_after_a_day(deployment: Deployment) -> None:
    once = Once(key="k1", fingerprint="a")
    await create(deployment, once=once)
    deployment.clock.advance(timedelta(days=1).total_seconds())

    with pytest.raises(Conflict) as taken:
        await create(deployment, once=once)
    assert taken.value.code == "tenant.slug_taken"


async def test_taken_slug_is_refused_before_a_bucket_is_made(deployment: Deployment) -> None:
    await create(deployment)
    fuse = Fuse()
    deployment.storages = FusedStorages(deployment.storages, fuse)

    with pytest.raises(Conflict):
        await create(deployment, by=BOB)


async def test_deleted_tenant_keeps_its_slug(deployment: Deployment) -> None:
    await create(deployment)
    await DeleteTenant(deeds=deployment.deeds)(ADA, ACME)

    with pytest.raises(Conflict):
        await create(deployment)


async def test_one_person_owns_a_bounded_number_of_tenants(deployment: Deployment) -> None:
    for number in range(MOST_OWNED):
        await create(deployment, Slug(f"tenant-{number}"))

    with pytest.raises(Refused) as refusal:
        await create(deployment)
    assert refusal.value.code == "tenant.too_many"
    await DeleteTenant(deeds=deployment.deeds)(ADA, Slug("tenant-0"))
    await create(deployment)


async def test_nobody_makes_a_tenant_for_a_user_who_is_gone(deployment: Deployment) -> None:
    ghost = Principal(user_id=UserId(sample_id("usr", 9)))

    with pytest.raises(Unauthenticated):
        await create(deployment, by=ghost)


async def test_own_tenants_are_listed_by_slug_in_pages(deployment: Deployment) -> None:
    for name in ("zeta", "alpha", "mid-one"):
        await create(deployment, Slug(name))
    await create(deployment, Slug("of-bob"), by=BOB)
    await DeleteTenant(deeds=deployment.deeds)(ADA, Slug("mid-one"))

    first = await listing(deployment)(ADA, Page(limit=1))
    second = await listing(deployment)(ADA, Page(limit=1, cursor=first.next_cursor))

    slugs = [own.tenant.slug.value for own in (*first.items, *second.items)]
    assert (slugs, second.next_cursor) == (["alpha", "zeta"], None)


async def test_renamed_tenant_keeps_its_slug_and_the_log_says_who_did_it(
    deployment: Deployment,
) -> None:
    await create(deployment)

    renamed = await RenameTenant(deeds=deployment.deeds)(ADA, ACME, "  Acme   Ltd ")

    assert (renamed.name, renamed.slug) == ("Acme Ltd", ACME)
    found = await ReadAdministrationLog(deeds=deployment.deeds)(ADA, ACME, Page(limit=1))
    (view,) = found.items
    assert (view.entry.deed, view.actor) == ("tenant.rename", a_user(1))
    (change,) = view.entry.changes
    assert (change.field, change.before, change.after) == ("name", "Acme", "Acme Ltd")
    with pytest.raises(InvalidValue):
        await RenameTenant(deeds=deployment.deeds)(ADA, ACME, " ")


async def test_deleted_tenant_is_kept_until_its_retention_ends(deployment: Deployment) -> None:
    tenant = (await create(deployment)).item

    deleted = await DeleteTenant(deeds=deployment.deeds)(OPERATOR, ACME)

    assert deleted.state is TenantState.DELETED
    assert deleted.purge_after == deployment.clock.now() + tenant.retention
    with pytest.raises(Refused):
        await DeleteTenant(deeds=deployment.deeds)(OPERATOR, ACME)


async def test_log_is_read_newest_first_in_pages(deployment: Deployment) -> None:
    await create(deployment)
    for number in range(3):
        await RenameTenant(deeds=deployment.deeds)(ADA, ACME, f"Acme {number}")
    read, seen, cursor = ReadAdministrationLog(deeds=deployment.deeds), [], None

    for _ in range(3):
        page = await read(ADA, ACME, Page(limit=2, cursor=cursor))
        seen += [one.entry.deed for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == ["tenant.rename"] * 3 + ["tenant.create"]


async def test_people_see_and_rename_themselves(deployment: Deployment) -> None:
    authorise = Authorise(transactions=deployment.transactions)
    await create(deployment)

    me = await RenameMe(transactions=deployment.transactions, authorise=authorise)(ADA, "Ada L.")
    seen = await ShowMe(transactions=deployment.transactions, authorise=authorise)(ADA)

    assert (seen.user.name, seen.tenants) == ("Ada L.", me.tenants)
    assert [(own.tenant.slug, own.role) for own in seen.tenants] == [(ACME, Role.OWNER)]


def test_storage_of_a_shared_bucket_is_a_prefix_of_the_tenant() -> None:
    defaults = StorageDefaults(provider=StorageProvider.S3, shared_bucket="logs-of-all")

    assert defaults.settings(ACME) == StorageSettings(
        provider=StorageProvider.S3, bucket="logs-of-all", prefix="acme-inc/"
    )

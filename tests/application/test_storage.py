"""A tenant's storage is shown, proven and changed; a log that moved stays provable."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from application.platform.storage import ChangeStorageCommand, ShowStorage
from application.platform.storage_probe import ProbeStep, StepOutcome
from application.ports.object_storage import (
    AccessDenied,
    ObjectStorage,
    ObjectStorages,
    StoredObject,
)
from domain.audit import ChainHead
from domain.authorisation import OPERATOR, Principal
from domain.errors import Conflict, DomainError, NotFound, Refused, Unavailable
from domain.identifiers import UserId
from domain.job import JobState, ObjectRef
from domain.tenant import Slug, StorageProvider, StorageSettings
from domain.user import Email, Role, User
from tests.contract.samples import sample_id
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import CARD
from tests.fakes.interruptions import Fuse, FusedStorage

ELSEWHERE = StorageSettings(provider=StorageProvider.LOCAL, bucket="elsewhere", prefix="acme/")
OK, FAILED, SKIPPED = StepOutcome.OK, StepOutcome.FAILED, StepOutcome.SKIPPED


class Faulty(ObjectStorages):
    """Storages of which some methods do something else."""

    def __init__(self, storages: ObjectStorages, storage: type[FusedStorage]) -> None:
        self._storages = storages
        self._storage = storage

    def of(self, settings: StorageSettings) -> ObjectStorage:
        return self._storage(self._storages.of(settings), Fuse(), None)


class Closed(FusedStorage):
    """A bucket that nobody may write to."""

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        raise AccessDenied("the store refuses these credentials or this operation")


class Silent(FusedStorage):
    """A bucket whose answer to a write is lost after it was carried out."""

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        await super().create(key, data, content_type=content_type)
        raise Unavailable("the store", "the store did not answer in time")


class Overwriting(FusedStorage):
    """A bucket without conditional writes."""

    async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
        await self.delete(key)
        return await super().create(key, data, content_type=content_type)


class Changing(FusedStorage):
    """A bucket that gives back something else."""

    async def read(self, key: str) -> AsyncIterator[bytes]:
        async for piece in super().read(key):
            yield piece[1:]


class Forgetful(FusedStorage):
    """A bucket whose listings come late."""

    async def list(self, prefix: str, *, start_after: str = "") -> AsyncIterator[StoredObject]:
        async for item in super().list("nothing-begins-so"):
            yield item


class Locked(FusedStorage):
    """A bucket that gives nothing away."""

    async def delete(self, key: str) -> None:
        raise AccessDenied("the store refuses these credentials or this operation")


class Keeping(FusedStorage):
    """A bucket that only says that it deletes."""

    async def delete(self, key: str) -> None:
        pass


class Absent(ObjectStorages):
    """A provider whose library is not installed."""

    def of(self, settings: StorageSettings) -> ObjectStorage:
        raise Unavailable("S3", 'S3 needs a library: pip install "trueport[s3]"')


def files(deployment: Deployment) -> list[Path]:
    return [path for path in (deployment.home / "storage").rglob("*probe*") if path.is_file()]


async def test_storage_is_shown_with_its_retention(deployment: Deployment, acme: Customer) -> None:
    shown = await ShowStorage(deeds=deployment.deeds)(OPERATOR, acme.tenant.slug)

    assert shown.settings == acme.tenant.storage
    assert shown.retention == timedelta(days=30)


async def test_storage_of_nobody_is_not_found(deployment: Deployment) -> None:
    for work in (
        ShowStorage(deeds=deployment.deeds)(OPERATOR, Slug("nobody")),
        deployment.verify_storage(OPERATOR, Slug("nobody")),
        deployment.change_storage(
            OPERATOR, ChangeStorageCommand(slug=Slug("nobody"), settings=ELSEWHERE)
        ),
    ):
        with pytest.raises(NotFound):
            await work


@pytest.mark.parametrize("role", [Role.OWNER, Role.ADMIN, Role.ANALYST, Role.VIEWER])
async def test_storage_is_for_admins(deployment: Deployment, acme: Customer, role: Role) -> None:
    user = User.register(
        user_id=UserId(sample_id("usr", 77)), email=Email("eve@example.org"), name="Eve", at=START
    )
    async with deployment.transactions() as uow:
        await uow.users.add(user)
        tenant = await uow.tenants.get(acme.tenant.id)
        await uow.tenants.save(tenant.with_member(user_id=user.id, role=role, at=START))
        await uow.commit()
    eve, slug = Principal(user_id=user.id), acme.tenant.slug

    works: list[Callable[[], Awaitable[object]]] = [
        lambda: ShowStorage(deeds=deployment.deeds)(eve, slug),
        lambda: deployment.verify_storage(eve, slug),
        lambda: deployment.change_retention(eve, slug, timedelta(days=90)),
        lambda: deployment.change_storage(eve, ChangeStorageCommand(slug=slug, settings=ELSEWHERE)),
    ]

    for work in works:
        if role.covers(Role.ADMIN):
            await work()
            continue
        with pytest.raises(Refused) as refusal:
            await work()
        assert refusal.value.code == "role.insufficient"


async def test_change_of_storage_is_noted(deployment: Deployment, acme: Customer) -> None:
    await move(acme)

    async with deployment.transactions() as uow:
        (entry,) = await uow.administration.latest(acme.tenant.id, limit=1)
    assert entry.deed == "storage.change"
    assert {(one.field, one.before, one.after) for one in entry.changes} == {
        ("bucket", "acme-audit-logs", "elsewhere"),
        ("prefix", "", "acme/"),
    }


async def test_sound_storage_passes_every_step_and_keeps_nothing(
    deployment: Deployment, acme: Customer
) -> None:
    check = await deployment.verify_storage(OPERATOR, acme.tenant.slug)

    assert [(one.step, one.outcome) for one in check.steps] == [(step, OK) for step in ProbeStep]
    assert check.is_sound
    assert files(deployment) == []


@pytest.mark.parametrize(
    ("storage", "outcomes", "words"),
    [
        (Closed, (FAILED, SKIPPED, SKIPPED, OK), "refuses"),
        (Silent, (FAILED, SKIPPED, SKIPPED, OK), "in time"),
        (Overwriting, (FAILED, SKIPPED, SKIPPED, OK), "written over"),
        (Changing, (OK, FAILED, OK, OK), "not what was written"),
        (Forgetful, (OK, OK, FAILED, OK), "does not hold"),
        (Locked, (OK, OK, OK, FAILED), "refuses"),
        (Keeping, (OK, OK, OK, FAILED), "still there"),
    ],
)
async def test_step_that_fails_is_reported_with_its_reason(
    deployment: Deployment,
    acme: Customer,
    storage: type[FusedStorage],
    outcomes: tuple[StepOutcome, ...],
    words: str,
) -> None:
    deployment.storages = Faulty(deployment.storages, storage)

    check = await deployment.verify_storage(OPERATOR, acme.tenant.slug)

    assert tuple(one.outcome for one in check.steps) == outcomes
    (failure,) = (one for one in check.steps if one.outcome is FAILED)
    assert words in (failure.reason or "")
    assert failure.code
    assert not check.is_sound
    assert bool(files(deployment)) is (outcomes[-1] is FAILED)


async def test_provider_without_its_library_is_a_report(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.storages = Absent()

    check = await deployment.verify_storage(OPERATOR, acme.tenant.slug)

    assert [one.outcome for one in check.steps] == [FAILED, SKIPPED, SKIPPED, SKIPPED]
    assert "trueport[s3]" in (check.steps[0].reason or "")


async def move(customer: Customer, settings: StorageSettings = ELSEWHERE) -> Customer:
    await customer.deployment.change_storage(
        OPERATOR, ChangeStorageCommand(slug=customer.tenant.slug, settings=settings)
    )
    async with customer.deployment.transactions() as uow:
        return replace(customer, tenant=await uow.tenants.get(customer.tenant.id))


async def talk(customer: Customer, times: int = 2) -> None:
    for _ in range(times):
        await customer.chat("hello")
        await customer.deployment.ship()


async def damages(customer: Customer) -> list[str]:
    report = await customer.deployment.verify(OPERATOR, customer.tenant.slug)
    return [one.reason for one in report.damages]


async def test_log_goes_on_elsewhere_and_stays_sound(acme: Customer) -> None:
    await talk(acme)
    before = await acme.objects()

    moved = await move(acme)
    quiet = await damages(moved)
    await talk(moved, 3)
    await moved.deployment.anchor()

    report = await moved.deployment.verify(OPERATOR, moved.tenant.slug)
    assert moved.tenant.storage == ELSEWHERE
    assert quiet == []
    assert (report.objects, report.records, report.damages) == (3, 3, ())
    assert all(item.key.startswith("acme/audit/v1/") for item in await moved_objects(moved))
    assert await acme.objects() == before


async def moved_objects(moved: Customer) -> list[StoredObject]:
    storage = moved.deployment.storages.of(moved.tenant.storage)
    return [item async for item in storage.list(f"{moved.tenant.storage.prefix}audit/v1/dt=")]


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_object_that_is_missing_in_the_new_place_is_found(acme: Customer, which: int) -> None:
    await talk(acme)
    moved = await move(acme)
    await talk(moved, 3)
    items = await moved_objects(moved)

    await moved.deployment.storages.of(moved.tenant.storage).delete(items[which].key)

    assert await damages(moved)


async def test_new_place_without_its_note_is_damage(acme: Customer) -> None:
    await talk(acme)
    moved = await move(acme)
    await talk(moved)
    storage = moved.deployment.storages.of(moved.tenant.storage)
    notes = [item.key async for item in storage.list("acme/audit/v1/anchors/")]

    await storage.delete(notes[0])

    assert len(notes) == 1
    assert any("follow" in reason for reason in await damages(moved))


async def test_log_may_move_on_and_on(acme: Customer) -> None:
    customer = acme
    for number in range(3):
        await talk(customer)
        customer = await move(customer, replace(ELSEWHERE, bucket=f"place-{number}"))
    await talk(customer)

    assert await damages(customer) == []


async def test_place_that_holds_a_log_is_refused(acme: Customer) -> None:
    await talk(acme)
    first = acme.tenant.storage
    moved = await move(acme)

    with pytest.raises(Conflict) as refusal:
        await move(moved, first)

    assert refusal.value.code == "storage.not_empty"


async def test_place_of_another_tenant_is_refused_untouched(
    deployment: Deployment, acme: Customer
) -> None:
    globex = await deployment.customer("globex")
    await talk(acme)

    with pytest.raises(Conflict):
        await move(acme, replace(globex.tenant.storage, prefix="acme/"))

    assert await damages(globex) == []
    assert await damages(acme) == []
    storage = deployment.storages.of(globex.tenant.storage)
    assert [item async for item in storage.list("")] == []


async def test_storage_that_cannot_be_prepared_changes_nothing(
    deployment: Deployment, acme: Customer
) -> None:
    storages = deployment.storages
    deployment.storages = Absent()

    with pytest.raises(DomainError):
        await move(acme)

    deployment.storages = storages
    await talk(acme)
    assert await damages(acme) == []


async def test_storage_of_a_deleted_tenant_stays(deployment: Deployment, acme: Customer) -> None:
    async with deployment.transactions() as uow:
        await uow.tenants.save(acme.tenant.delete(at=START))
        await uow.commit()

    with pytest.raises(Refused):
        await move(acme)


async def test_new_credentials_for_the_same_place_move_nothing(acme: Customer) -> None:
    await talk(acme)

    moved = await move(acme, replace(acme.tenant.storage, credentials="other"))
    again = await move(moved, acme.tenant.storage)
    await talk(again)

    assert moved.tenant.storage.credentials == "other"
    assert await damages(again) == []


async def test_object_that_was_on_its_way_goes_to_the_new_place(acme: Customer) -> None:
    """The change comes between the object's write and the transaction that confirms it."""
    deployment = acme.deployment
    await talk(acme)
    await acme.chat("on its way")
    storages = deployment.storages

    class Overtaken(FusedStorage):
        async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
            stored = await super().create(key, data, content_type=content_type)
            deployment.storages = storages
            await move(acme)
            return stored

    deployment.storages = Faulty(storages, Overtaken)
    left = await deployment.ship()
    left_then = await deployment.ship()

    async with deployment.transactions() as uow:
        moved = replace(acme, tenant=await uow.tenants.get(acme.tenant.id))
    assert (left, left_then) == (1, 0)
    assert len(await moved_objects(moved)) == 1
    assert await damages(moved) == []


async def test_segment_that_was_stored_is_not_stored_in_the_new_place_again(
    acme: Customer,
) -> None:
    """The process died after the confirmation, before the segment left the journal."""
    deployment = acme.deployment
    await acme.chat("hello")
    journal = deployment.journal
    await journal.seal()
    (segment,) = await journal.segments()
    (batch,) = await journal.read(segment)
    async with deployment.transactions() as uow:
        await uow.audit.save_head(acme.tenant.id, journal.instance, batch.head)
        await uow.commit()

    moved = await move(acme)
    left = await deployment.ship()
    await talk(moved)

    assert left == 0
    assert len(await moved_objects(moved)) == 2
    assert await damages(moved) == []


async def test_log_that_grows_during_the_change_is_noted_where_it_is(acme: Customer) -> None:
    deployment = acme.deployment
    await talk(acme)
    storages = deployment.storages
    grown: list[str] = []

    class Growing(FusedStorage):
        async def create(self, key: str, data: bytes, *, content_type: str) -> StoredObject:
            stored = await super().create(key, data, content_type=content_type)
            if "anchors" in key and len(grown) < 3:
                grown.append(key)
                deployment.storages = storages
                await talk(acme, 1)
            return stored

    deployment.storages = Faulty(storages, Growing)
    moved = await move(acme)
    deployment.storages = storages
    await talk(moved)

    assert len(grown) == 3
    assert len(await moved_objects(moved)) == 2
    assert await damages(moved) == []


async def test_job_of_an_object_in_the_former_place_is_done(acme: Customer) -> None:
    deployment = acme.deployment
    settings = acme.tenant.storage
    await deployment.storages.of(settings).create(
        "chat/a.jsonl", b'{"prompt": "card %s"}' % CARD.encode(), content_type="text/plain"
    )
    await deployment.accept_event(
        ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key="chat/a.jsonl")
    )

    moved = await move(acme)
    await deployment.analyse_all()

    (job,) = await deployment.store.job_records.all()
    assert job.state is JobState.DONE
    assert len(await moved.violations()) == 1


async def test_head_of_a_log_that_never_wrote_in_the_new_place_is_no_damage(
    deployment: Deployment, acme: Customer
) -> None:
    async with deployment.transactions() as uow:
        await uow.audit.save_head(acme.tenant.id, "otherone", ChainHead(hash="a" * 64, count=3))
        await uow.commit()

    moved = await move(acme)

    assert await damages(moved) == []


class Refusing(ObjectStorages):
    """A provider that lets nobody in."""

    def of(self, settings: StorageSettings) -> ObjectStorage:
        raise AccessDenied("the store refuses these credentials or this operation")


@pytest.mark.parametrize(
    ("storages", "code"),
    [(Absent, "storage.not_offered"), (Refusing, "storage.access_denied")],
)
async def test_new_storage_that_cannot_be_used_is_a_conflict_and_changes_nothing(
    deployment: Deployment, acme: Customer, storages: type[ObjectStorages], code: str
) -> None:
    deployment.storages = storages()

    with pytest.raises(Conflict) as refusal:
        await deployment.change_storage(
            OPERATOR, ChangeStorageCommand(slug=acme.tenant.slug, settings=ELSEWHERE)
        )

    assert refusal.value.code == code
    shown = await ShowStorage(deeds=deployment.deeds)(OPERATOR, acme.tenant.slug)
    assert shown.settings == acme.tenant.storage

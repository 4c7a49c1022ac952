"""Audit objects go when their time is over, and the log that is left stays provable."""

import os
from collections.abc import Sequence
from datetime import timedelta

import pytest

from application.ports.object_storage import ObjectStorage, ObjectStorages, StoredObject
from domain.authorisation import OPERATOR
from domain.errors import InvalidValue, Refused, Unavailable
from domain.tenant import Slug, StorageSettings
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.interruptions import Fuse, FusedStorage, FusedStorages

DAY = 24 * 3600.0
DAYS = 35
RETENTION = 30


def stamp(deployment: Deployment) -> None:
    """Give the files that were just written the time of the still clock."""
    at = deployment.clock.now().timestamp()
    for path in (deployment.home / "storage").rglob("*"):
        # Times of the still clock are whole seconds, those of the machine never are.
        if path.is_file() and not path.stat().st_mtime.is_integer():
            os.utime(path, (at, at))


async def pass_days(customer: Customer, days: int, *, talks: bool = True) -> None:
    """Let days pass as an engine and a gateway see them, with an exchange on each."""
    deployment = customer.deployment
    for _ in range(days):
        if talks:
            await customer.chat("hello")
            await deployment.ship()
        stamp(deployment)
        await deployment.expire()
        stamp(deployment)
        deployment.clock.advance(DAY)


@pytest.fixture
async def log(acme: Customer) -> Customer:
    """A tenant with an object for each of 35 days, of which those of 30 are left."""
    await pass_days(acme, DAYS)
    await acme.deployment.expire()
    return acme


def bucket(log: Customer) -> ObjectStorage:
    return log.deployment.storages.of(log.tenant.storage)


async def listed(log: Customer, prefix: str) -> list[StoredObject]:
    return [item async for item in bucket(log).list(prefix)]


async def reasons(log: Customer) -> list[str]:
    return [one.reason for one in (await log.deployment.verify(OPERATOR, log.tenant.slug)).damages]


async def test_what_is_too_old_goes_and_what_is_left_is_sound(log: Customer) -> None:
    report = await log.deployment.verify(OPERATOR, log.tenant.slug)

    oldest = min(item.modified_at for item in await log.objects())
    assert oldest == START + timedelta(days=DAYS - RETENTION + 1)
    assert (report.objects, report.records, report.expired) == (RETENTION - 1, RETENTION - 1, 0)
    assert report.damages == ()


async def test_anchors_and_the_logs_of_others_stay(log: Customer) -> None:
    await bucket(log).create("chat/a.jsonl", b"{}", content_type="text/plain")
    for path in (log.deployment.home / "storage").rglob("*.jsonl"):
        os.utime(path, (0, 0))

    await log.deployment.expire()

    assert len(await listed(log, "audit/v1/anchors/")) == DAYS
    assert len(await listed(log, "chat/")) == 1


async def test_record_that_was_taken_before_its_time_is_missed(log: Customer) -> None:
    first, second, *_ = await log.objects()
    await bucket(log).delete(first.key)
    await bucket(log).delete(second.key)

    report = await log.deployment.verify(OPERATOR, log.tenant.slug)

    assert report.damages
    assert "follow" in report.damages[0].reason


@pytest.mark.parametrize("which", [3, 10, -1])
async def test_hole_in_what_is_left_is_found(log: Customer, which: int) -> None:
    await bucket(log).delete((await log.objects())[which].key)

    assert await reasons(log)


async def test_missing_beginning_without_old_anchors_is_damage(log: Customer) -> None:
    for anchor in await listed(log, "audit/v1/anchors/"):
        if anchor.modified_at <= log.deployment.clock.now() - timedelta(days=RETENTION - 1):
            await bucket(log).delete(anchor.key)

    assert any("follow" in reason for reason in await reasons(log))


async def test_log_of_which_everything_expired_is_sound(log: Customer) -> None:
    await pass_days(log, RETENTION + 5, talks=False)

    report = await log.deployment.verify(OPERATOR, log.tenant.slug)

    assert (report.objects, report.damages) == (0, ())


async def test_everything_gone_before_its_time_is_damage(log: Customer) -> None:
    for item in await log.objects():
        await bucket(log).delete(item.key)

    assert any("are missing" in reason for reason in await reasons(log))


async def test_log_goes_on_after_a_silence_longer_than_the_retention(log: Customer) -> None:
    await pass_days(log, RETENTION + 5, talks=False)
    await pass_days(log, 3)

    report = await log.deployment.verify(OPERATOR, log.tenant.slug)
    first = (await log.objects())[0]
    await bucket(log).delete(first.key)

    assert (report.records, report.damages) == (3, ())
    assert await reasons(log)


@pytest.mark.parametrize("gone", [(0, 1, 2), (1,), (0, 2), ()])
async def test_store_may_delete_in_any_order_what_is_too_old(
    acme: Customer, gone: Sequence[int]
) -> None:
    """As clouds do by their rules: nothing is deleted here."""
    deployment = acme.deployment
    deployment.storages = Ruled(deployment.storages)
    await pass_days(acme, RETENTION + 4)
    objects = await acme.objects()
    for number in gone:
        await bucket(acme).delete(objects[number].key)

    report = await deployment.verify(OPERATOR, acme.tenant.slug)

    assert len(objects) == RETENTION + 4
    assert report.expired == 5 - len(gone)
    assert report.damages == ()


async def test_store_of_a_new_tenant_is_told_its_retention(deployment: Deployment) -> None:
    told: list[tuple[str, str, timedelta]] = []

    class Told(Ruled):
        def of(self, settings: StorageSettings) -> ObjectStorage:
            class Noting(RuledStorage):
                async def expire(self, prefix: str, *, after: timedelta) -> bool:
                    told.append((settings.bucket, prefix, after))
                    return True

            return Noting(self._storages.of(settings), Fuse(), None)

    deployment.storages = Told(deployment.storages)
    globex = await deployment.customer("globex")
    await deployment.change_retention(OPERATOR, globex.tenant.slug, timedelta(days=90))
    await deployment.expire()

    place = ("globex-audit-logs", "audit/v1/dt=")
    assert told == [
        (*place, timedelta(days=30)),
        (*place, timedelta(days=90)),
        (*place, timedelta(days=90)),
    ]


class Ruled(ObjectStorages):
    """Stores that delete by themselves, some time."""

    def __init__(self, storages: ObjectStorages) -> None:
        self._storages = storages

    def of(self, settings: StorageSettings) -> ObjectStorage:
        return RuledStorage(self._storages.of(settings), Fuse(), None)


class RuledStorage(FusedStorage):
    """One of them."""

    async def expire(self, prefix: str, *, after: timedelta) -> bool:
        return True


async def test_storage_that_is_away_keeps_nobody_elses_objects(
    deployment: Deployment, acme: Customer
) -> None:
    globex = await deployment.customer("globex")
    await pass_days(globex, RETENTION + 2)
    storages = deployment.storages
    deployment.storages = FusedStorages(
        storages, troubles={acme.tenant.storage.bucket: Unavailable("storage")}
    )

    with pytest.raises(Unavailable):
        await deployment.expire()

    assert len(await globex.objects()) == RETENTION - 1


async def test_retention_is_the_tenants_own(deployment: Deployment, acme: Customer) -> None:
    changed = await deployment.change_retention(OPERATOR, acme.tenant.slug, timedelta(days=7))
    await pass_days(acme, 20)
    await deployment.expire()

    assert changed.retention == timedelta(days=7)
    assert len(await acme.objects()) == 6
    assert await reasons(acme) == []


async def test_retention_has_a_least(deployment: Deployment, acme: Customer) -> None:
    with pytest.raises(InvalidValue, match="two days"):
        await deployment.change_retention(OPERATOR, acme.tenant.slug, timedelta(days=1))


async def test_retention_of_a_deleted_tenant_stays(deployment: Deployment, acme: Customer) -> None:
    async with deployment.transactions() as uow:
        await uow.tenants.save(acme.tenant.delete(at=START))
        await uow.commit()

    with pytest.raises(Refused):
        await deployment.change_retention(OPERATOR, Slug("acme"), timedelta(days=7))


async def test_longer_retention_calls_nothing_damage_that_had_expired(log: Customer) -> None:
    await log.deployment.change_retention(OPERATOR, log.tenant.slug, timedelta(days=365))
    sound = await reasons(log)
    await pass_days(log, 40)
    later = await reasons(log)
    first, second, *_ = await log.objects()

    # The first is within the day that the retention is not exact by.
    await bucket(log).delete(first.key)
    await bucket(log).delete(second.key)

    assert (sound, later) == ([], [])
    assert await reasons(log)


async def test_shorter_retention_calls_nothing_damage(log: Customer) -> None:
    await log.deployment.change_retention(OPERATOR, log.tenant.slug, timedelta(days=7))
    before = await reasons(log)

    await log.deployment.expire()

    assert (before, await reasons(log)) == ([], [])
    assert len(await log.objects()) == 6

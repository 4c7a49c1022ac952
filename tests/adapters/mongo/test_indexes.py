"""The indexes: those that are specified, made again without harm, never dropped."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.mongo.database import PLATFORM_COLLECTIONS
from adapters.mongo.indexes import BARE, INDEXES
from adapters.mongo.store import MongoStore
from domain.errors import Refused, Unavailable
from tests.adapters.mongo.conftest import Deployment
from tests.contract.samples import ACME, a_tenant, a_user, a_violation

SPECIFIED: dict[str, dict[str, object]] = {
    "users.email_1": {"unique": True},
    "tenants.slug_1": {"unique": True},
    "api_keys.key_1": {"unique": True},
    "usage_logs.timestamp_-1": {},
    "usage_logs.api_key_1_timestamp_1": {},
    "violations.tenant_id_1_detected_at_1": {},
    "otps.expires_at_1": {"expireAfterSeconds": 0},
}


def raw(deployment: Deployment, name: str) -> Any:
    database = deployment.platform if name in PLATFORM_COLLECTIONS else deployment.own
    return deployment.client().database(database)[name]


@pytest.fixture
async def store(deployment: Deployment) -> MongoStore:
    return deployment.store()


async def test_specified_indexes_are_made_with_their_options(
    deployment: Deployment, store: MongoStore
) -> None:
    report = await store.make_indexes()

    assert not report.conflicts
    for label, options in SPECIFIED.items():
        collection, _, name = label.partition(".")
        found = (await raw(deployment, collection).index_information())[name]
        assert {key: found[key] for key in options} == options, label
        assert label in report.made


def test_every_index_begins_with_the_tenant_or_says_why_not() -> None:
    other = {
        # Specified so, or looked up before the tenant is known.
        *SPECIFIED,
        "tenants.provider_1_bucket_1_prefix_1",
        "tenants.members_1_slug_1",
        "sessions.user_id_1_is_ended_1",
        "invitations.digest_1",
        "subscriptions.customer_1",
        # One writer, worker or relay serves every tenant.
        "chain_heads.instance_1_tenant_id_1",
    }
    shared = {"jobs", "outbox", "sent_mails", "webhook_deliveries"}

    odd = {
        f"{index.collection}.{index.name}"
        for index in INDEXES
        if index.keys[0][0] != "tenant_id"
        and index.collection not in shared
        and index.ttl_seconds is None
    }

    assert odd <= other


async def test_making_indexes_again_changes_nothing(store: MongoStore) -> None:
    first = await store.make_indexes()
    again = await store.make_indexes()

    assert len(first.made) == len(INDEXES)
    assert (list(again.made), list(again.conflicts)) == ([], [])
    assert len(again.present) == len(INDEXES)
    assert not (await store.check_indexes()).missing


async def test_several_processes_may_make_indexes_at_once(deployment: Deployment) -> None:
    stores = [deployment.store() for _ in range(4)]

    reports = await asyncio.gather(*(store.make_indexes() for store in stores))

    assert not any(report.conflicts for report in reports)
    assert len((await stores[0].check_indexes()).present) == len(INDEXES)


@pytest.mark.parametrize(
    ("keys", "options", "said"),
    [
        ([("slug", 1)], {"name": "slug_1"}, "differs in unique"),
        ([("slug", -1)], {"name": "slug_1", "unique": True}, "differs in fields"),
        ([("slug", 1)], {"name": "ours", "unique": True}, "ours is an index of the same fields"),
    ],
)
async def test_index_in_the_way_is_reported_and_stays(
    deployment: Deployment,
    store: MongoStore,
    keys: list[tuple[str, int]],
    options: dict[str, Any],
    said: str,
) -> None:
    tenants = raw(deployment, "tenants")
    await tenants.create_index(keys, **options)

    report = await store.make_indexes()

    (conflict,) = report.conflicts
    assert conflict.startswith(f"tenants.slug_1: {said}")
    assert "trueport db init" in conflict
    assert options["name"] in await tenants.index_information()
    assert list((await store.check_indexes()).conflicts) == [conflict]


async def test_documents_that_hold_a_value_twice_are_reported(
    deployment: Deployment, store: MongoStore
) -> None:
    users = raw(deployment, "users")
    await users.insert_many([{"_id": n, "email": "ada@example.org"} for n in "ab"])

    report = await store.make_indexes()

    assert list(report.conflicts) == ["users.email_1: documents hold the same email"]
    assert "ada@example.org" not in str(report)


async def test_store_that_makes_no_indexes_refuses_to_open_without_them(
    deployment: Deployment,
) -> None:
    engine = deployment.store(is_preparing=False)

    with pytest.raises(Unavailable) as refusal:
        await engine.open()
    await deployment.store().make_indexes()
    await engine.open()

    assert refusal.value.code == "store.not_prepared"
    assert "trueport db init" in refusal.value.message


async def test_store_with_a_conflict_does_not_open(
    deployment: Deployment, store: MongoStore
) -> None:
    await raw(deployment, "users").create_index([("email", 1)], name="email_1")

    with pytest.raises(Unavailable, match=r"users\.email_1"):
        await store.open()


async def test_service_that_only_reads_the_platform_writes_nothing_there(
    deployment: Deployment, store: MongoStore
) -> None:
    await store.open()
    engine = deployment.store(writes_platform=False)

    async with engine.transactions() as uow:
        with pytest.raises(Refused) as refusal:
            await uow.tenants.add(a_tenant())
        with pytest.raises(Refused):
            await uow.users.add(a_user())
        with pytest.raises(Refused):
            await uow.tenants.save(a_tenant())
        await uow.violations.add_new(ACME, [a_violation()])
        await uow.commit()

    assert refusal.value.code == "store.read_only"
    async with engine.transactions() as uow:
        assert list(await uow.tenants.all()) == []
        assert await uow.violations.get(ACME, a_violation().id) == a_violation()


async def test_expired_documents_leave_by_themselves(
    deployment: Deployment, store: MongoStore
) -> None:
    """The counterpart removes them at once, MongoDB within a minute or so."""
    await store.make_indexes()
    codes = raw(deployment, "otps")
    now = datetime.now(UTC)  # noqa: TID251 - the server compares with its own clock
    for name, expires_at in (("old", now - timedelta(minutes=5)), ("new", now + timedelta(days=1))):
        await codes.insert_one({"_id": name, "expires_at": expires_at})

    for _ in range(300):
        left = sorted([one["_id"] async for one in codes.find({})])
        if left == ["new"]:
            return
        await asyncio.sleep(0.5)
    pytest.fail("what has expired is still there")


def test_documentation_names_every_collection() -> None:
    text = (Path(__file__).parents[3] / "docs" / "mongodb.md").read_text(encoding="utf-8")

    named = {index.collection for index in INDEXES} | set(BARE)
    assert {name for name in named if f"`{name}`" not in text} == set()


def test_every_collection_is_indexed_or_said_to_need_none() -> None:
    indexed = {index.collection for index in INDEXES}

    assert not indexed & set(BARE)
    assert indexed | set(BARE) >= PLATFORM_COLLECTIONS

"""What lies in the databases: no driver's ids, whole amounts, each tenant's under its name."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from adapters.mongo.client import MongoClient, options
from adapters.mongo.database import PLATFORM_COLLECTIONS
from adapters.mongo.store import MongoStore
from adapters.mongo.values import date, restored, stored
from application.ports.readers import Page, ViolationFilter
from domain.audit import ChainHead
from domain.events import TenantFounded
from domain.identifiers import WebhookId
from domain.job import RetryPolicy
from domain.usage_report import UsageQuery
from tests.adapters.mongo.conftest import Deployment
from tests.contract.samples import (
    ACME,
    POLICY,
    a_job,
    a_key,
    a_revision,
    a_tenant,
    a_usage,
    a_user,
    a_violation,
    an_upstream,
)
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds

PLAIN = str | int | bool | datetime | None
OF_NOBODY = {"gates", "schema", "outbox", "users", "otps", "sessions", "storage_places", "tenants"}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(st.characters()),
        lambda inner: st.lists(inner) | st.dictionaries(st.text("abc_"), inner),
    )
)
def test_stored_value_comes_back_and_is_unicode(value: object) -> None:
    kept = stored(value)

    assert restored(kept) == value
    for text in texts(kept):
        text.encode("utf-8")


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from texts(one)
        case list():
            for one in value:
                yield from texts(one)


@given(st.datetimes(max_value=datetime(9998, 1, 1)))  # noqa: DTZ001 - any will do
def test_date_is_the_next_whole_millisecond(at: datetime) -> None:
    kept = date(at)

    assert kept.microsecond % 1000 == 0
    assert 0 <= (kept - at).total_seconds() < 0.001


@pytest.fixture
async def store(deployment: Deployment) -> MongoStore:
    """Return a store with something in most collections."""
    store = deployment.store()
    await store.open()
    async with store.transactions() as uow:
        await uow.tenants.add(a_tenant())
        await uow.users.add(a_user())
        await uow.api_keys.add(ACME, a_key())
        await uow.upstreams.add(ACME, an_upstream())
        await uow.policies.add(ACME, a_revision(1))
        await uow.policies.activate(ACME, POLICY, 1, at=START)
        await uow.violations.add_new(ACME, [a_violation()])
        await uow.audit.add_usage(ACME, [a_usage(1)])
        uow.record(TenantFounded(tenant_id=ACME))
        await uow.commit()
    await store.job_queue(capacity=9, retry=RetryPolicy()).put(a_job())
    return store


async def everything(deployment: Deployment) -> list[tuple[str, dict[str, Any]]]:
    """Return every document with the name of its collection."""
    found = []
    for name in (deployment.own, deployment.platform):
        database = deployment.client().database(name)
        for collection in await database.list_collection_names():
            found += [(collection, one) async for one in database[collection].find({})]
    return found


async def test_documents_hold_plain_values_and_no_ids_of_the_driver(
    deployment: Deployment, store: MongoStore
) -> None:
    documents = await everything(deployment)

    assert {"api_keys", "jobs", "outbox", "tenants", "usage_logs"} <= {
        name for name, _ in documents
    }
    for name, document in documents:
        assert isinstance(document["_id"], str), name
        for value in leaves(document):
            assert not isinstance(value, ObjectId), name
            assert isinstance(value, PLAIN | float), (name, value)
        assert all(isinstance(value, int) for value in amounts(document)), name


def leaves(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for one in value.values():
                yield from leaves(one)
        case list():
            for one in value:
                yield from leaves(one)
        case _:
            yield value


def amounts(value: Any) -> Iterator[Any]:
    match value:
        case dict():
            for key, one in value.items():
                if "nano" in key and one is not None:
                    yield one
                yield from amounts(one)
        case list():
            for one in value:
                yield from amounts(one)


async def test_what_belongs_to_a_tenant_says_so(deployment: Deployment, store: MongoStore) -> None:
    documents = await everything(deployment)

    for name, document in documents:
        if name not in OF_NOBODY:
            assert document["tenant_id"] == ACME, name


async def test_each_collection_is_in_the_database_it_belongs_to(
    deployment: Deployment, store: MongoStore
) -> None:
    client = deployment.client()

    own = set(await client.database(deployment.own).list_collection_names())
    platform = set(await client.database(deployment.platform).list_collection_names())

    assert not own & PLATFORM_COLLECTIONS
    assert platform <= PLATFORM_COLLECTIONS


class Filters(CommandListener):
    """Remember by what each command finds its documents."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []

    def started(self, event: CommandStartedEvent) -> None:
        command = event.command
        name = str(command.get(event.command_name))
        match event.command_name:
            case "find":
                found = [command["filter"]]
            case "update":
                found = [one["q"] for one in command["updates"]]
            case "delete":
                found = [one["q"] for one in command["deletes"]]
            case "findAndModify":
                found = [command["query"]]
            case "aggregate":
                found = [command["pipeline"][0]["$match"]]
            case _:
                return
        self.seen += [(name, dict(one)) for one in found]

    def succeeded(self, event: CommandSucceededEvent) -> None:
        pass

    def failed(self, event: CommandFailedEvent) -> None:
        pass


async def test_nothing_of_a_tenant_is_found_without_naming_it(
    deployment: Deployment, store: MongoStore
) -> None:
    filters = Filters()
    raw = AsyncIOMotorClient(deployment.uri, **options(deployment.uri), event_listeners=[filters])
    client = MongoClient(raw)
    deployment.clients.append(client)
    watched = MongoStore(
        client, FakeClock(), CountingIds(500), own=deployment.own, platform=deployment.platform
    )

    await use_everything(watched)

    scoped = [(name, found) for name, found in filters.seen if name not in OF_NOBODY]
    assert {"api_keys", "upstreams", "violations", "policy_revisions", "usage_logs"} <= {
        name for name, _ in scoped
    }
    # What leads to a tenant is unique over all of them.
    leading = {("api_keys", "key"), ("invitations", "digest")}
    for name, found in scoped:
        if any(name == collection and field in found for collection, field in leading):
            continue
        assert ACME in str(found), (name, found)


async def use_everything(store: MongoStore) -> None:
    """Call the methods that are scoped to a tenant, each once."""
    async with store.transactions() as uow:
        key = await uow.api_keys.get(ACME, a_key().id)
        await uow.api_keys.save(ACME, key)
        await uow.api_keys.all(ACME)
        upstream = await uow.upstreams.get(ACME, an_upstream().id)
        await uow.upstreams.save(ACME, upstream)
        await uow.upstreams.all(ACME)
        await uow.policies.get(ACME, POLICY, 1)
        await uow.policies.activate(ACME, POLICY, 1, at=START)
        await uow.policies.active(ACME, at=START)
        await uow.policies.all(ACME)
        await uow.violations.add_new(ACME, [a_violation(2)])
        await uow.violations.of_record(ACME, a_violation().record_id)
        await uow.violations.save(ACME, await uow.violations.get(ACME, a_violation().id))
        await uow.audit.add_usage(ACME, [a_usage(2)])
        await uow.audit.damages(ACME)
        await uow.audit.save_head(ACME, "gw01", ChainHead())
        await uow.audit.heads(ACME)
        await uow.settings.save_alerts(ACME, await uow.settings.alerts(ACME))
        await uow.settings.save_alert_state(ACME, await uow.settings.alert_state(ACME))
        await uow.administration.latest(ACME, limit=5)
        await uow.invitations.all(ACME)
        await uow.commit()
    await store.gateway_reader.spent(ACME, a_key().id, since=START)
    await store.violation_reader.violations(ACME, ViolationFilter(), Page(limit=5))
    await store.usage_reader.usage(ACME, UsageQuery(since=START, until=START + timedelta(days=1)))
    await store.job_records.of_tenant(ACME)
    await store.job_records.counts_of(ACME)
    await store.webhook_deliveries.latest(ACME, WebhookId("whk_1"), limit=5)

"""The stores that keep the same promises; another store joins by an entry in `STORES`."""

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from pymongo import AsyncMongoClient

from adapters.mongo.client import MongoClient, make_client, options
from adapters.mongo.database import PLATFORM_COLLECTIONS
from adapters.mongo.indexes import INDEXES
from adapters.mongo.store import MongoStore
from adapters.sqlite.store import SqliteStore
from application.ports.job_queue import StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.mailer import SentMails
from application.ports.outbox import Outbox
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory
from application.ports.tenant_data import TenantData
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookDeliveries
from domain.job import RetryPolicy


class Store(Protocol):
    """Every port over one store, as an adapter offers them together."""

    @property
    def transactions(self) -> Transactions: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def job_records(self) -> JobRecords: ...

    @property
    def webhook_deliveries(self) -> WebhookDeliveries: ...

    @property
    def sent_mails(self) -> SentMails: ...

    @property
    def gateway_reader(self) -> GatewayReader: ...

    @property
    def violation_reader(self) -> ViolationReader: ...

    @property
    def usage_reader(self) -> UsageReader: ...

    @property
    def tenant_data(self) -> TenantData: ...

    def job_queue(self, *, capacity: int, retry: RetryPolicy) -> StoredJobQueue: ...


Address = Callable[[str], str]
"""The address of a counterpart, by its name."""

OpenStore = Callable[[Path, Clock, IdFactory, Address], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def sqlite_file(
    folder: Path, clock: Clock, ids: IdFactory, _: Address
) -> AsyncIterator[Store]:
    store = SqliteStore(folder / "trueport.db", clock, ids)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def sqlite_memory(_: Path, clock: Clock, ids: IdFactory, __: Address) -> AsyncIterator[Store]:
    store = SqliteStore(":memory:", clock, ids)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def mongo_by_motor(
    folder: Path, clock: Clock, ids: IdFactory, address: Address
) -> AsyncIterator[Store]:
    uri = mongo_uri(address)
    async with mongo_store(make_client(uri), folder, clock, ids) as store:
        yield store


@asynccontextmanager
async def mongo_by_pymongo(
    folder: Path, clock: Clock, ids: IdFactory, address: Address
) -> AsyncIterator[Store]:
    uri = mongo_uri(address)
    client = MongoClient(AsyncMongoClient(uri, **options(uri)))
    async with mongo_store(client, folder, clock, ids) as store:
        yield store


@asynccontextmanager
async def mongo_store(
    client: MongoClient, folder: Path, clock: Clock, ids: IdFactory
) -> AsyncIterator[MongoStore]:
    """Open a store in two databases of this folder's own, which are gone afterwards."""
    own, platform = database_names(folder)
    store = MongoStore(client, clock, ids, own=own, platform=platform)
    try:
        await store.open()
        report = await store.make_indexes()
        assert not report.conflicts
        # The server would remove what the clock of the tests says is still to come.
        for index in INDEXES:
            if index.ttl_seconds is not None:
                name = platform if index.collection in PLATFORM_COLLECTIONS else own
                await client.database(name)[index.collection].drop_index(index.name)
        yield store
    finally:
        for name in (own, platform):
            await client.drop_database(name)
        await store.close()


def database_names(folder: Path) -> tuple[str, str]:
    """Return the names of two databases that belong to a test's folder."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:20]
    return f"trueport_test_{digest}", f"trueport_test_{digest}_platform"


def mongo_uri(address: Address) -> str:
    """Return the address of the counterpart of MongoDB, or of the real one that is named."""
    located = address("mongo")
    if not located.startswith("http://"):
        return located
    return f"mongodb://{located.removeprefix('http://')}/?directConnection=true"


STORES: Mapping[str, OpenStore] = {
    "sqlite-file": sqlite_file,
    "sqlite-memory": sqlite_memory,
    "mongo-motor": mongo_by_motor,
    "mongo-pymongo": mongo_by_pymongo,
}

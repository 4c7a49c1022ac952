"""The stores that keep the same promises; another store joins by an entry in `STORES`."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

from adapters.sqlite.store import SqliteStore
from application.ports.job_queue import StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.outbox import Outbox
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory
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
    def gateway_reader(self) -> GatewayReader: ...

    @property
    def violation_reader(self) -> ViolationReader: ...

    @property
    def usage_reader(self) -> UsageReader: ...

    def job_queue(self, *, capacity: int, retry: RetryPolicy) -> StoredJobQueue: ...


OpenStore = Callable[[Path, Clock, IdFactory], AbstractAsyncContextManager[Store]]


@asynccontextmanager
async def sqlite_file(folder: Path, clock: Clock, ids: IdFactory) -> AsyncIterator[Store]:
    store = SqliteStore(folder / "trueport.db", clock, ids)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def sqlite_memory(_: Path, clock: Clock, ids: IdFactory) -> AsyncIterator[Store]:
    store = SqliteStore(":memory:", clock, ids)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


STORES: Mapping[str, OpenStore] = {"sqlite-file": sqlite_file, "sqlite-memory": sqlite_memory}

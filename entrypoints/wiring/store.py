"""The store: SQLite in a file, or MongoDB where `MONGO_URI` names one."""

from enum import StrEnum
from typing import Protocol

from application.platform.purge import PurgeTenants
from application.ports.job_queue import StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.mailer import SentMails
from application.ports.outbox import Outbox
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory
from application.ports.tenant_data import TenantData
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookDeliveries
from domain.errors import InvalidValue
from domain.job import RetryPolicy
from entrypoints.settings import Settings, SettingsError

_GATEWAY_DATABASE = "trueport_ai"


class Service(StrEnum):
    """What a process is: it decides what it may write, and whether it makes indexes itself."""

    EVERYTHING = "everything"
    PLATFORM = "platform"
    GATEWAY = "gateway"
    ENGINE = "engine"

    @property
    def writes_platform(self) -> bool:
        """Tell whether users, tenants and their members are this process's to write."""
        return self in {Service.EVERYTHING, Service.PLATFORM}

    def database(self, settings: Settings) -> str:
        """Return the name of the service's own database in MongoDB."""
        if settings.mongo_db_name is not None:
            return settings.mongo_db_name
        return settings.platform_db_name if self is Service.PLATFORM else _GATEWAY_DATABASE


class Store(Protocol):
    """Every port over one store, as its adapter offers them together."""

    transactions: Transactions
    outbox: Outbox
    job_records: JobRecords
    webhook_deliveries: WebhookDeliveries
    sent_mails: SentMails
    gateway_reader: GatewayReader
    violation_reader: ViolationReader
    usage_reader: UsageReader
    tenant_data: TenantData

    async def open(self) -> None:
        """Connect, and bring the store up to what this version needs.

        Raises:
            Unavailable: it cannot be used as it is.
        """

    async def close(self) -> None:
        """Close what was opened."""

    def job_queue(self, *, capacity: int, retry: RetryPolicy) -> StoredJobQueue:
        """Return the queue of jobs in the store."""


def make_store(settings: Settings, service: Service, clock: Clock, ids: IdFactory) -> Store:
    """Return the store that the settings name; nothing is opened.

    Raises:
        SettingsError: `MONGO_URI` is no address.
    """
    if settings.mongo_uri is None:
        from adapters.sqlite.store import SqliteStore  # noqa: PLC0415 - one of two

        return SqliteStore(settings.database, clock, ids)
    from adapters.mongo.client import make_client  # noqa: PLC0415 - a library of an extra
    from adapters.mongo.store import MongoStore  # noqa: PLC0415 - the same

    try:
        client = make_client(settings.mongo_uri.get_secret_value())
    except InvalidValue as error:
        raise SettingsError(f"{error.field}: {error.message}") from None
    return MongoStore(
        client,
        clock,
        ids,
        own=service.database(settings),
        platform=settings.platform_db_name,
        writes_platform=service.writes_platform,
        is_preparing=service is Service.EVERYTHING,
    )


def make_transactions(store: Store) -> Transactions:
    """Return what opens units of work."""
    return store.transactions


def make_outbox(store: Store) -> Outbox:
    """Return the outbox of the store."""
    return store.outbox


def make_gateway_reader(store: Store) -> GatewayReader:
    """Return the reads of the hot path."""
    return store.gateway_reader


def make_violation_reader(store: Store) -> ViolationReader:
    """Return the reads of violations."""
    return store.violation_reader


def make_webhook_deliveries(store: Store) -> WebhookDeliveries:
    """Return the deliveries of the store."""
    return store.webhook_deliveries


def make_usage_reader(store: Store) -> UsageReader:
    """Return the sums over usage."""
    return store.usage_reader


def make_purge_tenants(
    store: Store, transactions: Transactions, clock: Clock, service: Service
) -> PurgeTenants:
    """Return what forgets deleted tenants, as far as this service may write them."""
    return PurgeTenants(
        transactions=transactions,
        data=store.tenant_data,
        clock=clock,
        writes_tenants=service.writes_platform,
    )


def make_sent_mails(store: Store) -> SentMails:
    """Return what the store remembers of mails."""
    return store.sent_mails


def make_job_records(store: Store) -> JobRecords:
    """Return the operator's view of the jobs."""
    return store.job_records


def make_stored_queue(settings: Settings, store: Store, retry: RetryPolicy) -> StoredJobQueue:
    """Return the job queue that lives in the store."""
    return store.job_queue(capacity=settings.queue_capacity, retry=retry)

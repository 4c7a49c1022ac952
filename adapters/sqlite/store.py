"""The whole embedded store behind its ports."""

from datetime import timedelta
from pathlib import Path

from adapters.sqlite.database import BUSY_TIMEOUT, Database
from adapters.sqlite.job_records import SqliteJobRecords
from adapters.sqlite.jobs import SqliteJobQueue
from adapters.sqlite.outbox import SqliteOutbox
from adapters.sqlite.readers import SqliteGatewayReader, SqliteViolationReader
from adapters.sqlite.sent_mails import SqliteSentMails
from adapters.sqlite.tenant_data import SqliteTenantData
from adapters.sqlite.unit_of_work import SqliteTransactions
from adapters.sqlite.usage import SqliteUsageReader
from adapters.sqlite.webhooks import SqliteWebhookDeliveries
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


class SqliteStore:
    """One SQLite file, or `:memory:`, from `open` to `close`, in one event loop.

    Other processes may use the same file at the same time. While a unit of work is open its task
    can write through that unit only, and a write through anything else raises `RuntimeError`.
    """

    def __init__(
        self,
        path: str | Path,
        clock: Clock,
        ids: IdFactory,
        *,
        busy_timeout: timedelta = BUSY_TIMEOUT,
    ) -> None:
        self._database = Database(path, busy_timeout=busy_timeout)
        self.transactions: Transactions = SqliteTransactions(self._database, clock, ids)
        self.outbox: Outbox = SqliteOutbox(self._database)
        self.job_records: JobRecords = SqliteJobRecords(self._database)
        self.webhook_deliveries: WebhookDeliveries = SqliteWebhookDeliveries(self._database)
        self.sent_mails: SentMails = SqliteSentMails(self._database)
        self.gateway_reader: GatewayReader = SqliteGatewayReader(self._database)
        self.violation_reader: ViolationReader = SqliteViolationReader(self._database)
        self.usage_reader: UsageReader = SqliteUsageReader(self._database)
        self.tenant_data: TenantData = SqliteTenantData(self._database)

    async def open(self) -> None:
        """Open the file, make it where it is missing, and bring its schema up to date.

        Raises:
            Unavailable: the file cannot be used, or a newer version wrote it (`store.too_new`).
        """
        await self._database.open()

    async def close(self) -> None:
        """Close the file once the units of work that were begun have ended."""
        await self._database.close()

    def job_queue(self, *, capacity: int, retry: RetryPolicy) -> StoredJobQueue:
        """Return the queue: full at `capacity`, its jobs dead after `retry.max_attempts`."""
        return SqliteJobQueue(self._database, capacity=capacity, retry=retry)

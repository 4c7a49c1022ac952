"""The whole store on MongoDB behind its ports."""

from datetime import timedelta

from adapters.mongo.client import MongoClient
from adapters.mongo.database import OWN, PLATFORM, Database
from adapters.mongo.errors import SERVICE
from adapters.mongo.index_report import IndexReport
from adapters.mongo.indexes import check_indexes, is_prepared, make_indexes
from adapters.mongo.job_records import MongoJobRecords
from adapters.mongo.jobs import MongoJobQueue
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.readers import MongoGatewayReader, MongoViolationReader
from adapters.mongo.sent_mails import MongoSentMails
from adapters.mongo.session import Session
from adapters.mongo.tenant_data import MongoTenantData
from adapters.mongo.unit_of_work import MongoTransactions
from adapters.mongo.usage import MongoUsageReader
from adapters.mongo.webhooks import MongoWebhookDeliveries
from adapters.turns import TURN_TIMEOUT
from application.ports.job_queue import StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.mailer import SentMails
from application.ports.outbox import Outbox
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory
from application.ports.tenant_data import TenantData
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookDeliveries
from domain.errors import Unavailable
from domain.job import RetryPolicy


class MongoStore:
    """One client's view of two databases, from `open` to `close`, in one event loop.

    Without `writes_platform` this service reads what platform-backend owns and never writes it;
    without `is_preparing` indexes that are missing are a reason not to start.
    Other processes may work on the same databases at the same time: a unit of work that another
    one got ahead of fails with `ConcurrentUpdate`.
    """

    def __init__(
        self,
        client: MongoClient,
        clock: Clock,
        ids: IdFactory,
        *,
        own: str = OWN,
        platform: str = PLATFORM,
        writes_platform: bool = True,
        is_preparing: bool = True,
        turn_timeout: timedelta = TURN_TIMEOUT,
    ) -> None:
        self._database = Database(
            client,
            own=own,
            platform=platform,
            writes_platform=writes_platform,
            turn_timeout=turn_timeout,
        )
        self._is_preparing = is_preparing
        self.transactions: Transactions = MongoTransactions(self._database, clock, ids)
        self.outbox: Outbox = MongoOutbox(self._database)
        self.job_records: JobRecords = MongoJobRecords(self._database)
        self.webhook_deliveries: WebhookDeliveries = MongoWebhookDeliveries(self._database)
        self.sent_mails: SentMails = MongoSentMails(self._database)
        self.gateway_reader: GatewayReader = MongoGatewayReader(self._database)
        self.violation_reader: ViolationReader = MongoViolationReader(self._database)
        self.usage_reader: UsageReader = MongoUsageReader(self._database)
        self.tenant_data: TenantData = MongoTenantData(self._database)

    async def open(self) -> None:
        """Ask for a transaction, and for the indexes, which are made here if that is wanted.

        Raises:
            Unavailable: MongoDB is away, refuses, is no replica set (`store.no_replica_set`), or
                its indexes have to be made first (`store.not_prepared`).
        """
        await self.require_transactions()
        if await is_prepared(self._database):
            return
        if not self._is_preparing:
            raise _not_prepared(
                "were not made by this version: run `trueport db init` once, with this service's "
                "MONGO_DB_NAME"
            )
        report = await self.make_indexes()
        if report.conflicts:
            raise _not_prepared(f"are not as they should be ({report.conflicts[0]})")

    async def require_transactions(self) -> None:
        """Ask the server for a transaction, which a replica set alone can give.

        Raises:
            Unavailable: MongoDB is away, refuses, or is no replica set (`store.no_replica_set`).
        """
        session = Session(self._database)
        await session.begin()
        try:
            await session.collection("gates").find_one({"_id": "jobs"})
            await session.commit()
        finally:
            await session.end()

    async def close(self) -> None:
        """Close the connections."""
        await self._database.close()

    async def make_indexes(self) -> IndexReport:
        """Make the collections and indexes that are missing, and drop nothing.

        Raises:
            Unavailable: MongoDB is away, or its user may not make indexes.
        """
        return await make_indexes(self._database)

    async def check_indexes(self) -> IndexReport:
        """Return which indexes are there, missing, or otherwise than they should be.

        Raises:
            Unavailable: MongoDB is away.
        """
        return await check_indexes(self._database)

    def job_queue(self, *, capacity: int, retry: RetryPolicy) -> StoredJobQueue:
        """Return the queue: full at `capacity`, its jobs dead after `retry.max_attempts`."""
        return MongoJobQueue(self._database, capacity=capacity, retry=retry)


def _not_prepared(problem: str) -> Unavailable:
    return Unavailable(SERVICE, f"the indexes of this MongoDB {problem}", code="store.not_prepared")

"""The whole store on MongoDB behind its ports."""

from datetime import timedelta

from adapters.mongo.client import MongoClient
from adapters.mongo.database import OWN, PLATFORM, TURN_TIMEOUT, Database
from adapters.mongo.indexes import IndexReport, check_indexes, make_indexes
from adapters.mongo.job_records import MongoJobRecords
from adapters.mongo.jobs import MongoJobQueue
from adapters.mongo.outbox import MongoOutbox
from adapters.mongo.readers import MongoGatewayReader, MongoViolationReader
from adapters.mongo.sent_mails import MongoSentMails
from adapters.mongo.session import Session
from adapters.mongo.unit_of_work import MongoTransactions
from adapters.mongo.usage import MongoUsageReader
from adapters.mongo.webhooks import MongoWebhookDeliveries
from application.ports.job_queue import StoredJobQueue
from application.ports.job_records import JobRecords
from application.ports.mailer import SentMails
from application.ports.outbox import Outbox
from application.ports.readers import GatewayReader, UsageReader, ViolationReader
from application.ports.system import Clock, IdFactory
from application.ports.unit_of_work import Transactions
from application.ports.webhooks import WebhookDeliveries
from domain.job import RetryPolicy


class MongoStore:
    """One client's view of two databases, from `open` to `close`, in one event loop.

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
        turn_timeout: timedelta = TURN_TIMEOUT,
    ) -> None:
        self._database = Database(client, own=own, platform=platform, turn_timeout=turn_timeout)
        self.transactions: Transactions = MongoTransactions(self._database, clock, ids)
        self.outbox: Outbox = MongoOutbox(self._database)
        self.job_records: JobRecords = MongoJobRecords(self._database)
        self.webhook_deliveries: WebhookDeliveries = MongoWebhookDeliveries(self._database)
        self.sent_mails: SentMails = MongoSentMails(self._database)
        self.gateway_reader: GatewayReader = MongoGatewayReader(self._database)
        self.violation_reader: ViolationReader = MongoViolationReader(self._database)
        self.usage_reader: UsageReader = MongoUsageReader(self._database)

    async def open(self) -> None:
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

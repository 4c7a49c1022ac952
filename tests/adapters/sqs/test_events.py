"""Events out of a queue: accepted first, deleted then, left where they cannot be."""

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters.notifications.s3_queued import QueuedS3Messages
from adapters.notifications.sns import SnsSignatures
from adapters.object_storage.s3 import S3Account, S3ObjectStorages
from adapters.sqs.client import SqsAccount, SqsQueue, in_thread
from adapters.sqs.events import MIN_PAUSE, SqsEvents
from adapters.telemetry.prometheus import PrometheusTelemetry
from application.platform.founding import StorageDefaults
from application.platform.tenants import FoundTenantCommand
from application.ports.object_storage import ObjectStorages
from domain.errors import Unavailable
from domain.job import ObjectRef
from domain.tenant import Slug, StorageProvider, Tenant
from domain.user import Email
from tests.adapters.notifications.authority import private_key
from tests.adapters.notifications.sns_sender import KEY, Receiver, notification, signed
from tests.adapters.sqs.queues import BOTO, KEYS, REGION, account_of, client_of
from tests.fakes.clock import FakeClock
from tests.fakes.deployment import Deployment, deployed, found_tenant_of

AUDIT_KEY = "audit/v1/dt=2026-11-24/hr=02/gw-000001.jsonl.gz"
MESSAGES = Path(__file__).parent.parent / "notifications" / "messages"
RECORDS = (MESSAGES / "s3_notification.json").read_text(encoding="utf-8")


@dataclass
class Queue:
    """A queue in moto, and what stands at our end of it."""

    address: str
    url: str
    client: Any
    clock: FakeClock = field(default_factory=FakeClock)
    telemetry: PrometheusTelemetry = field(default_factory=PrometheusTelemetry)
    accepted: list[ObjectRef] = field(default_factory=list)
    is_full: bool = False

    def events(
        self, *, hidden_seconds: int = 0, signatures: SnsSignatures | None = None
    ) -> SqsEvents:
        return SqsEvents(
            SqsQueue(account_of(self.url)),
            read=QueuedS3Messages(signatures),
            clock=self.clock,
            telemetry=self.telemetry,
            wait_seconds=0,
            hidden_seconds=hidden_seconds,
        )

    async def accept(self, ref: ObjectRef) -> None:
        if self.is_full:
            raise Unavailable("queue", "the queue is full", retry_after=1)
        self.accepted.append(ref)

    def send(self, *bodies: str) -> None:
        for body in bodies:
            self.client.send_message(QueueUrl=self.url, MessageBody=body)

    def waiting(self) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)
        return sum(int(found["Attributes"][name]) for name in names)

    def counted(self, result: str) -> bool:
        return f'source="sqs",result="{result}"' in self.telemetry.render().decode() or (
            f'result="{result}",source="sqs"' in self.telemetry.render().decode()
        )


@pytest.fixture
def queue(
    counterpart_server: Callable[[str], str], request: pytest.FixtureRequest
) -> Iterator[Queue]:
    address = counterpart_server("moto")
    client = client_of(address)
    name = "".join(filter(str.isalnum, request.node.name))[:60]
    url = client.create_queue(QueueName=name)["QueueUrl"]
    yield Queue(address=address, url=url, client=client)
    client.delete_queue(QueueUrl=url)
    client.close()


def envelope(**changes: object) -> str:
    return json.dumps(signed(notification(**changes)))  # type: ignore[arg-type]


async def test_messages_are_deleted_once_their_objects_are_accepted(queue: Queue) -> None:
    queue.send(RECORDS, envelope())
    events = queue.events()

    assert await events.poll_once(queue.accept)
    assert not await events.poll_once(queue.accept)
    events.close()

    assert sorted(ref.key for ref in queue.accepted) == sorted(
        ["audit/v1/dt=2026-11-24/hr=02/gw 1+é-000001.jsonl.gz", "audit/v1/second.jsonl.gz", KEY]
    )
    assert queue.waiting() == 0


async def test_event_bridge_may_fill_the_queue_as_well(queue: Queue) -> None:
    queue.send((MESSAGES / "event_bridge.json").read_text(encoding="utf-8"))
    events = queue.events()

    await events.poll_once(queue.accept)
    events.close()

    assert len(queue.accepted) == 1
    assert queue.waiting() == 0


async def test_test_message_is_deleted(queue: Queue) -> None:
    queue.send('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b"}')
    events = queue.events()

    await events.poll_once(queue.accept)
    events.close()

    assert queue.accepted == []
    assert queue.waiting() == 0


@pytest.mark.parametrize("body", ["hello", "{}", "[]", '{"Type": "Notification", "TopicArn": "a"}'])
async def test_message_that_nobody_understands_is_left_and_counted(queue: Queue, body: str) -> None:
    queue.send(body, RECORDS)
    events = queue.events()

    await events.poll_once(queue.accept)
    events.close()

    assert len(queue.accepted) == 2
    assert queue.waiting() == 1
    assert queue.counted("unreadable")


async def test_what_can_be_read_of_a_message_is_accepted_and_the_message_left(
    queue: Queue,
) -> None:
    document = json.loads(RECORDS)
    document["Records"][0]["eventVersion"] = "3.0"
    queue.send(json.dumps(document))
    events = queue.events()

    await events.poll_once(queue.accept)
    events.close()

    assert [ref.key for ref in queue.accepted] == ["audit/v1/second.jsonl.gz"]
    assert queue.waiting() == 1


async def test_nothing_is_lost_while_there_is_no_room(queue: Queue) -> None:
    queue.send(RECORDS)
    queue.is_full = True
    events = queue.events()

    with pytest.raises(Unavailable):
        await events.poll_once(queue.accept)
    assert not await events.poll_once(queue.accept)
    queue.is_full = False
    queue.clock.advance(MIN_PAUSE)
    assert await events.poll_once(queue.accept)
    events.close()

    assert len(queue.accepted) == 2
    assert queue.waiting() == 0


async def test_pause_grows_and_then_one_message_is_tried(queue: Queue) -> None:
    queue.send(*[RECORDS] * 5)
    queue.is_full = True
    events = queue.events()

    for pause in (0.0, MIN_PAUSE, 2 * MIN_PAUSE):
        if pause:
            queue.clock.advance(pause - 1)
            assert not await events.poll_once(queue.accept)
            queue.clock.advance(1)
        with pytest.raises(Unavailable):
            await events.poll_once(queue.accept)
    events.close()

    counts = queue.client.receive_message(
        QueueUrl=queue.url,
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["ApproximateReceiveCount"],
    )["Messages"]
    before = [int(one["Attributes"]["ApproximateReceiveCount"]) - 1 for one in counts]
    assert len(before) == 5
    assert sum(before) == 5 + 1 + 1


async def test_messages_stay_hidden_while_their_objects_are_accepted(queue: Queue) -> None:
    queue.send(*[RECORDS] * 3)
    one, other = queue.events(hidden_seconds=1), queue.events(hidden_seconds=1)
    seen: list[bool] = []

    async def slowly(ref: ObjectRef) -> None:
        if not seen:
            await asyncio.sleep(1.5)
            seen.append(await other.poll_once(queue.accept))
        await queue.accept(ref)

    await one.poll_once(slowly)
    one.close()
    other.close()

    assert seen == [False]
    assert len(queue.accepted) == 6
    assert queue.waiting() == 0


async def test_signatures_are_checked_where_that_is_asked_for(queue: Queue) -> None:
    forged = json.dumps(signed(notification(MessageId="x"), key=private_key("somebody else")))
    old = envelope(Timestamp="2026-11-14T02:43:58.123Z")
    queue.send(forged, RECORDS, old)
    events = queue.events(signatures=Receiver().signatures)

    await events.poll_once(queue.accept)
    events.close()

    assert [ref.key for ref in queue.accepted] == [KEY]
    assert queue.waiting() == 2
    assert queue.counted("refused")


async def test_queue_that_is_not_there_is_unavailable(queue: Queue) -> None:
    events = queue.events()
    queue.client.delete_queue(QueueUrl=queue.url)

    with pytest.raises(Unavailable, match="receive_message"):
        await events.poll_once(queue.accept)
    events.close()
    queue.client.create_queue(QueueName=queue.url.rpartition("/")[2])


async def test_server_that_is_not_there_is_unavailable() -> None:
    account = SqsAccount(
        queue_url="http://127.0.0.1:9/000000000000/none",
        endpoint_url="http://127.0.0.1:9",
        access_key_id="a",
        secret_access_key="b",
    )
    events = SqsEvents(
        SqsQueue(account),
        read=QueuedS3Messages(),
        clock=FakeClock(),
        telemetry=PrometheusTelemetry(),
    )

    async def accept(ref: ObjectRef) -> None:
        raise AssertionError(ref)

    with pytest.raises(Unavailable):
        await events.poll_once(accept)
    events.close()


def test_process_does_not_wait_for_a_long_poll() -> None:
    release = threading.Event()

    async def poll() -> None:
        async with asyncio.timeout(0.05):
            await in_thread(release.wait)

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        asyncio.run(poll())
    lasted = time.monotonic() - started
    release.set()

    assert lasted < 5


@asynccontextmanager
async def told_by_s3(
    queue: Queue, home: Path, *slugs: str, shared_bucket: str | None = None
) -> AsyncIterator[tuple[Deployment, ObjectStorages, Sequence[Tenant]]]:
    """Yield tenants with buckets in moto's S3, which tells moto's SNS, which fills the queue."""
    storages = S3ObjectStorages(
        S3Account(
            endpoint_url=queue.address,
            access_key_id=KEYS["aws_access_key_id"],
            secret_access_key=KEYS["aws_secret_access_key"],
            region=REGION,
        )
    )
    sns, s3 = (
        BOTO(name, endpoint_url=queue.address, region_name=REGION, **KEYS) for name in ("sns", "s3")
    )
    topic = sns.create_topic(Name=queue.url.rpartition("/")[2])["TopicArn"]
    arn = queue.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["QueueArn"])
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])
    async with deployed(home) as deployment:
        found = found_tenant_of(
            deployment.transactions,
            storages,
            clock=deployment.clock,
            ids=deployment.ids,
            defaults=StorageDefaults(provider=StorageProvider.S3, shared_bucket=shared_bucket),
        )
        tenants = [
            await found(
                FoundTenantCommand(
                    slug=Slug(slug),
                    name=slug.title(),
                    owner_email=Email.parse(f"owner@{slug}.example.com"),
                    owner_name="Owner",
                )
            )
            for slug in slugs
        ]
        for bucket in {tenant.storage.bucket for tenant in tenants}:
            s3.put_bucket_notification_configuration(
                Bucket=bucket,
                NotificationConfiguration={
                    "TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]
                },
            )
        yield deployment, storages, tenants
    for client in (sns, s3, storages):
        client.close()


async def jobs_of(queue: Queue, deployment: Deployment) -> list[tuple[str, str]]:
    """Take everything from the queue and return (tenant, key) of the jobs, by their age."""
    events = queue.events()
    while await events.poll_once(deployment.accept_event):
        pass
    events.close()
    jobs = await deployment.store.job_records.all()
    return [(job.tenant_id, job.object.key) for job in reversed(jobs)]


async def test_object_of_a_tenant_becomes_a_job_all_the_way_from_s3(
    queue: Queue, tmp_path: Path
) -> None:
    async with told_by_s3(queue, tmp_path, "eventful") as (deployment, storages, (tenant,)):
        await storages.of(tenant.storage).create(AUDIT_KEY, b"x", content_type="application/gzip")

        jobs = await jobs_of(queue, deployment)

    assert jobs == [(tenant.id, AUDIT_KEY)]
    assert queue.waiting() == 0


async def test_objects_under_other_prefixes_of_a_shared_bucket_are_nobodys_or_anothers(
    queue: Queue, tmp_path: Path
) -> None:
    opened = told_by_s3(queue, tmp_path, "acme", "globex", shared_bucket="shared-audit-logs")
    async with opened as (deployment, storages, (acme, globex)):
        bucket = storages.of(acme.storage)
        for prefix in ("", "acme/", "globex/", "acme2/", "old/acme/"):
            await bucket.create(prefix + AUDIT_KEY, b"x", content_type="application/gzip")
        await bucket.create("acme/readme.md", b"x", content_type="text/markdown")

        jobs = await jobs_of(queue, deployment)

    assert sorted(jobs) == [(acme.id, f"acme/{AUDIT_KEY}"), (globex.id, f"globex/{AUDIT_KEY}")]
    assert queue.waiting() == 0


async def test_events_of_s3_may_come_backwards_and_again(queue: Queue, tmp_path: Path) -> None:
    async with told_by_s3(queue, tmp_path, "backwards") as (deployment, storages, (tenant,)):
        keys = [f"audit/v1/dt=2026-11-24/hr=0{hour}/gw-{hour:06}.jsonl.gz" for hour in range(5)]
        for key in keys:
            await storages.of(tenant.storage).create(key, b"x", content_type="application/gzip")
        sent = taken_out(queue)
        queue.send(*reversed(sent), *sent)

        jobs = await jobs_of(queue, deployment)

    assert sorted(jobs) == [(tenant.id, key) for key in keys]
    assert queue.waiting() == 0


def taken_out(queue: Queue) -> list[str]:
    """Return the messages of the queue in order, and leave none."""
    bodies = []
    while queue.waiting():
        for message in queue.client.receive_message(QueueUrl=queue.url, MaxNumberOfMessages=10).get(
            "Messages", ()
        ):
            bodies.append(message["Body"])
            queue.client.delete_message(QueueUrl=queue.url, ReceiptHandle=message["ReceiptHandle"])
    return sorted(bodies, key=lambda body: json.loads(body)["Message"])

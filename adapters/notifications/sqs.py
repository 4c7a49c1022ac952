"""Storage events out of an Amazon SQS queue: nobody needs to reach us from outside."""

import asyncio
import logging
import re
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from adapters.notifications.s3 import is_sns_envelope, read_secret_message
from adapters.notifications.sns import SnsSignatures, read_enclosed
from application.ports.notifications import Distrust, EventQueue, ForgedEvent, VerifiedMessage
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.chat import parse_json_object
from domain.errors import InvalidValue, Unavailable
from domain.job import ObjectRef

SERVICE = "Amazon SQS"
SOURCE = "sqs"
BATCH = 10
WAIT_SECONDS = 20
VISIBILITY_SECONDS = 120
"""How long nobody else gets what we received; storing a job takes milliseconds."""

MIN_PAUSE = 5.0
MAX_PAUSE = 300.0

_REGION = re.compile(r"https?://(?:sqs\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])\.")

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsAccount:
    """How the queue is reached; without an access key the SDK's own chain decides."""

    queue_url: str
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


class SqsEvents(EventQueue):
    """Fetch messages of S3, of SNS around them, or of EventBridge, and hand over their objects.

    Access to the queue is what proves a message. With `signatures`, SNS's own is checked as well,
    and nothing but SNS's envelopes is taken; their age does not matter, since a queue keeps them
    for days.

    While `accept` is unavailable, polling pauses ever longer and tries with one message at a time,
    so that waiting does not use up the receives after which the queue sets a message aside.
    """

    def __init__(
        self,
        account: SqsAccount,
        *,
        clock: Clock,
        telemetry: Telemetry,
        signatures: SnsSignatures | None = None,
        wait_seconds: int = WAIT_SECONDS,
        visibility_seconds: int = VISIBILITY_SECONDS,
    ) -> None:
        self._account = account
        self._clock = clock
        self._telemetry = telemetry
        self._signatures = signatures
        self._wait_seconds = wait_seconds
        self._visibility_seconds = visibility_seconds
        self._client: Any = None
        self._pause = 0.0
        self._not_before = 0.0

    async def poll_once(self, accept: Callable[[ObjectRef], Awaitable[object]]) -> bool:
        """Receive up to ten messages, waiting up to 20 seconds, and accept their objects."""
        if self._pause and self._clock.monotonic() < self._not_before:
            return False
        batch = 1 if self._pause else BATCH
        messages = await _in_thread(lambda: self._receive(batch))
        done: list[str] = []
        try:
            for message in messages:
                is_done = await self._take(str(message.get("Body", "")), accept)
                done += [str(message["ReceiptHandle"])] if is_done else []
        except Unavailable:
            self._pause = min(MAX_PAUSE, max(MIN_PAUSE, self._pause * 2))
            self._not_before = self._clock.monotonic() + self._pause
            raise
        else:
            self._pause = 0.0
        finally:
            if done:
                await _in_thread(lambda: self._delete(done))
        return bool(messages)

    def close(self) -> None:
        """Close the connections; a long poll under way ends by itself."""
        if self._client is not None:
            self._client.close()

    async def _take(self, body: str, accept: Callable[[ObjectRef], Awaitable[object]]) -> bool:
        """Accept the objects of a message and tell whether it is dealt with."""
        try:
            said = await self._read(body)
        except (ForgedEvent, InvalidValue) as error:
            if isinstance(error, ForgedEvent):
                self._telemetry.count(Metric.SIGNATURE_FAILURES, reason=error.reason.value)
                self._left("refused", error.code)
            else:
                self._left("unreadable", error.code)
            return False
        for ref in said.objects:
            await accept(ref)
        if said.unreadable:
            self._left("unreadable", "partly")
        return not said.unreadable

    async def _read(self, body: str) -> VerifiedMessage:
        document = parse_json_object(body.encode("utf-8", "replace"))
        if is_sns_envelope(document):
            if self._signatures is not None:
                await self._signatures.check(document)
            return read_enclosed(document)
        if self._signatures is not None:
            raise ForgedEvent("the message does not come from SNS", reason=Distrust.SENDER)
        return read_secret_message(document)

    def _left(self, result: str, reason: str) -> None:
        self._telemetry.count(Metric.EVENTS, source=SOURCE, result=result)
        _log.warning("message left in the queue", extra={"result": result, "reason": reason})

    def _receive(self, batch: int) -> Sequence[Mapping[str, Any]]:
        answer = self._call(
            "receive_message",
            MaxNumberOfMessages=batch,
            WaitTimeSeconds=self._wait_seconds,
            VisibilityTimeout=self._visibility_seconds,
        )
        messages: Sequence[Mapping[str, Any]] = answer.get("Messages", [])
        return messages

    def _delete(self, handles: Sequence[str]) -> None:
        """Delete messages; one whose deletion fails comes again and is known then."""
        answer = self._call(
            "delete_message_batch",
            Entries=[
                {"Id": str(number), "ReceiptHandle": handle}
                for number, handle in enumerate(handles)
            ],
        )
        if answer.get("Failed"):
            _log.warning("messages not deleted", extra={"count": len(answer["Failed"])})

    def _call(self, operation: str, **arguments: object) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

        try:
            if self._client is None:
                self._client = _open_client(self._account)
            answer: Mapping[str, Any] = getattr(self._client, operation)(
                QueueUrl=self._account.queue_url, **arguments
            )
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            raise Unavailable(SERVICE, f"{SERVICE} refuses {operation}: {code}") from error
        except BotoCoreError as error:
            raise Unavailable(SERVICE) from error
        return answer


def _open_client(account: SqsAccount) -> Any:
    import boto3  # noqa: PLC0415 - an extra
    from botocore.config import Config  # noqa: PLC0415

    found = _REGION.match(account.queue_url)
    return boto3.session.Session(
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        region_name=found["region"] if found else account.region or "us-east-1",
    ).client(
        "sqs",
        endpoint_url=account.endpoint_url,
        config=Config(
            connect_timeout=5,
            read_timeout=WAIT_SECONDS + 10,
            retries={"mode": "standard", "total_max_attempts": 2},
        ),
    )


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Return what blocking work returns.

    A long poll cannot be broken off. The thread is a daemon, so that whoever waits for it can be
    cancelled and the process can end; what was received by then comes again.
    """
    outcome: Future[Result] = Future()

    def run() -> None:
        outcome.set_running_or_notify_cancel()
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, name="sqs", daemon=True).start()
    return await asyncio.wrap_future(outcome)

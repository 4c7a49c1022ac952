"""One queue of Amazon SQS: calls on threads, errors in our words."""

import asyncio
import logging
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from domain.errors import Unavailable

SERVICE = "Amazon SQS"
WAIT_SECONDS = 20
"""The longest wait for a message that SQS offers."""

MAX_VISIBILITY = 12 * 3600
"""Seconds for which a message can be hidden at most."""

_CONNECTIONS = 32
_REGION = re.compile(r"https?://(?:sqs\.)?(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9])\.")
_NOT_OURS = frozenset({"MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidParameterValue"})
"""What SQS says of a handle after its message was hidden for somebody else, or deleted."""

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class SqsUnavailable(Unavailable):
    """SQS did not answer in time or not as it should."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(SERVICE, message)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsAccount:
    """How the queue is reached; without an access key the SDK's own chain decides."""

    queue_url: str
    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SqsMessage:
    """A message that we received, and the handle under which it is ours for a while."""

    body: str = field(repr=False)
    handle: str


class SqsQueue:
    """Send, receive, hide and delete messages. Every method raises `SqsUnavailable`."""

    def __init__(self, account: SqsAccount) -> None:
        self._account = account
        self._client: Any = None
        self._opening = threading.Lock()

    async def send(self, body: str) -> None:
        """Put a message into the queue."""
        await in_thread(lambda: self._call("send_message", MessageBody=body))

    async def receive(
        self, *, limit: int, wait_seconds: int, hidden_seconds: int
    ) -> Sequence[SqsMessage]:
        """Return up to 10 messages, once there is one, and hide them from others."""
        answer = await in_thread(
            lambda: self._call(
                "receive_message",
                MaxNumberOfMessages=limit,
                WaitTimeSeconds=wait_seconds,
                VisibilityTimeout=min(hidden_seconds, MAX_VISIBILITY),
            )
        )
        return [
            SqsMessage(body=str(one.get("Body", "")), handle=str(one["ReceiptHandle"]))
            for one in answer.get("Messages", [])
        ]

    async def hide(self, handle: str, seconds: int) -> None:
        """Hide a message for so long from now on; 0 shows it. One that is not ours is left."""
        await in_thread(
            lambda: self._call(
                "change_message_visibility",
                fine=_NOT_OURS,
                ReceiptHandle=handle,
                VisibilityTimeout=max(0, min(seconds, MAX_VISIBILITY)),
            )
        )

    async def delete(self, handles: Sequence[str]) -> None:
        """Delete up to 10 messages; one whose deletion fails comes again."""
        answer = await in_thread(
            lambda: self._call(
                "delete_message_batch",
                Entries=[
                    {"Id": str(number), "ReceiptHandle": handle}
                    for number, handle in enumerate(handles)
                ],
            )
        )
        if answer.get("Failed"):
            _log.warning("messages not deleted", extra={"count": len(answer["Failed"])})

    def close(self) -> None:
        """Close the connections; a long poll under way ends by itself."""
        if self._client is not None:
            self._client.close()

    def _call(
        self, operation: str, *, fine: frozenset[str] = frozenset(), **arguments: object
    ) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

        try:
            answer: Mapping[str, Any] = getattr(self._open(), operation)(
                QueueUrl=self._account.queue_url, **arguments
            )
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", "unknown"))
            if code in fine:
                return {}
            raise SqsUnavailable(f"{SERVICE} refuses {operation}: {code}") from error
        except BotoCoreError as error:
            raise SqsUnavailable from error
        return answer

    def _open(self) -> Any:
        with self._opening:
            if self._client is None:
                self._client = _open_client(self._account)
            return self._client


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
            max_pool_connections=_CONNECTIONS,
            retries={"mode": "standard", "total_max_attempts": 2},
        ),
    )


async def in_thread(work: Callable[[], Result]) -> Result:
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

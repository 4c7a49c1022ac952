"""Queues in moto: a fresh one, how it is reached, and one that keeps the time of a test."""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import boto3

from adapters.sqs.client import MAX_VISIBILITY, SqsAccount, SqsMessage, SqsQueue
from application.ports.system import Clock

REGION = "eu-central-1"
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "example"}
BOTO: Any = boto3.client
_NUMBERS = count()


def client_of(address: str) -> Any:
    """Return the SDK's own client, for what tests do at the other end."""
    return BOTO("sqs", endpoint_url=address, region_name=REGION, **KEYS)


def account_of(url: str) -> SqsAccount:
    """Return how a queue in moto is reached."""
    return SqsAccount(
        queue_url=url,
        region=REGION,
        endpoint_url=url.rpartition("/")[0].rpartition("/")[0],
        access_key_id=KEYS["aws_access_key_id"],
        secret_access_key=KEYS["aws_secret_access_key"],
    )


@asynccontextmanager
async def a_queue(address: str) -> AsyncIterator[str]:
    """Make a queue and yield its address."""
    client = client_of(address)
    url = client.create_queue(QueueName=f"queue-{os.getpid()}-{next(_NUMBERS)}")["QueueUrl"]
    yield url
    client.delete_queue(QueueUrl=url)
    client.close()


class ClockedQueue(SqsQueue):
    """A queue in which time passes as the test's clock says.

    moto knows the machine's clock alone. What is to be hidden is hidden there for as long as
    possible, and shown again when the time has come by ours.
    """

    def __init__(self, account: SqsAccount, clock: Clock) -> None:
        super().__init__(account)
        self._clock = clock
        self._shown_at: dict[str, datetime] = {}

    async def receive(
        self, *, limit: int, wait_seconds: int, hidden_seconds: int
    ) -> Sequence[SqsMessage]:
        now = self._clock.now()
        for handle in [handle for handle, at in self._shown_at.items() if at <= now]:
            del self._shown_at[handle]
            await super().hide(handle, 0)
        messages = await super().receive(limit=limit, wait_seconds=0, hidden_seconds=MAX_VISIBILITY)
        shown_at = now + timedelta(seconds=hidden_seconds)
        self._shown_at |= {message.handle: shown_at for message in messages}
        return messages

    async def hide(self, handle: str, seconds: int) -> None:
        if handle in self._shown_at:
            self._shown_at[handle] = self._clock.now() + timedelta(seconds=seconds)

    async def delete(self, handles: Sequence[str]) -> None:
        for handle in handles:
            self._shown_at.pop(handle, None)
        await super().delete(handles)

"""Objects are stored and announced as clouds do it: late, twice, out of order, or never."""

import asyncio
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import httpx2

from adapters.notifications.local import SIGNATURE_HEADER, sign_local_event
from adapters.notifications.shared_secret import SECRET_HEADER
from domain.tenant import StorageProvider
from tests.end_to_end.chaos.corpus import Corpus, Kind, Log
from tests.end_to_end.chaos.sites import SECRET, Site, sqs_client

_LOST = 0.1
_REPEATED = 0.2
_LATE = 0.1
_BY_QUEUE = 0.4
_MOST_TOGETHER = 4
_AT_ONCE = 16
_REFUSALS = (408, 429, 500, 502, 503, 504)


@dataclass(kw_only=True)
class Sent:
    """What was announced, in numbers, and what receivers answered that they never should."""

    objects: int = 0
    lost: int = 0
    messages: int = 0
    repeats: int = 0
    by_queue: int = 0
    refusals: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A stored object, as a notification names it."""

    key: str
    revision: str


class Announcer:
    """Stores the objects of a corpus, some at a time, and sends events of them."""

    def __init__(self, site: Site, corpus: Corpus, chance: random.Random) -> None:
        self.sent = Sent()
        self._site = site
        self._corpus = corpus
        self._chance = chance
        self._next = 0
        self._turn = asyncio.Lock()
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self._storage = site.view.storages().of(site.tenant.storage)
        self._client = httpx2.AsyncClient(trust_env=False, timeout=4.0)
        self._queue: Any = sqs_client(site.direct) if site.events_queue else None

    async def aclose(self) -> None:
        """Close our connections."""
        await self._client.aclose()
        if self._queue is not None:
            self._queue.close()

    async def release(self, until: int) -> None:
        """Store the objects up to a number, and announce them until each event was taken."""
        async with self._turn:
            logs = self._corpus.logs[self._next : until]
            self._next = max(self._next, until)
            stored = [(log, await self._store(log)) for log in logs]
        async with asyncio.TaskGroup() as group:
            for message in self._messages(stored):
                group.create_task(self._send(message, self._delay()))
                while self._chance.random() < _REPEATED:
                    self.sent.repeats += 1
                    group.create_task(self._send(message, self._delay()))

    async def _store(self, log: Log) -> Announced:
        self.sent.objects += 1
        if log.kind is Kind.GHOST:
            return Announced(key=log.key, revision="")
        stored = await self._storage.create(
            log.key, log.data, content_type="application/octet-stream"
        )
        return Announced(key=stored.key, revision=stored.revision)

    def _messages(self, stored: Sequence[tuple[Log, Announced]]) -> list[list[Announced]]:
        """Return what messages say, some of several objects; some objects are in none.

        A ghost is always announced, since no sweep could find it.
        """
        told = []
        for log, announced in stored:
            if log.kind is not Kind.GHOST and self._chance.random() < _LOST:
                self.sent.lost += 1
            else:
                told.append(announced)
        self._chance.shuffle(told)
        messages: list[list[Announced]] = []
        while told:
            count = 1 if self._is_local else self._chance.randint(1, _MOST_TOGETHER)
            messages.append(told[:count])
            told = told[count:]
        return messages

    @property
    def _is_local(self) -> bool:
        return self._site.tenant.storage.provider is StorageProvider.LOCAL

    def _delay(self) -> float:
        return self._chance.uniform(0, 8 if self._chance.random() < _LATE else 0.8)

    async def _send(self, message: Sequence[Announced], delay: float) -> None:
        await asyncio.sleep(delay)
        self.sent.messages += 1
        async with self._gate:
            if self._queue is not None and self._chance.random() < _BY_QUEUE:
                self.sent.by_queue += 1
                body = json.dumps(self._records(message))
                await asyncio.to_thread(
                    self._queue.send_message, QueueUrl=self._site.events_queue, MessageBody=body
                )
                return
            while not await self._post(message):
                self.sent.refusals += 1
                await asyncio.sleep(self._chance.uniform(0.1, 1.0))

    async def _post(self, message: Sequence[Announced]) -> bool:
        """Tell whether a receiver took the message, or answered what no sender would repeat."""
        address = self._chance.choice(self._site.receivers)
        bucket = self._site.tenant.storage.bucket
        if self._is_local:
            (one,) = message
            body = json.dumps({"bucket": bucket, "key": one.key}).encode()
            at = int(self._site.view.clock().now().timestamp())
            headers = {SIGNATURE_HEADER: sign_local_event(SECRET, body, at=at)}
            url = f"{address}/analytics/events/local"
        else:
            body = json.dumps(self._records(message)).encode()
            headers = {SECRET_HEADER: SECRET}
            url = f"{address}/analytics/events/s3"
        try:
            answer = await self._client.post(url, content=body, headers=headers)
        except httpx2.TransportError:
            return False
        if answer.status_code in _REFUSALS:
            if answer.status_code != 503:
                self.sent.problems.append(f"an event was answered {answer.status_code}")
            return False
        if not answer.is_success:
            self.sent.problems.append(f"an event was answered {answer.status_code} and is lost")
        return True

    def _records(self, message: Sequence[Announced]) -> Mapping[str, object]:
        bucket = self._site.tenant.storage.bucket
        return {
            "Records": [
                {
                    "eventVersion": "2.1",
                    "eventSource": "aws:s3",
                    "eventName": "ObjectCreated:Put",
                    "s3": {
                        "bucket": {"name": bucket},
                        "object": {"key": quote_plus(one.key), "eTag": one.revision or "none"},
                    },
                }
                for one in message
            ]
        }

"""Receivers of alerts: real servers with TLS, and a check of signatures that shares no code."""

import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from adapters.guarded_network import GuardedNetwork
from adapters.webhooks.http_sender import HttpWebhookSender
from application.ports.system import Clock
from application.ports.webhooks import WebhookSender
from tests.adapters.model_providers.certificates import Certificates
from tests.adapters.model_providers.local_server import Exchange, LocalServer, local_server

NAME = "hooks.example.com"


async def local(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


def make_sender(certificates: Certificates, clock: Clock, *, seconds: float = 5.0) -> WebhookSender:
    """Return a sender that takes `NAME` for this machine, and else only public addresses."""
    return HttpWebhookSender(
        network=GuardedNetwork(allow_private=True, resolver=local),
        clock=clock,
        seconds=seconds,
        ssl_context=certificates.client(),
    )


@dataclass(kw_only=True)
class Receiver:
    """A server that notes what it is told; `statuses` are its next answers, then 204."""

    server: LocalServer
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"https://{NAME}:{self.server.port}/in?sig=token"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(one.content) for one in self.server.exchanges]

    @property
    def ids(self) -> list[str]:
        return [one.headers["webhook-id"] for one in self.server.exchanges]

    async def answer(self, exchange: Exchange) -> None:
        status = self.statuses.pop(0) if self.statuses else 204
        await exchange.respond(b"" if status == 204 else {}, status=status, headers=self.headers)


@asynccontextmanager
async def a_receiver(certificates: Certificates) -> AsyncIterator[Receiver]:
    async def answer(exchange: Exchange) -> None:
        await receiver.answer(exchange)

    async with local_server(answer, ssl_context=certificates.server()) as server:
        receiver = Receiver(server=server)
        yield receiver


def is_signed(exchange: Exchange, secret: str, *, at: datetime, tolerance: float = 300) -> bool:
    """Check one exchange as https://www.standardwebhooks.com tells receivers to."""
    sent = exchange.headers
    if abs(at.timestamp() - int(sent["webhook-timestamp"])) > tolerance:
        return False
    key = base64.b64decode(secret[len("whsec_") :])
    content = f"{sent['webhook-id']}.{sent['webhook-timestamp']}.".encode() + exchange.content
    expected = base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    offered = [one.partition(",") for one in sent["webhook-signature"].split(" ")]
    return any(
        version == "v1" and hmac.compare_digest(signature, expected)
        for version, _, signature in offered
    )

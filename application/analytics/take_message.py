"""Take a message about stored objects: verify it, accept what it names, remember it."""

import logging
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from application.analytics.accept_event import Acceptance
from application.ports.notifications import (
    EventMessage,
    EventVerifier,
    ForgedEvent,
    Quarantine,
    VerifiedMessage,
    WebhookHandshake,
)
from application.ports.telemetry import Metric, Telemetry
from domain.errors import InvalidValue, Unavailable
from domain.job import ObjectRef

MAX_REMEMBERED = 10_000
"""Messages of which it is known that nothing is left to do; each takes about 200 bytes."""

RETRY_AFTER = 15.0
"""Seconds after which a sender shall come again where nothing better is known."""


class Accept(Protocol):
    """Make a job of an object, counted under the sender that told of it."""

    async def __call__(self, ref: ObjectRef, *, sender: str) -> Acceptance:
        """Return once the job is stored durably.

        Raises:
            Unavailable: the queue is full or away.
        """


_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of each object of a message, and what its sender wants to hear."""

    results: tuple[str, ...]
    reply: Mapping[str, object] | None = None


class TakeMessage:
    """Verify a message of one kind of sender and accept its objects.

    `sender` is the label under which messages and their objects are counted. What is authentic but
    cannot be understood is counted, kept and acknowledged: its sender would repeat it for a day,
    and the sweep over the storage finds its objects.
    """

    def __init__(
        self,
        *,
        sender: str,
        verifier: EventVerifier,
        accept: Accept,
        telemetry: Telemetry,
        quarantine: Quarantine,
    ) -> None:
        self._sender = sender
        self._quarantine = quarantine
        self._verifier = verifier
        self._accept = accept
        self._telemetry = telemetry
        self._remembered: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, message: EventMessage) -> Taken:
        """Return once every object is accepted durably.

        A message is remembered only then, so that one that was refused for want of room is taken
        when it is repeated.

        Raises:
            ForgedEvent: the message cannot be trusted; nothing was done.
            Unavailable: it cannot be verified or accepted now; `retry_after` is set.
        """
        try:
            verified = await self._verifier.verify(message)
        except ForgedEvent as error:
            _count_refusal(self._telemetry, self._sender, error)
            raise
        except InvalidValue as error:
            self._count("unreadable")
            _log.error(
                "event not understood", extra={"sender": self._sender, "reason": error.message}
            )
            await self._quarantine.keep(self._sender, message.body)
            return Taken(results=("unreadable",))
        except Unavailable as error:
            self._count("unverifiable")
            _log.error(
                "event cannot be verified now",
                extra={"sender": self._sender, "service": error.service},
            )
            _say_when(error)
            raise
        if verified.message_id is not None and verified.message_id in self._remembered:
            self._count(Acceptance.DUPLICATE.value)
            return Taken(results=(Acceptance.DUPLICATE.value,))
        return await self._take(verified, message.body)

    async def _take(self, verified: VerifiedMessage, body: bytes) -> Taken:
        try:
            results = [
                (await self._accept(ref, sender=self._sender)).value for ref in verified.objects
            ]
        except Unavailable as error:
            self._count("unavailable")
            _say_when(error)
            raise
        if verified.unreadable:
            self._count("unreadable", verified.unreadable)
            _log.error(
                "event understood in part",
                extra={"sender": self._sender, "unreadable": verified.unreadable},
            )
            await self._quarantine.keep(self._sender, body)
        if not verified.objects and not verified.unreadable:
            self._count("empty")
        if verified.message_id is not None:
            self._remembered[verified.message_id] = None
            while len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)
        unreadable = ["unreadable"] * verified.unreadable
        return Taken(results=(*results, *unreadable), reply=verified.reply)

    def _count(self, result: str, amount: int = 1) -> None:
        self._telemetry.count(Metric.EVENTS, amount, source=self._sender, result=result)


class AllowSender:
    """Answer a sender that asks for leave before its first message."""

    def __init__(self, *, sender: str, handshake: WebhookHandshake, telemetry: Telemetry) -> None:
        self._sender = sender
        self._handshake = handshake
        self._telemetry = telemetry

    def __call__(self, message: EventMessage) -> Mapping[str, str]:
        """Return the headers of the answer.

        Raises:
            ForgedEvent: nobody that we take messages from.
        """
        try:
            return self._handshake.allow(message)
        except ForgedEvent as error:
            _count_refusal(self._telemetry, self._sender, error)
            raise


def _count_refusal(telemetry: Telemetry, sender: str, error: ForgedEvent) -> None:
    telemetry.count(Metric.EVENTS, source=sender, result="refused")
    telemetry.count(Metric.SIGNATURE_FAILURES, reason=error.reason.value)
    _log.warning("event refused", extra={"sender": sender, "reason": error.message})


def _say_when(error: Unavailable) -> None:
    """Say when to come again where the error does not."""
    if error.retry_after is None:
        error.retry_after = RETRY_AFTER

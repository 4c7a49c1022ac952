"""The conversation about events from outside: whether they are true, and what they say."""

from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from domain.errors import Refused
from domain.job import ObjectRef


class Distrust(StrEnum):
    """Why a message cannot be trusted, as operators count it."""

    SETTING = "setting"
    FORM = "form"
    SENDER = "sender"
    SECRET = "secret"  # noqa: S105 - a word, not one
    VERSION = "version"
    CERTIFICATE = "certificate"
    SIGNATURE = "signature"
    TIME = "time"
    ADDRESS = "address"


class ForgedEvent(Refused):
    """An event that its sender did not sign as it should, or that no setting admits."""

    code = "event.forged"

    def __init__(self, message: str, *, reason: Distrust) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMessage:
    """A message as it came in: names of headers are in lower case, of query parameters as sent."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedMessage:
    """What an authentic message says.

    `objects` are those that were stored. `unreadable` counts the entries of the message that could
    not be understood, beside those that could. `reply` is the JSON that its sender waits for,
    where a handshake asks for one. `message_id` is the same when the sender repeats the message;
    None where it says nothing of the kind.
    """

    objects: tuple[ObjectRef, ...] = ()
    unreadable: int = 0
    reply: Mapping[str, object] | None = None
    message_id: str | None = None


class EventVerifier(Protocol):
    """Read one kind of message."""

    @abstractmethod
    async def verify(self, message: EventMessage) -> VerifiedMessage:
        """Return what a message says, once it is known to be true.

        Raises:
            ForgedEvent: the message cannot be trusted; nothing was done with it.
            InvalidValue: it can be trusted but not understood.
            Unavailable: it cannot be checked at the moment.
        """


class WebhookHandshake(Protocol):
    """Tell a sender, before its first message, that this place takes its messages."""

    @abstractmethod
    def allow(self, message: EventMessage) -> Mapping[str, str]:
        """Return the headers of the answer to a sender that asks for leave.

        Raises:
            ForgedEvent: nobody that we take messages from.
        """


class Quarantine(Protocol):
    """Keep what an authentic sender said and nobody understood, for a person to look at."""

    @abstractmethod
    async def keep(self, sender: str, body: bytes) -> None:
        """Keep the body of a message, the newest ones only; never fails."""


class EventQueue(Protocol):
    """Fetch messages from where a cloud keeps them, so that nobody needs to reach us."""

    @abstractmethod
    async def poll_once(self, accept: Callable[[ObjectRef], Awaitable[object]]) -> bool:
        """Wait for messages, hand over their objects, and tell whether there were any.

        A message is deleted only once all its objects are accepted. One that cannot be understood
        or trusted stays, for the queue's own redrive policy.

        Raises:
            Unavailable: the queue cannot be reached, or `accept` raised it; what is not accepted
                comes again.
        """

    @abstractmethod
    def close(self) -> None:
        """Close what connections there are; called once, after the last poll."""

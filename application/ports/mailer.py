"""The conversation with whoever delivers mail."""

from abc import abstractmethod
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from domain.user import Email


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one person; `id` is the same when the same mail is sent again.

    Its words stay out of every `repr`: they may hold a one-time code.
    """

    id: str
    to: Email
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)


class Mailer(Protocol):
    """Hand a mail over for delivery."""

    @abstractmethod
    async def send(self, mail: Mail) -> None:
        """Hand over a mail; a mail of the same id twice is delivered once where that can be known.

        Raises:
            InvalidValue: a header would be broken (a line break in the subject).
            Refused: the address is refused for good.
            Unavailable: try again later.
        """


class MailClaim(StrEnum):
    """What became of the wish to send a mail: `granted`, `busy` (another sends it), `sent`."""

    GRANTED = "granted"
    BUSY = "busy"
    SENT = "sent"


class SentMails(Protocol):
    """Remember which mails were handed over, under a digest of their ids."""

    @abstractmethod
    async def claim(self, digest: str, *, at: datetime, lease: timedelta) -> MailClaim:
        """Claim a mail until `at + lease`: of many claimants one is granted it, until then."""

    @abstractmethod
    async def sent(self, digest: str, *, at: datetime) -> None:
        """Remember that a mail was handed over; it is never granted again."""

    @abstractmethod
    async def release(self, digest: str) -> None:
        """Give a claim up: the mail was not handed over. What was sent stays sent."""

    @abstractmethod
    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget mails sent before a time, at most so many; return how many."""


class MailTemplates(Protocol):
    """Turn facts into the words of a mail."""

    @abstractmethod
    def render(self, template: str, facts: dict[str, object]) -> tuple[str, str, str]:
        """Return (subject, text, html) of a template such as `alert`; facts are escaped in HTML."""

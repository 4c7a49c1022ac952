"""The conversation with whoever delivers mail."""

from abc import abstractmethod
from dataclasses import dataclass, field
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


class MailTemplates(Protocol):
    """Turn facts into the words of a mail."""

    @abstractmethod
    def render(self, template: str, facts: dict[str, object]) -> tuple[str, str, str]:
        """Return (subject, text, html) of a template such as `alert`; facts are escaped in HTML."""

"""Mails to send."""

from application.ports.mailer import Mail
from domain.user import Email

SENDER = "TruePort <trueport@example.org>"


def a_mail(**changes: object) -> Mail:
    fields: dict[str, object] = {
        "id": "evt_1.ada@example.org",
        "to": Email("ada@example.org"),
        "subject": "Two violations",
        "text": "plain → text\n",
        "html": "<p>rich → text</p>\n",
    }
    return Mail(**(fields | changes))  # type: ignore[arg-type]

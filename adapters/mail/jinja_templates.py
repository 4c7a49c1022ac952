"""The words of mails, as Jinja templates in `templates/`.

A mail `alert` is three files: `alert.subject`, `alert.txt` and `alert.html`. In HTML every fact is
escaped; in text, and in the subject, control characters are taken out, so that no fact can begin a
line, move a terminal's cursor or turn the direction of writing.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateNotFound,
    select_autoescape,
)

from application.ports.mailer import MailTemplates
from domain.audit import parse_time
from domain.errors import InvalidValue, NotFound

_FOLDER = Path(__file__).parent / "templates"
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+"
)


class JinjaTemplates(MailTemplates):
    """Render the templates that come with TruePort; a fact that is missing is an error."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=select_autoescape(["html"], default_for_string=True, default=False),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.filters |= {"plain": _plain, "words": _words, "moment": _moment}

    def render(self, template: str, facts: dict[str, object]) -> tuple[str, str, str]:
        """Return (subject, text, html) of a template such as `alert`; facts are escaped in HTML.

        Raises:
            NotFound: there is no such template.
        """
        try:
            parts = [
                self._environment.get_template(f"{template}.{ending}").render(facts)
                for ending in ("subject", "txt", "html")
            ]
        except TemplateNotFound as error:
            raise NotFound(f"there is no mail template {template!r}") from error
        subject, text, html = parts
        return _plain(subject), text.strip() + "\n", html


def _plain(value: object) -> str:
    """Return a value as one line of harmless text."""
    return " ".join(_UNSAFE.sub(" ", str(value)).split())


def _words(value: object) -> str:
    """Return the name of a type as words: `CREDIT_CARD` is `credit card`."""
    return _plain(value).replace("_", " ").lower()


def _moment(value: object) -> str:
    """Return a time, or the RFC 3339 text of one, to the second in UTC; other texts stay."""
    try:
        at = value if isinstance(value, datetime) else parse_time(str(value))
    except InvalidValue:
        return _plain(value)
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"

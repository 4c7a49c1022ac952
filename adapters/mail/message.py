"""A mail as the RFC 5322 message that every way of delivery sends."""

import hashlib
import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr

from application.ports.mailer import Mail
from domain.errors import InvalidValue

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")
_ENCODED_WORD = "=?"
"""How an encoded word of RFC 2047 begins. `email` decodes what looks like one, and writes what is
in it, line breaks included, into the header as it is."""

_HEADERS = frozenset(
    {
        *(b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Auto-Submitted"),
        *(b"MIME-Version", b"Content-Type"),
    }
)
_SAFE_START = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,119}")


def safe_id(mail_id: str) -> str:
    """Return a name for a mail's id that fits into a file name and a header, one for each id.

    What follows the first character that does not fit is only hashed: it may be an address.
    """
    readable = _SAFE_START.match(mail_id)
    if readable is not None and readable[0] == mail_id:
        return mail_id
    digest = hashlib.sha256(mail_id.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{'mail' if readable is None else readable[0]}-{digest}"


def compose(mail: Mail, *, sender: str, at: datetime) -> EmailMessage:
    """Return the message; `sender` is an address with or without a name.

    A subject that holds what looks like an encoded word gets a blank into it.

    Raises:
        InvalidValue: a header would be broken, as by a line break.
    """
    for field, value in (("subject", mail.subject), ("to", mail.to.value), ("from", sender)):
        if _CONTROL.search(value):
            raise InvalidValue(f"the {field} of a mail holds a line break", field=field)
    if _ENCODED_WORD in mail.to.value or _ENCODED_WORD in sender:
        raise InvalidValue("an address holds no encoded words", field="to")
    name, address = parseaddr(sender)
    is_ascii = mail.to.value.isascii() and address.isascii()
    message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    try:
        message["From"] = _address(name, address)
        message["To"] = _address("", mail.to.value)
        message["Subject"] = mail.subject.replace(_ENCODED_WORD, "= ?")
    except (ValueError, IndexError) as error:
        raise InvalidValue("a header of this mail would be broken", field="headers") from error
    message["Date"] = format_datetime(at)
    host = address.rpartition("@")[2]
    message["Message-ID"] = f"<{safe_id(mail.id)}@{host}>"
    # RFC 3834: nobody's vacation notice should answer.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_encodable(mail.text))
    message.add_alternative(_encodable(mail.html), subtype="html")
    _require_headers(message.as_bytes())
    return message


def _require_headers(data: bytes) -> None:
    """Refuse a message whose first lines are not the headers that we set, each once.

    Whatever a library makes of an unusual value, nobody gets a header of their own.
    """
    head = data.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = [line.partition(b":")[0] for line in head if not line.startswith((b" ", b"\t"))]
    has_bare_break = any(b"\r" in line or b"\n" in line for line in head)
    if has_bare_break or len(names) != len(_HEADERS) or set(names) != _HEADERS:
        raise InvalidValue("a header of this mail would be broken", field="headers")


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    if not username or not domain:
        raise InvalidValue("this is not a mail address", field="from")
    return Address(name, username, domain)


def _encodable(text: str) -> str:
    """Return the text with a mark for every half of a surrogate pair, as JSON may hold them."""
    return text.encode("utf-8", "replace").decode()

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

    Raises:
        InvalidValue: a header would be broken, as by a line break.
    """
    for field, value in (("subject", mail.subject), ("to", mail.to.value), ("from", sender)):
        if _CONTROL.search(value):
            raise InvalidValue(f"the {field} of a mail holds a line break", field=field)
    name, address = parseaddr(sender)
    is_ascii = mail.to.value.isascii() and address.isascii()
    message = EmailMessage(policy=SMTP if is_ascii else SMTPUTF8)
    try:
        message["From"] = _address(name, address)
        message["To"] = _address("", mail.to.value)
        message["Subject"] = mail.subject
    except (ValueError, IndexError) as error:
        raise InvalidValue("a header of this mail would be broken", field="headers") from error
    message["Date"] = format_datetime(at)
    host = address.rpartition("@")[2]
    message["Message-ID"] = f"<{safe_id(mail.id)}@{host}>"
    # RFC 3834: nobody's vacation notice should answer.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message


def _address(name: str, address: str) -> Address:
    username, _, domain = address.rpartition("@")
    if not username or not domain:
        raise InvalidValue("this is not a mail address", field="from")
    return Address(name, username, domain)

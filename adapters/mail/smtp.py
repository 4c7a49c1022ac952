"""Mail through an SMTP server: encrypted, its certificate checked, signed in where asked for."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.utils import parseaddr

import aiosmtplib
from aiosmtplib import errors

from adapters.mail.deadline import within
from adapters.mail.message import compose
from application.ports.mailer import Mail, Mailer
from application.ports.system import Clock
from domain.errors import DomainError, Refused, Unavailable

SERVICE = "the mail server"

_GOODBYE_SECONDS = 2.0
_PERMANENT = range(500, 600)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """How the server is reached; without a user nobody signs in.

    With `is_tls_port` the connection is encrypted from its first byte, else STARTTLS is demanded.
    `seconds` is the time for one mail, from the first packet to the server's last word.
    """

    host: str
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    is_tls_port: bool = False
    seconds: float = 20.0


class SmtpMailer(Mailer):
    """Send each mail over a connection of its own.

    The server decides whether the same mail twice is one; what was sent is remembered elsewhere.
    """

    def __init__(
        self,
        server: SmtpServer,
        *,
        sender: str,
        clock: Clock,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        # The system's authorities, or those of SSL_CERT_FILE; host names are checked.
        self._tls = tls or ssl.create_default_context()

    async def send(self, mail: Mail) -> None:
        """Hand over a mail.

        Raises:
            InvalidValue: a header would be broken (a line break in the subject).
            Refused: the server refuses the recipient, or this mail, for good.
            Unavailable: no server, no encryption, a certificate that is not good, a sign-in that
                fails, a server that asks to come back later or takes too long.
        """
        message = compose(mail, sender=self._sender, at=self._clock.now())
        address = parseaddr(self._sender)[1]
        client, connection = self._client(address), None
        try:
            async with within(self._server.seconds, SERVICE):
                with _translated():
                    await client.connect()
                    connection = client.transport
                    await self._enter(client)
                    # The envelope is stated here: no header can add anybody to it.
                    await client.send_message(message, sender=address, recipients=[mail.to.value])
            # What was sent is the server's by now, whatever it answers and however long it takes.
            with suppress(errors.SMTPException, OSError):
                await client.quit(timeout=_GOODBYE_SECONDS)
        finally:
            client.close()
            if isinstance(connection, asyncio.Transport):
                # Without waiting for the other side's end of the encryption.
                connection.abort()

    def _client(self, address: str) -> aiosmtplib.SMTP:
        return aiosmtplib.SMTP(
            hostname=self._server.host,
            port=self._server.port,
            # Else the name of this machine would be asked for, and waited for, and told.
            local_hostname=address.rpartition("@")[2],
            timeout=self._server.seconds,
            use_tls=self._server.is_tls_port,
            start_tls=False,
            tls_context=self._tls,
        )

    async def _enter(self, client: aiosmtplib.SMTP) -> None:
        """Encrypt the connection, where it is not from its first byte on, and sign in."""
        if not self._server.is_tls_port:
            await client.starttls()
        if self._server.user is not None:
            await client.login(self._server.user, self._server.password or "")


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what the library raises as an error of the port; no word of the server is repeated."""
    try:
        yield
    except (errors.SMTPException, OSError) as error:
        raise _as_port_error(error) from error


def _as_port_error(error: Exception) -> DomainError:
    match error:
        case errors.SMTPResponseException():
            return _answered(error)
        case errors.SMTPRecipientsRefused():
            return _refused(error.recipients[0].code, "the mail server refuses this recipient")
        case errors.SMTPNotSupported():
            return Refused(
                "the mail server takes no addresses beyond ASCII",
                code="mail.address_not_supported",
            )
        case ssl.SSLError() | errors.SMTPConnectError(__cause__=ssl.SSLError()):
            return _distrusted(error)
        case OSError():
            # The library's errors of time and of a lost connection are among these.
            return Unavailable(SERVICE, "the mail server cannot be reached, or broke off")
        case _:
            # What the library found before it sent anything: no STARTTLS, or no AUTH after it.
            return Unavailable(
                SERVICE,
                "the mail server offers no STARTTLS, or no sign-in over it: "
                "TruePort sends no mail in the clear",
                code="mail.not_encrypted",
            )


def _answered(error: errors.SMTPResponseException) -> DomainError:
    match error:
        case errors.SMTPAuthenticationError():
            return Unavailable(
                SERVICE,
                f"the mail server refuses the user or the password ({error.code}): "
                "check SMTP_HOST_UID and SMTP_HOST_PWD",
                code="mail.sign_in_refused",
            )
        case errors.SMTPSenderRefused():
            # About the deployment, not about this mail: it waits until somebody has mended that.
            return Unavailable(
                SERVICE,
                f"the mail server refuses the sender ({error.code}): check TRUEPORT_MAIL_FROM",
                code="mail.sender_refused",
            )
        case errors.SMTPDataError():
            return _refused(error.code, "the mail server refuses this mail")
        case _:
            return Unavailable(SERVICE, f"the mail server answered {error.code}")


def _refused(status: int, message: str) -> DomainError:
    if status in _PERMANENT:
        return Refused(f"{message} ({status})", code="mail.refused")
    return Unavailable(SERVICE, f"the mail server asks to come back later ({status})")


def _distrusted(error: Exception) -> DomainError:
    cause = error if isinstance(error, ssl.SSLError) else error.__cause__
    reason = "the connection could not be encrypted"
    if isinstance(cause, ssl.SSLCertVerificationError):
        reason = f"its certificate is not trusted ({cause.verify_message})"
    return Unavailable(
        SERVICE, f"the mail server is not believed: {reason}", code="mail.not_trusted"
    )

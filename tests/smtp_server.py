"""A real SMTP server on this machine, with a certificate authority of its own."""

import asyncio
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.counterpart_servers import free_port

HOST = "127.0.0.1"
USER = "trueport"
PASSWORD = "correct horse"


class Mailboxes:
    """What the server does with mails: keep them, refuse some recipients, take its time."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.signed_in_with: list[object] = []
        self.answers: dict[str, str] = {}
        self.sender_answer = ""
        self.data_answer = ""
        self.data_seconds = 0.0
        self.quit_seconds = 0.0

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _: SMTP, __: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer:
            return self.sender_answer
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _: SMTP, __: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.data_seconds)
        if self.data_answer:
            return self.data_answer
        self.envelopes.append(envelope)
        return "250 OK"

    async def handle_QUIT(self, _: SMTP, __: Session, ___: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.quit_seconds)
        return "221 Bye"

    def check(self, _: SMTP, __: Session, ___: Envelope, ____: str, data: object) -> AuthResult:
        """Check a sign-in, as an authenticator of aiosmtpd."""
        self.signed_in_with.append(data)
        is_good = isinstance(data, LoginPassword) and (data.login, data.password) == (
            USER.encode(),
            PASSWORD.encode(),
        )
        # `handled` would mean that an answer was sent already, and the client would wait for ever.
        return AuthResult(success=is_good, handled=False)

    def messages(self) -> list[EmailMessage]:
        parser = BytesParser(policy=default)
        return [parser.parsebytes(one.content or b"") for one in self.envelopes]  # type: ignore[arg-type]


class _Listener(Controller):
    """A server that ends its connections before its loop ends."""

    def factory(self) -> SMTP:
        session: SMTP = super().factory()  # type: ignore[no-untyped-call]
        self.__dict__.setdefault("sessions", []).append(session)
        return session

    def hang_up(self) -> None:
        asyncio.run_coroutine_threadsafe(self._hang_up(), self.loop).result()
        self.stop()

    async def _hang_up(self) -> None:
        for session in self.__dict__["sessions"]:
            for transport in (session.transport, session._original_transport):
                if transport is not None:
                    transport.abort()
        # Their ends are callbacks of the loop's next turns.
        for _ in range(5):
            await asyncio.sleep(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServerOfTests:
    """A running server, and the authority that vouches for it."""

    port: int
    boxes: Mailboxes = field(default_factory=Mailboxes)
    authority: trustme.CA

    def trusting(self) -> ssl.SSLContext:
        """Return a client's context that knows this authority and no other."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.authority.configure_trust(context)
        return context


@contextmanager
def smtp_server(
    *, name: str = HOST, starttls: bool = True, implicit_tls: bool = False, sign_in: bool = True
) -> Iterator[SmtpServerOfTests]:
    """Run a server whose certificate is for `name`; by default as strict as a provider's."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    boxes, port = Mailboxes(), free_port()
    controller = _Listener(
        boxes,
        hostname=HOST,
        port=port,
        ssl_context=context if implicit_tls else None,
        tls_context=context if starttls and not implicit_tls else None,
        require_starttls=starttls and not implicit_tls,
        authenticator=boxes.check,
        auth_required=sign_in,
        auth_require_tls=starttls and not implicit_tls,
        enable_SMTPUTF8=True,
        decode_data=False,
    )
    controller.start()
    try:
        yield SmtpServerOfTests(port=port, boxes=boxes, authority=authority)
    finally:
        controller.hang_up()

"""A real SMTP server that is strict, distrusted, slow or gone."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress

import pytest

from adapters.mail.smtp import SmtpMailer, SmtpServer
from domain.errors import Refused, Unavailable
from domain.user import Email
from tests.contract.mails import SENDER, a_mail
from tests.counterpart_servers import free_port
from tests.fakes.clock import FakeClock
from tests.smtp_server import HOST, PASSWORD, USER, SmtpServerOfTests, smtp_server


@pytest.fixture
def server() -> Iterator[SmtpServerOfTests]:
    with smtp_server() as running:
        yield running


def mailer(
    server: SmtpServerOfTests,
    *,
    port: int | None = None,
    user: str | None = USER,
    password: str | None = PASSWORD,
    seconds: float = 20.0,
    is_tls_port: bool = False,
    tls: ssl.SSLContext | None = None,
) -> SmtpMailer:
    account = SmtpServer(
        host=HOST,
        port=port or server.port,
        user=user,
        password=password,
        seconds=seconds,
        is_tls_port=is_tls_port,
    )
    return SmtpMailer(account, sender=SENDER, clock=FakeClock(), tls=tls or server.trusting())


async def test_envelope_holds_one_recipient_and_the_bare_sender(
    server: SmtpServerOfTests,
) -> None:
    await mailer(server).send(a_mail())

    (envelope,) = server.boxes.envelopes
    assert envelope.mail_from == "trueport@example.org"
    assert envelope.rcpt_tos == ["ada@example.org"]


async def test_port_that_is_encrypted_from_the_first_byte_is_as_strict() -> None:
    with smtp_server(implicit_tls=True, sign_in=False) as server:
        await mailer(server, is_tls_port=True).send(a_mail())
        with pytest.raises(Unavailable, match="not trusted"):
            await mailer(server, is_tls_port=True, tls=ssl.create_default_context()).send(a_mail())

        assert len(server.boxes.envelopes) == 1
        assert len(server.boxes.signed_in_with) == 1


async def test_slow_goodbye_does_not_unsend_a_mail(server: SmtpServerOfTests) -> None:
    server.boxes.quit_seconds = 30.0

    await mailer(server, seconds=5).send(a_mail())

    assert len(server.boxes.envelopes) == 1


async def test_nothing_is_sent_in_the_clear() -> None:
    with smtp_server(starttls=False, sign_in=False) as server:
        with pytest.raises(Unavailable, match="no STARTTLS") as caught:
            await mailer(server, user=None, password=None).send(a_mail())

        assert caught.value.code == "mail.not_encrypted"
        assert server.boxes.envelopes == []


async def test_password_is_not_told_to_a_server_without_encryption() -> None:
    # It offers a sign-in all the same.
    with smtp_server(starttls=False, sign_in=False) as server:
        with pytest.raises(Unavailable, match="no STARTTLS"):
            await mailer(server).send(a_mail())

        assert server.boxes.signed_in_with == []


async def test_wrong_password_waits_for_a_person(server: SmtpServerOfTests) -> None:
    with pytest.raises(Unavailable, match="SMTP_HOST_PWD") as caught:
        await mailer(server, password="wrong").send(a_mail())

    assert caught.value.code == "mail.sign_in_refused"
    assert "wrong" not in str(caught.value)
    assert server.boxes.envelopes == []


async def test_missing_sign_in_is_the_servers_to_refuse(server: SmtpServerOfTests) -> None:
    with pytest.raises(Unavailable, match="refuses the sender"):
        await mailer(server, user=None, password=None).send(a_mail())

    assert server.boxes.envelopes == []


async def test_authority_that_nobody_knows_is_not_believed(server: SmtpServerOfTests) -> None:
    with pytest.raises(Unavailable, match="not trusted") as caught:
        await mailer(server, tls=ssl.create_default_context()).send(a_mail())

    assert caught.value.code == "mail.not_trusted"
    assert server.boxes.signed_in_with == []


async def test_certificate_of_another_host_is_not_believed() -> None:
    with smtp_server(name="mail.example.net") as server:
        with pytest.raises(Unavailable, match="not trusted"):
            await mailer(server).send(a_mail())

        assert server.boxes.signed_in_with == []


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("550 5.1.1 no such user ada@example.org", Refused),
        ("553 5.1.3 bad mailbox", Refused),
        ("451 4.3.0 greylisted", Unavailable),
        ("452 4.2.2 mailbox full", Unavailable),
    ],
)
async def test_refusal_of_a_recipient_is_final_or_not(
    server: SmtpServerOfTests, answer: str, error: type[Exception]
) -> None:
    server.boxes.answers["ada@example.org"] = answer

    with pytest.raises(error) as caught:
        await mailer(server).send(a_mail())
    await mailer(server).send(a_mail(to=Email("bob@example.org"), id="evt_2"))

    # The server's words may hold the address: its number is all that is told.
    assert "ada@" not in str(caught.value)
    assert answer[:3] in str(caught.value)
    assert [one.rcpt_tos for one in server.boxes.envelopes] == [["bob@example.org"]]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("554 5.7.1 spam", Refused), ("552 5.3.4 too big", Refused), ("451 4.3.0 later", Unavailable)],
)
async def test_refusal_of_a_mail_is_final_or_not(
    server: SmtpServerOfTests, answer: str, error: type[Exception]
) -> None:
    server.boxes.data_answer = answer

    with pytest.raises(error):
        await mailer(server).send(a_mail())


@pytest.mark.parametrize("answer", ["550 5.7.1 not your domain", "451 4.3.0 later"])
async def test_refusal_of_the_sender_costs_no_mail(server: SmtpServerOfTests, answer: str) -> None:
    server.boxes.sender_answer = answer

    with pytest.raises(Unavailable, match="TRUEPORT_MAIL_FROM"):
        await mailer(server).send(a_mail())


async def test_slow_server_is_left_in_time(server: SmtpServerOfTests) -> None:
    server.boxes.data_seconds = 60.0
    loop = asyncio.get_running_loop()
    start = loop.time()

    with pytest.raises(Unavailable):
        await mailer(server, seconds=0.5).send(a_mail())

    assert loop.time() - start < 5


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def answering(talk: Talk) -> AsyncIterator[int]:
    """Run a server that talks as it is told to one client; its port."""
    ended = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            await talk(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
        ended.set()

    listener = await asyncio.start_server(serve, HOST, 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1]
        await ended.wait()


async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    await reader.read()


async def dripping(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while not writer.is_closing():
        writer.write(b"220-still getting ready\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def rude(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 hello\r\n")


async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"421 too many connections\r\n")
    await reader.read()


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await reader.read()


@pytest.mark.parametrize("talk", [silent, dripping, rude, busy, nonsense])
async def test_server_that_does_not_talk_as_it_should_is_left_in_time(
    server: SmtpServerOfTests, talk: Talk
) -> None:
    async with answering(talk) as port:
        with pytest.raises(Unavailable):
            await mailer(server, port=port, seconds=0.3).send(a_mail())


async def test_server_that_is_gone_is_unavailable(server: SmtpServerOfTests) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        await mailer(server, port=free_port()).send(a_mail())


def test_password_is_shown_nowhere() -> None:
    account = SmtpServer(host=HOST, user=USER, password=PASSWORD)

    assert PASSWORD not in repr(account)

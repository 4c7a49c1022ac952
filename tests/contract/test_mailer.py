"""The contract of `Mailer`."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from adapters.mail.message import compose
from adapters.mail.outbox_folder import OutboxFolderMailer
from adapters.mail.ses import SesAccount, SesMailer
from adapters.mail.smtp import SmtpMailer, SmtpServer
from adapters.sqlite.store import SqliteStore
from application.mail_once import EachMailOnce
from application.ports.mailer import Mailer
from domain.errors import InvalidValue, Refused, Unavailable
from domain.user import Email
from tests.contract.mails import SENDER, a_mail
from tests.fakes.clock import START, FakeClock
from tests.fakes.ids import CountingIds
from tests.smtp_server import HOST, PASSWORD, USER, smtp_server


@dataclass(frozen=True, slots=True, kw_only=True)
class PostOffice:
    """A mailer, a way to see what it delivered, and whether it serves all of Unicode."""

    mailer: Mailer
    delivered: Callable[[], list[EmailMessage]]
    takes_unicode: bool = True


def parsed(data: bytes) -> EmailMessage:
    return BytesParser(policy=default).parsebytes(data)


@contextmanager
def outbox_folder(folder: Path) -> Iterator[PostOffice]:
    yield PostOffice(
        mailer=OutboxFolderMailer(folder, sender=SENDER, clock=FakeClock()),
        delivered=lambda: [parsed(path.read_bytes()) for path in sorted(folder.glob("*.eml"))],
    )


@contextmanager
def smtp(_: Path) -> Iterator[PostOffice]:
    with smtp_server() as server:
        account = SmtpServer(host=HOST, port=server.port, user=USER, password=PASSWORD)
        yield PostOffice(
            mailer=SmtpMailer(account, sender=SENDER, clock=FakeClock(), tls=server.trusting()),
            delivered=server.boxes.messages,
        )


@contextmanager
def ses(_: Path) -> Iterator[PostOffice]:
    with mock_aws():
        backend = ses_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
        backend.verify_email_address("trueport@example.org")
        account = SesAccount(access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x" * 40)
        yield PostOffice(
            mailer=SesMailer(account, sender=SENDER, clock=FakeClock()),
            delivered=lambda: [
                parsed(one.raw_data.encode() if isinstance(one.raw_data, str) else one.raw_data)
                for one in backend.sent_messages
            ],
            takes_unicode=False,
        )


MAILERS: Mapping[str, Callable[[Path], AbstractContextManager[PostOffice]]] = {
    "outbox-folder": outbox_folder,
    "smtp": smtp,
    "ses": ses,
}


@pytest.fixture(params=MAILERS)
def office(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostOffice]:
    with MAILERS[request.param](tmp_path / "outbox") as opened:
        yield opened


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


async def test_mail_arrives_as_it_was_sent(office: PostOffice) -> None:
    await office.mailer.send(a_mail())

    (message,) = office.delivered()
    assert message["To"] == "ada@example.org"
    assert message["From"] == SENDER
    assert message["Subject"] == "Two violations"
    assert message["Date"].datetime == START
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"]
    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain") == "plain → text\n"
    assert body(message, "html") == "<p>rich → text</p>\n"
    assert message.defects == []


async def test_same_mail_twice_is_one(office: PostOffice) -> None:
    clock = FakeClock()
    store = SqliteStore(":memory:", clock, CountingIds())
    await store.open()
    mailer = EachMailOnce(mailer=office.mailer, sent=store.sent_mails, clock=clock)

    racing = await asyncio.gather(
        *(mailer.send(a_mail()) for _ in range(10)), return_exceptions=True
    )
    await mailer.send(a_mail())
    await store.close()

    # Who comes while another sends it is told to come again.
    assert all(one is None or isinstance(one, Unavailable) for one in racing)
    assert len(office.delivered()) == 1


async def test_two_mails_are_two_whatever_their_ids_look_like(office: PostOffice) -> None:
    ids = ["a", "b", "a/b", "a:b", "a b", "../a", "..", ".", "", "é", "a\nb", "A" * 500, "A" * 501]

    for mail_id in ids:
        await office.mailer.send(a_mail(id=mail_id))

    messages = office.delivered()
    assert len(messages) == len(ids)
    assert len({message["Message-ID"] for message in messages}) == len(ids)


@pytest.mark.parametrize("subject", ["a\nBcc: eve@example.org", "a\r\nX: y", "a\rb", "a\x00b"])
async def test_header_cannot_be_injected(office: PostOffice, subject: str) -> None:
    with pytest.raises(InvalidValue):
        await office.mailer.send(a_mail(subject=subject))

    assert office.delivered() == []


HEADERS = {
    *("from", "to", "subject", "date", "message-id", "auto-submitted"),
    *("mime-version", "content-type"),
}
ATTACKS = st.sampled_from(
    [
        *("\r\n", "\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\t"),
        *("Bcc: eve@example.org", "\r\n\r\n", "\r\n.\r\n", "To: <eve@example.org>", "\ud800"),
        *(
            "=?utf-8?q?=0ABcc:_eve@example.org?=",
            "=?utf-8?b?DQpYOiB5?=",
            "=?utf-8?q?=0D=0A?=",
            "=?",
        ),
    ]
)
HOSTILE = st.lists(ATTACKS | st.text(max_size=20), max_size=6).map("".join)


@given(subject=HOSTILE, mail_id=HOSTILE, text=HOSTILE)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
async def test_nothing_in_a_mail_adds_a_header_or_a_recipient(
    office: PostOffice, subject: str, mail_id: str, text: str
) -> None:
    before = len(office.delivered())
    try:
        await office.mailer.send(a_mail(id=f"{before:04}{mail_id}", subject=subject, text=text))
    except InvalidValue:
        assert len(office.delivered()) == before
        return

    # The latest is the last: the folder's files are named by their ids.
    message = office.delivered()[-1]
    assert len(office.delivered()) == before + 1
    assert {name.lower() for name in message} == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message["To"] == "ada@example.org"
    assert message["From"] == SENDER
    assert message.defects == []


@given(name=HOSTILE, local=HOSTILE)
async def test_no_address_can_be_more_than_one(name: str, local: str) -> None:
    try:
        message = compose(
            a_mail(to=Email(f"{local}@example.org")),
            sender=f"{name} <trueport@example.org>",
            at=START,
        )
    except InvalidValue:
        return

    sent = parsed(message.as_bytes())
    assert {one.lower() for one in sent} == HEADERS
    assert [one.domain for one in sent["To"].addresses] == ["example.org"]
    assert [one.addr_spec for one in sent["From"].addresses] == ["trueport@example.org"]


@pytest.mark.parametrize(
    "subject", ["ünïcode ✓", "=?utf-8?q?encoded?=", "x" * 900, "a: b; c, <d> \"e\" 'f'", ""]
)
async def test_unusual_subject_arrives(office: PostOffice, subject: str) -> None:
    await office.mailer.send(a_mail(subject=subject))

    (message,) = office.delivered()
    assert len(message.keys()) == len(set(message.keys()))
    assert message["Subject"] == subject.replace("=?", "= ?")


@pytest.mark.parametrize("address", ["o'neil+tag@example.org", "jörg@example.org", "a@localhost"])
async def test_unusual_address_is_served_or_refused(office: PostOffice, address: str) -> None:
    if not address.isascii() and not office.takes_unicode:
        with pytest.raises(Refused, match="ASCII"):
            await office.mailer.send(a_mail(to=Email(address)))
        return

    await office.mailer.send(a_mail(to=Email(address)))

    (message,) = office.delivered()
    assert str(message["To"]) == address


async def test_text_that_looks_like_a_part_or_header_stays_text(office: PostOffice) -> None:
    text = (
        "From the start\n--===boundary\nContent-Type: text/html\n\n.\n.\r\nBcc: eve@example.org\n"
    )

    await office.mailer.send(a_mail(text=text))

    (message,) = office.delivered()
    assert body(message, "plain") == text.replace("\r\n", "\n")
    assert message["Bcc"] is None

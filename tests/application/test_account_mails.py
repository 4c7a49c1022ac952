"""Mails about somebody's own account, as handlers of the outbox send them."""

from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from adapters.mail.jinja_templates import JinjaTemplates
from application.platform.account_mails import AccountMails
from application.ports.mailer import Mailer
from domain.errors import Refused, Unavailable
from domain.user import Email, Role
from tests.fakes.clock import START
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.interruptions import FlakyMailer

ADA = Email("Ada@example.org")
MINUTES = timedelta(minutes=10)


def mails_of(
    deployment: Deployment, mailer: Mailer | None = None, url: str | None = None
) -> AccountMails:
    return AccountMails(
        mailer=mailer or deployment.mailer,
        templates=JinjaTemplates(),
        telemetry=deployment.telemetry,
        public_url=url,
    )


def written(home: Path) -> list[EmailMessage]:
    files = sorted((home / "outbox").glob("*.eml"))
    return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_code_of_one_occasion_is_one_mail(deployment: Deployment) -> None:
    mails = mails_of(deployment)

    for address in (ADA, ADA, Email("ada@example.org")):
        await mails.send_code("evt_1", address, code="048213", valid_for=MINUTES)

    (mail,) = written(deployment.home)
    assert mail["To"] == "Ada@example.org"
    assert "    048213" in text_of(mail).splitlines()
    assert "10 minutes" in text_of(mail)


async def test_token_of_an_invitation_stays_in_the_fragment(
    deployment: Deployment, acme: Customer
) -> None:
    mails = mails_of(deployment, url="https://trueport.example.com")

    await mails.send_invitation(
        "evt_1",
        ADA,
        tenant=acme.tenant,
        inviter="Bob",
        role=Role.VIEWER,
        token="a/b+c",
        expires_at=START,
    )

    (mail,) = written(deployment.home)
    link = "https://trueport.example.com/platform/app/invitations/accept#token=a%2Fb%2Bc"
    assert link in text_of(mail).splitlines()
    assert "    a/b+c" in text_of(mail).splitlines()


async def test_mailer_that_is_away_is_told_to_the_relay(deployment: Deployment) -> None:
    mailer = FlakyMailer(deployment.mailer)
    mailer.trouble = Unavailable("mail")

    with pytest.raises(Unavailable):
        await mails_of(deployment, mailer).send_code("evt_1", ADA, code="048213", valid_for=MINUTES)


async def test_address_that_is_refused_ends_the_matter_without_a_trace_of_it(
    deployment: Deployment, caplog: pytest.LogCaptureFixture
) -> None:
    mailer = FlakyMailer(deployment.mailer)
    mailer.trouble = Refused("the mail server refuses this recipient")

    await mails_of(deployment, mailer).send_code("evt_1", ADA, code="048213", valid_for=MINUTES)

    (record,) = caplog.records
    assert "ada@" not in str(vars(record)).lower()
    assert "048213" not in str(vars(record))
    assert written(deployment.home) == []

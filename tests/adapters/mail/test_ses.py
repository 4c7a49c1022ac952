"""What is asked of Amazon SES, and what its answers mean."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.parser import BytesParser
from email.policy import default
from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from adapters.mail.ses import SesAccount, SesMailer, open_ses
from domain.errors import Refused, Unavailable
from domain.user import Email
from tests.contract.mails import SENDER, a_mail
from tests.counterpart_servers import free_port
from tests.fakes.clock import FakeClock

ACCOUNT = SesAccount(
    region="eu-west-1", access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="s" * 40
)


@contextmanager
def stubbed() -> Iterator[tuple[SesMailer, Stubber]]:
    client = open_ses(ACCOUNT)
    with Stubber(client) as stub:
        yield (
            SesMailer(ACCOUNT, sender=SENDER, clock=FakeClock(), open_client=lambda _: client),
            stub,
        )
        stub.assert_no_pending_responses()
    client.close()


async def test_call_states_sender_and_recipient_beside_the_message() -> None:
    seen: list[dict[str, Any]] = []

    with stubbed() as (mailer, stub):
        stub.client.meta.events.register(
            "provide-client-params.sesv2.SendEmail", lambda params, **_: seen.append(params)
        )
        stub.add_response(
            "send_email",
            {"MessageId": "1"},
            {
                "FromEmailAddress": "trueport@example.org",
                "Destination": {"ToAddresses": ["ada@example.org"]},
                "Content": {"Raw": {"Data": ANY}},
            },
        )
        await mailer.send(a_mail())

    message = BytesParser(policy=default).parsebytes(seen[0]["Content"]["Raw"]["Data"])
    assert message["Subject"] == "Two violations"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content() == "plain → text\r\n"
    assert html.get_content() == "<p>rich → text</p>\r\n"


@pytest.mark.parametrize(
    ("code", "error", "said"),
    [
        ("MessageRejected", Refused, "sandbox"),
        ("BadRequestException", Refused, "rejects"),
        ("MailFromDomainNotVerifiedException", Unavailable, "TRUEPORT_MAIL_FROM"),
        ("AccountSuspendedException", Unavailable, "AccountSuspendedException"),
        ("SendingPausedException", Unavailable, "SendingPausedException"),
        ("LimitExceededException", Unavailable, "LimitExceededException"),
        ("TooManyRequestsException", Unavailable, "TooManyRequestsException"),
        ("AccessDeniedException", Unavailable, "AccessDeniedException"),
        ("an <odd> code", Unavailable, "an error"),
    ],
)
async def test_answers_of_ses_are_final_or_not(
    code: str, error: type[Exception], said: str
) -> None:
    with stubbed() as (mailer, stub):
        stub.add_client_error("send_email", code, "Email address ada@example.org is not verified")

        with pytest.raises(error, match=said) as caught:
            await mailer.send(a_mail())

    assert "ada@" not in str(caught.value)


async def test_throttled_call_is_left_to_the_outbox() -> None:
    with stubbed() as (mailer, stub):
        stub.add_client_error("send_email", "TooManyRequestsException", http_status_code=429)

        # A second try by the SDK itself would meet a stub without another answer.
        with pytest.raises(Unavailable, match="TooManyRequests"):
            await mailer.send(a_mail())


async def test_address_beyond_ascii_is_refused_without_a_call() -> None:
    with stubbed() as (mailer, _), pytest.raises(Refused, match="ASCII"):
        await mailer.send(a_mail(to=Email("jörg@example.org")))


async def test_server_takes_what_the_adapter_sends(
    counterpart_server: Callable[[str], str],
) -> None:
    account = SesAccount(
        endpoint_url=counterpart_server("moto"),
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="s" * 40,
    )
    # The first version's API counts what the second one sent.
    counter = boto3.client(
        "ses",
        region_name=account.region,
        endpoint_url=account.endpoint_url,
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
    )
    counter.verify_email_identity(EmailAddress="trueport@example.org")
    before = counter.get_send_quota()["SentLast24Hours"]

    await SesMailer(account, sender=SENDER, clock=FakeClock()).send(a_mail())

    assert counter.get_send_quota()["SentLast24Hours"] > before
    counter.close()


async def test_service_that_is_away_is_unavailable() -> None:
    account = SesAccount(
        endpoint_url=f"http://127.0.0.1:{free_port()}",
        access_key_id="AKIAIOSFODNN7EXAMPLE",
        secret_access_key="s" * 40,
    )

    with pytest.raises(Unavailable, match="cannot be reached"):
        await SesMailer(account, sender=SENDER, clock=FakeClock()).send(a_mail())


async def test_call_that_takes_too_long_is_left() -> None:
    class Slow:
        def send_email(self, **_: object) -> None:
            time.sleep(0.5)

    account = SesAccount(seconds=0.05)
    mailer = SesMailer(account, sender=SENDER, clock=FakeClock(), open_client=lambda _: Slow())

    with pytest.raises(Unavailable, match="in time"):
        await mailer.send(a_mail())


def test_secret_is_shown_nowhere() -> None:
    assert "s" * 40 not in repr(ACCOUNT)

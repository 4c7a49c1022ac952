"""Mail through Amazon SES, by its API version 2."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

from adapters.mail.deadline import within
from adapters.mail.message import compose
from application.ports.mailer import Mail, Mailer
from application.ports.system import Clock
from domain.errors import DomainError, Refused, Unavailable

SERVICE = "Amazon SES"

_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SesAccount:
    """How SES is reached; without an access key the SDK's own chain decides (a role, a profile).

    `seconds` is the time for one mail.
    """

    region: str = "us-east-1"
    endpoint_url: str | None = None
    access_key_id: str | None = None
    secret_access_key: str | None = field(default=None, repr=False)
    seconds: float = 20.0


class SesMailer(Mailer):
    """Send each mail as the message that every other way sends; boto3 works in threads.

    SES knows no idempotency: what was sent is remembered elsewhere.
    """

    def __init__(
        self,
        account: SesAccount,
        *,
        sender: str,
        clock: Clock,
        open_client: Callable[[SesAccount], Any] | None = None,
    ) -> None:
        self._account = account
        self._sender = sender
        self._clock = clock
        self._open_client = open_client or open_ses
        self._client: Any = None
        self._opening = asyncio.Lock()

    async def send(self, mail: Mail) -> None:
        """Hand over a mail.

        Raises:
            InvalidValue: a header would be broken (a line break in the subject).
            Refused: SES refuses the recipient, or this mail, for good.
            Unavailable: no credentials, no verified sender, a limit, or no answer in time.
        """
        message = compose(mail, sender=self._sender, at=self._clock.now())
        if not mail.to.value.isascii():
            raise Refused(
                "Amazon SES takes no addresses beyond ASCII", code="mail.address_not_supported"
            )
        arguments: Mapping[str, object] = {
            "FromEmailAddress": parseaddr(self._sender)[1],
            # Stated here, so that no header can add anybody.
            "Destination": {"ToAddresses": [mail.to.value]},
            "Content": {"Raw": {"Data": message.as_bytes()}},
        }
        async with within(self._account.seconds, SERVICE):
            async with self._opening:
                if self._client is None:
                    self._client = await asyncio.to_thread(self._open_client, self._account)
            await asyncio.to_thread(_call, self._client, arguments)


def open_ses(account: SesAccount) -> Any:
    """Return a client whose calls end within the account's time by themselves."""
    import boto3  # noqa: PLC0415 - an extra
    from botocore.config import Config  # noqa: PLC0415

    return boto3.session.Session(
        aws_access_key_id=account.access_key_id,
        aws_secret_access_key=account.secret_access_key,
        region_name=account.region,
    ).client(
        "sesv2",
        endpoint_url=account.endpoint_url,
        config=Config(
            connect_timeout=min(_CONNECT_SECONDS, account.seconds),
            read_timeout=account.seconds,
            # The outbox tries again, and a second try of the SDK could be a second mail.
            retries={"mode": "standard", "total_max_attempts": 1},
        ),
    )


def _call(client: Any, arguments: Mapping[str, object]) -> None:
    with _translated():
        client.send_email(**arguments)


def _rejected(_: str) -> DomainError:
    return Refused(
        "Amazon SES rejects this mail: the recipient is invalid, or the account is in the sandbox "
        "and the recipient not verified",
        code="mail.refused",
    )


def _unverified(code: str) -> DomainError:
    return Unavailable(
        SERVICE,
        f"Amazon SES does not take this sender ({code}): verify the domain of TRUEPORT_MAIL_FROM",
        code="mail.sender_refused",
    )


# https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html#API_SendEmail_Errors
_BY_CODE: Mapping[str, Callable[[str], DomainError]] = {
    "MessageRejected": _rejected,
    "BadRequestException": _rejected,
    "MailFromDomainNotVerifiedException": _unverified,
}


@contextmanager
def _translated() -> Iterator[None]:
    """Raise what the SDK raises inside as an error of the port; no text of SES is repeated."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        known = _BY_CODE.get(code)
        shown = code if code.isalnum() else "an error"
        raise (
            Unavailable(SERVICE, f"Amazon SES answered {shown}") if known is None else known(shown)
        ) from error
    except BotoCoreError as error:
        raise Unavailable(
            SERVICE, f"Amazon SES cannot be reached ({type(error).__name__})"
        ) from error

"""Send the one-time codes by which people sign up and sign in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from application.platform.account_mails import AccountMails
from application.ports.attempts import AttemptCounters, AttemptLimit
from application.ports.credentials import CredentialCipher
from application.ports.sign_in import SignInDigests
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.errors import NotFound
from domain.events import OutboxEntry, SignInCodeRequested
from domain.identifiers import CodeId
from domain.one_time_code import CODE_BYTES, OneTimeCode, PendingCode
from domain.user import Email, checked_name

RESEND_AFTER = timedelta(minutes=1)

_HOUR = timedelta(hours=1)
_ADDRESS_PER_HOUR = 5
_CLIENT_PER_HOUR = 60
"""An office behind one address asks for more codes than a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCodeCommand:
    """Who wants a code; `name` is given by somebody who signs up, `client` is where they are."""

    email: Email
    client: str
    name: str | None = None


class RequestCode:
    """Make a code and have it mailed, for signing up and signing in alike.

    Whether the address is known changes nothing that a caller can see or measure: the same is
    counted, read, made and stored. Only the handler of the event, later, leaves the mail away.
    """

    def __init__(
        self,
        *,
        transactions: Transactions,
        attempts: AttemptCounters,
        digests: SignInDigests,
        cipher: CredentialCipher,
        clock: Clock,
        ids: IdFactory,
        randomness: Randomness,
    ) -> None:
        self._transactions = transactions
        self._attempts = attempts
        self._digests = digests
        self._cipher = cipher
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def __call__(self, command: RequestCodeCommand) -> PendingCode:
        """Return the code as it is kept; a code that the address had before is good no more.

        Raises:
            InvalidValue: the name.
            TooManyAttempts: of this address, or of this client.
        """
        name = None if command.name is None else checked_name(command.name)
        await self._attempts.attempt(self._limits(command))
        code = OneTimeCode.from_random(self._randomness.token(CODE_BYTES))
        code_id = CodeId(self._ids.new("otc"))
        pending = PendingCode.issue(
            code_id=code_id,
            email=command.email,
            digest=self._digests.code(code_id, code),
            name=name,
            at=self._clock.now(),
        )
        sealed = self._cipher.encrypt(code.value, context=code_id)
        async with self._transactions() as uow:
            is_known = await _is_known(uow, command.email)
            await uow.codes.put(pending)
            uow.record(
                SignInCodeRequested(
                    code_id=code_id,
                    email=command.email,
                    sealed_code=sealed,
                    expires_at=pending.expires_at,
                    is_wanted=is_known or name is not None,
                )
            )
            await uow.commit()
        return pending

    def _limits(self, command: RequestCodeCommand) -> list[AttemptLimit]:
        address = code_subject(self._digests, command.email)
        client = f"code:client:{self._digests.address(command.client)}"
        return [
            AttemptLimit(subject=address, count=1, period=RESEND_AFTER),
            AttemptLimit(subject=address, count=_ADDRESS_PER_HOUR, period=_HOUR),
            AttemptLimit(subject=client, count=_CLIENT_PER_HOUR, period=_HOUR),
        ]


def code_subject(digests: SignInDigests, email: Email) -> str:
    """Return the subject under which the codes that an address asks for are counted."""
    return f"code:address:{digests.address(email.lookup)}"


async def _is_known(uow: UnitOfWork, email: Email) -> bool:
    try:
        await uow.users.by_email(email)
    except NotFound:
        return False
    return True


class SendCode:
    """Handle `SignInCodeRequested`: mail the code while it is good."""

    def __init__(self, *, mails: AccountMails, cipher: CredentialCipher, clock: Clock) -> None:
        self._mails = mails
        self._cipher = cipher
        self._clock = clock

    async def __call__(self, entry: OutboxEntry) -> None:
        """Send one mail; none to an address that nobody signs up or in with.

        Raises:
            Unavailable: the mailer is away; call again later.
        """
        event = entry.event
        if not isinstance(event, SignInCodeRequested) or not event.is_wanted:
            return
        left = _left(event.expires_at, self._clock.now())
        if left <= timedelta(0):
            return
        code = self._cipher.decrypt(event.sealed_code, context=event.code_id)
        await self._mails.send_code(entry.id, event.email, code=code, valid_for=left)


def _left(expires_at: datetime, now: datetime) -> timedelta:
    """Return how long a code is still good, in minutes begun."""
    minutes = -((now - expires_at) // timedelta(minutes=1))
    return timedelta(minutes=minutes)

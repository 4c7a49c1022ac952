"""Sign in with a code, stay signed in, sign out."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from application.platform.codes import code_subject
from application.ports.access_tokens import AccessToken, AccessTokens
from application.ports.attempts import AttemptCounters, AttemptLimit
from application.ports.sign_in import SignInDigests
from application.ports.system import Clock, IdFactory, Randomness
from application.ports.unit_of_work import Transactions, UnitOfWork
from domain.authorisation import Principal
from domain.errors import NotFound, Unauthenticated, Unavailable
from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import OneTimeCode, PendingCode
from domain.session import REFRESH_BYTES, RefreshToken, Session, SessionEnd, Verdict
from domain.user import Email, User

_log = logging.getLogger(__name__)

_HOUR = timedelta(hours=1)
_CLIENT_PER_HOUR = 120
_NOBODYS_CODE = CodeId("otc_00000000000000000000000000")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """Somebody with the tokens of a session; the refresh token is good once."""

    user: User
    access: AccessToken
    refresh: RefreshToken


class TokenPairs:
    """Make the tokens of a session, its first and each that follows."""

    def __init__(
        self,
        *,
        access_tokens: AccessTokens,
        digests: SignInDigests,
        clock: Clock,
        ids: IdFactory,
        randomness: Randomness,
    ) -> None:
        self._access_tokens = access_tokens
        self._digests = digests
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def start(self, uow: UnitOfWork, user: User) -> SignedIn:
        """Begin a session for a user, in a unit of work that the caller commits."""
        session_id = SessionId(self._ids.new("ses"))
        refresh = self._refresh_token(session_id)
        await uow.sessions.add(
            Session.start(
                session_id=session_id,
                user_id=user.id,
                digest=self._digests.token(refresh.value),
                at=self._clock.now(),
            )
        )
        return self._pair(user, refresh)

    async def go_on(self, uow: UnitOfWork, session: Session, user: User) -> SignedIn:
        """Replace a session's token, in a unit of work that the caller commits."""
        refresh = self._refresh_token(session.id)
        digest = self._digests.token(refresh.value)
        await uow.sessions.save(session.rotate(digest, at=self._clock.now()))
        return self._pair(user, refresh)

    def _refresh_token(self, session_id: SessionId) -> RefreshToken:
        return RefreshToken.from_random(session_id, self._randomness.token(REFRESH_BYTES))

    def _pair(self, user: User, refresh: RefreshToken) -> SignedIn:
        principal = Principal(user_id=user.id, token_version=user.token_version)
        return SignedIn(user=user, access=self._access_tokens.issue(principal), refresh=refresh)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInCommand:
    """An address, the code that was mailed to it, and where the caller is."""

    email: Email
    code: OneTimeCode
    client: str


class SignIn:
    """Let somebody in who has the code; who signs up becomes a user by it."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        attempts: AttemptCounters,
        digests: SignInDigests,
        pairs: TokenPairs,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._transactions = transactions
        self._attempts = attempts
        self._digests = digests
        self._pairs = pairs
        self._clock = clock
        self._ids = ids

    async def __call__(self, command: SignInCommand) -> SignedIn:
        """Return the user and the tokens of a new session.

        The try is counted, durably, before the code is looked at.

        Raises:
            Unauthenticated: `code.refused`, whatever is wrong: no code, another, tried too often,
                expired, used, or of an address that nobody signed up with.
            TooManyAttempts: of this client.
        """
        client = f"verify:client:{self._digests.address(command.client)}"
        await self._attempts.attempt(
            [AttemptLimit(subject=client, count=_CLIENT_PER_HOUR, period=_HOUR)]
        )
        async with self._transactions() as uow:
            pending = await uow.codes.try_once(command.email)
            await uow.commit()
        pending = pending or self._nobodys_code(command.email)
        digest = self._digests.code(pending.id, command.code)
        if not pending.admits(digest, at=self._clock.now()):
            raise _refused()
        async with self._transactions() as uow:
            if not await uow.codes.consume(command.email, pending.id):
                raise _refused()
            user = await self._user(uow, pending)
            signed_in = await self._pairs.start(uow, user)
            await uow.commit()
        with suppress(Unavailable):
            await self._attempts.forget([code_subject(self._digests, command.email)])
        return signed_in

    def _nobodys_code(self, email: Email) -> PendingCode:
        """Return a code that no digits have, so that a missing one takes the same work."""
        return PendingCode(id=_NOBODYS_CODE, email=email, digest="", expires_at=self._clock.now())

    async def _user(self, uow: UnitOfWork, pending: PendingCode) -> User:
        with suppress(NotFound):
            return await uow.users.by_email(pending.email)
        if pending.name is None:
            raise _refused()
        user = User.register(
            user_id=UserId(self._ids.new("usr")),
            email=pending.email,
            name=pending.name,
            at=self._clock.now(),
        )
        await uow.users.add(user)
        return user


def _refused() -> Unauthenticated:
    return Unauthenticated(
        "this code is wrong, used or expired, or was tried too often; ask for a new one",
        code="code.refused",
    )


class RefreshSession:
    """Give new tokens for a refresh token, which is good no more afterwards."""

    def __init__(
        self,
        *,
        transactions: Transactions,
        digests: SignInDigests,
        pairs: TokenPairs,
        clock: Clock,
    ) -> None:
        self._transactions = transactions
        self._digests = digests
        self._pairs = pairs
        self._clock = clock

    async def __call__(self, token: RefreshToken) -> SignedIn:
        """Return the user and the next tokens of the session.

        Raises:
            Unauthenticated: `session.invalid` for no session or one that is over; `session.reused`
                for a token that was used before, which ends the session and every access token of
                the user.
        """
        async with self._transactions() as uow:
            session = await session_of(uow, token)
            verdict = session.judge(self._digests.token(token.value), at=self._clock.now())
            if verdict is Verdict.REUSED:
                await end_reused(uow, session)
                await uow.commit()
            if verdict is not Verdict.GOOD:
                raise _ended(verdict)
            user = await uow.users.get(session.user_id)
            signed_in = await self._pairs.go_on(uow, session, user)
            await uow.commit()
        return signed_in


class SignOut:
    """End a session, or every session of its user."""

    def __init__(self, *, transactions: Transactions, digests: SignInDigests, clock: Clock) -> None:
        self._transactions = transactions
        self._digests = digests
        self._clock = clock

    async def __call__(self, token: RefreshToken, *, everywhere: bool = False) -> None:
        """End what the token belongs to; a session that is over, or none, is fine.

        Everywhere also ends every access token of the user; without it they live out their minutes.
        """
        async with self._transactions() as uow:
            try:
                session = await session_of(uow, token)
            except Unauthenticated:
                return
            verdict = session.judge(self._digests.token(token.value), at=self._clock.now())
            if verdict is Verdict.OVER:
                return
            if verdict is Verdict.REUSED:
                await end_reused(uow, session)
            elif everywhere:
                await uow.sessions.end_all(session.user_id, SessionEnd.SIGNED_OUT_EVERYWHERE)
                await _end_access_tokens(uow, session.user_id)
            else:
                await uow.sessions.save(session.end(SessionEnd.SIGNED_OUT))
            await uow.commit()


async def session_of(uow: UnitOfWork, token: RefreshToken) -> Session:
    """Return the session that a token names.

    Raises:
        Unauthenticated: there is none.
    """
    try:
        return await uow.sessions.get(token.session_id)
    except NotFound:
        raise _ended(Verdict.OVER) from None


async def end_reused(uow: UnitOfWork, session: Session) -> None:
    """End a session whose old token was shown: somebody has a copy."""
    _log.warning("a refresh token was used twice", extra={"session_id": session.id})
    await uow.sessions.save(session.end(SessionEnd.TOKEN_REUSED))
    await _end_access_tokens(uow, session.user_id)


async def _end_access_tokens(uow: UnitOfWork, user_id: UserId) -> None:
    user = await uow.users.get(user_id)
    await uow.users.save(user.sign_out_everywhere())


def _ended(verdict: Verdict) -> Unauthenticated:
    if verdict is Verdict.REUSED:
        return Unauthenticated(
            "this refresh token was used before, so its session is ended; sign in again",
            code="session.reused",
        )
    return Unauthenticated("this session is over; sign in again", code="session.invalid")


class PruneSignIns:
    """Forget codes, sessions and done calls that have expired."""

    def __init__(self, *, transactions: Transactions, clock: Clock) -> None:
        self._transactions = transactions
        self._clock = clock

    async def __call__(self) -> bool:
        """Remove them; what is expired counts for nothing before that as well."""
        at = self._clock.now()
        async with self._transactions() as uow:
            await uow.codes.forget_expired(at)
            await uow.sessions.forget_expired(at)
            await uow.done_calls.forget_expired(at)
            await uow.commit()
        return False

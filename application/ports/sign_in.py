"""Where codes and sessions live; every method runs inside the unit of work it was reached through.

Nobody's tenant is known before somebody has signed in, so nothing here is scoped to one. Every
method may raise `Unavailable`.
"""

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import OneTimeCode, PendingCode
from domain.session import Session, SessionEnd
from domain.user import Email


class OneTimeCodes(Protocol):  # tenant-free: nobody has signed in yet
    """Keep the one pending code of each address, whatever the address's case."""

    @abstractmethod
    async def put(self, code: PendingCode) -> None:
        """Store a code; the one that the address had before is gone."""

    @abstractmethod
    async def try_once(self, email: Email) -> PendingCode | None:
        """Count one more try of an address's code and return it so counted; None for no code.

        Two tries at once are two, or one of them fails with `ConcurrentUpdate`.
        """

    @abstractmethod
    async def consume(self, email: Email, code_id: CodeId) -> bool:
        """Remove a code that got in, and tell whether it was still there."""

    @abstractmethod
    async def forget_expired(self, at: datetime) -> int:
        """Remove the codes that expired by this time and return how many there were."""


class Sessions(Protocol):  # tenant-free: people belong to many tenants
    """Keep sessions; only digests of their tokens are ever seen here."""

    @abstractmethod
    async def add(self, session: Session) -> None:
        """Store a new session.

        Raises:
            Conflict: it exists.
        """

    @abstractmethod
    async def get(self, session_id: SessionId) -> Session:
        """Return a session, ended ones included until they expire.

        Raises:
            NotFound: there is none.
        """

    @abstractmethod
    async def save(self, session: Session) -> None:
        """Store a changed session.

        Raises:
            ConcurrentUpdate: it was changed since it was read.
        """

    @abstractmethod
    async def end_all(self, user_id: UserId, why: SessionEnd) -> int:
        """End every session of a user that has not ended yet and return how many those were."""

    @abstractmethod
    async def forget_expired(self, at: datetime) -> int:
        """Remove the sessions that expired by this time and return how many there were."""


class SignInDigests(Protocol):  # tenant-free: hashes what it is given
    """Make the keyed digests under which codes, tokens and addresses are kept."""

    @abstractmethod
    def code(self, code_id: CodeId, code: OneTimeCode) -> str:
        """Return the digest of a code, 64 hexadecimal characters; each record has its own."""

    @abstractmethod
    def token(self, token: str) -> str:
        """Return the digest of a refresh token or an invitation's, 64 hexadecimal characters."""

    @abstractmethod
    def address(self, text: str) -> str:
        """Return the digest of a mail or network address, by which attempts are counted."""

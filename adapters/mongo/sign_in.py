"""One-time codes and sessions in MongoDB."""

from dataclasses import replace
from datetime import datetime

from adapters.documents.sign_in import (
    code_from_document,
    code_to_document,
    session_from_document,
    session_to_document,
)
from adapters.mongo.collection import Document
from adapters.mongo.errors import Taken
from adapters.mongo.session import Session as Transaction
from adapters.mongo.values import date, load, stored
from adapters.mongo.writes import changed_meanwhile, forget_expired
from application.ports.sign_in import OneTimeCodes, Sessions
from domain.errors import Conflict, NotFound
from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import PendingCode
from domain.session import Session, SessionEnd
from domain.user import Email


class MongoOneTimeCodes(OneTimeCodes):
    """Keep a document an address, until some time after it expired."""

    def __init__(self, session: Transaction) -> None:
        self._codes = session.collection("otps")

    async def put(self, code: PendingCode) -> None:
        """Store a code in the place of the address's last one."""
        row = {
            "id": code.id,
            "expires_at": date(code.expires_at),
            "document": stored(code_to_document(code)),
        }
        await self._codes.update({"_id": code.email.lookup}, {"$set": row}, upsert=True)

    async def try_once(self, email: Email) -> PendingCode | None:
        """Count one more try of an address's code and return it so counted."""
        count = {"$inc": {"document.tries": 1}}
        row = await self._codes.find_and_update({"_id": email.lookup}, count)
        return None if row is None else load(row["document"], code_from_document)

    async def consume(self, email: Email, code_id: CodeId) -> bool:
        """Remove a code that got in, and tell whether it was still there."""
        return await self._codes.delete({"_id": email.lookup, "id": code_id}) == 1

    async def forget_expired(self, at: datetime) -> int:
        """Remove the codes that expired by this time."""
        return await forget_expired(self._codes, at)


class MongoSessions(Sessions):
    """Keep sessions until some time after they expired."""

    def __init__(self, session: Transaction) -> None:
        self._sessions = session.collection("sessions")

    async def add(self, session: Session) -> None:
        """Store a new session."""
        if await self._sessions.count({"_id": session.id}, limit=1):
            raise _exists()
        try:
            await self._sessions.insert(_row(session))
        except Taken:
            raise _exists() from None

    async def get(self, session_id: SessionId) -> Session:
        """Return a session."""
        row = await self._sessions.find_one({"_id": session_id})
        if row is None:
            raise NotFound("there is no such session", code="session.not_found")
        return load(row["document"], session_from_document)

    async def save(self, session: Session) -> None:
        """Store a changed session."""
        row = _row(replace(session, version=session.version + 1))
        if not await self._sessions.update(
            {"_id": session.id, "version": session.version}, {"$set": row}
        ):
            raise changed_meanwhile()

    async def end_all(self, user_id: UserId, why: SessionEnd) -> int:
        """End every session of a user that has not ended yet."""
        running = await self._sessions.find({"user_id": user_id, "is_ended": False})
        for row in running:
            await self.save(load(row["document"], session_from_document).end(why))
        return len(running)

    async def forget_expired(self, at: datetime) -> int:
        """Remove the sessions that expired by this time."""
        return await forget_expired(self._sessions, at)


def _row(session: Session) -> Document:
    return {
        "_id": session.id,
        "user_id": session.user_id,
        "expires_at": date(session.expires_at),
        "is_ended": session.ended is not None,
        "version": session.version,
        "document": stored(session_to_document(session)),
    }


def _exists() -> Conflict:
    return Conflict("this session exists already")

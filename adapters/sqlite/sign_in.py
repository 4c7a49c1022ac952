"""One-time codes and sessions in SQLite."""

import sqlite3
from dataclasses import replace
from datetime import datetime

from adapters.documents.fields import dump, load, time_text
from adapters.documents.sign_in import (
    code_from_document,
    code_to_document,
    session_from_document,
    session_to_document,
)
from adapters.sqlite.ownership import require_changed
from adapters.sqlite.session import Session as Transaction
from application.ports.sign_in import OneTimeCodes, Sessions
from domain.errors import Conflict, NotFound
from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import PendingCode
from domain.session import Session, SessionEnd
from domain.user import Email

_PUT_CODE = """
INSERT INTO one_time_codes (email, id, expires_at, document) VALUES (?, ?, ?, ?)
ON CONFLICT (email) DO UPDATE SET
    id = excluded.id, expires_at = excluded.expires_at, document = excluded.document
"""
_ADD_SESSION = """
INSERT INTO sessions (id, user_id, expires_at, is_ended, version, document)
VALUES (:id, :user_id, :expires_at, :is_ended, :version, :document)
"""
_SAVE_SESSION = """
UPDATE sessions SET expires_at = :expires_at, is_ended = :is_ended, version = :version,
    document = :document
WHERE id = :id AND version = :read
"""


class SqliteOneTimeCodes(OneTimeCodes):
    """Keep a row an address; the unit of work lets nobody else count in between."""

    def __init__(self, session: Transaction) -> None:
        self._session = session

    async def put(self, code: PendingCode) -> None:
        """Store a code in the place of the address's last one."""
        row = (code.email.lookup, code.id, time_text(code.expires_at), dump(code_to_document(code)))
        await self._session.run(lambda raw: raw.execute(_PUT_CODE, row))

    async def try_once(self, email: Email) -> PendingCode | None:
        """Count one more try of an address's code and return it so counted."""
        return await self._session.run(lambda raw: _try_once(raw, email.lookup))

    async def consume(self, email: Email, code_id: CodeId) -> bool:
        """Remove a code that got in, and tell whether it was still there."""
        row = (email.lookup, code_id)
        removed = await self._session.run(
            lambda raw: raw.execute("DELETE FROM one_time_codes WHERE email = ? AND id = ?", row)
        )
        return removed.rowcount == 1

    async def forget_expired(self, at: datetime) -> int:
        """Remove the codes that expired by this time."""
        return await self._session.run(lambda raw: forget_expired(raw, "one_time_codes", at))


def _try_once(raw: sqlite3.Connection, address: str) -> PendingCode | None:
    row = raw.execute("SELECT document FROM one_time_codes WHERE email = ?", (address,)).fetchone()
    if row is None:
        return None
    code = load(row[0], code_from_document).tried()
    raw.execute(
        "UPDATE one_time_codes SET document = ? WHERE email = ?",
        (dump(code_to_document(code)), address),
    )
    return code


class SqliteSessions(Sessions):
    """Keep sessions until they expire."""

    def __init__(self, session: Transaction) -> None:
        self._session = session

    async def add(self, session: Session) -> None:
        """Store a new session."""
        await self._session.run(lambda raw: _add_session(raw, session))

    async def get(self, session_id: SessionId) -> Session:
        """Return a session."""
        row = await self._session.run(
            lambda raw: raw.execute(
                "SELECT document FROM sessions WHERE id = ?", (session_id,)
            ).fetchone()
        )
        if row is None:
            raise NotFound("there is no such session", code="session.not_found")
        return load(row[0], session_from_document)

    async def save(self, session: Session) -> None:
        """Store a changed session."""
        await self._session.run(lambda raw: _save_session(raw, session))

    async def end_all(self, user_id: UserId, why: SessionEnd) -> int:
        """End every session of a user that has not ended yet."""
        return await self._session.run(lambda raw: _end_all(raw, user_id, why))

    async def forget_expired(self, at: datetime) -> int:
        """Remove the sessions that expired by this time."""
        return await self._session.run(lambda raw: forget_expired(raw, "sessions", at))


def _row(session: Session) -> dict[str, object]:
    return {
        "id": session.id,
        "user_id": session.user_id,
        "expires_at": time_text(session.expires_at),
        "is_ended": session.ended is not None,
        "version": session.version,
        "document": dump(session_to_document(session)),
    }


def _add_session(raw: sqlite3.Connection, session: Session) -> None:
    try:
        raw.execute(_ADD_SESSION, _row(session))
    except sqlite3.IntegrityError as error:
        raise Conflict("this session exists already") from error


def _save_session(raw: sqlite3.Connection, session: Session) -> None:
    row = {**_row(replace(session, version=session.version + 1)), "read": session.version}
    require_changed(raw.execute(_SAVE_SESSION, row))


def _end_all(raw: sqlite3.Connection, user_id: UserId, why: SessionEnd) -> int:
    rows = raw.execute(
        "SELECT document FROM sessions WHERE user_id = ? AND is_ended = 0", (user_id,)
    ).fetchall()
    for (document,) in rows:
        _save_session(raw, load(document, session_from_document).end(why))
    return len(rows)


def forget_expired(raw: sqlite3.Connection, table: str, at: datetime) -> int:
    """Remove the rows of a table that expired by this time and return how many there were."""
    removed = raw.execute(
        f"DELETE FROM {table} WHERE expires_at <= ?",  # noqa: S608 - our own names
        (time_text(at),),
    )
    return removed.rowcount

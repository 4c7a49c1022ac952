"""Codes and sessions as documents."""

from typing import TypedDict

from adapters.documents.fields import time_of, time_text
from domain.identifiers import CodeId, SessionId, UserId
from domain.one_time_code import PendingCode
from domain.session import Session, SessionEnd
from domain.user import Email


class CodeDocument(TypedDict):
    """The pending code of an address."""

    id: str
    email: str
    digest: str
    expires_at: str
    name: str | None
    tries: int


class SessionDocument(TypedDict):
    """A family of refresh tokens."""

    id: str
    user_id: str
    digest: str
    created_at: str
    expires_at: str
    ended: str | None
    version: int


def code_to_document(code: PendingCode) -> CodeDocument:
    """Return a code as plain data."""
    return {
        "id": code.id,
        "email": code.email.value,
        "digest": code.digest,
        "expires_at": time_text(code.expires_at),
        "name": code.name,
        "tries": code.tries,
    }


def code_from_document(document: CodeDocument) -> PendingCode:
    """Return the code that a document describes."""
    return PendingCode(
        id=CodeId(document["id"]),
        email=Email(document["email"]),
        digest=document["digest"],
        expires_at=time_of(document["expires_at"]),
        name=document["name"],
        tries=document["tries"],
    )


def session_to_document(session: Session) -> SessionDocument:
    """Return a session as plain data."""
    return {
        "id": session.id,
        "user_id": session.user_id,
        "digest": session.digest,
        "created_at": time_text(session.created_at),
        "expires_at": time_text(session.expires_at),
        "ended": None if session.ended is None else session.ended.value,
        "version": session.version,
    }


def session_from_document(document: SessionDocument) -> Session:
    """Return the session that a document describes."""
    ended = document["ended"]
    return Session(
        id=SessionId(document["id"]),
        user_id=UserId(document["user_id"]),
        digest=document["digest"],
        created_at=time_of(document["created_at"]),
        expires_at=time_of(document["expires_at"]),
        ended=None if ended is None else SessionEnd(ended),
        version=document["version"],
    )

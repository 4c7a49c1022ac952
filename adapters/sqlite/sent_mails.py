"""Which mails were handed over, in SQLite."""

import sqlite3
from datetime import datetime, timedelta

from adapters.documents.fields import time_text
from adapters.sqlite.database import Database
from application.ports.mailer import MailClaim, SentMails

_CLAIM = """
INSERT INTO sent_mails (digest, claimed_until) VALUES (:digest, :until)
ON CONFLICT (digest) DO UPDATE SET claimed_until = :until
WHERE sent_at IS NULL AND claimed_until <= :at
"""
_IS_SENT = "SELECT sent_at IS NOT NULL FROM sent_mails WHERE digest = ?"
_SENT = """
INSERT INTO sent_mails (digest, claimed_until, sent_at) VALUES (:digest, :at, :at)
ON CONFLICT (digest) DO UPDATE SET sent_at = :at WHERE sent_at IS NULL
"""
_RELEASE = "DELETE FROM sent_mails WHERE digest = ? AND sent_at IS NULL"
_PRUNE = """
DELETE FROM sent_mails WHERE rowid IN (
    SELECT rowid FROM sent_mails WHERE sent_at < ? ORDER BY sent_at LIMIT ?
)
"""


class SqliteSentMails(SentMails):
    """One row a mail, from its first claim on."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, digest: str, *, at: datetime, lease: timedelta) -> MailClaim:
        """Claim a mail until `at + lease`."""
        values = {"digest": digest, "at": time_text(at), "until": time_text(at + lease)}

        def work(raw: sqlite3.Connection) -> MailClaim:
            if raw.execute(_CLAIM, values).rowcount == 1:
                return MailClaim.GRANTED
            (is_sent,) = raw.execute(_IS_SENT, (digest,)).fetchone()
            return MailClaim.SENT if is_sent else MailClaim.BUSY

        return await self._database.write(work)

    async def sent(self, digest: str, *, at: datetime) -> None:
        """Remember that a mail was handed over."""
        values = {"digest": digest, "at": time_text(at)}
        await self._database.write(lambda raw: raw.execute(_SENT, values).rowcount)

    async def release(self, digest: str) -> None:
        """Give a claim up."""
        await self._database.write(lambda raw: raw.execute(_RELEASE, (digest,)).rowcount)

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget mails sent before a time; return how many."""
        values = (time_text(before), max(limit, 0))
        return await self._database.write(lambda raw: raw.execute(_PRUNE, values).rowcount)

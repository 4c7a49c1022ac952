"""Which mails were handed over, in MongoDB."""

from datetime import datetime, timedelta

from adapters.documents.fields import time_text
from adapters.mongo.collection import OLDEST
from adapters.mongo.database import Database
from adapters.mongo.errors import Taken
from application.ports.mailer import MailClaim, SentMails


class MongoSentMails(SentMails):
    """One document a mail, from its first claim on."""

    def __init__(self, database: Database) -> None:
        self._mails = database.collection("sent_mails")

    async def claim(self, digest: str, *, at: datetime, lease: timedelta) -> MailClaim:
        """Claim a mail until `at + lease`."""
        until = time_text(at + lease)
        try:
            await self._mails.insert({"_id": digest, "claimed_until": until, "sent_at": ""})
        except Taken:
            ended = {"_id": digest, "sent_at": "", "claimed_until": {"$lte": time_text(at)}}
            if await self._mails.update(ended, {"$set": {"claimed_until": until}}):
                return MailClaim.GRANTED
            row = await self._mails.find_one({"_id": digest})
            # One that was released in between is claimed with the next try.
            return MailClaim.SENT if row is not None and row["sent_at"] else MailClaim.BUSY
        return MailClaim.GRANTED

    async def sent(self, digest: str, *, at: datetime) -> None:
        """Remember that a mail was handed over."""
        row = {"claimed_until": time_text(at), "sent_at": time_text(at)}
        await self._mails.update({"_id": digest}, {"$set": row}, upsert=True)

    async def release(self, digest: str) -> None:
        """Give a claim up."""
        await self._mails.delete({"_id": digest, "sent_at": ""})

    async def prune(self, *, before: datetime, limit: int) -> int:
        """Forget mails sent before a time; return how many."""
        old = await self._mails.find(
            {"sent_at": {"$gt": "", "$lt": time_text(before)}},
            sort=[("sent_at", OLDEST)],
            limit=limit,
            fields=["_id"],
        )
        return await self._mails.delete({"_id": {"$in": [row["_id"] for row in old]}})

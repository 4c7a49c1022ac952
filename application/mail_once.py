"""Hand each mail over once, however often its event comes."""

import hashlib
from datetime import timedelta

from application.ports.mailer import Mail, MailClaim, Mailer, SentMails
from application.ports.system import Clock
from domain.errors import DomainError, Unavailable

KEPT = timedelta(days=30)
"""How long a mail is remembered; the outbox gives an event up within hours."""

_LEASE = timedelta(minutes=2)
"""Longer than any mailer takes; a process that dies while it sends leaves the mail to others."""

_PRUNED = 1000


class EachMailOnce(Mailer):
    """Ask the store before a mail leaves, and tell it afterwards.

    Only a process that dies between a mail server's last word and the store's, or a server that
    takes a mail and does not say so, lets a mail leave twice, under the same Message-ID.
    """

    def __init__(self, *, mailer: Mailer, sent: SentMails, clock: Clock) -> None:
        self._mailer = mailer
        self._sent = sent
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Hand over a mail, unless that was done before.

        Raises:
            InvalidValue: a header would be broken (a line break in the subject).
            Refused: the address is refused for good.
            Unavailable: try again later; also while another process is sending this mail.
        """
        # An id may hold the address; the store does not need it.
        digest = hashlib.sha256(mail.id.encode("utf-8", "surrogatepass")).hexdigest()
        claim = await self._sent.claim(digest, at=self._clock.now(), lease=_LEASE)
        if claim is MailClaim.SENT:
            return
        if claim is MailClaim.BUSY:
            raise Unavailable("mail", "this mail is being sent at this moment", code="mail.busy")
        try:
            await self._mailer.send(mail)
        except DomainError:
            await self._sent.release(digest)
            raise
        await self._sent.sent(digest, at=self._clock.now())


class PruneSentMails:
    """Forget mails that were sent long ago."""

    def __init__(self, *, sent: SentMails, clock: Clock) -> None:
        self._sent = sent
        self._clock = clock

    async def __call__(self) -> bool:
        """Forget some, and tell whether there may be more."""
        return await self._sent.prune(before=self._clock.now() - KEPT, limit=_PRUNED) == _PRUNED

"""Mail as files in a folder, for people who have no mail server at hand."""

import asyncio
import logging
import os
import threading
from pathlib import Path

from adapters.mail.message import compose, safe_id
from application.ports.mailer import Mail, Mailer
from application.ports.system import Clock
from domain.errors import Unavailable

_log = logging.getLogger(__name__)


class OutboxFolderMailer(Mailer):
    """Write each mail to `{id}.eml`, readable by this user alone; the same id is one file."""

    def __init__(self, folder: Path, *, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        """Hand over a mail; a mail of the same id twice is delivered once.

        Raises:
            InvalidValue: a header would be broken (a line break in the subject).
            Unavailable: the folder cannot be written; try again later.
        """
        message = compose(mail, sender=self._sender, at=self._clock.now())
        path = self._folder / f"{safe_id(mail.id)}.eml"
        try:
            is_new = await asyncio.to_thread(_write_once, path, message.as_bytes())
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else "it failed"
            raise Unavailable("mail", f"the outbox folder cannot be written: {reason}") from error
        if is_new:
            _log.info("mail written", extra={"path": str(path)})


def _write_once(path: Path, data: bytes) -> bool:
    """Write a file atomically; False if it is there already."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Two writers of one mail never share a file.
    temporary = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)
        except FileExistsError:
            return False
    finally:
        temporary.unlink()
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True

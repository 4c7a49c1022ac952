"""Messages that nobody understood, as files for a person to look at."""

import asyncio
import logging
import os
from pathlib import Path

from application.ports.notifications import Quarantine
from application.ports.system import IdFactory

MAX_FILES = 200
"""The newest that are kept; each has 256 KiB at most."""

_log = logging.getLogger(__name__)


class FolderQuarantine(Quarantine):
    """Keep bodies as they came, each in a file that only this user can read."""

    def __init__(self, folder: Path, *, ids: IdFactory, max_files: int = MAX_FILES) -> None:
        self._folder = folder
        self._ids = ids
        self._max_files = max_files

    async def keep(self, sender: str, body: bytes) -> None:
        """Keep a body; the oldest ones go when there are too many."""
        name = f"{self._ids.ulid()}-{sender}"
        try:
            await asyncio.to_thread(self._write, name, body)
        except OSError as error:
            _log.error("a message cannot be kept", extra={"error": type(error).__name__})
        else:
            _log.error("a message that nobody understood is kept", extra={"file": name})

    def _write(self, name: str, body: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        with os.fdopen(os.open(self._folder / name, flags, 0o600), "wb") as file:
            file.write(body)
        for path in sorted(self._folder.iterdir())[: -self._max_files]:
            path.unlink(missing_ok=True)

"""Configure the log of a process."""

import sys

from adapters.telemetry.logging import configure
from entrypoints.http.middleware import request_id_context
from entrypoints.settings import Settings


def configure_logging(settings: Settings, *, file: str | None = None) -> None:
    """Write the log as JSON lines to a file under `TRUEPORT_HOME`, or to standard error.

    Raises:
        OSError: the file cannot be written.
    """
    stream = sys.stderr
    if file is not None:
        settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        stream = (settings.home / file).open("a", encoding="utf-8")
    configure(settings.log_level.value, stream, context={"request_id": request_id_context})

"""The exit statuses of every command, and how one ends that cannot go on."""

import click

from domain.errors import DomainError, Unavailable

EXIT_CLEAN = 0
EXIT_FINDINGS = 1
EXIT_USAGE = 2
EXIT_INCOMPLETE = 3
EXIT_UNAVAILABLE = 4
EXIT_INTERRUPTED = 130


class Failure(click.ClickException):
    """End the command with one line and a status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def failure_of(error: DomainError) -> Failure:
    """Return how a command ends on an error: 4 when something is away, 2 for a wrong word."""
    if isinstance(error, Unavailable):
        return Failure(error.message, EXIT_UNAVAILABLE)
    field = getattr(error, "field", "")
    place = f"{field}: " if field else ""
    return Failure(place + error.message, EXIT_USAGE)

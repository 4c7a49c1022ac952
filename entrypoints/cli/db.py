"""`trueport db`: bring the store up to what this version needs, or look at it."""

from collections.abc import Awaitable, Callable, Sequence

import click

from entrypoints.cli.environment import container_or_exit, run_alone, settings_or_exit
from entrypoints.cli.exits import EXIT_CLEAN, EXIT_FINDINGS
from entrypoints.cli.listing import format_option, show_list
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container
from entrypoints.wiring.store_upkeep import PartState, StorePart, check_store, prepare_store


@click.group(name="db")
def command() -> None:
    """Bring the store up to what this version needs, or look at it.

    \b
    Examples:
      trueport db init
      MONGO_URI=mongodb://127.0.0.1:27017/?replicaSet=rs0 trueport db init
      trueport db check --format json
    """


@command.command(name="init")
@format_option
def init(form: str) -> None:
    """Make the database file, or the indexes of MongoDB, and drop nothing.

    Safe to run again, also while servers run. Status 1 when something else is in the way of an
    index; what that is has to be looked at by a person.

    \b
    Example:
      trueport db init
    """
    _show(prepare_store, form)


@command.command(name="check")
@format_option
def check(form: str) -> None:
    """Look at the database file, or the indexes of MongoDB, and change nothing.

    Status 1 when something is missing or otherwise than it should be.

    \b
    Example:
      trueport db check
    """
    _show(check_store, form)


def _show(look: Callable[[Container], Awaitable[Sequence[StorePart]]], form: str) -> None:
    container = container_or_exit(settings_or_exit())
    parts = run_alone(lambda: look(container))
    rows = [{"name": part.name, "state": part.state.value, "detail": part.detail} for part in parts]
    show_list(rows, ("name", "state", "detail"), form)
    if any(part.state is PartState.MISSING for part in parts):
        note("next: trueport db init")
    is_sound = all(part.is_sound for part in parts)
    raise click.exceptions.Exit(EXIT_CLEAN if is_sound else EXIT_FINDINGS)

"""`trueport doctor`: check this machine and these settings."""

import json
from collections import Counter

import click

from entrypoints.cli.doctor_checks import Check, State, all_checks
from entrypoints.cli.exits import EXIT_CLEAN, EXIT_UNAVAILABLE, EXIT_USAGE
from entrypoints.cli.output import destination
from entrypoints.cli.terminal import note, printable, with_colour

_COLOURS = {State.OK: "green", State.WARN: "yellow", State.FAIL: "red"}


@click.command(name="doctor")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(1, 65535),
    help="The port that a server would take.",
)
@with_colour
def command(is_coloured: bool, *, as_json: bool, port: int) -> None:
    """Check this machine and these settings, and say what to do about each problem.

    Nothing is changed. Status 0 when nothing failed (warnings may remain), 2 when settings,
    folders or files are wrong, 4 when only a store or a model is away.

    \b
    Examples:
      trueport doctor
      TRUEPORT_HOME=.trueport trueport doctor --port 9000
      trueport doctor --json
    """
    checks: list[Check] = []
    with destination(None) as stream:
        for check in all_checks(port):
            checks.append(check)
            if not as_json:
                stream.write(_line(check, is_coloured=is_coloured) + "\n")
                stream.flush()
        if as_json:
            json.dump(_document(checks), stream, indent=2)
            stream.write("\n")
    counts = Counter(check.state for check in checks)
    note(", ".join(f"{counts[state]} {state.value}" for state in State))
    raise click.exceptions.Exit(_status(checks))


def _line(check: Check, *, is_coloured: bool) -> str:
    state = f"{check.state.value:4}"
    if is_coloured:
        state = click.style(state, fg=_COLOURS[check.state])
    fix = f"\n                 fix: {printable(check.fix)}" if check.fix else ""
    return f"{state}  {check.name:9}  {printable(check.message)}{fix}"


def _document(checks: list[Check]) -> dict[str, object]:
    states = [check.state for check in checks]
    worst = next((s for s in (State.FAIL, State.WARN) if s in states), State.OK)
    return {
        "schema_version": 1,
        "state": worst.value,
        "checks": [
            {
                "name": check.name,
                "state": check.state.value,
                "message": check.message,
                "fix": check.fix or None,
            }
            for check in checks
        ],
    }


def _status(checks: list[Check]) -> int:
    failed = {check.status for check in checks if check.state is State.FAIL}
    if EXIT_USAGE in failed:
        return EXIT_USAGE
    return EXIT_UNAVAILABLE if failed else EXIT_CLEAN

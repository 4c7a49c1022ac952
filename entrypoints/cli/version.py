"""`trueport version`."""

import json
import platform
from importlib.metadata import version

import click


@click.command(name="version")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def command(as_json: bool) -> None:
    """Print the version of TruePort."""
    facts = {"trueport": version("trueport"), "python": platform.python_version()}
    click.echo(json.dumps(facts) if as_json else f"trueport {facts['trueport']}")

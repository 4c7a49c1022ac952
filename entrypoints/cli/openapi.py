"""`trueport openapi`: print the OpenAPI document of an API."""

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from fastapi import FastAPI

from entrypoints.cli.exits import EXIT_USAGE, Failure
from entrypoints.cli.output import destination
from entrypoints.cli.terminal import note
from entrypoints.settings import load_settings
from entrypoints.wiring.applications import (
    make_analytics_app,
    make_gateway_app,
    make_platform_app,
)
from entrypoints.wiring.containers import Container, make_container

_APIS: Mapping[str, Callable[[Container], FastAPI]] = {
    "platform": make_platform_app,
    "gateway": make_gateway_app,
    "analytics": make_analytics_app,
}


@click.command(name="openapi")
@click.argument("api", type=click.Choice(list(_APIS)), required=False)
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write API.json for each API into a folder.",
)
def command(api: str | None, output: Path | None) -> None:
    """Print the OpenAPI document of an API, or write those of all.

    The documents are the same wherever they are made: neither settings nor state take part.

    \b
    Examples:
      trueport openapi gateway
      trueport openapi --output docs/openapi
    """
    if api is None and output is None:
        raise click.UsageError(f"name an API ({', '.join(_APIS)}), or a folder with --output")
    container = make_container(load_settings({}))
    for name in _APIS if api is None else [api]:
        document = json.dumps(_APIS[name](container).openapi(), indent=2, ensure_ascii=False)
        path = None if output is None else output / f"{name}.json"
        if path is not None:
            _make_folder(path.parent)
        with destination(path) as stream:
            stream.write(document + "\n")
        if path is not None:
            note(f"wrote {path}")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Failure(f"{folder}: cannot be made: {reason}", EXIT_USAGE) from None

"""`trueport serve`: everything in one process."""

import click

from entrypoints.cli.environment import container_or_exit, settings_or_exit
from entrypoints.serve import serve


@click.command(name="serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes any."
)
@click.option(
    "--demo/--no-demo",
    default=False,
    help="Make a demo tenant, send it sample traffic and show what was found.",
)
@click.option("--once", is_flag=True, help="With --demo: leave after the table.")
def command(host: str, port: int, demo: bool, once: bool) -> None:
    """Run gateway, control plane and analytics in one process, on the embedded default.

    State lives in TRUEPORT_HOME. Nothing else has to be installed or running.

    \b
    Examples:
      trueport serve
      trueport serve --demo
      TRUEPORT_HOME=.trueport trueport serve --port 9000
    """
    if once and not demo:
        raise click.UsageError("--once goes with --demo")
    settings = settings_or_exit()
    container = container_or_exit(settings)
    raise click.exceptions.Exit(serve(container, host=host, port=port, is_demo=demo, is_once=once))

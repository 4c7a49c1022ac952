"""`trueport webhook`: the analytics engine's server."""

import click

from entrypoints.cli.environment import container_or_exit, settings_or_exit
from entrypoints.webhook_server import serve_engine
from entrypoints.wiring.store import Service


@click.command(name="webhook")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 takes any."
)
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    help="Jobs that are worked on at once; TRUEPORT_WORKERS by default.",
)
def command(host: str, port: int, concurrency: int | None) -> None:
    """Run the analytics engine: take storage events, and work on the jobs they make.

    On SIGTERM it waits up to TRUEPORT_DRAIN_SECONDS for jobs under way and gives the rest back.

    \b
    Examples:
      trueport webhook --host 0.0.0.0
      REDIS_URL=redis://127.0.0.1:6379/0 trueport webhook --concurrency 4
    """
    settings = settings_or_exit()
    container = container_or_exit(settings, Service.ENGINE)
    raise click.exceptions.Exit(
        serve_engine(container, host=host, port=port, workers=concurrency or settings.workers)
    )

"""`trueport worker`: workers alone."""

import click

from entrypoints.cli.environment import container_or_exit, settings_or_exit
from entrypoints.webhook_server import run_workers
from entrypoints.wiring.store import Service


@click.command(name="worker")
@click.option(
    "--concurrency",
    type=click.IntRange(1, 256),
    help="Jobs that are worked on at once; TRUEPORT_WORKERS by default.",
)
def command(concurrency: int | None) -> None:
    """Work on analysis jobs that others queue, without listening on anything.

    On SIGTERM it waits up to TRUEPORT_DRAIN_SECONDS for jobs under way and gives the rest back.

    \b
    Examples:
      trueport worker
      REDIS_URL=redis://127.0.0.1:6379/0 trueport worker --concurrency 4
    """
    settings = settings_or_exit()
    container = container_or_exit(settings, Service.ENGINE)
    raise click.exceptions.Exit(run_workers(container, workers=concurrency or settings.workers))

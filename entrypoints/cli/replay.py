"""`trueport replay`: analyse stored objects once more."""

import asyncio
from dataclasses import replace
from datetime import datetime

import click

from application.analytics.replay import ReplayCommand
from domain.audit import parse_time
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_UNAVAILABLE, Failure
from entrypoints.cli.listing import ParsedType, format_option, show_one
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_MOMENT = ParsedType("time", parse_time)
_PAUSE = 1.0
_PATIENCE = 60
"""Pauses without room in the queue after which nobody seems to work on it."""


@click.command(name="replay")
@click.argument("slug", type=SLUG)
@click.option("--prefix", default="", help="Only objects whose keys begin with this.")
@click.option("--since", type=_MOMENT, help="Only objects of this time or later.")
@click.option("--until", type=_MOMENT, help="Only objects from before this time.")
@click.option("--policy", help="Only objects with records that this version judged: pol_…@3.")
@click.option("--after", default="", help="Only objects behind this key.")
@format_option
def command(
    slug: Slug,
    *,
    prefix: str,
    since: datetime | None,
    until: datetime | None,
    policy: str | None,
    after: str,
    form: str,
) -> None:
    """Queue stored objects of a tenant to be analysed once more.

    Violations that stand are not doubled. The time of an audit object is the hour it began in, that
    of any other log when it was written. While the queue is full this waits for the workers.

    \b
    Examples:
      trueport replay acme
      trueport replay acme --since 2026-11-24T00:00:00Z --until 2026-11-25T00:00:00Z
      trueport replay acme --prefix litellm/
      trueport replay acme --policy pol_01m8z3k5v7x9a1c3e5g7j9m1p3@2
    """
    asked = ReplayCommand(
        slug=slug, prefix=prefix, since=since, until=until, policy=policy, after=after
    )

    async def work(container: Container) -> int:
        queued, pauses, now = 0, 0, asked
        while True:
            replayed = await container.replay()(now)
            queued += replayed.queued
            if replayed.continue_after is None:
                return queued
            now = replace(now, after=replayed.continue_after)
            pauses = 0 if replayed.queued else pauses + 1
            if pauses > _PATIENCE:
                raise Failure(
                    f"the queue stays full after {queued} objects: start workers, then go on with "
                    f"--after {now.after!r}",
                    EXIT_UNAVAILABLE,
                )
            await asyncio.sleep(_PAUSE)

    queued = run_with_store(work)
    show_one({"tenant": slug.value, "queued": queued}, form)
    if queued:
        note("workers analyse them: trueport serve, or trueport worker")
    else:
        note("no object was asked for")

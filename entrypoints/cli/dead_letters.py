"""`trueport dead-letters`: jobs that nobody could do."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import click

from application.analytics.list_jobs import ListJobsCommand
from domain.errors import Conflict, NotFound
from domain.identifiers import JobId
from domain.job import Job, JobState
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.listing import format_option, show_list, show_one
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_PAGE = 100

_all_option = click.option("--all", "is_all", is_flag=True, help="Every dead letter there is.")


@click.group(name="dead-letters")
def command() -> None:
    """List, show, retry and drop jobs that nobody could do.

    \b
    Examples:
      trueport dead-letters list
      trueport dead-letters retry --all
      trueport dead-letters drop job_0123456789abcdef0123456789abcdef
    """


@command.command(name="list")
@click.option(
    "--limit",
    default=50,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="So many at most.",
)
@click.option("--tenant", type=SLUG, help="Of this tenant only.")
@format_option
def list_dead_letters(limit: int, tenant: Slug | None, form: str) -> None:
    """List dead jobs with their reasons, the newest first.

    \b
    Examples:
      trueport dead-letters list --format json
      trueport dead-letters list --tenant acme
    """

    async def work(container: Container) -> Sequence[Job]:
        asked = ListJobsCommand(state=JobState.DEAD, tenant=tenant, limit=limit)
        return (await container.list_jobs()(asked)).jobs

    jobs = run_with_store(work)
    show_list(
        [_fields(job) for job in jobs], ("id", "finished_at", "attempts", "last_error", "key"), form
    )
    if not jobs:
        note("there is no dead letter")


@command.command(name="show")
@click.argument("job_id", type=JobId)
@format_option
def show(job_id: JobId, *, form: str) -> None:
    """Show one dead job: its object, its tries and its reason.

    \b
    Example:
      trueport dead-letters show job_0123456789abcdef0123456789abcdef
    """

    async def work(container: Container) -> Job:
        return await container.show_job()(job_id, is_dead=True)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="retry")
@click.argument("job_ids", nargs=-1, type=JobId)
@_all_option
def retry(job_ids: tuple[JobId, ...], *, is_all: bool) -> None:
    """Put dead jobs back into the queue, from their first attempt.

    \b
    Examples:
      trueport dead-letters retry job_0123456789abcdef0123456789abcdef
      trueport dead-letters retry --all
    """
    count = _decide(job_ids, lambda container: container.retry_dead_letter(), is_all=is_all)
    note(f"{_jobs(count)} will be tried again")


@command.command(name="drop")
@click.argument("job_ids", nargs=-1, type=JobId)
@_all_option
def drop(job_ids: tuple[JobId, ...], *, is_all: bool) -> None:
    """Give dead jobs up for good; their objects stay where they are.

    \b
    Examples:
      trueport dead-letters drop job_0123456789abcdef0123456789abcdef
      trueport dead-letters drop --all
    """
    count = _decide(job_ids, lambda container: container.discard_dead_letter(), is_all=is_all)
    note(f"{_jobs(count)} dropped")


def _decide(
    job_ids: Sequence[JobId],
    decision: Callable[[Container], Callable[[JobId], Awaitable[Job]]],
    *,
    is_all: bool,
) -> int:
    """Apply a decision to the named dead letters, or to all, and return how many there were."""
    if is_all == bool(job_ids):
        raise click.UsageError("name dead letters, or say --all")

    async def work(container: Container) -> int:
        decide = decision(container)
        for job_id in job_ids:
            await decide(job_id)
        count = len(job_ids)
        # All that are dead now: what dies meanwhile, perhaps once more, is another decision.
        for job_id in await _all_dead(container) if is_all else ():
            with suppress(NotFound, Conflict):
                await decide(job_id)
                count += 1
        return count

    return run_with_store(work)


async def _all_dead(container: Container) -> Sequence[JobId]:
    found: list[JobId] = []
    while page := await container.job_records().all(
        state=JobState.DEAD, after=found[-1] if found else None, limit=_PAGE
    ):
        found += [job.id for job in page]
    return found


def _jobs(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _fields(job: Job) -> dict[str, object]:
    return {
        "id": job.id,
        "tenant_id": job.tenant_id,
        "state": job.state.value,
        "source": job.source,
        "provider": job.object.provider,
        "bucket": job.object.bucket,
        "key": job.object.key,
        "revision": job.object.revision,
        "attempts": job.attempts,
        "created_at": job.created_at,
        "finished_at": job.finished_at,
        "last_error": job.last_error,
    }

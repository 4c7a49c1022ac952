"""`trueport storage`: show, prove and change where a tenant's audit objects lie."""

from datetime import timedelta

import click

from application.platform.storage import ChangeStorageCommand, StorageCheck, TenantStorage
from application.platform.storage_probe import StepOutcome
from domain.authorisation import OPERATOR
from domain.tenant import Slug, StorageProvider, StorageSettings
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_CLEAN, EXIT_FINDINGS
from entrypoints.cli.listing import (
    ParsedType,
    format_option,
    parse_duration,
    show_list,
    show_one,
)
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_RETENTION = ParsedType("duration", parse_duration)


@click.group(name="storage")
def command() -> None:
    """Show, prove and change where a tenant's audit objects lie.

    \b
    Examples:
      trueport storage show acme
      trueport storage verify acme
      trueport storage set acme --provider S3 --bucket acme-audit-logs
      trueport storage keep acme 365d
    """


@command.command(name="show")
@click.argument("slug", type=SLUG)
@format_option
def show(slug: Slug, *, form: str) -> None:
    """Show where a tenant's audit objects lie, and for how long.

    \b
    Example:
      trueport storage show acme --format json
    """

    async def work(container: Container) -> TenantStorage:
        return await container.show_storage()(OPERATOR, slug)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="verify")
@click.argument("slug", type=SLUG)
@format_option
def verify(slug: Slug, *, form: str) -> None:
    """Write, read, list and delete a probe, and say how each step ended.

    The probe lies beside the audit log for a moment and is no part of it. Status 1 when a step
    failed.

    \b
    Example:
      trueport storage verify acme
    """

    async def work(container: Container) -> StorageCheck:
        return await container.verify_storage()(OPERATOR, slug)

    check = run_with_store(work)
    where = check.storage.settings
    show_list(
        [
            {
                "step": step.step.value,
                "outcome": step.outcome.value,
                "milliseconds": round(step.seconds * 1000),
                "code": step.code,
                "reason": step.reason,
            }
            for step in check.steps
        ],
        ("step", "outcome", "milliseconds", "reason"),
        form,
    )
    place = f"{where.provider.value} {where.bucket}/{where.prefix}"
    if check.is_sound:
        note(f"{place} does what an audit log needs")
    elif check.steps[-1].outcome is StepOutcome.FAILED:
        note(f"the probe may have stayed in {place}: {check.key}")
    raise click.exceptions.Exit(EXIT_CLEAN if check.is_sound else EXIT_FINDINGS)


@command.command(name="set")
@click.argument("slug", type=SLUG)
@click.option(
    "--provider",
    required=True,
    type=click.Choice([provider.value for provider in StorageProvider], case_sensitive=False),
    help="Who holds the objects.",
)
@click.option("--bucket", required=True, help="Bucket, container or folder; made when missing.")
@click.option("--prefix", default="", help="What every key begins with; ends with a slash.")
@click.option("--credentials", help="A name in TRUEPORT_STORAGE_CREDENTIALS.")
@format_option
def change(
    slug: Slug, *, provider: str, bucket: str, prefix: str, credentials: str | None, form: str
) -> None:
    """Send a tenant's future audit objects elsewhere.

    What is stored stays where it is. The new place holds no audit log yet; a signed note in it says
    where the log goes on, so that `trueport audit verify` knows.

    \b
    Example:
      trueport storage set acme --provider S3 --bucket acme-audit-logs --prefix trueport/
    """

    async def work(container: Container) -> TenantStorage:
        settings = StorageSettings(
            provider=StorageProvider(provider.upper()),
            bucket=bucket,
            prefix=prefix,
            credentials=credentials,
        )
        return await container.change_storage()(
            OPERATOR, ChangeStorageCommand(slug=slug, settings=settings)
        )

    show_one(_fields(run_with_store(work)), form)
    note(f"next: trueport storage verify {slug}")


@command.command(name="keep")
@click.argument("slug", type=SLUG)
@click.argument("retention", type=_RETENTION, metavar="DURATION")
@format_option
def keep(slug: Slug, retention: timedelta, *, form: str) -> None:
    """Keep a tenant's audit objects for another time, two days at least.

    \b
    Example:
      trueport storage keep acme 365d
    """

    async def work(container: Container) -> TenantStorage:
        return await container.change_retention()(OPERATOR, slug, retention)

    show_one(_fields(run_with_store(work)), form)


def _fields(storage: TenantStorage) -> dict[str, object]:
    return {
        "tenant": storage.tenant.value,
        "provider": storage.settings.provider.value,
        "bucket": storage.settings.bucket,
        "prefix": storage.settings.prefix,
        "credentials": storage.settings.credentials,
        "retention_days": storage.retention.days,
    }

"""`trueport audit`: check the audit log against its hash chains."""

from collections.abc import Sequence

import click

from application.gateway.verify_audit import AuditReport
from domain.authorisation import OPERATOR
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_CLEAN, EXIT_FINDINGS
from entrypoints.cli.listing import format_option, show_list
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container


@click.group(name="audit")
def command() -> None:
    """Check the audit log.

    \b
    Examples:
      trueport audit verify
      trueport audit verify acme --format json
    """


@command.command(name="verify")
@click.argument("slugs", nargs=-1, type=SLUG, metavar="[SLUG]…")
@format_option
def verify(slugs: Sequence[Slug], *, form: str) -> None:
    """Check that no audit record was changed, dropped, reordered or added.

    Every audit object of the tenants, of all tenants when none is named, is read and compared with
    its hash chain, with what the store knows of each chain's end, and with the signed anchors.
    Status 1 when anything is damaged.

    \b
    Examples:
      trueport audit verify
      trueport audit verify acme
    """

    async def work(container: Container) -> list[AuditReport]:
        wanted = slugs
        if not wanted:
            async with container.transactions()() as uow:
                wanted = [one.slug for one in await uow.tenants.all() if not one.is_purged]
        check = container.verify_audit()
        return [await check(OPERATOR, slug) for slug in wanted]

    reports = run_with_store(work)
    show_list(
        [_fields(report) for report in reports],
        ("tenant", "objects", "records", "anchors", "damaged", "state"),
        form,
    )
    damaged = 0
    for report in reports:
        for damage in report.damages:
            damaged += 1
            place = f"{damage.key}:{damage.line}" if damage.line else damage.key
            note(f"damaged: {report.tenant}: {place}: {damage.reason}")
    if not reports:
        note("there is no tenant, so there is nothing to check")
    elif not damaged:
        note("every record is as it was written")
    raise click.exceptions.Exit(EXIT_FINDINGS if damaged else EXIT_CLEAN)


def _fields(report: AuditReport) -> dict[str, object]:
    return {
        "tenant": report.tenant,
        "objects": report.objects,
        "expired": report.expired,
        "records": report.records,
        "anchors": report.anchors,
        "damaged": len(report.damages),
        "damages": [
            {"key": one.key, "line": one.line, "reason": one.reason} for one in report.damages
        ],
        "state": "damaged" if report.damages else "ok",
    }

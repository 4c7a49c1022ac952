"""`trueport alerts`: who is told of violations, and when."""

from collections.abc import Sequence
from datetime import timedelta

import click

from application.gateway.alert_settings import SaveAlertsCommand
from application.gateway.try_alerts import TrialResult
from domain.alert import AlertSettings
from domain.authorisation import OPERATOR
from domain.detection.taxonomy import Severity
from domain.tenant import Slug
from domain.user import Email
from entrypoints.cli.alert_webhooks import webhook
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_UNAVAILABLE
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

_NEVER = "never"
_PERIODS = {
    "hourly": timedelta(hours=1),
    "daily": timedelta(days=1),
    "weekly": timedelta(weeks=1),
}
_EMAIL = ParsedType("email", Email.parse)
_PERIOD = ParsedType(
    "period",
    lambda text: None if text == _NEVER else _PERIODS.get(text) or parse_duration(text),
)


@click.group(name="alerts")
def command() -> None:
    """Say who is told of violations, when, and how.

    \b
    Examples:
      trueport alerts set acme --to security@example.org --from high --digest daily
      trueport alerts webhook add acme https://hooks.example.org/trueport --name siem
      trueport alerts test acme
    """


command.add_command(webhook)


@command.command(name="show")
@click.argument("tenant", type=SLUG)
@format_option
def show(tenant: Slug, *, form: str) -> None:
    """Show a tenant's alert settings.

    \b
    Example:
      trueport alerts show acme
    """

    async def work(container: Container) -> AlertSettings:
        return await container.read_alert_settings()(OPERATOR, tenant)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="set")
@click.argument("tenant", type=SLUG)
@click.option(
    "--to",
    "recipients",
    multiple=True,
    type=_EMAIL,
    help="A mail address that is told; those named replace all of before.",
)
@click.option("--to-nobody", is_flag=True, help="Send no mails.")
@click.option(
    "--from",
    "immediate_from",
    type=click.Choice([*(one.value for one in Severity), _NEVER]),
    help="The least severity that is told at once.",
)
@click.option(
    "--digest",
    type=_PERIOD,
    help="How often the rest is told: hourly, daily, weekly, a duration such as 4h, or never.",
)
@format_option
@click.pass_context
def set_alerts(
    ctx: click.Context,
    tenant: Slug,
    *,
    recipients: Sequence[Email],
    to_nobody: bool,
    immediate_from: str | None,
    digest: timedelta | None,
    form: str,
) -> None:
    """Change a tenant's alert settings; what no option names stays.

    \b
    Examples:
      trueport alerts set acme --to ada@example.org --to bob@example.org --from high
      trueport alerts set acme --from never --digest daily
    """
    is_digest_given = ctx.get_parameter_source("digest") is not click.core.ParameterSource.DEFAULT
    if recipients and to_nobody:
        raise click.UsageError("--to and --to-nobody contradict each other")
    if not (recipients or to_nobody or immediate_from or is_digest_given):
        raise click.UsageError("say what to change: --to, --to-nobody, --from or --digest")

    async def work(container: Container) -> AlertSettings:
        settings = await container.read_alert_settings()(OPERATOR, tenant)
        immediate, every = settings.immediate_from, settings.digest_every
        if immediate_from is not None:
            immediate = None if immediate_from == _NEVER else Severity(immediate_from)
        return await container.save_alert_settings()(
            OPERATOR,
            SaveAlertsCommand(
                slug=tenant,
                recipients=tuple(recipients) if recipients or to_nobody else settings.recipients,
                immediate_from=immediate,
                digest_every=digest if is_digest_given else every,
                version=settings.version,
            ),
        )

    settings = run_with_store(work)
    show_one(_fields(settings), form)
    note(f"next: trueport alerts test {tenant}")


@command.command(name="test")
@click.argument("tenant", type=SLUG)
@format_option
def test(tenant: Slug, *, form: str) -> None:
    """Send a test alert to every recipient and webhook, and say how each fared.

    It is marked as a test, is tried once and counts towards no limit. Ends with 4 when one of them
    could not be told.

    \b
    Example:
      trueport alerts test acme
    """

    async def work(container: Container) -> Sequence[TrialResult]:
        return await container.try_alerts()(OPERATOR, tenant)

    results = run_with_store(work)
    show_list(
        [
            {
                "channel": one.channel.value,
                "target": one.target,
                "result": "failed" if one.error else "sent",
                "status": one.status,
                "error": one.error,
            }
            for one in results
        ],
        ("channel", "target", "result", "error"),
        form,
    )
    if not results:
        note(f"nobody is told; name somebody: trueport alerts set {tenant} --to ADDRESS")
    if any(one.error for one in results):
        raise click.exceptions.Exit(EXIT_UNAVAILABLE)


def _fields(settings: AlertSettings) -> dict[str, object]:
    immediate, digest = settings.immediate_from, settings.digest_every
    return {
        "recipients": [one.value for one in settings.recipients],
        "at_once_from": _NEVER if immediate is None else immediate.value,
        "digest_every": _NEVER if digest is None else _period(digest),
        "webhooks": [one.name for one in settings.webhooks],
    }


def _period(duration: timedelta) -> str:
    named = {period: name for name, period in _PERIODS.items()}
    return named.get(duration) or f"{duration // timedelta(minutes=1)}m"

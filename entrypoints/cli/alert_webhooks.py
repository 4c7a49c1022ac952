"""`trueport alerts webhook`: the servers that are told of violations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import click

from application.gateway.webhooks import AddWebhookCommand, ConnectedWebhook
from domain.authorisation import OPERATOR
from domain.detection.taxonomy import Severity
from domain.errors import NotFound
from domain.identifiers import WebhookId
from domain.tenant import Slug
from domain.webhook import Webhook
from domain.webhook_delivery import WebhookDelivery
from entrypoints.cli.environment import run_with_store
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

_DURATION = ParsedType("duration", parse_duration)
_RECENT = 100
"""Deliveries among which the last one that was tried is looked for."""


@click.group(name="webhook")
def webhook() -> None:
    """Add, list, rotate and remove the servers that are told of violations.

    A secret is printed once, alone on standard output; it is kept encrypted. Each command names a
    webhook by its id or its name.

    \b
    Examples:
      trueport alerts webhook add acme https://hooks.example.org/trueport --name siem
      trueport alerts webhook list acme
      trueport alerts webhook rotate acme siem --grace 24h
    """


@webhook.command(name="add")
@click.argument("tenant", type=SLUG)
@click.argument("url")
@click.option("--name", required=True, help="By which people recognise it.")
@click.option(
    "--from",
    "immediate_from",
    type=click.Choice([one.value for one in Severity]),
    help="The least severity that it is told at once; the tenant's own choice by default.",
)
@format_option
def add(tenant: Slug, url: str, *, name: str, immediate_from: str | None, form: str) -> None:
    """Have a server told of violations, and print the secret of its signatures, this once.

    \b
    Example:
      trueport alerts webhook add acme https://hooks.example.org/trueport --name siem --from low
    """

    async def work(container: Container) -> ConnectedWebhook:
        return await container.add_webhook()(
            OPERATOR,
            AddWebhookCommand(
                slug=tenant,
                name=name,
                url=url,
                immediate_from=None if immediate_from is None else Severity(immediate_from),
            ),
        )

    _hand_over(run_with_store(work), form)
    note(f"next: trueport alerts test {tenant}")


@webhook.command(name="list")
@click.argument("tenant", type=SLUG)
@format_option
def list_webhooks(tenant: Slug, *, form: str) -> None:
    """List a tenant's webhooks with what became of the last delivery that was tried.

    \b
    Example:
      trueport alerts webhook list acme
    """

    async def work(container: Container) -> Sequence[_Row]:
        settings = await container.read_alert_settings()(OPERATOR, tenant)
        deliveries = container.list_deliveries()
        return [
            _Row(webhook=one, recent=await deliveries(OPERATOR, tenant, one.id, limit=_RECENT))
            for one in settings.webhooks
        ]

    rows = run_with_store(work)
    show_list(
        [{**_fields(row.webhook), **_last(row.recent)} for row in rows],
        ("id", "name", "url", "state", "last_state", "last_error"),
        form,
    )
    if not rows:
        note(f"there is none; add one: trueport alerts webhook add {tenant} URL --name NAME")


@webhook.command(name="rotate")
@click.argument("tenant", type=SLUG)
@click.argument("which")
@click.option(
    "--grace",
    type=_DURATION,
    default="24h",
    show_default=True,
    help="How long deliveries are signed with the old secret as well.",
)
@format_option
def rotate(tenant: Slug, which: str, *, grace: timedelta, form: str) -> None:
    """Replace the secret of a webhook and print the new one, this once.

    A webhook that ended because its server answered with 410 is delivered to again.

    \b
    Example:
      trueport alerts webhook rotate acme siem --grace 1h
    """

    async def work(container: Container) -> ConnectedWebhook:
        webhook_id = await _id_of(container, tenant, which)
        return await container.rotate_webhook()(OPERATOR, tenant, webhook_id, grace=grace)

    _hand_over(run_with_store(work), form)
    note(f"deliveries are signed with the old secret as well for {grace}")


@webhook.command(name="remove")
@click.argument("tenant", type=SLUG)
@click.argument("which")
def remove(tenant: Slug, which: str) -> None:
    """End the deliveries to a webhook, those that wait included.

    \b
    Example:
      trueport alerts webhook remove acme siem
    """

    async def work(container: Container) -> Webhook:
        webhook_id = await _id_of(container, tenant, which)
        return await container.remove_webhook()(OPERATOR, tenant, webhook_id)

    removed = run_with_store(work)
    note(f"{removed.id} ({removed.name}) is told of nothing any more")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    webhook: Webhook
    recent: Sequence[WebhookDelivery]


async def _id_of(container: Container, tenant: Slug, which: str) -> WebhookId:
    """Return the id of the webhook that has this id or this name.

    Raises:
        NotFound: the tenant has none such.
    """
    settings = await container.read_alert_settings()(OPERATOR, tenant)
    for one in settings.webhooks:
        if one.id == which or one.name.casefold() == which.casefold():
            return one.id
    raise NotFound("there is no such webhook", code="webhook.not_found")


def _hand_over(connected: ConnectedWebhook, form: str) -> None:
    """Print the secret on standard output, and everything else beside it."""
    made = connected.webhook
    if form == "json":
        show_one({**_fields(made), "secret": connected.secret.value}, form)
    else:
        click.echo(connected.secret.value)
        note(f"{made.id} ({made.name}): this is the only time that its secret is shown")


def _fields(one: Webhook) -> dict[str, object]:
    return {
        "id": one.id,
        "name": one.name,
        "url": one.shown_url,
        "state": "active" if one.is_active else "gone",
        "at_once_from": None if one.immediate_from is None else one.immediate_from.value,
        "created_at": one.created_at,
        "former_secret_until": one.former_until,
    }


def _last(deliveries: Sequence[WebhookDelivery]) -> dict[str, object]:
    last = next((one for one in deliveries if one.attempts), None)
    return {
        "last_at": None if last is None else last.created_at,
        "last_state": None if last is None else last.state.value,
        "last_status": None if last is None else last.status,
        "last_error": None if last is None else last.error,
    }

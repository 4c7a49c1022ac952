"""`trueport keys`: issue, list, change, rotate and revoke gateway keys."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import click

from application.gateway.keys import ChangeKeyCommand, IssuedKey, IssueKeyCommand
from domain.api_key import ApiKey, Environment, KeyLimits, Scope
from domain.authorisation import OPERATOR
from domain.identifiers import KeyId, parse_id
from domain.money import amount_text
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.listing import (
    ParsedType,
    format_option,
    parse_duration,
    show_list,
    show_one,
)
from entrypoints.cli.money_options import AMOUNT
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_KEY_ID = ParsedType("key id", lambda text: KeyId(parse_id("key", text)))
_DURATION = ParsedType("duration", parse_duration)
_AT_LEAST_ONE = click.IntRange(min=1)

_R = TypeVar("_R")


def _limit_options(command: Callable[..., _R]) -> Callable[..., _R]:
    """Give a command the options for a key's limits and, as `limits`, what they say."""

    @click.option("--requests-per-minute", type=_AT_LEAST_ONE)
    @click.option("--tokens-per-minute", type=_AT_LEAST_ONE)
    @click.option("--concurrent", type=_AT_LEAST_ONE, help="Requests at the same time.")
    @click.option("--budget-per-day", type=AMOUNT, help="In the tenant's currency, such as 2.50.")
    @click.option("--budget-per-month", type=AMOUNT)
    @functools.wraps(command)
    def wrapped(
        *args: Any,
        requests_per_minute: int | None,
        tokens_per_minute: int | None,
        concurrent: int | None,
        budget_per_day: int | None,
        budget_per_month: int | None,
        **kwargs: Any,
    ) -> _R:
        limits = KeyLimits(
            requests_per_minute=requests_per_minute,
            tokens_per_minute=tokens_per_minute,
            concurrent=concurrent,
            budget_per_day_nano=budget_per_day,
            budget_per_month_nano=budget_per_month,
        )
        return command(*args, **kwargs, limits=limits)

    return wrapped


@click.group(name="keys")
def command() -> None:
    """Issue, list, change, rotate and revoke a tenant's gateway keys.

    A new secret is printed once, alone on standard output; only its digest is kept.

    \b
    Examples:
      trueport keys create acme --name production
      export OPENAI_API_KEY="$(trueport keys create acme --name laptop --expires 30d)"
      trueport keys rotate acme key_01… --grace 24h
    """


@command.command(name="create")
@click.argument("tenant", type=SLUG)
@click.option("--name", required=True, help="By which people recognise it.")
@click.option("--test", "is_test", is_flag=True, help="Make a key that begins with tp_test_.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may call; everything by default.",
)
@click.option("--model", "models", multiple=True, help="A model it may use; all by default.")
@click.option("--expires", type=_DURATION, help="How long it serves, such as 90d.")
@_limit_options
@format_option
def create(
    tenant: Slug,
    *,
    name: str,
    is_test: bool,
    scopes: Sequence[str],
    models: Sequence[str],
    expires: timedelta | None,
    limits: KeyLimits,
    form: str,
) -> None:
    """Issue a key and print its secret, this once.

    \b
    Example:
      trueport keys create acme --name laptop --expires 30d --requests-per-minute 60
    """

    async def work(container: Container) -> IssuedKey:
        at = container.clock().now()
        return await container.issue_key()(
            OPERATOR,
            IssueKeyCommand(
                slug=tenant,
                name=name,
                environment=Environment.TEST if is_test else Environment.LIVE,
                scopes=frozenset(Scope(scope) for scope in scopes) or frozenset(Scope),
                models=frozenset(models),
                limits=limits,
                expires_at=None if expires is None else at + expires,
            ),
        )

    _hand_over(run_with_store(work), form)


@command.command(name="list")
@click.argument("tenant", type=SLUG)
@format_option
def list_keys(tenant: Slug, *, form: str) -> None:
    """List a tenant's keys; secrets are not kept and cannot be shown.

    \b
    Example:
      trueport keys list acme
    """

    async def work(container: Container) -> "_Keys":
        keys = await container.list_keys()(OPERATOR, tenant)
        return _Keys(items=keys, at=container.clock().now())

    keys = run_with_store(work)
    show_list(
        [_fields(key, keys.at) for key in keys.items],
        ("id", "name", "prefix", "state", "created_at", "expires_at"),
        form,
    )


@command.command(name="show")
@click.argument("tenant", type=SLUG)
@click.argument("key", type=_KEY_ID)
@format_option
def show(tenant: Slug, key: KeyId, *, form: str) -> None:
    """Show one key; its secret is not kept and cannot be shown.

    \b
    Example:
      trueport keys show acme key_01…
    """

    async def work(container: Container) -> dict[str, object]:
        found = await container.read_key()(OPERATOR, tenant, key)
        return _fields(found, container.clock().now())

    show_one(run_with_store(work), form)


@command.command(name="limits")
@click.argument("tenant", type=SLUG)
@click.argument("key", type=_KEY_ID)
@_limit_options
@format_option
def set_limits(
    tenant: Slug,
    key: KeyId,
    *,
    limits: KeyLimits,
    form: str,
) -> None:
    """Replace the limits of a key; what no option names is unlimited.

    \b
    Example:
      trueport keys limits acme key_01… --requests-per-minute 60 --budget-per-day 5
    """

    async def work(container: Container) -> dict[str, object]:
        found = await container.read_key()(OPERATOR, tenant, key)
        changed = await container.change_key()(
            OPERATOR,
            ChangeKeyCommand(
                slug=tenant,
                key_id=key,
                version=found.version,
                name=found.name,
                scopes=found.scopes,
                models=found.models,
                limits=limits,
                expires_at=found.expires_at,
            ),
        )
        return _fields(changed, container.clock().now())

    show_one(run_with_store(work), form)


@command.command(name="rotate")
@click.argument("tenant", type=SLUG)
@click.argument("key", type=_KEY_ID)
@click.option(
    "--grace",
    type=_DURATION,
    default="24h",
    show_default=True,
    help="How long the old secret serves on.",
)
@format_option
def rotate(tenant: Slug, key: KeyId, *, grace: timedelta, form: str) -> None:
    """Replace a key's secret and print the new one, this once.

    \b
    Example:
      trueport keys rotate acme key_01… --grace 1h
    """

    async def work(container: Container) -> IssuedKey:
        return await container.rotate_key()(OPERATOR, tenant, key, grace=grace)

    _hand_over(run_with_store(work), form)
    note(f"the old key {key} serves on for {grace}")


@command.command(name="revoke")
@click.argument("tenant", type=SLUG)
@click.argument("key", type=_KEY_ID)
def revoke(tenant: Slug, key: KeyId) -> None:
    """End a key at once.

    \b
    Example:
      trueport keys revoke acme key_01…
    """

    async def work(container: Container) -> ApiKey:
        return await container.revoke_key()(OPERATOR, tenant, key)

    revoked = run_with_store(work)
    note(f"{revoked.id} ({revoked.name}) is revoked; servers refuse it within moments")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    items: Sequence[ApiKey]
    at: datetime


def _hand_over(issued: IssuedKey, form: str) -> None:
    """Print the secret on standard output, and everything else beside it."""
    key = issued.key
    if form == "json":
        show_one({**_fields(key, key.created_at), "secret": issued.secret.value}, form)
    else:
        click.echo(issued.secret.value)
        note(f"{key.id} ({key.name}): this is the only time that its secret is shown")
        note("next: send it as `Authorization: Bearer …` to http://127.0.0.1:8080/v1")


def _fields(key: ApiKey, at: datetime) -> dict[str, object]:
    limits = key.limits
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.display_prefix,
        "state": _state(key, at),
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "scopes": sorted(scope.value for scope in key.scopes),
        "models": sorted(key.models),
        "requests_per_minute": limits.requests_per_minute,
        "tokens_per_minute": limits.tokens_per_minute,
        "concurrent": limits.concurrent,
        "budget_per_day": _amount(limits.budget_per_day_nano),
        "budget_per_month": _amount(limits.budget_per_month_nano),
        "replaced_by": key.replaced_by,
    }


def _amount(nano: int | None) -> str | None:
    return None if nano is None else amount_text(nano)


def _state(key: ApiKey, at: datetime) -> str:
    if key.revoked_at is not None:
        return "revoked"
    if not key.is_valid(at):
        return "expired"
    return "active" if key.replaced_by is None else "rotated"

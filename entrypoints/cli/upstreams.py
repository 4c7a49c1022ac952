"""`trueport upstreams`: connect, change, try and remove model providers."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from application.gateway.try_upstream import UpstreamTrial
from application.gateway.upstreams import ChangeUpstreamCommand, ConnectUpstreamCommand
from domain.authorisation import OPERATOR
from domain.errors import NotFound
from domain.money import TokenPrice, amount_text
from domain.routing import ServedModel, Timeouts, Upstream, UpstreamKind
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_UNAVAILABLE, EXIT_USAGE, Failure
from entrypoints.cli.listing import format_option, show_list, show_one
from entrypoints.cli.money_options import PRICE
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_LONGEST_CREDENTIAL = 16_384
_FILE = click.Path(path_type=Path, allow_dash=True)
_credential_option = click.option(
    "--credential-file",
    type=_FILE,
    help="File that holds the credential, - for standard input; it is stored encrypted.",
)


@click.group(name="upstreams")
def command() -> None:
    """Connect a tenant to model providers.

    A credential is read from a file or standard input, never from an argument, and no command
    shows it again.

    \b
    Examples:
      trueport upstreams add acme --name OpenAI --kind openai --url https://api.openai.com/v1 \\
        --model gpt-5 --credential-file -
      trueport upstreams test acme OpenAI
      trueport upstreams list acme
    """


@command.command(name="add")
@click.argument("tenant", type=SLUG)
@click.option("--name", required=True, help="By which people recognise it.")
@click.option("--kind", required=True, type=click.Choice([one.value for one in UpstreamKind]))
@click.option("--url", default="", help="The address that its API begins with.")
@click.option(
    "--model",
    "models",
    multiple=True,
    required=True,
    help="A model it serves: NAME, or NAME=ITS-OWN-NAME.",
)
@click.option(
    "--price",
    type=PRICE,
    help="What a million tokens cost, in/out, such as '2.50/10'; for every model named.",
)
@click.option("--weight", type=click.IntRange(1, 1000), default=1, show_default=True)
@click.option(
    "--tier",
    type=click.IntRange(0, 100),
    default=0,
    show_default=True,
    help="0 is tried first; higher ones are its fallbacks.",
)
@click.option("--seconds", type=click.FloatRange(1, 3600), help="How long one call may take.")
@_credential_option
@format_option
def add(
    tenant: Slug,
    *,
    name: str,
    kind: str,
    url: str,
    models: Sequence[str],
    price: TokenPrice | None,
    weight: int,
    tier: int,
    seconds: float | None,
    credential_file: Path | None,
    form: str,
) -> None:
    """Connect a provider.

    \b
    Examples:
      trueport upstreams add acme --name local --kind openai --url https://llm.example.org/v1 \\
        --model llama=meta/llama-4 --price 0/0
      trueport upstreams add acme --name spare --kind echo --model gpt-5 --tier 1
    """
    credential = _credential(credential_file)

    async def work(container: Container) -> Upstream:
        made = await container.connect_upstream()(
            OPERATOR,
            ConnectUpstreamCommand(
                slug=tenant,
                name=name,
                kind=UpstreamKind(kind),
                base_url=url,
                credential=credential,
                models=tuple(_model(one, price) for one in models),
                weight=weight,
                tier=tier,
                timeouts=Timeouts() if seconds is None else Timeouts(total=seconds),
            ),
        )
        return made.item

    upstream = run_with_store(work)
    show_one(_fields(upstream), form)
    note(f"next: trueport upstreams test {tenant} {upstream.id}")


@command.command(name="list")
@click.argument("tenant", type=SLUG)
@format_option
def list_upstreams(tenant: Slug, *, form: str) -> None:
    """List a tenant's upstreams.

    \b
    Example:
      trueport upstreams list acme
    """

    async def work(container: Container) -> Sequence[Upstream]:
        return await container.list_upstreams()(OPERATOR, tenant)

    upstreams = run_with_store(work)
    show_list(
        [_fields(one) for one in upstreams],
        ("id", "name", "kind", "tier", "weight", "enabled", "models"),
        form,
    )
    if not upstreams:
        note(f"there is none; connect one: trueport upstreams add {tenant} --help")


@command.command(name="show")
@click.argument("tenant", type=SLUG)
@click.argument("which")
@format_option
def show(tenant: Slug, which: str, *, form: str) -> None:
    """Show one upstream, by its id or name, without its credential.

    \b
    Example:
      trueport upstreams show acme OpenAI
    """

    async def work(container: Container) -> Upstream:
        return await _found(container, tenant, which)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="set")
@click.argument("tenant", type=SLUG)
@click.argument("which")
@click.option("--name", help="Another name.")
@click.option("--url", help="Another address; with another server, give the credential again.")
@click.option("--model", "models", multiple=True, help="A model; those named replace all.")
@click.option("--price", type=PRICE, help="What a million tokens cost, for every model named.")
@click.option("--weight", type=click.IntRange(1, 1000))
@click.option("--tier", type=click.IntRange(0, 100))
@click.option("--enable/--disable", "enabled", default=None, help="Whether it is chosen.")
@_credential_option
@click.option("--no-credential", is_flag=True, help="Forget the credential.")
@format_option
def set_upstream(
    tenant: Slug,
    which: str,
    *,
    name: str | None,
    url: str | None,
    models: Sequence[str],
    price: TokenPrice | None,
    weight: int | None,
    tier: int | None,
    enabled: bool | None,
    credential_file: Path | None,
    no_credential: bool,
    form: str,
) -> None:
    """Change an upstream; what no option names stays.

    \b
    Examples:
      trueport upstreams set acme OpenAI --disable
      trueport upstreams set acme OpenAI --credential-file new-key.txt
    """
    if credential_file is not None and no_credential:
        raise click.UsageError("--credential-file and --no-credential contradict each other")
    if price is not None and not models:
        raise click.UsageError("--price is that of the models named: name them with --model")
    credential = _credential(credential_file)

    async def work(container: Container) -> Upstream:
        known = await _found(container, tenant, which)
        return await container.change_upstream()(
            OPERATOR,
            ChangeUpstreamCommand(
                slug=tenant,
                upstream_id=known.id,
                version=known.version,
                name=name or known.name,
                kind=known.kind,
                base_url=known.base_url if url is None else url,
                models=tuple(_model(one, price) for one in models) or known.models,
                weight=weight or known.weight,
                tier=known.tier if tier is None else tier,
                timeouts=known.timeouts,
                enabled=known.enabled if enabled is None else enabled,
                keeps_credential=credential is None and not no_credential,
                credential=credential,
            ),
        )

    show_one(_fields(run_with_store(work)), form)


@command.command(name="test")
@click.argument("tenant", type=SLUG)
@click.argument("which")
@click.option("--model", help="Which model is asked; the first by default.")
@format_option
def test(tenant: Slug, which: str, *, model: str | None, form: str) -> None:
    """Ask an upstream one short question, and say how it fared.

    That is a real call, which the provider may bill. Ends with 4 when it fails.

    \b
    Example:
      trueport upstreams test acme OpenAI
    """

    async def work(container: Container) -> UpstreamTrial:
        try:
            upstream = await _found(container, tenant, which)
            return await container.try_upstream()(OPERATOR, tenant, upstream.id, model=model)
        finally:
            await container.model_providers().close()

    trial = run_with_store(work)
    show_one(
        {
            "result": "failed" if trial.error else "answered",
            "model": trial.model,
            "status": trial.status,
            "latency_ms": trial.latency_ms,
            "error": trial.error,
        },
        form,
    )
    if trial.error:
        raise click.exceptions.Exit(EXIT_UNAVAILABLE)


@command.command(name="remove")
@click.argument("tenant", type=SLUG)
@click.argument("which")
def remove(tenant: Slug, which: str) -> None:
    """Remove an upstream with its credential.

    \b
    Example:
      trueport upstreams remove acme OpenAI
    """

    async def work(container: Container) -> Upstream:
        known = await _found(container, tenant, which)
        return await container.remove_upstream()(OPERATOR, tenant, known.id)

    removed = run_with_store(work)
    note(f"{removed.id} ({removed.name}) is removed; servers stop using it within moments")


async def _found(container: Container, tenant: Slug, which: str) -> Upstream:
    """Return the upstream that has this id or this name.

    Raises:
        NotFound: the tenant has none such.
    """
    for one in await container.list_upstreams()(OPERATOR, tenant):
        if which in (one.id, one.name):
            return one
    raise NotFound("there is no such upstream", code="upstream.not_found")


def _model(text: str, price: TokenPrice | None) -> ServedModel:
    name, _, upstream_name = text.partition("=")
    return ServedModel(name=name, upstream_name=upstream_name or name, price=price)


def _credential(path: Path | None) -> str | None:
    """Return the credential in a file, None where no file is named.

    Raises:
        Failure: it cannot be read; what is in it is not told.
    """
    if path is None:
        return None
    try:
        if path == Path("-"):
            text = sys.stdin.read(_LONGEST_CREDENTIAL + 1)
        else:
            with path.open(encoding="utf-8") as file:
                text = file.read(_LONGEST_CREDENTIAL + 1)
    except UnicodeDecodeError:
        raise Failure(f"{path}: this is no text", EXIT_USAGE) from None
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Failure(f"{path}: cannot be read: {reason}", EXIT_USAGE) from None
    if len(text) > _LONGEST_CREDENTIAL:
        raise Failure(f"{path}: this is too long for a credential", EXIT_USAGE)
    return text.strip()


def _fields(upstream: Upstream) -> dict[str, object]:
    return {
        "id": upstream.id,
        "name": upstream.name,
        "kind": upstream.kind.value,
        "url": upstream.base_url,
        "models": [_model_text(model) for model in upstream.models],
        "tier": upstream.tier,
        "weight": upstream.weight,
        "enabled": upstream.enabled,
        "has_credential": upstream.credential is not None,
        "total_seconds": upstream.timeouts.total,
        "created_at": upstream.created_at,
    }


def _model_text(model: ServedModel) -> str:
    is_same = model.name == model.upstream_name
    name = model.name if is_same else f"{model.name}={model.upstream_name}"
    if model.price is None:
        return f"{name} (not priced)"
    given, made = (amount_text(nano) for nano in model.price.of_a_million)
    return f"{name} ({given}/{made} {model.price.currency})"

"""`trueport tenants`: make, list, show and connect tenants."""

from collections.abc import Sequence

import click

from application.platform.limit_choices import ChooseFailModesCommand
from application.platform.tenants import FoundTenantCommand
from domain.authorisation import OPERATOR
from domain.rate_limit import FailMode, FailModes
from domain.tenant import Slug, Tenant
from domain.user import Email
from entrypoints.cli.connect import connect_script
from entrypoints.cli.connect_script import Way
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.listing import ParsedType, format_option, show_list, show_one
from entrypoints.cli.output import destination
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

SLUG = ParsedType("slug", Slug.parse)
"""A tenant's slug, as an argument."""

_MODE = click.Choice([mode.value for mode in FailMode])
_WAY = click.Choice([way.value for way in Way])
_EMAIL = ParsedType("email", Email.parse)


async def tenant_of(container: Container, slug: Slug) -> Tenant:
    """Return the tenant of a slug.

    Raises:
        NotFound: there is none.
    """
    async with container.transactions()() as uow:
        return await uow.tenants.by_slug(slug)


@click.group(name="tenants")
def command() -> None:
    """Make, list, show and connect tenants.

    \b
    Examples:
      trueport tenants create acme --name "Acme Inc" --owner ada@example.org
      trueport tenants list
      trueport tenants show acme --format json
      trueport tenants connect acme --print
    """


@command.command(name="create")
@click.argument("slug", type=SLUG)
@click.option("--name", help="What people call it; the slug by default.")
@click.option("--owner", required=True, type=_EMAIL, help="Mail address of its first owner.")
@click.option("--owner-name", help="The owner's name; the address by default.")
@format_option
def create(
    slug: Slug, *, name: str | None, owner: Email, owner_name: str | None, form: str
) -> None:
    """Make a tenant with its owner and its log bucket.

    \b
    Example:
      trueport tenants create acme --name "Acme Inc" --owner ada@example.org
    """

    async def work(container: Container) -> Tenant:
        return await container.found_tenant()(
            FoundTenantCommand(
                slug=slug,
                name=name or slug.value,
                owner_email=owner,
                owner_name=owner_name or owner.value,
            )
        )

    tenant = run_with_store(work)
    show_one(_fields(tenant), form)
    note(f"next: trueport keys create {tenant.slug} --name NAME")


@command.command(name="list")
@format_option
def list_tenants(form: str) -> None:
    """List every tenant.

    \b
    Example:
      trueport tenants list --format json
    """

    async def work(container: Container) -> Sequence[Tenant]:
        async with container.transactions()() as uow:
            return await uow.tenants.all()

    tenants = run_with_store(work)
    show_list(
        [_fields(tenant) for tenant in tenants],
        ("slug", "id", "name", "state", "created_at"),
        form,
    )
    if not tenants:
        note("there is no tenant; make one: trueport tenants create SLUG --owner ADDRESS")


@command.command(name="show")
@click.argument("slug", type=SLUG)
@format_option
def show(slug: Slug, *, form: str) -> None:
    """Show one tenant.

    \b
    Example:
      trueport tenants show acme
    """

    async def work(container: Container) -> Tenant:
        return await tenant_of(container, slug)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="limits")
@click.argument("slug", type=SLUG)
@click.option("--rates", type=_MODE, help="Rates and concurrency; open unless chosen otherwise.")
@click.option("--budgets", type=_MODE, help="Budgets; closed unless chosen otherwise.")
@format_option
def limits(slug: Slug, *, rates: str | None, budgets: str | None, form: str) -> None:
    """Choose what limits of keys do while Redis, which counts them, is away.

    Open limits admit what one process can see, closed ones refuse.

    \b
    Example:
      trueport tenants limits acme --rates closed
    """

    async def work(container: Container) -> Tenant:
        tenant = await tenant_of(container, slug)
        modes = FailModes(
            rates=tenant.fail_modes.rates if rates is None else FailMode(rates),
            budgets=tenant.fail_modes.budgets if budgets is None else FailMode(budgets),
        )
        if modes == tenant.fail_modes:
            return tenant
        return await container.choose_fail_modes()(
            OPERATOR, ChooseFailModesCommand(slug=slug, fail_modes=modes)
        )

    show_one(_fields(run_with_store(work)), form)


@command.command(name="connect")
@click.argument("slug", type=SLUG)
@click.option("--print", "is_print", is_flag=True, help="Print the commands; nothing is run.")
@click.option(
    "--via", type=click.Choice([way.value for way in Way]), help="For S3: queue by default."
)
@click.option("--url", help="Where the engine is reached; TRUEPORT_PUBLIC_URL by default.")
@click.option("--region", help="Of an S3 bucket; AWS_REGION by default.")
def connect(
    slug: Slug, *, is_print: bool, via: str | None, url: str | None, region: str | None
) -> None:
    """Print the commands by which a tenant's storage tells the engine of new objects.

    They are those of the cloud's own command line (aws, az or gcloud), with the names of the
    tenant's storage and of this deployment's settings, and never with a secret: those are taken
    from the environment in which the script runs.

    \b
    Examples:
      trueport tenants connect acme --print
      trueport tenants connect acme --print --via https --url https://trueport.example.com
      trueport tenants connect acme --print > connect.sh && sh connect.sh
    """
    if not is_print:
        raise click.UsageError("say --print: TruePort sets nothing up in your cloud by itself")

    async def work(container: Container) -> str:
        tenant = await tenant_of(container, slug)
        way = None if via is None else Way(via)
        return connect_script(tenant, container.settings(), via=way, url=url, region=region)

    text = run_with_store(work)
    with destination(None) as stream:
        stream.write(text)


def _fields(tenant: Tenant) -> dict[str, object]:
    return {
        "slug": tenant.slug.value,
        "id": tenant.id,
        "name": tenant.name,
        "state": tenant.state.value,
        "created_at": tenant.created_at,
        "members": len(tenant.members),
        "retention_days": tenant.retention.days,
        "storage_provider": tenant.storage.provider.value,
        "bucket": tenant.storage.bucket,
        "prefix": tenant.storage.prefix,
        "rates_fail": tenant.fail_modes.rates.value,
        "budgets_fail": tenant.fail_modes.budgets.value,
    }

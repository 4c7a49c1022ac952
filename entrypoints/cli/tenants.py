"""`trueport tenants`: make, list, show and connect tenants."""

from collections.abc import Sequence
from datetime import timedelta

import click

from application.platform.limit_choices import ChooseFailModesCommand
from application.platform.members import MemberView
from application.platform.read_log import EntryView
from application.platform.tenants import FoundTenantCommand
from application.ports.readers import Page
from domain.authorisation import OPERATOR
from domain.rate_limit import FailMode, FailModes
from domain.subscription import DetectorTier, Entitlements, Plan
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
_EVERYBODY = 1_000_000
_EMAIL = ParsedType("email", Email.parse)
_SOME = click.IntRange(min=1)


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
@click.option("--via", type=_WAY, help="For S3: queue by default.")
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


@command.command(name="rename")
@click.argument("slug", type=SLUG)
@click.argument("name")
@format_option
def rename(slug: Slug, *, name: str, form: str) -> None:
    """Call a tenant by another name; its slug stays what it is.

    \b
    Example:
      trueport tenants rename acme "Acme Ltd"
    """

    async def work(container: Container) -> Tenant:
        return await container.rename_tenant()(OPERATOR, slug, name)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="delete")
@click.argument("slug", type=SLUG)
@click.option("--confirm", type=SLUG, required=True, metavar="SLUG", help="The slug once more.")
@format_option
def delete(slug: Slug, *, confirm: Slug, form: str) -> None:
    """Delete a tenant: nobody reaches it any more, and its keys are served no more.

    What it stored is kept until its retention ends.

    \b
    Example:
      trueport tenants delete acme --confirm acme
    """
    if confirm != slug:
        raise click.UsageError(f"--confirm names {confirm}, and not {slug}: nothing was deleted")

    async def work(container: Container) -> Tenant:
        return await container.delete_tenant()(OPERATOR, slug)

    show_one(_fields(run_with_store(work)), form)


@command.command(name="members")
@click.argument("slug", type=SLUG)
@format_option
def members(slug: Slug, *, form: str) -> None:
    """List who is in a tenant, with their roles.

    \b
    Example:
      trueport tenants members acme
    """

    async def work(container: Container) -> Sequence[MemberView]:
        found = await container.list_members()(OPERATOR, slug, Page(limit=_EVERYBODY))
        return found.items

    show_list(
        [
            {
                "user_id": member.user.id,
                "email": member.user.email.value,
                "name": member.user.name,
                "role": member.role.value,
                "since": member.since,
            }
            for member in run_with_store(work)
        ],
        ("email", "name", "role", "since"),
        form,
    )


@command.command(name="log")
@click.argument("slug", type=SLUG)
@click.option("--last", type=click.IntRange(1, 1000), default=50, show_default=True)
@format_option
def log(slug: Slug, *, last: int, form: str) -> None:
    """Show who changed what in a tenant, the newest first.

    \b
    Examples:
      trueport tenants log acme
      trueport tenants log acme --last 500 --format json
    """

    async def work(container: Container) -> Sequence[EntryView]:
        found = await container.read_administration_log()(OPERATOR, slug, Page(limit=last))
        return found.items

    show_list(
        [
            {
                "id": view.entry.id,
                "at": view.entry.at,
                "actor": "operator" if view.entry.actor is None else view.entry.actor,
                "email": None if view.actor is None else view.actor.email.value,
                "action": view.entry.deed,
                "target": view.entry.target,
                "changes": [
                    f"{one.field}: {one.before} -> {one.after}" for one in view.entry.changes
                ],
                "client": view.entry.client or None,
                "request_id": view.entry.request_id or None,
            }
            for view in run_with_store(work)
        ],
        ("at", "actor", "action", "target"),
        form,
    )


@command.command(name="plan")
@click.argument("slug", type=SLUG)
@click.argument("plan", type=click.Choice(["enterprise", "paid"]))
@click.option("--requests", type=_SOME, help="Requests a month.")
@click.option("--keys", type=_SOME, help="Keys that serve at a time.")
@click.option("--members", type=_SOME, help="Members.")
@click.option("--retention-days", type=_SOME, help="Longest retention that may be chosen.")
@click.option(
    "--detectors",
    type=click.Choice([tier.value for tier in DetectorTier]),
    default=DetectorTier.ALL.value,
    show_default=True,
    help="Rules and linear models, or all that are there.",
)
@format_option
def plan_of(
    slug: Slug,
    *,
    plan: str,
    requests: int | None,
    keys: int | None,
    members: int | None,
    retention_days: int | None,
    detectors: str,
    form: str,
) -> None:
    """Put a tenant on an agreed plan, or back on the one that it pays for.

    What is not named has no limit. `paid` ends the agreement: the tenant is on the plan team while
    its subscription is paid, else on the free plan.

    \b
    Examples:
      trueport tenants plan acme enterprise --requests 5000000 --keys 200
      trueport tenants plan acme paid
    """
    agreed = None
    if plan == Plan.ENTERPRISE.value:
        agreed = Entitlements(
            plan=Plan.ENTERPRISE,
            requests_per_month=requests,
            keys=keys,
            members=members,
            retention=None if retention_days is None else timedelta(days=retention_days),
            detectors=DetectorTier(detectors),
        )

    async def work(container: Container) -> Tenant:
        return await container.agree_on_plan()(OPERATOR, slug, agreed)

    show_one(_fields(run_with_store(work)), form)


def _fields(tenant: Tenant) -> dict[str, object]:
    included = tenant.entitlements
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
        "plan": included.plan.value,
        "requests_a_month": included.requests_per_month,
        "keys_included": included.keys,
        "members_included": included.members,
    }

"""`trueport credentials`: see and change the master key that stored credentials lie under."""

from collections.abc import Sequence

import click

from application.reencrypt import Reencrypted
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_CLEAN, EXIT_FINDINGS
from entrypoints.cli.listing import format_option, show_list
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container


@click.group(name="credentials")
def command() -> None:
    """Rotate the master key of stored credentials.

    To rotate: put a new key in front of the others in TRUEPORT_MASTER_KEYS, restart every server,
    run `trueport credentials reencrypt`, and see by `trueport credentials list` that none is left
    under the old key. The last key of the ring stays: digests of gateway keys and fingerprints are
    made with it.

    \b
    Examples:
      trueport credentials list
      trueport credentials reencrypt
    """


@command.command(name="list")
@click.argument("slugs", nargs=-1, type=SLUG, metavar="[SLUG]…")
@format_option
def list_credentials(slugs: Sequence[Slug], *, form: str) -> None:
    """Count the credentials of upstreams and webhooks by the master key that they lie under.

    Ends with 1 when one of them cannot be read.

    \b
    Example:
      trueport credentials list acme
    """
    _show(_each(slugs, only_look=True), form)


@command.command(name="reencrypt")
@click.argument("slugs", nargs=-1, type=SLUG, metavar="[SLUG]…")
@format_option
def reencrypt(slugs: Sequence[Slug], *, form: str) -> None:
    """Encrypt the credentials of all tenants, or of those named, under the first master key.

    Doing it again changes nothing. Ends with 1 when one of them cannot be read.

    \b
    Example:
      trueport credentials reencrypt
    """
    _show(_each(slugs, only_look=False), form)


def _each(slugs: Sequence[Slug], *, only_look: bool) -> dict[str, Reencrypted]:
    async def work(container: Container) -> dict[str, Reencrypted]:
        wanted = slugs
        if not wanted:
            async with container.transactions()() as uow:
                wanted = [tenant.slug for tenant in await uow.tenants.all()]
        do = container.reencrypt_credentials()
        return {slug.value: await do(slug, only_look=only_look) for slug in wanted}

    return run_with_store(work)


def _show(results: dict[str, Reencrypted], form: str) -> None:
    show_list(
        [
            {
                "tenant": slug,
                "changed": one.changed,
                "by_key": [f"{key}: {count}" for key, count in sorted(one.by_key.items())],
                "unreadable": list(one.unreadable),
            }
            for slug, one in results.items()
        ],
        ("tenant", "changed", "by_key", "unreadable"),
        form,
    )
    is_damaged = any(one.unreadable for one in results.values())
    if is_damaged:
        note("what is unreadable lies under a key that is not in the ring, or was changed")
    raise click.exceptions.Exit(EXIT_FINDINGS if is_damaged else EXIT_CLEAN)

"""`trueport policies`: check, store and activate policies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import yaml

from application.gateway.policies import AddPolicyCommand
from domain.authorisation import OPERATOR
from domain.errors import InvalidValue
from domain.identifiers import PolicyId, parse_id
from domain.policy.document import policy_to_document
from domain.policy.presets import starter_policy
from domain.policy.rule import PolicyRevision
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_USAGE, Failure
from entrypoints.cli.listing import ParsedType, format_option, show_list, show_one
from entrypoints.cli.output import destination
from entrypoints.cli.policy_file import read_policy
from entrypoints.cli.policy_trials import backtest, test
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A policy, or one version of it: `pol_…@2`."""

    policy_id: PolicyId
    number: int | None = None

    @classmethod
    def parse(cls, text: str) -> "Reference":
        """Return what `pol_…` or `pol_…@number` names."""
        name, at, number = text.partition("@")
        if at and not (number.isascii() and number.isdigit()):
            raise InvalidValue("a version is a number: pol_…@2")
        return cls(
            policy_id=PolicyId(parse_id("pol", name)), number=int(number[:9]) if at else None
        )


_REFERENCE = ParsedType("policy", Reference.parse)
_FILE = click.Path(path_type=Path)


@click.group(name="policies")
def command() -> None:
    """Check policy files, store versions for a tenant, and choose the active one.

    \b
    Examples:
      trueport policies lint policies/*.yaml
      trueport policies test acme policy.yaml "my card is 4111 1111 1111 1111"
      trueport policies backtest acme policy.yaml --since 7d
      trueport policies add acme policy.yaml --activate
      trueport policies show acme > policy.yaml
    """


command.add_command(test)
command.add_command(backtest)


@command.command(name="lint")
@click.argument("files", nargs=-1, required=True, type=_FILE)
def lint(files: Sequence[Path]) -> None:
    """Check policy files; each wrong one is told with the place that is wrong.

    \b
    Example:
      trueport policies lint policies/*.yaml
    """
    wrong = 0
    for path in files:
        try:
            policy = read_policy(path)
        except Failure as failure:
            note(f"error: {failure.message}")
            wrong += 1
        else:
            count = len(policy.rules)
            note(f"{path}: ok, {count} rule{'' if count == 1 else 's'}")
    if wrong:
        raise Failure(f"{wrong} of {len(files)} cannot be used", EXIT_USAGE)


@command.command(name="add")
@click.argument("tenant", type=SLUG)
@click.argument("file", type=_FILE)
@click.option("--policy", type=_REFERENCE, help="Store as the next version of this policy.")
@click.option("--note", "remark", default="", help="Why there is a new version.")
@click.option("--activate", "is_activated", is_flag=True, help="Let it judge from now on.")
@format_option
def add(
    tenant: Slug,
    file: Path,
    *,
    policy: Reference | None,
    remark: str,
    is_activated: bool,
    form: str,
) -> None:
    """Store a policy, or the next version of one, for a tenant.

    \b
    Example:
      trueport policies add acme policy.yaml --activate
    """
    document = read_policy(file)

    async def work(container: Container) -> PolicyRevision:
        made = await container.add_policy()(
            OPERATOR,
            AddPolicyCommand(
                slug=tenant,
                policy=document,
                policy_id=None if policy is None else policy.policy_id,
                note=remark,
            ),
        )
        revision = made.item
        if is_activated:
            await container.activate_policy()(OPERATOR, tenant, revision.policy_id, revision.number)
        return revision

    revision = run_with_store(work)
    show_one(_fields(revision, is_active=is_activated), form)
    if not is_activated:
        note(f"next: trueport policies activate {tenant} {revision.reference}")


@command.command(name="activate")
@click.argument("tenant", type=SLUG)
@click.argument("policy", type=_REFERENCE)
def activate(tenant: Slug, policy: Reference) -> None:
    """Let a stored version judge from now on; without a number, the newest.

    \b
    Example:
      trueport policies activate acme pol_01…@2
    """

    async def work(container: Container) -> str:
        number = policy.number
        if number is None:
            stored = await container.list_policies()(OPERATOR, tenant)
            number = stored.one(policy.policy_id).number
        revision = await container.activate_policy()(OPERATOR, tenant, policy.policy_id, number)
        return revision.reference

    note(f"{run_with_store(work)} judges the traffic of {tenant} from now on")


@command.command(name="rollback")
@click.argument("tenant", type=SLUG)
def rollback(tenant: Slug) -> None:
    """Let the version judge again that did so before the active one.

    \b
    Example:
      trueport policies rollback acme
    """

    async def work(container: Container) -> str:
        revision = await container.roll_back_policy()(OPERATOR, tenant)
        return revision.reference

    note(f"{run_with_store(work)} judges the traffic of {tenant} from now on")


@command.command(name="show")
@click.argument("tenant", type=SLUG)
@click.argument("policy", type=_REFERENCE, required=False)
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml")
def show(tenant: Slug, *, policy: Reference | None, form: str) -> None:
    """Print a policy as a document, the active one when none is named.

    \b
    Example:
      trueport policies show acme > policy.yaml
    """

    async def work(container: Container) -> PolicyRevision | None:
        stored = await container.list_policies()(OPERATOR, tenant)
        return stored.active if policy is None else stored.one(policy.policy_id, policy.number)

    revision = run_with_store(work)
    document = policy_to_document(starter_policy() if revision is None else revision.policy)
    if form == "json":
        show_one(document, form)
    else:
        with destination(None) as stream:
            yaml.safe_dump(document, stream, sort_keys=False, allow_unicode=True)
    note(
        f"{tenant} has stored no policy: this is the starter policy"
        if revision is None
        else revision.reference
    )


@command.command(name="list")
@click.argument("tenant", type=SLUG)
@format_option
def list_policies(tenant: Slug, *, form: str) -> None:
    """List the stored versions of a tenant's policies.

    \b
    Example:
      trueport policies list acme
    """

    async def work(container: Container) -> list[dict[str, object]]:
        stored = await container.list_policies()(OPERATOR, tenant)
        return [_fields(one, is_active=stored.is_active(one)) for one in stored.revisions]

    rows = run_with_store(work)
    show_list(rows, ("reference", "name", "active", "mode", "rules", "created_at", "note"), form)
    if not rows:
        note(f"{tenant} has stored no policy: the starter policy judges")


def _fields(revision: PolicyRevision, *, is_active: bool) -> dict[str, object]:
    return {
        "reference": revision.reference,
        "name": revision.policy.name,
        "active": is_active,
        "mode": revision.policy.mode.value,
        "detectors": len(revision.policy.detectors),
        "rules": len(revision.policy.rules),
        "exceptions": len(revision.policy.exceptions),
        "created_at": revision.created_at,
        "note": revision.note,
    }

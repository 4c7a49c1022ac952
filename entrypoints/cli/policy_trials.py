"""`trueport policies test` and `backtest`: try a draft before it judges anybody."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import click

from application.analytics.backtest import BacktestCommand
from application.analytics.policy_replay import MOST_RECORDS, ReplayedPolicy
from application.gateway.audit_log import RecordQuery
from application.gateway.policy_trial import Trial, TriedText
from domain.authorisation import OPERATOR
from domain.policy.rule import Direction
from domain.tenant import Slug
from entrypoints.cli.environment import run_with_store
from entrypoints.cli.exits import EXIT_INCOMPLETE
from entrypoints.cli.listing import ParsedType, format_option, parse_duration, show_list, show_one
from entrypoints.cli.policy_file import read_policy
from entrypoints.cli.tenants import SLUG
from entrypoints.cli.terminal import note
from entrypoints.wiring.containers import Container

_FILE = click.Path(path_type=Path)
_DURATION = ParsedType("duration", parse_duration)


@click.command(name="test")
@click.argument("tenant", type=SLUG)
@click.argument("file", type=_FILE)
@click.argument("texts", nargs=-1, required=True)
@click.option(
    "--direction",
    type=click.Choice([one.value for one in Direction]),
    default=Direction.REQUEST.value,
    show_default=True,
)
@click.option("--model", help="The model that the texts are said to go to.")
@format_option
def test(
    tenant: Slug, file: Path, *, texts: Sequence[str], direction: str, model: str | None, form: str
) -> None:
    """Say what the gateway would do about texts under a draft; nothing is stored.

    \b
    Example:
      trueport policies test acme policy.yaml "my card is 4111 1111 1111 1111" "hello"
    """
    draft = read_policy(file)

    async def work(container: Container) -> Sequence[TriedText]:
        trial = Trial(texts=tuple(texts), direction=Direction(direction), model=model)
        return await container.try_policy()(OPERATOR, tenant, draft, trial)

    show_list(
        [
            {
                "text": number,
                "effect": one.decision.effect.value,
                "enforced": one.decision.enforced.value,
                "types": sorted({v.candidate.finding.type for v in one.decision.violations}),
                "rules": list(one.decision.rules),
                "exceptions": list(one.decision.exceptions),
                "passed": one.passed,
            }
            for number, one in enumerate(run_with_store(work), 1)
        ],
        ("text", "enforced", "types", "rules", "passed"),
        form,
    )


@click.command(name="backtest")
@click.argument("tenant", type=SLUG)
@click.argument("file", type=_FILE)
@click.option("--since", type=_DURATION, default="24h", show_default=True, help="How far back.")
@click.option(
    "--limit",
    type=click.IntRange(1, MOST_RECORDS),
    default=1000,
    show_default=True,
    help="How many records, the newest first.",
)
@click.option("--model", help="Only exchanges of this model.")
@format_option
def backtest(
    tenant: Slug, file: Path, *, since: timedelta, limit: int, model: str | None, form: str
) -> None:
    """Say which stored exchanges would have gone another way under a draft; nothing is stored.

    Ends with 3 when the limit or the time was used up before the period was.

    \b
    Example:
      trueport policies backtest acme policy.yaml --since 7d --limit 5000
    """
    draft = read_policy(file)

    async def work(container: Container) -> ReplayedPolicy:
        now = container.clock().now()
        query = RecordQuery(since=now - since, until=now, model=model)
        return await container.backtest_policy()(
            OPERATOR, BacktestCommand(slug=tenant, draft=draft, query=query, limit=limit)
        )

    replayed = run_with_store(work)
    found = replayed.comparison
    show_one(
        {
            "records": found.exchanges,
            "changed": found.changed,
            "effects": [
                f"{before.value} > {after.value}: {count}"
                for (before, after), count in sorted(found.effects.items())
                if before is not after
            ],
            "rules": [
                f"{rule}: {one.before} > {one.after}"
                for rule, one in found.rules.items()
                if one.before != one.after
            ],
            "examples": [one.subject.record_id for one in found.examples],
            "first": replayed.first,
            "last": replayed.last,
            "without_text": replayed.without_text,
            "skipped_lines": replayed.skipped,
            "unreadable_objects": list(replayed.unreadable),
            "missing_detectors": list(replayed.missing_detectors),
            "is_complete": replayed.is_complete,
        },
        form,
    )
    if not replayed.is_complete:
        note("the limit or the time was used up: records before the first one are not in it")
        raise click.exceptions.Exit(EXIT_INCOMPLETE)

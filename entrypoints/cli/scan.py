"""`trueport scan`: find personal data, secrets and attacks in files."""

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import click

from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.policy.rule import Policy
from entrypoints.cli.detection_options import (
    CategoryChoice,
    SizeType,
    chosen_categories,
    detection_options,
    local_detection,
)
from entrypoints.cli.exits import (
    EXIT_CLEAN,
    EXIT_FINDINGS,
    EXIT_INCOMPLETE,
    EXIT_USAGE,
    Failure,
    failure_of,
)
from entrypoints.cli.output import destination
from entrypoints.cli.scan_collection import Collection, summary_line
from entrypoints.cli.scan_engine import PUBLIC_KEY, Scanner, ScanSettings
from entrypoints.cli.scan_formats import Format, write_report
from entrypoints.cli.scan_ignore import Accepted, Glob, read_ignore
from entrypoints.cli.scan_paths import SCHEMES, STDIN, Input, Selection, find_inputs
from entrypoints.cli.scan_report import ScanReport
from entrypoints.cli.scan_workers import scan_in_processes, scan_inputs
from entrypoints.cli.terminal import Progress, note, with_colour
from entrypoints.wiring.local_detection import Profile

_NEVER = "never"
_WEB = ("http://", "https://")
_MIN_KEY = 16


class GlobType(click.ParamType[Glob]):
    """A pattern of paths, as in `.trueportignore`."""

    name = "glob"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Glob:
        """Return the pattern in a text."""
        try:
            return value if isinstance(value, Glob) else Glob.parse(str(value))
        except InvalidValue as error:
            self.fail(error.message, param, ctx)


@click.command(name="scan")
@click.argument("paths", nargs=-1, required=True, metavar="PATH… | s3://… | -")
@click.option(
    "--format",
    "form",
    type=click.Choice(Format, case_sensitive=False),
    default=Format.TABLE,
    show_default="table",
    help="How the report is told.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the report to a file.")
@click.option(
    "--policy",
    "policy_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A policy decides what counts, and how severe it is.",
)
@detection_options
@click.option(
    "--fail-on",
    type=click.Choice([*(severity.value for severity in Severity), _NEVER]),
    default=Severity.LOW.value,
    show_default=True,
    help="The severity from which findings make the status 1.",
)
@click.option("--exit-zero", is_flag=True, help="Status 0 for findings; 2, 3 and 4 stay.")
@click.option("--all", "shows_all", is_flag=True, help="Show also what is no violation by itself.")
@click.option(
    "--include", type=GlobType(), multiple=True, help="Of folders, read only matching files."
)
@click.option("--exclude", type=GlobType(), multiple=True, help="Leave matching paths out.")
@click.option(
    "--max-size",
    type=SizeType(),
    default="5MB",
    show_default=True,
    help="Leave larger files out; 0 reads any size.",
)
@click.option(
    "--fingerprint-key",
    "key_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A secret that makes fingerprints impossible to guess values from.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    help="Processes that read at the same time.",
)
@click.option(
    "--progress",
    type=click.Choice(["auto", "on", "off"]),
    default="auto",
    show_default=True,
    help="A line on standard error that says how far it is.",
)
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but errors on standard error.")
@with_colour
def command(
    is_coloured: bool,
    *,
    paths: Sequence[str],
    form: Format,
    output: Path | None,
    policy_path: Path | None,
    categories: CategoryChoice | None,
    profile: Profile,
    model_store: Path,
    min_score: float | None,
    is_explained: bool,
    fail_on: str,
    exit_zero: bool,
    shows_all: bool,
    include: Sequence[Glob],
    exclude: Sequence[Glob],
    max_size: int,
    key_path: Path | None,
    jobs: int,
    progress: str,
    quiet: bool,
) -> None:
    """Find personal data, secrets and attacks in files, folders, buckets and standard input.

    Folders are read deep; .git, binary files and what .trueportignore names are left out. Objects
    of a cloud are named as s3://BUCKET/PREFIX, az://CONTAINER/PREFIX or gs://BUCKET/PREFIX.
    Matches are never shown: the report holds where they are and what stands around them.

    \b
    Exit status, the same for all formats:
      0  clean
      1  findings at or above --fail-on
      2  wrong usage or configuration
      3  incomplete: some input could not be read (findings are still reported)
      4  a model or a service is away

    \b
    Examples:
      echo 'my card is 4111 1111 1111 1111' | trueport scan -
      trueport scan src docs --exclude '*.lock' --fail-on high
      trueport scan . --format sarif -o findings.sarif
      trueport scan exports --detectors pii,secrets --jobs 4
      trueport scan prompts.txt --policy policy.yaml --format json
      trueport scan s3://acme-audit-logs/audit/v1/dt=2026-11-29/ --fail-on high
    """
    _refuse_pages(paths)
    policy = None if policy_path is None else _read_policy(policy_path, model_store)
    fingerprint_key = PUBLIC_KEY if key_path is None else _key(key_path)
    try:
        here = read_ignore(Path())
        accepted = [*here.accepted, *_accepted_below(paths)]
    except InvalidValue as error:
        raise failure_of(error) from None
    detection = local_detection(profile, model_store)
    settings = ScanSettings(
        profile=profile,
        model_store=model_store,
        categories=chosen_categories(categories, detection.categories_under(policy), profile),
        min_score=min_score,
        shows_all=shows_all,
        policy=policy,
        fingerprint_key=fingerprint_key,
        is_explained=is_explained,
    )
    selection = Selection(include=include, exclude=exclude, ignore=here.globs, max_size=max_size)
    collection = Collection(accepted=accepted, today=detection.clock.now().date())
    remote = [path for path in paths if path.startswith(SCHEMES)]
    local = [path for path in paths if not path.startswith(SCHEMES)]
    with (
        Scanner(settings, detection) as scanner,
        _objects(remote, selection) as objects,
        Progress(progress) as line,
    ):
        inputs = chain(find_inputs(local, selection), objects)
        outcomes = (
            scan_inputs(inputs, scanner)
            if jobs == 1
            else scan_in_processes(inputs, scanner, settings, jobs)
        )
        collection.take(outcomes, line, is_quiet=quiet)
    report = collection.report(detection.rules_under(policy))
    with destination(output) as stream:
        write_report(
            report,
            form,
            stream,
            is_coloured=is_coloured and output is None,
            is_explained=is_explained,
        )
    if not quiet:
        for remark in collection.unused():
            note(remark)
        note(summary_line(report))
    raise click.exceptions.Exit(_status(report, fail_on, is_forgiving=exit_zero))


def _read_policy(path: Path, model_store: Path) -> Policy:
    from entrypoints.cli.policy_file import read_policy  # noqa: PLC0415 - takes long

    return read_policy(path, model_store)


@contextmanager
def _objects(urls: list[str], selection: Selection) -> Iterator[Iterator[Input]]:
    if not urls:
        yield iter(())
        return
    from entrypoints.cli.scan_remote import remote_inputs  # noqa: PLC0415 - takes long

    with remote_inputs(urls, selection) as objects:
        yield objects


def _refuse_pages(paths: Sequence[str]) -> None:
    for path in paths:
        if path.startswith(_WEB):
            raise click.UsageError(
                f"{path}: pages are not read; pipe one in: curl … | trueport scan -"
            )
    if paths.count(STDIN) > 1:
        raise click.UsageError("standard input can be read once only")


def _accepted_below(paths: Sequence[str]) -> Iterable[Accepted]:
    """Yield what the `.trueportignore` of each folder among the paths accepts."""
    for path in sorted(
        {Path(text) for text in paths if text != STDIN and not text.startswith(SCHEMES)}
    ):
        if path.is_dir() and path.absolute() != Path.cwd():
            yield from read_ignore(path).accepted


def _key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Failure(f"{path}: cannot be read: {reason}", EXIT_USAGE) from None
    if len(key) < _MIN_KEY:
        raise Failure(f"{path}: a fingerprint key has at least {_MIN_KEY} bytes", EXIT_USAGE)
    return key


def _status(report: ScanReport, fail_on: str, *, is_forgiving: bool) -> int:
    if not report.is_complete:
        return EXIT_INCOMPLETE
    if fail_on == _NEVER or is_forgiving:
        return EXIT_CLEAN
    return EXIT_FINDINGS if report.violations(Severity(fail_on)) else EXIT_CLEAN

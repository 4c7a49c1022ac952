"""`trueport models`: fill the slots of neural models, check them, and serve them on Triton."""

import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from domain.errors import DomainError
from entrypoints.cli.detection_options import model_store_option
from entrypoints.cli.environment import settings_or_exit
from entrypoints.cli.exits import EXIT_FINDINGS, EXIT_UNAVAILABLE, Failure, failure_of
from entrypoints.cli.listing import format_option, show_list, show_one
from entrypoints.cli.terminal import note
from entrypoints.wiring.models import (
    NEURAL_NAMES,
    BuildRequest,
    SlotReport,
    build_model,
    damaged,
    laid_out,
    plan_triton,
    slot_reports,
)

_PORT = click.IntRange(1, 65535)


@click.group(name="models")
def command() -> None:
    """Fill the slots of neural models, check them, and serve them on Triton.

    Three of the four detectors are slots for a neural model. As long as nobody has built one, rules
    and linear models serve its name.

    \b
    Examples:
      trueport models list
      trueport models build injection-distilbert --from ./my-checkpoint --labels labels.yaml
      trueport models verify
      trueport models serve
    """


@command.command(name="list")
@model_store_option
@format_option
def list_models(*, model_store: Path, form: str) -> None:
    """List the four slots: what fills each, and what runs it.

    \b
    Example:
      trueport models list --format json
    """
    is_on_triton = settings_or_exit().triton_url is not None
    reports = slot_reports(model_store, is_on_triton=is_on_triton)
    show_list(
        [_fields(report) for report in reports],
        ("name", "model", "engine", "version", "finds"),
        form,
    )
    for report in reports:
        if report.problem is not None:
            note(f"{report.name}: {report.problem}")
    if any(report.problem for report in reports):
        raise click.exceptions.Exit(EXIT_UNAVAILABLE)


def _fields(report: SlotReport) -> dict[str, object]:
    model = report.model
    is_slot = report.name in NEURAL_NAMES
    state = "not built" if is_slot else "rules"
    if model is not None:
        state = "built"
    if report.problem is not None:
        state = "damaged"
    return {
        "name": report.name,
        "model": state,
        "engine": report.engine,
        "version": report.version,
        "finds": list(report.finds),
        "folder": None if report.folder is None else str(report.folder),
        "source": None if model is None else model.source,
        "architecture": None if model is None else model.architecture,
        "kind": None if model is None else model.labels.kind.value,
        "types": [] if model is None else list(model.labels.reported),
        "window": None if model is None else model.window,
        "device": None if model is None else model.device,
        "torch": None if model is None else model.torch,
        "problem": report.problem,
    }


@command.command(name="build")
@click.argument("name", type=click.Choice(NEURAL_NAMES))
@click.option(
    "--from",
    "source",
    required=True,
    metavar="DIR_OR_HUB_ID",
    help="A folder as save_pretrained() writes it, or the id of a model on the hub.",
)
@click.option(
    "--labels",
    "label_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What the checkpoint's labels mean; by default trueport-labels.yaml in its folder, else "
    "each label means the type of its own name.",
)
@click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where Triton will run it: cpu, or cuda:0. A trace runs on no other.",
)
@click.option("--revision", help="Branch, tag or commit on the hub.")
@model_store_option
@format_option
def build(
    name: str,
    *,
    source: str,
    label_file: Path | None,
    device: str,
    revision: str | None,
    model_store: Path,
    form: str,
) -> None:
    """Fill a slot with a Hugging Face classifier of texts or of tokens.

    It is written as ONNX for this process and as TorchScript for Triton, and both are compared with
    the checkpoint. Needs PyTorch: pip install "trueport[models]".

    \b
    Examples:
      trueport models build injection-distilbert --from ./checkpoint --labels labels.yaml
      trueport models build pii-ner-roberta --from owner/model --device cuda:0
    """
    request = BuildRequest(
        slot=name, source=source, label_file=label_file, device=device, revision=revision
    )
    try:
        report = build_model(request, model_store, note)
    except DomainError as error:
        raise failure_of(error) from None
    model = report.model
    fields = {
        "name": name,
        "version": model.version,
        "source": model.source,
        "architecture": model.architecture,
        "kind": model.labels.kind.value,
        "types": list(model.labels.reported),
        "window": model.window,
        "device": model.device,
        "folder": str(model_store / name),
    }
    show_one(fields, form)
    if report.lost:
        lost = ", ".join(report.lost)
        note(f"no label of this model means {lost}: {name} no longer reports that")
    note("next: start TruePort again; with Triton, trueport models serve")


@command.command(name="verify")
@model_store_option
@format_option
def verify(*, model_store: Path, form: str) -> None:
    """Check every model file against the SHA-256 digests of its manifest.

    Status 1 when a file is missing, damaged, or not named.

    \b
    Example:
      trueport models verify
    """
    found = damaged(model_store)
    rows = [{"file": file, "problem": problem} for file, problem in found]
    if rows or form == "json":
        show_list(rows, ("file", "problem"), form)
    if rows:
        note(f"{len(rows)} files are not as they should be")
        raise click.exceptions.Exit(EXIT_FINDINGS)
    note("every model file is the one that its manifest names")


@command.command(name="serve")
@click.option(
    "--repository",
    type=click.Path(path_type=Path, file_okay=False),
    show_default="triton under TRUEPORT_HOME",
    help="The folder to lay out for Triton.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--http-port", default=8000, show_default=True, type=_PORT)
@click.option("--grpc-port", default=8001, show_default=True, type=_PORT)
@click.option("--metrics-port", default=8002, show_default=True, type=_PORT)
@click.option(
    "--print", "is_printed", is_flag=True, help="Print the command instead of running it."
)
@click.argument("others", nargs=-1, type=click.UNPROCESSED, metavar="[-- OPTIONS OF TRITON]")
@model_store_option
def serve(
    *,
    repository: Path | None,
    host: str,
    http_port: int,
    grpc_port: int,
    metrics_port: int,
    is_printed: bool,
    others: Sequence[str],
    model_store: Path,
) -> None:
    """Lay out a model repository and run a tritonserver over it.

    The program is tritonserver on the PATH, or what TRUEPORT_TRITONSERVER names. Every file is
    checked against its manifest first. Triton knows no users: let it listen for TruePort alone.

    \b
    Examples:
      trueport models serve
      trueport models serve --host 0.0.0.0 --repository /srv/models --print
      trueport models serve -- --log-verbose=1
    """
    settings = settings_or_exit()
    folder = repository or settings.triton_repository
    ports = (http_port, grpc_port, metrics_port)
    try:
        if is_printed:
            models, arguments = laid_out(model_store, folder, host=host, ports=ports, others=others)
            click.echo(shlex.join([settings.tritonserver, *arguments]))
            note(f"laid out in {folder}: {', '.join(models)}")
            return
        plan = plan_triton(
            model_store,
            folder,
            program=settings.tritonserver,
            host=host,
            ports=ports,
            others=others,
        )
    except DomainError as error:
        raise failure_of(error) from None
    note(f"serving {', '.join(plan.models)}")
    sys.stdout.flush()
    try:
        # The server takes this process over, with its signals.
        os.execv(plan.program, [plan.program, *plan.arguments])  # noqa: S606 - no shell is wanted
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise Failure(f"{plan.program} cannot be run: {reason}", EXIT_UNAVAILABLE) from None

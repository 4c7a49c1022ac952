"""The checks of `trueport doctor`, one function each; none of them changes anything."""

import asyncio
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from application.ports.detector import DetectorText
from domain.errors import DomainError
from entrypoints.cli.exits import EXIT_UNAVAILABLE, EXIT_USAGE
from entrypoints.home import MODELS, default_home
from entrypoints.settings import Settings, SettingsError, load_settings
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.detectors import shipped_models
from entrypoints.wiring.diagnosis import (
    damaged_models,
    exposed_files,
    installed_extras,
    stored_schema,
)
from entrypoints.wiring.local_detection import LocalDetection
from entrypoints.wiring.models import slot_reports
from entrypoints.wiring.store_upkeep import store_parts
from entrypoints.wiring.triton import triton_report

_PYTHON = (3, 11)
_ENOUGH_BYTES = 1024**3
_TOO_FEW_BYTES = 64 * 1024**2
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
_TOLERANCE = timedelta(minutes=5)
_SAMPLE = "my card is 4111 1111 1111 1111 and my mail is ada@example.org"
_EXPECTED = {("CREDIT_CARD", 11, 30), ("EMAIL", 46, 61)}


class State(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the doctor; `status` is that of the command where the check fails."""

    name: str
    state: State
    message: str
    fix: str = ""
    status: int = EXIT_USAGE


def all_checks(port: int) -> Iterator[Check]:
    """Yield every check in turn; those that need settings are left out where there are none."""
    yield python_check()
    try:
        settings = load_settings()
        make_container(settings)
    except SettingsError as error:
        for line in str(error).splitlines():
            fix = "set it right in the environment, or unset it"
            yield _failed("settings", line, fix)
        store = default_home() / MODELS
    else:
        store = settings.model_store
        yield _fine("settings", f"valid; state lives in {settings.home}")
        yield home_check(settings.home)
        yield disk_check(settings.home)
        yield store_check(settings) if settings.mongo_uri is None else mongo_check(settings)
        yield from secret_checks(settings.home)
        yield clock_check(settings)
        if settings.triton_url is not None:
            yield from triton_checks(settings)
    yield port_check(port)
    yield from model_checks(store, shipped_models())
    yield detector_check(lambda: LocalDetection(model_store=store))
    yield extras_check()


def python_check() -> Check:
    """Check the interpreter."""
    told = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= _PYTHON:
        return _fine("python", f"{told} at {sys.executable}")
    return _failed("python", f"{told} is too old", "install Python 3.11 or later")


def home_check(home: Path) -> Check:
    """Check that the state folder is there, or can be made, and is the owner's alone."""
    name = "home"
    if not home.exists():
        parent = _nearest(home)
        if os.access(parent, os.W_OK | os.X_OK):
            return _fine(name, f"{home} will be made at the first start")
        return _failed(
            name, f"{home} cannot be made in {parent}", "set TRUEPORT_HOME to a folder of yours"
        )
    try:
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        fix = "make it yours, or set TRUEPORT_HOME to a folder that is"
        return _failed(name, f"{home} cannot be written: {reason}", fix)
    if home.stat().st_mode & 0o022:
        return _warned(name, f"{home} can be written by others", f"chmod go-w {home}")
    return _fine(name, f"{home} can be written")


def disk_check(home: Path) -> Check:
    """Check that there is room for the audit journal."""
    free = shutil.disk_usage(_nearest(home)).free
    told = f"{free // 1024**2:,} MiB free"
    fix = "make room, or set TRUEPORT_HOME to another disk"
    if free < _TOO_FEW_BYTES:
        return _failed("disk", f"{told}: the audit journal needs 64 MiB", fix)
    return _warned("disk", told, fix) if free < _ENOUGH_BYTES else _fine("disk", told)


def store_check(settings: Settings) -> Check:
    """Check that the database is whole and of a version that this code knows."""
    name, path = "store", settings.database
    if not path.exists():
        return _fine(name, f"{path} will be made at the first start")
    try:
        schema = stored_schema(path)
    except DomainError as error:
        fix = "end what holds it, or restore a copy"
        return _failed(name, error.message, fix, EXIT_UNAVAILABLE)
    if schema.found > schema.known:
        return _failed(
            name,
            f"a newer TruePort wrote it (schema {schema.found}, this one knows {schema.known})",
            "start that version, or restore an older copy",
        )
    if schema.found < schema.known:
        return _fine(name, f"schema {schema.found}; the next start brings it to {schema.known}")
    return _fine(name, f"whole, schema {schema.found}")


def mongo_check(settings: Settings) -> Check:
    """Check that MongoDB answers, does transactions and has its indexes."""
    name = "mongo"
    try:
        parts = store_parts(settings)
    except DomainError as error:
        return _failed(name, error.message, "set MONGO_URI right", EXIT_UNAVAILABLE)
    wrong = [part for part in parts if not part.is_sound]
    if not wrong:
        return _fine(name, f"does transactions, has its {len(parts)} indexes")
    told = f"{len(wrong)} of {len(parts)} indexes, {wrong[0].name} first, {wrong[0].state.value}"
    return _failed(name, told, "trueport db init", EXIT_UNAVAILABLE)


def secret_checks(home: Path) -> Iterator[Check]:
    """Check that nobody else can read the secrets."""
    folder = home / "secrets"
    try:
        exposed = exposed_files(folder) if folder.exists() else []
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        yield _failed("secrets", f"{folder} cannot be read: {reason}", f"make {folder} yours")
        return
    for path in exposed:
        yield _failed("secrets", f"{path} can be read by others", f"chmod 600 {path}")
    if not exposed:
        told = "readable by their owner alone" if folder.exists() else "made at the first start"
        yield _fine("secrets", told)


def clock_check(settings: Settings) -> Check:
    """Check the time of day against this release and against what was written before."""
    now = make_container(settings).clock().now()
    fix = "let the machine keep its time by NTP"
    if now < _RELEASED:
        return _failed("clock", f"{now:%Y-%m-%d} is before this release was made", fix)
    if settings.database.exists():
        written = datetime.fromtimestamp(settings.database.stat().st_mtime, UTC)
        if written > now + _TOLERANCE:
            return _warned("clock", f"the store was written later than now, at {written}", fix)
    return _fine("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def triton_checks(settings: Settings) -> Iterator[Check]:
    """Check that the servers of `TRITON_URL` answer and have the models that are expected."""
    name = "triton"
    fix = "start the servers with this version's model repository, or unset TRITON_URL"
    try:
        report = triton_report(settings)
    except DomainError as error:
        yield _failed(name, error.message, fix, EXIT_UNAVAILABLE)
        return
    away = [address for address, is_ready in report.servers.items() if not is_ready]
    if away:
        yield _warned(name, f"away: {', '.join(away)}; the others do the work", fix)
    else:
        yield _fine(name, f"ready: {', '.join(report.servers)}")
    told = f"on Triton: {', '.join(report.served)}"
    if report.in_process:
        told += f"; in this process, since not built for Triton: {', '.join(report.in_process)}"
    yield _fine("engines", told)


def port_check(port: int) -> Check:
    """Check that a server could listen."""
    name = "port"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            fix = "if that is not TruePort itself, choose another: trueport serve --port"
            return _warned(name, f"127.0.0.1:{port}: {reason}", fix)
    return _fine(name, f"127.0.0.1:{port} is free")


def model_checks(store: Path, shipped: Path) -> Iterator[Check]:
    """Check the model files against their manifests, and tell which slots have a model."""
    name = "models"
    damaged = list(damaged_models(store, shipped))
    for file, reason in damaged:
        fix = "install TruePort again"
        if Path(file).is_absolute():
            fix = f"build it again (trueport models build), or take its folder out of {store}"
        yield _failed(name, f"{file}: {reason}", fix, EXIT_UNAVAILABLE)
    if damaged:
        return
    yield _fine(name, "every file is the one that its manifest names")
    for slot in slot_reports(store):
        yield _fine("slot", f"{slot.name}: {slot.told}")


def detector_check(make: Callable[[], LocalDetection]) -> Check:
    """Check that the detectors find what they must in a known text."""
    name = "detectors"
    fix = "install TruePort again"
    try:
        detection = make()
        started = detection.clock.monotonic()
        outcome = asyncio.run(detection.pipeline([DetectorText(text=_SAMPLE)]))
    except DomainError as error:
        return _failed(name, error.message, fix, EXIT_UNAVAILABLE)
    took = (detection.clock.monotonic() - started) * 1000
    found = {
        (finding.type, finding.span.start, finding.span.end)
        for finding in outcome.detections[0].findings
    }
    if outcome.missing:
        message = f"{', '.join(outcome.missing)} did not answer"
        return _failed(name, message, fix, EXIT_UNAVAILABLE)
    if not found >= _EXPECTED:
        return _failed(name, "a known text was not recognised", fix, EXIT_UNAVAILABLE)
    return _fine(name, f"{len(detection.versions)} answered a known text in {took:.0f} ms")


def extras_check() -> Check:
    """Tell which extras are there; the embedded default needs none."""
    extras = installed_extras()
    there = ", ".join(name for name, is_there in extras.items() if is_there) or "none"
    absent = ", ".join(name for name, is_there in extras.items() if not is_there) or "none"
    return _fine("extras", f"installed: {there}; not installed, and not needed here: {absent}")


def _nearest(path: Path) -> Path:
    """Return the path, or the nearest folder above it that exists."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())


def _fine(name: str, message: str) -> Check:
    return Check(name=name, state=State.OK, message=message)


def _warned(name: str, message: str, fix: str) -> Check:
    return Check(name=name, state=State.WARN, message=message, fix=fix)


def _failed(name: str, message: str, fix: str, status: int = EXIT_USAGE) -> Check:
    return Check(name=name, state=State.FAIL, message=message, fix=fix, status=status)

"""Look at what an installation is made of, without changing anything."""

import sqlite3
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from adapters.detectors.manifest import problems
from adapters.sqlite.migrations import shipped_migrations
from domain.errors import Unavailable
from entrypoints.wiring.detectors import SLOTS

EXTRAS: Mapping[str, str] = {
    "mongo": "motor",
    "redis": "redis",
    "s3": "boto3",
    "azure": "azure.storage.blob",
    "gcp": "google.cloud.storage",
    "triton": "tritonclient",
    "neural": "onnxruntime",
    "models": "torch",
    "stripe": "stripe",
}
"""The extras of the distribution, each with a module that it brings."""

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSchema:
    """The schema version of a database, and the one that this code writes."""

    found: int
    known: int


def stored_schema(database: Path) -> StoredSchema:
    """Return the schema versions of a database that exists, reading only.

    Raises:
        Unavailable: it cannot be read, or is no database, or a page of it is damaged.
    """
    try:
        raw = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
        try:
            (verdict,) = raw.execute("PRAGMA quick_check(1)").fetchone()
            (version,) = raw.execute("SELECT max(version) FROM schema_version").fetchone()
        finally:
            raw.close()
    except sqlite3.Error as error:
        raise Unavailable("store", f"{database}: {error}") from None
    if verdict != "ok":
        raise Unavailable("store", f"{database}: damaged: {verdict}")
    return StoredSchema(found=int(version or 0), known=shipped_migrations()[-1].number)


def exposed_files(folder: Path) -> list[Path]:
    """Return the files of a folder that others than their owner can read or write."""
    return [
        path
        for path in sorted(folder.iterdir())
        if path.is_file() and path.stat().st_mode & _OTHERS
    ]


def damaged_models(store: Path, shipped: Path) -> Iterator[tuple[str, str]]:
    """Yield each model file that is not the one of its manifest, with what is wrong with it.

    Looked at are the models of the installed package, then those that were built in the store.
    """
    folders = [shipped / "embedded", *(shipped / name for name in SLOTS)]
    folders += [store / name for name in SLOTS if (store / name).is_dir()]
    for folder in folders:
        is_own = folder.parent == store
        for name, problem in problems(folder, names_all=is_own):
            place = folder / name if is_own else folder.relative_to(shipped) / name
            yield str(place), problem


def installed_extras() -> Mapping[str, bool]:
    """Return, for each extra, whether what it brings is there; nothing is imported."""
    return {name: _is_installed(module) for name, module in EXTRAS.items()}


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        # The package above it is missing already.
        return False

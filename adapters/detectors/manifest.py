"""Digests of model files: `MANIFEST.json` beside them names each with its SHA-256.

A model is code as much as data (TorchScript runs what it holds), so nothing of it is loaded that
the manifest of its folder does not name. A manifest is not signed: it tells damage, a copy that
broke off and files of another build, not somebody who may write in the folder.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import file_digest, sha256
from pathlib import Path

from domain.errors import Unavailable

FILE = "MANIFEST.json"
SCHEMA = 1
_COMPILED = "__pycache__"


def read_checked(path: Path, folder: Path | None = None) -> bytes:
    """Return the content of a file that the manifest of its folder, or of one above it, names.

    Raises:
        Unavailable: the file is missing, damaged, or not the one that the manifest names.
    """
    folder = folder or path.parent
    try:
        files = _files(folder)
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise Unavailable("models", f"the model file {path.name} cannot be read") from error
    entry = files.get(path.relative_to(folder).as_posix(), {})
    if entry.get("sha256") != sha256(content).hexdigest():
        raise Unavailable(
            "models", f"the model file {path.name} is not the one that its manifest names"
        )
    return content


def problems(folder: Path, *, names_all: bool = False) -> Iterator[tuple[str, str]]:
    """Yield each file that is not the one of the folder's manifest, with what is wrong with it.

    With `names_all` a file that the manifest does not name is wrong as well.
    """
    try:
        files = _files(folder)
    except (OSError, ValueError):
        yield FILE, "missing or damaged"
        return
    for name, entry in sorted(files.items()):
        try:
            with (folder / name).open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
        except OSError:
            yield name, "cannot be read"
            continue
        if digest != entry.get("sha256"):
            yield name, "not the file that the manifest names"
    if names_all:
        for name in _present(folder):
            if name not in files:
                yield name, "not named by the manifest"


def write_manifest(folder: Path, names: Sequence[str] | None = None) -> None:
    """Write the manifest of a folder: of some files in it, by default of all."""
    files = {}
    for name in sorted(_present(folder) if names is None else names):
        content = (folder / name).read_bytes()
        files[name] = {"sha256": sha256(content).hexdigest(), "bytes": len(content)}
    manifest = {"schema": SCHEMA, "files": files}
    (folder / FILE).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _present(folder: Path) -> Iterator[str]:
    """Yield the files of a folder; what Python compiled of one is no file of its own."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if not path.is_dir() and name.as_posix() != FILE and _COMPILED not in name.parts:
            yield name.as_posix()


def _files(folder: Path) -> dict[str, dict[str, object]]:
    """Return the entries of a manifest.

    Raises:
        OSError: it cannot be read.
        ValueError: it is none.
    """
    manifest = json.loads((folder / FILE).read_bytes())
    files = manifest.get("files") if isinstance(manifest, dict) else None
    if not isinstance(files, dict) or not all(isinstance(one, dict) for one in files.values()):
        raise ValueError("no manifest")
    return files

"""Lay out the repository that a tritonserver serves: the rules, and every slot that is built."""

import shutil
import tempfile
from pathlib import Path

from adapters.detectors.manifest import FILE, problems
from adapters.detectors.neural.model_store import ModelStore
from adapters.detectors.neural.slots import NEURAL_SLOTS
from domain.errors import Unavailable

RULES = "exfil-regex-entropy"
_NAMES = (RULES, *NEURAL_SLOTS)
_COMPILED = "__pycache__"


def lay_out(store: ModelStore, repository: Path) -> tuple[str, ...]:
    """Make the repository what this installation has to serve, and return the models in it.

    Every file is checked against its manifest where it comes from and where it ends up.

    Raises:
        Unavailable: a file is damaged or not named by its manifest, the repository holds a folder
            that is no model of TruePort, or it cannot be written.
    """
    store.check()
    served = []
    try:
        repository.mkdir(parents=True, exist_ok=True)
        _refuse_others(repository)
        for name in _NAMES:
            source = store.shipped / RULES if name == RULES else store.folder_of(name)
            if source is not None:
                served.append(name)
                _bring(source, repository / name)
            elif (repository / name).exists():
                shutil.rmtree(repository / name)
    except OSError as error:
        raise Unavailable(
            "models", f"the model repository {repository} cannot be written ({error.strerror})"
        ) from error
    return tuple(served)


def put_in_place(new: Path, target: Path, old: Path) -> None:
    """Move a folder to where another may stand, which is moved to `old`; all on one disk."""
    if target.exists():
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def _refuse_others(repository: Path) -> None:
    for folder in sorted(path for path in repository.iterdir() if path.is_dir()):
        if folder.name not in _NAMES:
            raise Unavailable(
                "models",
                f"the folder {folder} is no model of TruePort, and Triton would serve it: take it "
                "away, or name another --repository",
            )


def _bring(source: Path, target: Path) -> None:
    """Put a model in the repository, unless it is there as it should be."""
    for name, problem in problems(source):
        raise Unavailable("models", f"{source.name}/{name}: {problem}; install TruePort again")
    # What Python compiled of a model on the server goes: it would be run unchecked.
    for compiled in list(target.rglob(_COMPILED)):
        shutil.rmtree(compiled)
    if _is_same(source, target):
        return
    # Beside the repository, since Triton takes every folder in it for a model.
    folder = target.parent
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as work:
        new = Path(work) / "new"
        shutil.copytree(source, new, ignore=shutil.ignore_patterns(_COMPILED))
        put_in_place(new, target, Path(work) / "old")
    for name, problem in problems(target, names_all=True):
        raise Unavailable("models", f"{target.name}/{name}: {problem} after it was copied")


def _is_same(source: Path, target: Path) -> bool:
    manifests = [folder / FILE for folder in (source, target)]
    if not manifests[1].is_file() or manifests[0].read_bytes() != manifests[1].read_bytes():
        return False
    return next(problems(target, names_all=True), None) is None

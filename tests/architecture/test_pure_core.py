"""The core imports the standard library and itself, and the domain does nothing but compute."""

import ast
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.source_tree import ROOT, parse, python_files

CORE = {"domain", "application"}
# The domain takes time, randomness and bytes as arguments, and says what happened by returning it.
EFFECTS = {
    "asyncio",
    "logging",
    "os",
    "pathlib",
    "random",
    "secrets",
    "socket",
    "sqlite3",
    "subprocess",
    "tempfile",
    "threading",
    "time",
}


def imported_packages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the line and the top-level package of every import, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." if node.level else (node.module or "").partition(".")[0]


def imports_below(folder: str) -> Iterator[tuple[str, str]]:
    """Yield where each import below a folder stands, and its top-level package."""
    for path in python_files(folder):
        for line, package in imported_packages(parse(path)):
            yield f"{path.relative_to(ROOT)}:{line}", package


@pytest.mark.parametrize("layer", sorted(CORE))
def test_core_imports_only_the_standard_library_and_itself(layer: str) -> None:
    allowed = sys.stdlib_module_names | CORE

    offenders = [(at, package) for at, package in imports_below(layer) if package not in allowed]

    assert offenders == []


def test_domain_imports_no_effects() -> None:
    offenders = [(at, package) for at, package in imports_below("domain") if package in EFFECTS]

    assert offenders == []


@pytest.mark.parametrize(
    ("source", "package"),
    [
        ("import msgspec.json", "msgspec"),
        ("def late():\n    from re2 import compile", "re2"),
        ("from . import finding", "."),
    ],
)
def test_every_form_of_import_is_seen(source: str, package: str) -> None:
    seen = [name for _, name in imported_packages(ast.parse(source))]

    assert seen == [package]
    assert package not in sys.stdlib_module_names | CORE


def test_files_are_found_at_all() -> None:
    assert ROOT / "domain" / "errors.py" in python_files("domain")

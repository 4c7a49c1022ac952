"""Modules are named for one concept, stay readable in one sitting, and carry their types."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source_tree import LAYERS, PACKAGES, ROOT, parse, python_files

LONGEST = 400
MEANINGLESS = {"common", "core", "helper", "helpers", "impl", "misc", "shared", "util", "utils"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_folder_or_module_has_a_name_that_says_nothing() -> None:
    paths = [path.relative_to(ROOT) for path in python_files(*PACKAGES, "scripts", "tests")]

    meaningless = {
        path.as_posix() for path in paths if {*path.parent.parts, path.stem} & MEANINGLESS
    }

    assert meaningless == set()


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(*PACKAGES, "scripts")
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_package_files_hold_one_docstring_line_and_nothing_else() -> None:
    wrong = []
    for path in python_files(*LAYERS):
        if path.name != "__init__.py":
            continue
        match parse(path).body:
            case [ast.Expr(value=ast.Constant(value=str(text)))] if "\n" not in text.strip():
                pass
            case _:
                wrong.append(relative(path))

    assert wrong == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for path in python_files(*LAYERS)}

    assert {
        relative(folder) for folder in folders if not (folder / "__init__.py").is_file()
    } == set()


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_marked_as_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()

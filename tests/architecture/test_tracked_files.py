"""No file of the project names the machine it was written on, or a registry to install from."""

import re
from collections.abc import Callable, Sequence

import pytest

from tests.architecture.source_tree import ROOT, project_files

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = [
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("archive", "ubuntu", "com"),
        ("proxy", "golang", "org"),
    )
]
MACHINE_PATHS = [
    "/".join(parts)
    for parts in (
        ("", "work", "main"),
        ("", "work", "shared"),
        ("", "opt", "pypi"),
        ("", "opt", "wheels"),
        ("", "root", "."),
    )
]
NEIGHBOUR = "/".join(("..", "shared"))
# Tests, measurements, training and CI may be handed data that lies beside the checkout.
MAY_READ_BESIDE_THE_CHECKOUT = {"tests", "benchmarks", "training", ".ci"}


def pattern(words: Sequence[str]) -> re.Pattern[bytes]:
    """Return a pattern of any of the words as they stand, not inside a longer word or path."""
    alternatives = b"|".join(re.escape(word).encode() for word in words)
    return re.compile(rb"(?<![\w-])(?:" + alternatives + rb")", re.IGNORECASE)


@pytest.mark.parametrize("words", [REGISTRIES, MACHINE_PATHS], ids=["registries", "paths"])
def test_no_file_names_them(counterpart: Callable[[str], str], words: Sequence[str]) -> None:
    wanted = pattern(words)

    named = {
        f"{path.relative_to(ROOT)}: {found[0].decode()}"
        for path in project_files(counterpart("git"))
        if (found := wanted.search(path.read_bytes()))
    }

    assert named == set()


def test_no_product_file_looks_beside_the_checkout(counterpart: Callable[[str], str]) -> None:
    wanted = NEIGHBOUR.encode()

    named = {
        path.relative_to(ROOT).as_posix()
        for path in project_files(counterpart("git"))
        if path.relative_to(ROOT).parts[0] not in MAY_READ_BESIDE_THE_CHECKOUT
        and wanted in path.read_bytes()
    }

    assert named == set()


@pytest.mark.parametrize("word", [*REGISTRIES, *MACHINE_PATHS])
def test_each_name_would_be_found(word: str) -> None:
    text = f"see {word}/simple".encode()

    assert pattern([*REGISTRIES, *MACHINE_PATHS]).search(text)


def test_locks_name_packages_and_hashes_only() -> None:
    line = re.compile(
        r"#|    #|    --hash=sha256:[0-9a-f]{64}( \\)?$|[a-z0-9.-]+==\S+( ; [^/:\\]+)? \\$"
    )

    odd = [
        f"{lock.name}: {text}"
        for lock in sorted((ROOT / "requirements").glob("*.txt"))
        for text in lock.read_text(encoding="utf-8").splitlines()
        if not line.match(text)
    ]

    assert odd == []

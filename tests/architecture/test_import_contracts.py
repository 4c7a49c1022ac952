"""The six import contracts hold, and each of them notices what it is there for."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.architecture.source_tree import LAYERS, ROOT

OUTCOME = re.compile(r"^(.+?) (KEPT|BROKEN)\b", re.MULTILINE)


def check_contracts(folder: Path) -> tuple[Mapping[str, str], str]:
    """Return the outcome of each contract for the packages in a folder, and the whole report."""
    report = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    return dict(OUTCOME.findall(report.stdout)), report.stdout + report.stderr


@pytest.fixture
def copy_of_the_tree(tmp_path: Path) -> Path:
    for package in LAYERS:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_all_contracts_are_kept() -> None:
    outcomes, report = check_contracts(ROOT)

    assert len(outcomes) == 6, report
    assert set(outcomes.values()) == {"KEPT"}, report


@pytest.mark.parametrize(
    ("contract", "planted"),
    [
        pytest.param(
            "Dependencies point inwards",
            {"domain/planted.py": "import application\n"},
            id="hexagon",
        ),
        pytest.param(
            "The core imports no framework, driver or SDK",
            {"application/planted.py": "from google.cloud import storage\n"},
            id="pure-core",
        ),
        pytest.param(
            "Adapter families do not know each other",
            {
                "adapters/planted_alone.py": "from adapters.planted_family import member\n",
                "adapters/planted_family/__init__.py": "",
                "adapters/planted_family/member.py": "",
            },
            id="adapter-families",
        ),
        pytest.param(
            "Only entrypoints.wiring names a concrete adapter",
            {
                "adapters/planted.py": "",
                "entrypoints/planted.py": "from adapters import planted\n",
            },
            id="composition-root",
        ),
        pytest.param(
            "dependency-injector stays in entrypoints.wiring",
            {"adapters/planted.py": "from dependency_injector import providers\n"},
            id="container-stays-home",
        ),
        pytest.param(
            "No cycles between sibling packages",
            {
                "domain/planted/__init__.py": "",
                "domain/planted/left.py": "import domain.planted.right\n",
                "domain/planted/right.py": "import domain.planted.left\n",
            },
            id="acyclic",
        ),
    ],
)
def test_contract_notices_a_planted_import(
    copy_of_the_tree: Path, contract: str, planted: Mapping[str, str]
) -> None:
    for name, source in planted.items():
        path = copy_of_the_tree / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(source, encoding="utf-8")

    outcomes, report = check_contracts(copy_of_the_tree)

    broken = {name for name, outcome in outcomes.items() if outcome == "BROKEN"}
    assert broken == {contract}, report

"""Lists of packages, and the pages that say what every finding in them is."""

from pathlib import Path

import pytest

from benchmarks.detection.packages import LIST as POPULAR
from benchmarks.detection.packages import PAGE as PACKAGES_PAGE
from benchmarks.detection.readmes import LIST as READMES
from benchmarks.detection.readmes import PAGE as READMES_PAGE
from benchmarks.detection.registry_packages import Package, read_list, readmes
from benchmarks.detection.verdicts import NOBODY, Finding, known_verdicts, table

FINDING = Finding(
    package="pypi:some 1.0",
    path="tests/test_x.py",
    line=7,
    rule="password-assignment",
    type="PASSWORD",
    evidence="…def test():\n    a = `b|c`\n    login(password='[PASSWORD]')\n    and more",
)


def test_a_list_names_a_registry_a_package_and_a_version_a_line(tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text("# remark\n\npypi flask 3.1.3\nnpm @scope/name 1.2.3  # scoped\n", "utf-8")

    first, second = read_list(path)

    assert first == Package(registry="pypi", name="flask", version="3.1.3")
    assert second.label == "npm:@scope/name 1.2.3"
    assert second.folder == "npm/scope+name-1.2.3"


@pytest.mark.parametrize("line", ["flask 3.1.3", "npm react", "cargo serde 1.0", "pypi a 1 b"])
def test_a_wrong_line_of_a_list_is_told_with_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "list.txt"
    path.write_text(f"npm react 19.3.1\n{line}\n", "utf-8")

    with pytest.raises(ValueError, match="line 2"):
        read_list(path)


def test_the_lists_hold_50_packages_and_enough_for_200_readmes() -> None:
    popular, more = read_list(POPULAR), read_list(READMES)

    assert len(set(popular)) == 50
    assert {package.registry for package in popular} == {"pypi", "npm"}
    assert len({*popular, *more}) >= 250


def test_the_readme_of_a_folder_is_the_one_at_its_root(tmp_path: Path) -> None:
    for name in ("one/README.md", "one/docs/readme.md", "two/Readme.rst", "three/notes.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("text", "utf-8")
    (tmp_path / "three" / "README").touch()

    found = readmes(tmp_path / name for name in ("one", "two", "three"))

    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "one/README.md",
        "two/Readme.rst",
    ]


def test_a_finding_nobody_looked_at_says_so() -> None:
    *_, row = table([FINDING], {})

    assert row.endswith(f"| {NOBODY} |")


def test_what_a_reader_wrote_stays_when_the_page_is_written_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("\n".join(table([FINDING], {FINDING.key: "password of a test"})), "utf-8")

    assert known_verdicts(page) == {FINDING.key: "password of a test"}
    assert list(table([FINDING], known_verdicts(page)))[-1].endswith("| password of a test |")


def test_a_row_shows_the_place_of_the_match_without_breaking_the_table() -> None:
    *_, row = table([FINDING], {})

    assert "password='[PASSWORD]'" in row
    assert row.replace("¦", "").count("|") == 7
    assert "\n" not in row


def test_there_are_no_verdicts_without_a_page(tmp_path: Path) -> None:
    assert known_verdicts(tmp_path / "none.md") == {}


@pytest.mark.parametrize("page", [PACKAGES_PAGE, READMES_PAGE])
def test_somebody_looked_at_every_finding_of_the_pages(page: Path) -> None:
    verdicts = known_verdicts(page)
    rows = [
        line
        for line in page.read_text("utf-8").splitlines()
        if line.startswith(("| pypi:", "| npm:")) and "`" in line
    ]

    assert len(rows) == len(verdicts)
    assert NOBODY not in verdicts.values()

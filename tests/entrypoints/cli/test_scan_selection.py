"""Which files a scan reads, and which findings are accepted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from entrypoints.cli.scan_ignore import Glob, parse_ignore
from tests.entrypoints.cli.conftest import MAIL, TEXT, CommandLine


def paths(trueport: CommandLine, *arguments: str) -> list[str]:
    ended = trueport.scan(*arguments, "--format", "json")
    return [one["path"] for one in ended.json["findings"] if one["type"] == "EMAIL"]


def test_folders_are_read_deep_and_in_order(trueport: CommandLine) -> None:
    for name in ("b.txt", "a/z.txt", "a/b/c.txt", "c.txt"):
        trueport.write(name, MAIL)

    assert paths(trueport, ".") == ["a/b/c.txt", "a/z.txt", "b.txt", "c.txt"]


def test_each_file_is_read_once(trueport: CommandLine) -> None:
    trueport.write("a/b.txt", MAIL)

    assert paths(trueport, ".", "a", "a/b.txt") == ["a/b.txt"]


def test_git_and_binary_files_are_left_out(trueport: CommandLine) -> None:
    trueport.write(".git/config", MAIL)
    trueport.write("image.png", b"\x89PNG\0" + MAIL.encode())
    trueport.write(".hidden", MAIL)

    ended = trueport.scan(".", "--format", "json")

    assert [one["path"] for one in ended.json["findings"]] == [".hidden"]
    assert ended.json["summary"]["skipped"]["binary"] == 1


def test_links_to_folders_do_not_lead_round_in_a_circle(trueport: CommandLine) -> None:
    trueport.write("a/b.txt", MAIL)
    (trueport.folder / "a" / "loop").symlink_to(trueport.folder)

    ended = trueport.scan(".", "--format", "json")

    assert [one["path"] for one in ended.json["findings"]] == ["a/b.txt"]
    assert ended.status == 1


def test_larger_files_are_left_out_and_told(trueport: CommandLine) -> None:
    trueport.write("large.txt", MAIL + " " * 2000)
    trueport.write("small.txt", MAIL)

    ended = trueport.scan(".", "--max-size", "1KB", "--format", "json")

    assert ended.status == 1
    assert [one["path"] for one in ended.json["findings"]] == ["small.txt"]
    assert ended.json["summary"]["skipped"]["too_large"] == 1
    assert "note: large.txt: skipped: larger than --max-size" in ended.err
    assert paths(trueport, ".", "--max-size", "0") == ["large.txt", "small.txt"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--include", "*.py"], ["a.py", "src/b.py", "src/gen/c.py"]),
        (["--exclude", "*.py"], ["d.md"]),
        (["--include", "*.py", "--exclude", "src/gen/"], ["a.py", "src/b.py"]),
        (["--exclude", "src"], ["a.py", "d.md"]),
        (["--exclude", "/src/*.py"], ["a.py", "d.md", "src/gen/c.py"]),
        (["--exclude", "src/**/c.py"], ["a.py", "d.md", "src/b.py"]),
    ],
)
def test_globs_choose_files(trueport: CommandLine, options: list[str], expected: list[str]) -> None:
    for name in ("a.py", "src/b.py", "src/gen/c.py", "d.md"):
        trueport.write(name, MAIL)

    assert paths(trueport, ".", *options) == expected


def test_ignore_file_leaves_paths_out(trueport: CommandLine) -> None:
    for name in ("a.py", "docs/b.md", "docs/keep.md", "vendor/c.py"):
        trueport.write(name, MAIL)
    trueport.write(".trueportignore", "# ours\n*.md\n!keep.md\nvendor/\n")

    assert paths(trueport, ".") == ["a.py", "docs/keep.md"]


def test_ignore_file_of_a_named_folder_counts_for_that_folder(trueport: CommandLine) -> None:
    trueport.write("one/a.txt", MAIL)
    trueport.write("one/.trueportignore", "a.txt\n")
    trueport.write("two/a.txt", MAIL)

    assert paths(trueport, "one", "two") == ["two/a.txt"]


def test_file_that_is_named_is_read_although_a_pattern_ignores_it(trueport: CommandLine) -> None:
    trueport.write("a.txt", MAIL)
    trueport.write(".trueportignore", "a.txt\n")

    assert paths(trueport, "a.txt") == ["a.txt"]


def test_accepted_finding_no_longer_counts(trueport: CommandLine) -> None:
    trueport.write("a.txt", TEXT)
    prints = trueport.scan("a.txt", "--format", "json").named_fingerprints()
    trueport.write(
        ".trueportignore",
        f"{prints['EMAIL']}  # the address of our press office\n"
        f"{prints['CREDIT_CARD']}  # until 2999-01-31 a test value\n",
    )

    ended = trueport.scan("a.txt", "--format", "json")

    assert ended.status == 0
    assert ended.json["findings"] == []
    assert ended.json["summary"]["accepted"] == 2


def test_accepted_finding_counts_again_when_its_time_is_over(trueport: CommandLine) -> None:
    trueport.write("a.txt", MAIL)
    (print_,) = trueport.scan("a.txt", "--format", "json").named_fingerprints().values()
    trueport.write(".trueportignore", f"{print_}  # until 2020-01-31 while we move\n")

    ended = trueport.scan("a.txt")

    assert ended.status == 1
    assert "line 1: accepted until 2020-01-31 only, so it counts again" in ended.err


def test_accepted_finding_that_is_gone_is_told_where_its_file_was_read(
    trueport: CommandLine,
) -> None:
    trueport.write("a.txt", "nothing")
    trueport.write("b.txt", "nothing")
    trueport.write(".trueportignore", f"tp1:email:{'0' * 32}:a.txt  # was here once\n")

    assert "no such finding any more" in trueport.scan("a.txt").err
    assert "no such finding any more" not in trueport.scan("b.txt").err


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("tp1:email:00:a.txt", "needs its reason"),
        ("tp1:email:00:a.txt  # until tomorrow it is fine", "a day such as"),
        ("tp1:email:00:a.txt  # until 2027-01-31", "needs its reason"),
        ("!", "no pattern of paths"),
    ],
)
def test_wrong_ignore_file_ends_with_2_and_its_line(
    trueport: CommandLine, line: str, complaint: str
) -> None:
    trueport.write(".trueportignore", f"# first\n{line}\n")

    ended = trueport.scan(".")

    assert ended.status == 2
    assert ".trueportignore, line 2: " in ended.err
    assert complaint in ended.err


@pytest.mark.parametrize(
    ("pattern", "path", "is_matched"),
    [
        ("*.py", "a/b/c.py", True),
        ("*.py", "a/b/c.pyc", False),
        ("a/*.py", "a/c.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**/c.py", "a/c.py", True),
        ("a/**", "a/b/c.py", True),
        ("b", "a/b", True),
        ("b", "ab", False),
        ("?.py", "x.py", True),
        ("a+b(c).txt", "a+b(c).txt", True),
    ],
)
def test_glob_matches(pattern: str, path: str, is_matched: bool) -> None:
    assert Glob.parse(pattern).matches(path, is_folder=False) is is_matched


@given(st.text(min_size=1))
def test_any_line_is_an_entry_or_refused_with_its_place(line: str) -> None:
    complaint = None
    try:
        parse_ignore(line, ".trueportignore")
    except InvalidValue as error:
        complaint = error.message

    assert complaint is None or complaint.startswith(".trueportignore, line ")

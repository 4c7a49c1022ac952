"""SARIF 2.1.0: the properties that the standard and code scanning services ask for."""

from typing import Any

from tests.entrypoints.cli.conftest import MAIL, TEXT, CommandLine


def run_of(trueport: CommandLine, *arguments: str) -> Any:
    document = trueport.scan(*arguments, "--format", "sarif").json
    assert document["version"] == "2.1.0"
    assert document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    return run


def test_rules_are_described_and_results_point_to_them(trueport: CommandLine) -> None:
    trueport.write("a.txt", TEXT)

    run = run_of(trueport, "a.txt")

    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "TruePort"
    assert [rule["id"] for rule in rules] == ["credit-card", "email"]
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["markdown"]
        assert 0.0 < float(rule["properties"]["security-severity"]) <= 10.0
        assert rule["properties"]["precision"] in {"very-high", "high", "medium", "low"}
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
    assert [result["level"] for result in run["results"]] == ["error", "warning"]


def test_columns_count_utf16_code_units(trueport: CommandLine) -> None:
    trueport.write("a.txt", f"first\n😀😀 {MAIL}")

    run = run_of(trueport, "a.txt")

    (result,) = run["results"]
    assert run["columnKind"] == "utf16CodeUnits"
    assert result["locations"][0]["physicalLocation"]["region"] == {
        "startLine": 2,
        "startColumn": 6,
        "endLine": 2,
        "endColumn": 6 + len(MAIL),
    }


def test_locations_are_relative_to_the_root_of_the_sources(trueport: CommandLine) -> None:
    path = trueport.write("src/a file.txt", MAIL)

    relative = run_of(trueport, "src")
    outside = run_of(trueport, str(path))

    expected = {"uri": "src/a%20file.txt", "uriBaseId": "%SRCROOT%"}
    assert "%SRCROOT%" in relative["originalUriBaseIds"]
    for run in (relative, outside):
        (result,) = run["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"] == expected


def test_fingerprints_stay_when_lines_move(trueport: CommandLine) -> None:
    trueport.write("a.txt", MAIL)
    (before,) = run_of(trueport, "a.txt")["results"]
    trueport.write("a.txt", f"another line\nand {MAIL}")

    (after,) = run_of(trueport, "a.txt")["results"]

    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["partialFingerprints"]["trueport/v1"].startswith("tp1:email:")


def test_incomplete_scan_says_so(trueport: CommandLine) -> None:
    trueport.write("a.txt", TEXT)

    complete = run_of(trueport, "a.txt")
    incomplete = run_of(trueport, "a.txt", "nowhere.txt")

    (invocation,) = incomplete["invocations"]
    (told,) = invocation["toolExecutionNotifications"]
    assert complete["invocations"][0]["executionSuccessful"] is True
    assert invocation["executionSuccessful"] is False
    assert told["message"]["text"] == "cannot be read: No such file or directory"
    assert len(incomplete["results"]) == 2


def test_only_violations_are_results(trueport: CommandLine) -> None:
    trueport.write("a.txt", "see https://example.org/handbook")

    assert run_of(trueport, "a.txt", "--all")["results"] == []

"""`trueport explain`: every rule tells what it matches and how to silence it."""

from pathlib import Path

import pytest
import yaml

from domain.policy.document import policy_from_document
from entrypoints.wiring.local_detection import LocalDetection
from tests.entrypoints.cli.conftest import CommandLine


def test_rule_is_told_on_a_page(trueport: CommandLine) -> None:
    ended = trueport("explain", "credit-card")

    assert ended.status == 0
    for part in ("CREDIT_CARD", "critical", "Luhn", "Near misses", "Sources:", "exceptions:"):
        assert part in ended.out


def test_exception_of_the_page_is_a_valid_policy(trueport: CommandLine) -> None:
    document = trueport("explain", "email", "--format", "json").json

    exceptions = yaml.safe_load(document["how_to_silence"])
    policy = policy_from_document({"schema_version": 1, "name": "mine", **exceptions})

    assert policy.exceptions[0].detector_rules == {"email"}


DETECTORS = """\
schema_version: 1
name: own things
detectors:
  - id: staff-number
    category: pii
    type: NATIONAL_ID
    description: what staff wear
    pattern: 'EMP-\\d{6}'
    examples: {match: [EMP-123456], ignore: [EMP-12]}
"""


def test_rule_of_a_policy_is_told_from_its_file(trueport: CommandLine) -> None:
    policy = str(trueport.write("policy.yaml", DETECTORS))

    page = trueport("explain", "custom/staff-number", "--policy", policy)
    rule = trueport(
        "explain", "tp1:custom/staff-number:0:f", "--policy", policy, "--format", "json"
    ).json

    assert page.out.startswith("custom/staff-number: what staff wear")
    assert "Near misses, which stay silent:\n  EMP-12" in page.out
    exceptions = yaml.safe_load(rule["how_to_silence"])["exceptions"]
    assert exceptions[0]["detector_rules"] == ["custom/staff-number"]


def test_rule_of_a_policy_that_is_not_named_says_where_to_look(trueport: CommandLine) -> None:
    ended = trueport("explain", "custom/staff-number")

    assert ended.status == 2
    assert "described by a policy: name its file with --policy" in ended.err


@pytest.mark.parametrize(
    "name", ["credit-card", "CREDIT_CARD", "credit_card", "tp1:credit-card:0:f"]
)
def test_rule_is_found_under_each_of_its_names(trueport: CommandLine, name: str) -> None:
    assert trueport("explain", name).out.startswith("credit-card: ")


def test_type_lists_the_rules_that_report_it(trueport: CommandLine) -> None:
    ended = trueport("explain", "VCS_TOKEN", "--format", "json")

    assert len(ended.json["rules"]) > 1
    assert {rule["type"] for rule in ended.json["rules"]} == {"VCS_TOKEN"}


def test_without_a_name_every_rule_is_listed(trueport: CommandLine) -> None:
    ended = trueport("explain")

    listed = {line.split()[0] for line in ended.out.splitlines()[1:]}
    assert listed == set(LocalDetection().rules)


def test_mistyped_name_ends_with_2_and_a_suggestion(trueport: CommandLine) -> None:
    ended = trueport("explain", "credti-card")

    assert ended.status == 2
    assert "Did you mean credit-card" in ended.err


def test_auxiliary_type_is_told_as_such(trueport: CommandLine) -> None:
    (rule, *_) = trueport("explain", "--format", "json").json["rules"]

    assert {"id", "examples", "near_misses", "sources", "operating_point"} <= set(rule)
    assert "never violates by itself" in trueport("explain", "url").out


def test_page_about_rules_is_as_the_rules_are(trueport: CommandLine) -> None:
    page = Path(__file__).parents[3] / "docs" / "rules.md"

    ended = trueport("explain", "--format", "markdown")

    assert ended.out == page.read_text(encoding="utf-8"), "run `make docs`"

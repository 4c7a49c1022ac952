"""What a policy may describe to be found, and what it is read from."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Detection
from domain.detection.fusion import fuse
from domain.detection.taxonomy import Category
from domain.detection.validators import VALIDATORS, is_valid
from domain.errors import InvalidValue
from domain.policy.custom_detector import MAX_DETECTORS, MAX_VALUES
from domain.policy.document import policy_from_document, policy_to_document
from domain.policy.evaluation import Candidate, EvaluationContext, evaluate
from domain.policy.rule import Direction, Policy
from tests.fakes.policies import deny_list, staff_number
from tests.strategies import contexts, detections, policies

PATTERN: dict[str, Any] = {
    "id": "staff-number",
    "category": "pii",
    "type": "NATIONAL_ID",
    "pattern": r"EMP-\d{6}",
    "examples": {"match": ["EMP-123456"], "ignore": ["EMP-12"]},
}
VALUES: dict[str, Any] = {
    "id": "code-names",
    "category": "secrets",
    "type": "GENERIC_SECRET",
    "values": ["falcon", "Project Owl"],
}


def document(*detectors: object) -> dict[str, object]:
    return {"schema_version": 1, "name": "p", "detectors": list(detectors)}


def test_what_is_left_out_of_a_detector_has_its_default() -> None:
    pattern, values = policy_from_document(document(PATTERN, VALUES)).detectors

    assert pattern == staff_number(examples=pattern.examples)
    assert (pattern.ignore_case, pattern.whole_words, pattern.score) == (False, True, 0.9)
    assert values == deny_list("falcon", "Project Owl")
    assert values.ignore_case
    assert (pattern.rule, values.rule) == ("custom/staff-number", "custom/code-names")


@pytest.mark.parametrize(
    ("detector", "field"),
    [
        ({**PATTERN, "id": "Staff"}, "detectors[0].id"),
        ({**PATTERN, "id": "a--b"}, "detectors[0].id"),
        ({**PATTERN, "id": "a" * 61}, "detectors[0].id"),
        ({**PATTERN, "category": "staff"}, "detectors[0].category"),
        ({**PATTERN, "type": "STAFF"}, "detectors[0].type"),
        ({**PATTERN, "type": "JWT"}, "detectors[0].type"),
        ({**PATTERN, "label": "staff"}, "detectors[0].label"),
        ({**PATTERN, "label": "EMAIL"}, "detectors[0].label"),
        ({**PATTERN, "label": "A]B"}, "detectors[0].label"),
        ({**PATTERN, "description": "x" * 501}, "detectors[0].description"),
        ({**PATTERN, "pattern": "x" * 501}, "detectors[0].pattern"),
        ({**PATTERN, "pattern": 4}, "detectors[0].pattern"),
        ({**PATTERN, "values": ["falcon"]}, "detectors[0]"),
        ({**PATTERN, "pattern": None}, "detectors[0]"),
        ({**PATTERN, "severity": "high"}, "detectors[0].severity"),
        ({**PATTERN, "validator": "md5"}, "detectors[0].validator"),
        ({**PATTERN, "score": 0}, "detectors[0].score"),
        ({**PATTERN, "score": 1.1}, "detectors[0].score"),
        ({**PATTERN, "score": float("nan")}, "detectors[0].score"),
        ({**PATTERN, "ignore_case": "yes"}, "detectors[0].ignore_case"),
        ({**PATTERN, "context": {"within": 4}}, "detectors[0].context.words"),
        ({**PATTERN, "context": {"words": ["no"], "within": 201}}, "detectors[0].context.within"),
        ({**PATTERN, "context": {"words": ["no", " x"]}}, "detectors[0].context.words[1]"),
        ({**PATTERN, "context": {"words": ["no"], "near": 1}}, "detectors[0].context.near"),
        ({**PATTERN, "examples": {"match": ["EMP-123456"]}}, "detectors[0].examples.ignore"),
        ({**PATTERN, "examples": {"ignore": ["EMP-123456"]}}, "detectors[0].examples.match"),
        ({**PATTERN, "examples": None}, "detectors[0].examples.match"),
        (
            {**PATTERN, "examples": {"match": ["x" * 1001], "ignore": ["x"]}},
            "detectors[0].examples.match[0]",
        ),
        (
            {**PATTERN, "examples": {"match": ["x"] * 21, "ignore": ["x"]}},
            "detectors[0].examples.match",
        ),
        ({**VALUES, "values": []}, "detectors[0]"),
        ({**VALUES, "values": ["x"]}, "detectors[0].values[0]"),
        ({**VALUES, "values": ["ok", "--"]}, "detectors[0].values[1]"),
        ({**VALUES, "values": ["ok", " ok "]}, "detectors[0].values[1]"),
        ({**VALUES, "values": ["a\tb"]}, "detectors[0].values[0]"),
        ({**VALUES, "values": ["a" * 201]}, "detectors[0].values[0]"),
        ({**VALUES, "values": ["falcon", "owl", "FALCON"]}, "detectors[0].values[2]"),
        ({**VALUES, "values": [f"v{at}" for at in range(MAX_VALUES + 1)]}, "detectors[0].values"),
        (
            {**VALUES, "values": [f"{at:03}" + "x" * 190 for at in range(110)]},
            "detectors[0].values",
        ),
    ],
)
def test_complaint_about_a_detector_names_the_place(detector: object, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        policy_from_document(document(detector))

    assert refusal.value.field == field


def test_two_of_one_id_and_too_many_are_refused() -> None:
    many = [{**PATTERN, "id": f"d{number}"} for number in range(MAX_DETECTORS + 1)]

    for detectors in ([PATTERN, PATTERN], many):
        with pytest.raises(InvalidValue) as refusal:
            policy_from_document(document(*detectors))
        assert refusal.value.field == "detectors"


def test_same_value_in_another_case_is_another_where_case_counts() -> None:
    values = {**VALUES, "values": ["falcon", "FALCON"], "ignore_case": False}

    assert policy_from_document(document(values)).detectors[0].values == ("falcon", "FALCON")


def test_policy_without_detectors_has_the_document_that_it_always_had() -> None:
    assert "detectors" not in policy_to_document(Policy(name="p"))


@given(st.sampled_from(sorted(VALIDATORS)), st.text(max_size=30))
def test_no_value_makes_a_validator_fail(validator: str, value: str) -> None:
    assert is_valid(validator, value) in (True, False)


def test_validator_reads_a_value_however_it_is_grouped() -> None:
    assert is_valid("iban", "de89 3704 0044 0532 0130 00")
    assert not is_valid("iban", "DE89 3704 0044 0532 0130 01")


@given(
    policy=policies(),
    built_in=detections(),
    custom=detections(with_custom=True),
    context=contexts(),
)
def test_finding_more_never_relaxes_a_policy(
    policy: Policy, built_in: Detection, custom: Detection, context: EvaluationContext
) -> None:
    own = replace(custom, findings=tuple(one for one in custom.findings if one.is_custom))

    def effect_of(*detections: Detection) -> int:
        found = [
            Candidate(finding=finding, part="text", direction=Direction.REQUEST)
            for finding in fuse(detections).findings
        ]
        return evaluate(policy, found, context).effect.rank

    assert effect_of(built_in, own) >= effect_of(built_in)


def test_values_of_an_exception_become_fingerprints_of_every_stated_type() -> None:
    policy = policy_from_document(
        {
            "schema_version": 1,
            "name": "p",
            "exceptions": [
                {
                    "id": "x",
                    "types": ["EMAIL", "USERNAME"],
                    "values": ["press@example.org"],
                    "fingerprints": ["tp1:known"],
                    "reason": "ours",
                    "expires": "2030-01-01",
                }
            ],
        }
    )

    (exception,) = policy.sealed(lambda kind, value: f"{kind}={value}").exceptions

    assert exception.values == ()
    assert exception.fingerprints == {
        "EMAIL=press@example.org",
        "USERNAME=press@example.org",
        "tp1:known",
    }
    assert "press" not in repr(policy_to_document(policy.sealed(lambda *_: "tp1:x")))


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"values": ["press@example.org"]}, "exceptions[0].types"),
        (
            {"values": [f"v{at}" for at in range(501)], "types": ["EMAIL", "PHONE"]},
            "exceptions[0].values",
        ),
        ({"values": [""], "types": ["EMAIL"]}, "exceptions[0].values[0]"),
    ],
)
def test_values_that_cannot_become_fingerprints_are_refused(parts: Any, field: str) -> None:
    exception = {"id": "x", "reason": "x", "expires": "2030-01-01", **parts}

    with pytest.raises(InvalidValue) as refusal:
        policy_from_document({"schema_version": 1, "name": "p", "exceptions": [exception]})

    assert refusal.value.field == field


def test_what_a_list_and_examples_hold_is_not_shown_by_chance() -> None:
    policy = policy_from_document(document(PATTERN, VALUES))

    assert "falcon" not in repr(policy)
    assert "EMP-123456" not in repr(policy)


def test_every_category_has_a_type_to_report() -> None:
    for category in Category:
        with pytest.raises(InvalidValue, match=f"a type of {category} is one of"):
            staff_number(category=category, type="NOTHING")

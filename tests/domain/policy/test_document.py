"""The policy document: a round trip without loss, complaints that name the place."""

import copy
import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.taxonomy import Severity
from domain.errors import InvalidValue
from domain.policy.document import policy_from_document, policy_to_document
from domain.policy.presets import starter_policy
from domain.policy.rule import AuditContent, Effect, FailureEffect, Mode, Policy, Replacement
from tests.strategies import json_values, policies

MINIMAL: dict[str, object] = {"schema_version": 1, "name": "p"}
EXCEPTION: dict[str, object] = {
    "id": "x",
    "reason": "test data",
    "expires": "2027-01-31",
    "types": ["EMAIL"],
}


@given(policies())
def test_a_policy_is_read_back_from_its_document(policy: Policy) -> None:
    assert policy_from_document(policy_to_document(policy)) == policy


@given(policies())
def test_json_and_yaml_lose_nothing(policy: Policy) -> None:
    document = policy_to_document(policy)

    assert policy_from_document(json.loads(json.dumps(document))) == policy
    assert policy_from_document(yaml.safe_load(yaml.safe_dump(document))) == policy


@given(policies())
def test_the_document_of_what_was_read_is_the_same(policy: Policy) -> None:
    document = policy_to_document(policy)

    assert policy_to_document(policy_from_document(document)) == document


def places(node: object) -> Iterator[tuple[dict[str, object] | list[object], str | int]]:
    """Yield every place of a document as a container and the key in it."""
    items = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, child in items:
        yield node, key  # type: ignore[misc]
        yield from places(child)


@given(policies(), json_values(4), st.randoms())
def test_whatever_stands_anywhere_is_read_or_refused_with_its_place(
    policy: Policy, value: object, chance: random.Random
) -> None:
    document = copy.deepcopy(policy_to_document(policy))
    container, key = chance.choice(list(places(document)))
    container[key] = value  # type: ignore[index]

    try:
        read = policy_from_document(document)
    except InvalidValue as refusal:
        field = refusal.field
    else:
        field = "read"
        assert policy_from_document(policy_to_document(read)) == read
    assert field


@given(json_values())
def test_any_json_is_read_or_refused(value: object) -> None:
    with pytest.raises(InvalidValue):
        policy_from_document(value)


def test_what_is_left_out_has_its_default() -> None:
    policy = policy_from_document({**MINIMAL, "rules": [{"id": "r", "effect": "flag"}]})

    rule = policy.rules[0]
    assert (policy.mode, policy.audit_content) == (Mode.ENFORCE, AuditContent.FULL)
    assert policy.on_detector_failure is FailureEffect.ALLOW
    assert (rule.effect, rule.severity) == (Effect.FLAG, Severity.MEDIUM)
    assert (rule.replacement, rule.always) == (Replacement.REPLACE, False)
    assert (rule.when.min_score, rule.when.min_count) == (None, 1)


def test_defaults_hold_for_rules_that_say_nothing_else() -> None:
    policy = policy_from_document(
        {
            **MINIMAL,
            "defaults": {"severity": "high", "mask": "hash", "min_score": 0.7},
            "rules": [
                {"id": "a", "effect": "mask"},
                {
                    "id": "b",
                    "effect": "mask",
                    "severity": "low",
                    "with": "replace",
                    "when": {"min_score": None},
                },
            ],
        }
    )

    seen = [(r.severity.value, r.replacement.value, r.when.min_score) for r in policy.rules]
    assert seen == [("high", "hash", 0.7), ("low", "replace", None)]


@pytest.mark.parametrize(
    ("expires", "expected"),
    [
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        (date(2027, 1, 31), datetime(2027, 1, 31, tzinfo=UTC)),
        (
            datetime(2027, 1, 31, 12, tzinfo=UTC).replace(tzinfo=None),
            datetime(2027, 1, 31, 12, tzinfo=UTC),
        ),
        ("2027-01-31T12:00:00+02:00", datetime(2027, 1, 31, 10, tzinfo=UTC)),
    ],
)
def test_an_exception_expires_at_a_date_or_a_time(expires: object, expected: datetime) -> None:
    policy = policy_from_document({**MINIMAL, "exceptions": [{**EXCEPTION, "expires": expires}]})

    assert policy.exceptions[0].expires == expected


def test_domains_are_read_in_lower_case() -> None:
    policy = policy_from_document(
        {**MINIMAL, "exceptions": [{**EXCEPTION, "domains": ["Example.ORG"]}]}
    )

    assert policy.exceptions[0].domains == {"example.org"}


RULE: dict[str, object] = {"id": "r", "effect": "flag"}


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (None, "policy"),
        ([], "policy"),
        ({}, "schema_version"),
        ({**MINIMAL, "schema_version": 2}, "schema_version"),
        ({**MINIMAL, "schema_version": True}, "schema_version"),
        ({**MINIMAL, "schema_version": "1"}, "schema_version"),
        ({"schema_version": 1}, "name"),
        ({**MINIMAL, "name": " "}, "name"),
        ({**MINIMAL, "name": "x" * 101}, "name"),
        ({**MINIMAL, "rule": []}, "rule"),
        ({"schema_version": 1, 5: []}, "5"),
        ({**MINIMAL, "mode": "audit"}, "mode"),
        ({**MINIMAL, "audit": "full"}, "audit"),
        ({**MINIMAL, "audit": {"content": "some"}}, "audit.content"),
        ({**MINIMAL, "audit": {"contents": "full"}}, "audit.contents"),
        ({**MINIMAL, "defaults": {"mask": "stars"}}, "defaults.mask"),
        ({**MINIMAL, "on_detector_failure": True}, "on_detector_failure"),
        ({**MINIMAL, "rules": {}}, "rules"),
        ({**MINIMAL, "rules": ["x"]}, "rules[0]"),
        ({**MINIMAL, "rules": [RULE, RULE]}, "rules"),
        ({**MINIMAL, "rules": [RULE, {"effect": "flag"}]}, "rules[1].id"),
        ({**MINIMAL, "rules": [{"id": "r"}]}, "rules[0].effect"),
        ({**MINIMAL, "rules": [{**RULE, "effect": "allow"}]}, "rules[0].effect"),
        ({**MINIMAL, "rules": [{**RULE, "effect": "Block"}]}, "rules[0].effect"),
        ({**MINIMAL, "rules": [{**RULE, "always": "yes"}]}, "rules[0].always"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"score": 1}}]}, "rules[0].when.score"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"min_score": 2}}]}, "rules[0].when.min_score"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"min_score": "1"}}]}, "rules[0].when.min_score"),
        (
            {**MINIMAL, "rules": [{**RULE, "when": {"min_score": 10**400}}]},
            "rules[0].when.min_score",
        ),
        ({**MINIMAL, "rules": [{**RULE, "when": {"min_count": 0}}]}, "rules[0].when.min_count"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"min_count": 1.5}}]}, "rules[0].when.min_count"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"types": ["EMIAL"]}}]}, "rules[0].when.types"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"types": "EMAIL"}}]}, "rules[0].when.types"),
        ({**MINIMAL, "rules": [{**RULE, "when": {"keys": ["k", ""]}}]}, "rules[0].when.keys[1]"),
        (
            {**MINIMAL, "rules": [{**RULE, "when": {"categories": ["pii", "x"]}}]},
            "rules[0].when.categories[1]",
        ),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "reason": ""}]}, "exceptions[0].reason"),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "expires": None}]}, "exceptions[0].expires"),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "expires": "soon"}]}, "exceptions[0].expires"),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "expires": 2027}]}, "exceptions[0].expires"),
        (
            {**MINIMAL, "exceptions": [{**EXCEPTION, "expires": "0001-01-01T00:00:00+23:00"}]},
            "exceptions[0].expires",
        ),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "types": []}]}, "exceptions[0]"),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "types": ["x"]}]}, "exceptions[0].types"),
        ({**MINIMAL, "exceptions": [{**EXCEPTION, "pattern": 4}]}, "exceptions[0].pattern"),
    ],
)
def test_a_complaint_names_the_place(document: object, field: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        policy_from_document(document)

    assert refusal.value.field == field


def test_a_complaint_says_what_is_allowed() -> None:
    with pytest.raises(InvalidValue, match="must be one of enforce, observe"):
        policy_from_document({**MINIMAL, "mode": "x"})
    with pytest.raises(InvalidValue, match="allowed are id, when, effect"):
        policy_from_document({**MINIMAL, "rules": [{**RULE, "action": "x"}]})


def test_the_starter_policy_has_a_document() -> None:
    assert policy_from_document(policy_to_document(starter_policy())) == starter_policy()

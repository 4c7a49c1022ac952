import pytest

from adapters.detectors.context import detector as context
from adapters.detectors.patterns import catalogue as patterns
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import SENSITIVE_PII
from tests.adapters.detectors.shipped import context_engine

RULES = (*patterns.catalogue(), *context.catalogue())


def _rules_found(rule: RuleInfo, text: str) -> set[str]:
    engine = context_engine() if rule in context.catalogue() else patterns.default_engine()
    return {finding.rule for finding in engine.find(text) if finding.is_operative}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_example_of_a_rule_is_found_by_it(rule: RuleInfo) -> None:
    silent = [example for example in rule.examples if rule.id not in _rules_found(rule, example)]

    assert rule.examples
    assert silent == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_near_miss_of_a_rule_stays_silent(rule: RuleInfo) -> None:
    loud = [text for text in rule.near_misses if rule.id in _rules_found(rule, text)]

    assert rule.near_misses
    assert loud == []


def test_rule_ids_are_unique_and_kebab_case() -> None:
    ids = [rule.id for rule in RULES]

    assert len(set(ids)) == len(ids)
    assert all(rule_id.replace("-", "").isalnum() and rule_id.islower() for rule_id in ids)


def test_every_sensitive_type_has_a_rule() -> None:
    assert {rule.type for rule in RULES} >= SENSITIVE_PII


def test_every_rule_names_its_sources() -> None:
    assert [rule.id for rule in RULES if not rule.sources] == []

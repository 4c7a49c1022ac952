"""Every rule shows what it finds and what it leaves alone, and does what it shows."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache

from adapters.detectors import exfil_regex_entropy
from adapters.detectors.secrets.engine import TOKEN_RULES
from application.ports.detector import Channel, Detector, DetectorText
from domain.detection.catalogue import RuleInfo
from domain.detection.taxonomy import Category
from entrypoints.wiring.detectors import (
    PATTERNS,
    make_detectors,
    make_model_store,
    rules_of,
    shipped_models,
)

UNSHOWN = frozenset({"toxicity-sexual", "toxicity-sexual-minors"})
"""Nothing sexual stands in this code; how well it is found is measured on labelled texts."""
MORE_SPECIFIC = {
    "stability-key": "openai-style-key",
    "workos-key": "stripe-secret-key",
}
"""Providers that took over the format of another one, whose rule speaks for both."""


@cache
def rules() -> Mapping[str, RuleInfo]:
    return rules_of(_detectors())


@cache
def _detectors() -> Sequence[Detector]:
    return make_detectors(make_model_store(shipped_models()))


@cache
def found() -> Mapping[str, frozenset[str]]:
    """Return the rules that report something in each example and near miss."""
    texts = list(
        dict.fromkeys(text for one in rules().values() for text in one.examples + one.near_misses)
    )
    reported: dict[str, set[str]] = defaultdict(set)

    async def read() -> None:
        asked = [DetectorText(text=text, channel=Channel.DOCUMENT) for text in texts]
        for detector in _detectors():
            for text, detection in zip(texts, await detector.detect(asked), strict=True):
                reported[text] |= {one.rule for one in detection.findings if one.is_operative}

    asyncio.run(read())
    return {text: frozenset(names) for text, names in reported.items()}


def test_every_rule_finds_its_examples() -> None:
    silent = [
        (rule.id, example)
        for rule in rules().values()
        for example in rule.examples
        if MORE_SPECIFIC.get(rule.id, rule.id) not in found()[example]
    ]

    assert silent == []


def test_every_rule_leaves_its_near_misses_alone() -> None:
    loud = [
        (rule.id, text)
        for rule in rules().values()
        for text in rule.near_misses
        if rule.id in found()[text]
    ]

    assert loud == []


def test_every_rule_shows_examples_and_at_least_as_many_near_misses() -> None:
    short = [
        rule.id
        for rule in rules().values()
        if rule.id not in UNSHOWN
        and not (rule.examples and len(rule.near_misses) >= len(rule.examples))
    ]

    assert short == []


def test_every_rule_says_what_it_matches_and_where_that_is_published() -> None:
    assert [r.id for r in rules().values() if not (r.title and r.matches and r.sources)] == []


def test_no_two_rules_share_an_id() -> None:
    # An index by id would show one of them and hide the other.
    by_rules = Counter(info.id for info in exfil_regex_entropy.catalogue())
    told = by_rules + Counter(
        rule for one in _detectors() if one.name != PATTERNS for rule in rules_of([one])
    )

    assert [rule for rule, count in told.items() if count > 1] == []


def test_formats_of_secrets_are_most_of_the_rules() -> None:
    of_secrets = [rule for rule in rules().values() if rule.category is Category.SECRETS]

    assert 150 <= len(TOKEN_RULES) <= len(of_secrets)

"""Every provider format finds its own samples, and nothing in what only looks like them."""

import pytest

from adapters.detectors.linear_time import Pattern, Subject
from adapters.detectors.secrets.engine import TOKEN_RULES, catalogue, secrets_engine
from adapters.detectors.secrets.recogniser import (
    OPERATING_POINT,
    TokenRecogniser,
    TokenRule,
)
from adapters.detectors.secrets.token_format import TokenFormat


def operative(text: str) -> list[tuple[str, str]]:
    found = secrets_engine().find(Subject(text))
    return [(f.type, text[f.span.start : f.span.end]) for f in found if f.is_operative]


def spans(text: str) -> list[str]:
    return [span for _, span in operative(text)]


def scanned(rule: TokenRule, text: str) -> list[str]:
    candidates = TokenRecogniser(rule).scan(Subject(text))
    return [text[c.start : c.end] for c in candidates if c.score >= OPERATING_POINT]


def around(text: str) -> str:
    return f"Here you are: {text} thanks"


def test_a_sample_of_each_format_is_found_with_its_exact_span() -> None:
    missed = [
        rule.id
        for rule in TOKEN_RULES
        if scanned(rule, around(rule.in_context(rule.sample))) != [rule.sample]
    ]

    assert missed == []


def test_the_engine_reports_the_sample_of_each_format() -> None:
    missed = [
        rule.id
        for rule in TOKEN_RULES
        if rule.sample not in spans(around(rule.in_context(rule.sample)))
    ]

    assert missed == []


def test_a_sample_of_each_format_is_reported_alone_under_its_type() -> None:
    wrong = [
        (rule.id, found)
        for rule in TOKEN_RULES
        if not rule.names
        for found in [operative(around(rule.sample))]
        if found != [(rule.type, rule.sample)]
    ]

    assert wrong == []


def test_no_shortened_sample_is_taken_for_its_format() -> None:
    taken = [
        rule.id for rule in TOKEN_RULES if scanned(rule, around(rule.in_context(rule.near_miss)))
    ]

    assert taken == []


def test_no_sample_inside_a_longer_word_is_taken_for_its_format() -> None:
    taken = [
        rule.id for rule in TOKEN_RULES if rule.sample in scanned(rule, f"x = Z9{rule.sample}Z9")
    ]

    assert taken == []


def test_no_format_is_found_in_a_sentence_about_it() -> None:
    taken = [rule.id for rule in TOKEN_RULES if operative(f"How do I rotate a {rule.title}?")]

    assert taken == []


def test_the_gate_opens_for_every_sample() -> None:
    closed = [
        rule.id
        for rule in TOKEN_RULES
        for subject in [Subject(rule.in_context(rule.sample))]
        if not any(Pattern(gate).search(subject) for gate in TokenRecogniser(rule).gates)
    ]

    assert closed == []


def test_rule_ids_are_unique_and_every_rule_names_a_source() -> None:
    rules = catalogue()

    assert len({info.id for info in rules}) == len(rules)
    assert all(info.sources and info.sources[0] for info in rules)
    assert len(TOKEN_RULES) >= 150


@pytest.mark.parametrize(
    ("notation", "expression"),
    [
        ("ab_{h4}", "ab_[0-9a-f]{4}"),
        ("(x|y|){d2-3}", "(?:x|y|)[0-9]{2,3}"),
        ("k{w20+}", "k[0-9A-Za-z]{20,480}"),
        ("a.b", r"a\.b"),
    ],
)
def test_the_notation_is_written_as_an_expression(notation: str, expression: str) -> None:
    assert TokenFormat(notation).expression == expression


@pytest.mark.parametrize("notation", ["{9}", "a{w}", "(open"])
def test_a_notation_that_cannot_be_read_is_refused(notation: str) -> None:
    with pytest.raises(ValueError, match="not a token format"):
        _ = TokenFormat(notation).expression

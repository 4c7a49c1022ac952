"""Every provider format finds its own samples, and nothing in what only looks like them."""

import pytest

from adapters.detectors.linear_time import Pattern, Subject
from adapters.detectors.secrets.engine import TOKEN_RULES, catalogue, secrets_engine
from adapters.detectors.secrets.recogniser import TokenRecogniser, TokenRule
from adapters.detectors.secrets.token_format import TokenFormat


def operative(text: str) -> list[tuple[str, str]]:
    found = secrets_engine().find(Subject(text))
    return [(f.type, text[f.span.start : f.span.end]) for f in found if f.is_operative]


@pytest.mark.parametrize("rule", TOKEN_RULES, ids=lambda rule: rule.id)
def test_a_sample_of_the_format_is_found_with_its_exact_span(rule: TokenRule) -> None:
    text = f"Here you are: {rule.in_context(rule.sample)} thanks"

    candidates = list(TokenRecogniser(rule).scan(Subject(text)))

    assert [text[c.start : c.end] for c in candidates] == [rule.sample]
    assert candidates[0].rule == rule.id
    assert candidates[0].score >= 0.5


@pytest.mark.parametrize("rule", TOKEN_RULES, ids=lambda rule: rule.id)
def test_the_engine_reports_the_sample_under_its_type(rule: TokenRule) -> None:
    found = operative(f"Here you are: {rule.in_context(rule.sample)} thanks")

    assert rule.sample in [span for _, span in found]


@pytest.mark.parametrize("rule", TOKEN_RULES, ids=lambda rule: rule.id)
def test_a_shortened_sample_is_not_taken_for_the_format(rule: TokenRule) -> None:
    text = f"Here you are: {rule.in_context(rule.near_miss)} thanks"

    assert list(TokenRecogniser(rule).scan(Subject(text))) == []


@pytest.mark.parametrize("rule", TOKEN_RULES, ids=lambda rule: rule.id)
def test_a_sample_inside_a_longer_word_is_not_taken_for_the_format(rule: TokenRule) -> None:
    text = f"x = Z9{rule.sample}Z9 end"

    assert all(
        text[c.start : c.end] != rule.sample for c in TokenRecogniser(rule).scan(Subject(text))
    )


@pytest.mark.parametrize("rule", TOKEN_RULES, ids=lambda rule: rule.id)
def test_the_gate_opens_for_every_sample(rule: TokenRule) -> None:
    subject = Subject(rule.in_context(rule.sample))

    opened = [Pattern(gate).search(subject) for gate in TokenRecogniser(rule).gates]

    assert any(match is not None for match in opened)


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

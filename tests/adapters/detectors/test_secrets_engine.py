"""Laws of the secrets engine: offsets, overlaps, explanations, examples, hostile input."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.linear_time import Subject
from adapters.detectors.secrets.engine import TOKEN_RULES, secrets_engine
from adapters.detectors.secrets.token_format import TokenFormat
from domain.detection.finding import Finding

RULES = {rule.id: rule for rule in TOKEN_RULES}
GITHUB = RULES["github-pat"].sample
TRUEPORT = RULES["trueport-key"].sample
AWS_EXAMPLE = "AKIAIOSFODNN7EXAMPLE"


def operative(text: str) -> list[Finding]:
    return [f for f in secrets_engine().find(Subject(text)) if f.is_operative]


def pieces(text: str) -> list[tuple[str, str]]:
    return [(f.rule, text[f.span.start : f.span.end]) for f in operative(text)]


@given(before=st.text(max_size=60), after=st.text(max_size=60))
@settings(max_examples=200)
def test_a_planted_key_is_found_at_its_place_between_any_texts(before: str, after: str) -> None:
    text = f"{before} {GITHUB} {after}"

    spans = {text[f.span.start : f.span.end] for f in operative(text)}

    assert any(GITHUB in span for span in spans)


@given(st.text(max_size=200))
def test_spans_lie_inside_any_text_and_do_not_overlap(text: str) -> None:
    found = secrets_engine().find(Subject(text))

    assert all(f.span.end <= len(text) for f in found)
    assert all(a.span.end <= b.span.start for a, b in pairwise(found))


@given(st.text(max_size=120))
def test_the_same_text_gives_the_same_findings(text: str) -> None:
    line = f"{text} password = '{text}' {GITHUB}"

    assert secrets_engine().find(Subject(line)) == secrets_engine().find(Subject(line))


def test_no_explanation_holds_the_secret() -> None:
    told = [
        rule.id
        for rule in TOKEN_RULES
        for finding in secrets_engine().find(Subject(f"my key: {rule.sample}"))
        if rule.sample in repr(finding)
    ]

    assert told == []


@given(st.text(alphabet="abcdefghijkLMNOPQRS0123456789#!", min_size=10, max_size=40))
def test_no_explanation_holds_the_value_of_a_name(value: str) -> None:
    for finding in secrets_engine().find(Subject(f'{value}_password = "{value}"')):
        assert value not in repr(finding)


def test_a_provider_format_wins_over_the_name_beside_it() -> None:
    text = f'github_token = "{GITHUB}"'

    assert pieces(text) == [("github-pat", GITHUB)]


def test_a_connection_string_wins_over_the_password_inside() -> None:
    password = TokenFormat("{w20}").sample("inner")
    url = f"postgres://app:{password}@db/app"

    assert pieces(f"DATABASE_PASSWORD_URL={url}") == [("postgresql-connection", url)]


def test_a_provider_token_wins_over_the_web_address_around_it() -> None:
    assert pieces(f"git clone https://x:{GITHUB}@github.com/o/r.git") == [("github-pat", GITHUB)]


def test_a_valid_checksum_is_told_and_scores_higher_than_a_wrong_one() -> None:
    wrong = GITHUB[:-1] + ("a" if GITHUB[-1] != "a" else "b")

    (valid,) = operative(GITHUB)
    (broken,) = operative(wrong)

    assert valid.explanation.validator == "crc32: valid"
    assert broken.explanation.validator == "crc32: not valid"
    assert valid.score > broken.score


def test_a_trueport_key_needs_its_checksum() -> None:
    mistyped = TRUEPORT[:-1] + ("a" if TRUEPORT[-1] != "a" else "b")

    assert [f.rule for f in operative(TRUEPORT)] == ["trueport-key"]
    assert [f for f in operative(f"see {mistyped} there") if f.rule == "trueport-key"] == []


def test_a_documented_example_is_reported_low_and_says_so() -> None:
    (finding,) = operative(f"aws_access_key_id = {AWS_EXAMPLE}")

    assert finding.rule == "aws-access-key-id"
    assert finding.score == 0.6
    assert finding.explanation.attributes["example"] == "true"


@pytest.mark.parametrize(
    "text",
    ["AKIA" + "X" * 16, "ghp_" + "x" * 36, "sk_live_" + "0" * 24, "npm_" + "*" * 36],
)
def test_a_format_filled_with_one_character_is_a_placeholder(text: str) -> None:
    assert operative(text) == []


@pytest.mark.parametrize(
    "text",
    [f"\\n{GITHUB}\\n", f"%3D{GITHUB}", f"('{GITHUB}')", f"日本語{GITHUB}です", f"token:{GITHUB};"],
)
def test_a_key_is_found_through_escapes_and_without_spaces(text: str) -> None:
    assert GITHUB in [text[f.span.start : f.span.end] for f in operative(text)]


@pytest.mark.parametrize(
    "unit", ["a", "@", "7", "[", "key=", "AKIA", "://a:b@", "eyJ", "-----BEGIN ", "=:\"'", "é"]
)
def test_hostile_repetition_is_read_in_linear_time(unit: str) -> None:
    short, long = (unit * (size // len(unit)) for size in (20_000, 200_000))
    engine = secrets_engine()
    engine.find(Subject(short))

    started = time.process_time()
    engine.find(Subject(long))

    assert time.process_time() - started < 5.0  # quadratic work would take minutes

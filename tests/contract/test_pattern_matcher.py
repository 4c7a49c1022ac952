"""The contract of `PatternMatcher`."""

import time
from collections.abc import Callable, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.pattern_matching import Re2PatternMatcher
from application.ports.pattern_matcher import PatternMatcher
from domain.errors import InvalidValue

MATCHERS: Mapping[str, Callable[[], PatternMatcher]] = {"re2": Re2PatternMatcher}


@pytest.fixture(params=MATCHERS, scope="module")
def matcher(request: pytest.FixtureRequest) -> PatternMatcher:
    return MATCHERS[request.param]()


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"EMP-\d{6}", "EMP-123456", True),
        (r"EMP-\d{6}", "EMP-1234567", False),
        (r"EMP-\d{6}", "x EMP-123456", False),
        (r"(?i)test.*", "TEST@example.org", True),
        (r"a|ab", "ab", True),
        (r".", "é", True),
        (r".", "\U0001f600", True),
        (r".", "\ud800", True),
        (r".*", "", True),
    ],
)
def test_whole_text_must_match(
    matcher: PatternMatcher, pattern: str, text: str, *, expected: bool
) -> None:
    assert matcher.matches(pattern, text) is expected


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(a", "missing"),
        ("(?=a)", "perl operator"),
        (r"(a)\1", "escape"),
        ("a{1001}", "repetition"),
        ("((a{500}){500}){2}", "."),
        ("", "1 to 500 characters"),
        ("a" * 501, "1 to 500 characters, not 501"),
        ("\ud800", "UTF-8"),
    ],
)
def test_bad_pattern_is_refused_with_its_reason(
    matcher: PatternMatcher, pattern: str, reason: str
) -> None:
    with pytest.raises(InvalidValue, match=reason):
        matcher.check(pattern)


def test_good_pattern_is_accepted(matcher: PatternMatcher) -> None:
    matcher.check(r"(?i)employee-[0-9a-f]{4,}")


@given(text=st.text(st.characters(codec=None, exclude_categories=())))
def test_no_text_makes_it_fail(matcher: PatternMatcher, text: str) -> None:
    assert matcher.matches(r"(?s).*", text)


@pytest.mark.parametrize("pattern", ["(a*)*b", "(a|aa)+b", "(x+x+)+y", "(.*)(.*)(.*)(.*)z"])
def test_time_is_linear_in_the_text(matcher: PatternMatcher, pattern: str) -> None:
    text = ("a" * 50_000) + ("x" * 50_000)
    started = time.process_time()

    assert not matcher.matches(pattern, text)

    assert time.process_time() - started < 2.0

"""Tokens: counting and estimating."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.usage import CHARACTERS_PER_TOKEN, Tokens, UsageEntry, estimate_tokens
from tests.strategies import tokens, usage_entries


@given(tokens())
def test_the_total_is_what_went_in_and_out(count: Tokens) -> None:
    assert count.total == count.input + count.output


@given(st.integers(0, 10**9))
def test_an_estimate_rounds_up(characters: int) -> None:
    estimate = estimate_tokens(characters)

    assert estimate * CHARACTERS_PER_TOKEN - characters in range(CHARACTERS_PER_TOKEN)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_a_longer_text_is_never_estimated_shorter(one: int, more: int) -> None:
    assert estimate_tokens(one + more) >= estimate_tokens(one)


def test_any_text_is_a_token_at_least() -> None:
    assert (estimate_tokens(0), estimate_tokens(1)) == (0, 1)


@pytest.mark.parametrize("numbers", [(-1, 0), (0, -1)])
def test_negative_numbers_of_tokens_are_refused(numbers: tuple[int, int]) -> None:
    with pytest.raises(InvalidValue):
        Tokens(input=numbers[0], output=numbers[1])


@given(usage_entries())
def test_usage_is_compared_by_value(entry: UsageEntry) -> None:
    assert entry == UsageEntry(**{name: getattr(entry, name) for name in entry.__slots__})

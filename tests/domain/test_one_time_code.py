"""One-time codes: their form, their life and their tries."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.identifiers import CodeId
from domain.one_time_code import CODE_BYTES, CODE_LIFE, MAX_TRIES, OneTimeCode, PendingCode
from domain.user import Email
from tests.fakes.clock import START

RIGHT, WRONG = "a" * 64, "b" * 64


def pending(tries: int = 0) -> PendingCode:
    code = PendingCode.issue(
        code_id=CodeId("otc_1"), email=Email("a@example.org"), digest=RIGHT, name=None, at=START
    )
    for _ in range(tries):
        code = code.tried()
    return code


@given(st.binary(min_size=CODE_BYTES, max_size=CODE_BYTES))
def test_code_has_six_digits_and_is_shown_in_no_repr(random: bytes) -> None:
    code = OneTimeCode.from_random(random)

    assert len(code.value) == 6
    assert code.value.isdigit()
    assert code.value not in repr(code)


@pytest.mark.parametrize("text", ["048213", " 048 213 ", "048-213", "0 4 8 2 1 3\n"])
def test_people_may_write_spaces_and_hyphens(text: str) -> None:
    assert OneTimeCode.parse(text).value == "048213"


@pytest.mark.parametrize("text", ["", "12345", "1234567", "abcdef", "٠٤٨٢١٣", "12345\x00"])
def test_anything_else_is_no_code(text: str) -> None:
    with pytest.raises(InvalidValue):
        OneTimeCode.parse(text)


def test_right_code_gets_in_until_its_life_is_over() -> None:
    last = START + CODE_LIFE - timedelta(microseconds=1)

    assert pending(1).admits(RIGHT, at=last)
    assert not pending(1).admits(RIGHT, at=START + CODE_LIFE)
    assert not pending(1).admits(WRONG, at=START)


def test_right_code_gets_in_with_the_last_try_and_not_after_it() -> None:
    assert pending(MAX_TRIES).admits(RIGHT, at=START)
    assert not pending(MAX_TRIES + 1).admits(RIGHT, at=START)

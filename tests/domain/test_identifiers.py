"""Identifiers: visible prefixes, sortable bodies, strict parsing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValue
from domain.identifiers import BODY_LENGTH, CROCKFORD, encode_crockford, made_at, make_id, parse_id

PREFIXES = ("ten", "usr", "key", "pol", "ups", "req", "evt", "whk", "adm", "inv", "ses", "otc")
UUIDS = st.binary(min_size=16, max_size=16)


@given(st.sampled_from(PREFIXES), UUIDS)
def test_an_id_that_was_made_is_parsed_unchanged(prefix: str, uuid: bytes) -> None:
    made = make_id(prefix, uuid)

    assert parse_id(prefix, made) == made


@given(UUIDS, UUIDS)
def test_ids_sort_as_their_uuids_do(one: bytes, other: bytes) -> None:
    assert (make_id("req", one) < make_id("req", other)) == (one < other)


@given(UUIDS, UUIDS)
def test_different_uuids_give_different_ids(one: bytes, other: bytes) -> None:
    assert (make_id("req", one) == make_id("req", other)) == (one == other)


@given(st.sampled_from(PREFIXES), st.sampled_from(PREFIXES), UUIDS)
def test_an_id_of_another_kind_is_refused(prefix: str, other: str, uuid: bytes) -> None:
    if prefix == other:
        return

    with pytest.raises(InvalidValue):
        parse_id(prefix, make_id(other, uuid))


@given(st.integers(0, 2**130 - 1))
def test_base_32_can_be_read_back(number: int) -> None:
    digits = encode_crockford(number, 26)

    assert sum(CROCKFORD.index(digit) * 32**at for at, digit in enumerate(digits[::-1])) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ten",
        "ten_",
        "ten_" + "0" * (BODY_LENGTH - 1),
        "ten_" + "0" * (BODY_LENGTH + 1),
        "ten_" + "u" * BODY_LENGTH,
        "ten_8" + "0" * (BODY_LENGTH - 1),
        "TEN_" + "0" * BODY_LENGTH,
        "ten_" + "A" * BODY_LENGTH,
        "ten_" + "0" * BODY_LENGTH + "\n",
        " ten_" + "0" * BODY_LENGTH,
        "ten_" + "\u0660" * BODY_LENGTH,
    ],
)
def test_text_that_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="expected ten_ and 26 characters"):
        parse_id("ten", text)


def test_the_refusal_does_not_repeat_the_text() -> None:
    with pytest.raises(InvalidValue) as refusal:
        parse_id("key", "tp_live_secret")

    assert "secret" not in str(refusal.value)


def test_an_unknown_prefix_is_refused() -> None:
    with pytest.raises(InvalidValue, match="not a known id prefix"):
        make_id("foo", bytes(16))


@given(st.integers(0, 4_000_000_000_000), st.binary(min_size=10, max_size=10))
def test_id_tells_when_it_was_made(milliseconds: int, rest: bytes) -> None:
    body = milliseconds.to_bytes(6) + rest

    at = made_at(make_id("req", body))

    assert at == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


@pytest.mark.parametrize("text", ["", "req_1", "log_ab", "req_" + "u" * 26, "7" + "z" * 25])
def test_what_is_no_id_of_our_time_was_made_at_no_time(text: str) -> None:
    assert made_at(text) is None

"""Errors: stable codes and messages that may be shown."""

import pytest

from domain import errors
from domain.errors import (
    ConcurrentUpdate,
    Conflict,
    DomainError,
    InvalidValue,
    LimitExceeded,
    NotFound,
    Unavailable,
)

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, DomainError)
]


def test_every_error_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in KINDS]

    assert len(set(codes)) == len(KINDS) == 9


def test_codes_are_the_ones_that_callers_know() -> None:
    assert {kind.code for kind in KINDS} == {
        "error",
        "invalid_value",
        "not_found",
        "conflict",
        "concurrent_update",
        "refused",
        "unauthenticated",
        "limit_exceeded",
        "unavailable",
    }


def test_a_code_given_to_one_error_stays_with_it() -> None:
    special = NotFound("no such member", code="member.not_found")

    assert (special.code, NotFound("nothing").code) == ("member.not_found", "not_found")


def test_the_message_is_what_is_shown() -> None:
    assert str(InvalidValue("a name is too long", field="name")) == "a name is too long"


def test_an_invalid_value_names_its_field() -> None:
    assert InvalidValue("wrong", field="rules[0].id").field == "rules[0].id"


def test_whoever_handles_a_conflict_handles_a_concurrent_update() -> None:
    with pytest.raises(Conflict):
        raise ConcurrentUpdate("changed meanwhile")


def test_a_limit_says_when_to_come_again() -> None:
    assert LimitExceeded("too many", retry_after=1.5).retry_after == 1.5


def test_an_unavailable_service_is_named_in_the_message() -> None:
    error = Unavailable("mail", retry_after=3.0)

    assert (str(error), error.service, error.retry_after) == ("mail is not available", "mail", 3.0)

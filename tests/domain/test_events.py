"""Events: a closed union of facts without any text."""

import typing
from dataclasses import fields
from datetime import datetime
from enum import StrEnum

import pytest
from hypothesis import given

from domain.events import Event, OutboxEntry, SignInCodeRequested
from domain.user import Email
from tests.strategies import outbox_entries

KINDS = typing.get_args(Event)


SEALED = "sealed_"
"""How fields begin that only the keys of the deployment open, and that no `repr` shows."""


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_carries_ids_numbers_and_words_of_the_vocabulary_only(kind: type) -> None:
    hidden = {field.name for field in fields(kind) if not field.repr}
    for name, hint in typing.get_type_hints(kind).items():
        for part in typing.get_args(hint) or (hint,):
            is_id = isinstance(part, typing.NewType) and part.__name__.endswith("Id")
            is_word = isinstance(part, type) and issubclass(part, StrEnum)
            is_sealed = name.startswith(SEALED) and name in hidden
            assert is_id or is_word or is_sealed or part in {int, bool, datetime, Ellipsis, Email}


@pytest.mark.parametrize("kind", KINDS)
def test_only_a_sign_in_names_an_address_and_no_tenant(kind: type) -> None:
    names = {field.name for field in fields(kind)}

    assert ("tenant_id" in names) != (kind is SignInCodeRequested)
    assert ("email" in names) == (kind is SignInCodeRequested)


@given(outbox_entries())
def test_an_entry_carries_one_of_the_known_events(entry: OutboxEntry) -> None:
    assert isinstance(entry.event, KINDS)
    assert hash(entry) == hash(OutboxEntry(**{n: getattr(entry, n) for n in entry.__slots__}))

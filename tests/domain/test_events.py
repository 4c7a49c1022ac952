"""Events: a closed union of facts without any text."""

import typing
from dataclasses import fields
from enum import StrEnum

import pytest
from hypothesis import given

from domain.events import Event, OutboxEntry
from tests.strategies import outbox_entries

KINDS = typing.get_args(Event)


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_carries_ids_numbers_and_words_of_the_vocabulary_only(kind: type) -> None:
    for hint in typing.get_type_hints(kind).values():
        for part in typing.get_args(hint) or (hint,):
            is_id = isinstance(part, typing.NewType) and part.__name__.endswith("Id")
            is_word = isinstance(part, type) and issubclass(part, StrEnum)
            assert is_id or is_word or part in {int, Ellipsis}


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_names_its_tenant(kind: type) -> None:
    assert "tenant_id" in {field.name for field in fields(kind)}


@given(outbox_entries())
def test_an_entry_carries_one_of_the_known_events(entry: OutboxEntry) -> None:
    assert isinstance(entry.event, KINDS)
    assert hash(entry) == hash(OutboxEntry(**{n: getattr(entry, n) for n in entry.__slots__}))

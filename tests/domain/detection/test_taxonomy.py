"""The closed vocabulary of detection."""

import re
from itertools import combinations

from domain.detection.taxonomy import (
    AUXILIARY_PII,
    SENSITIVE_PII,
    TYPES,
    Category,
    is_auxiliary,
)


def test_every_category_has_types() -> None:
    assert set(TYPES) == set(Category)
    assert all(TYPES.values())


def test_types_are_written_in_capitals() -> None:
    names = frozenset().union(*TYPES.values())

    assert [name for name in names if not re.fullmatch(r"[A-Z]+(_[A-Z]+)*", name)] == []


def test_only_a_password_is_of_two_categories() -> None:
    shared = {
        name for one, other in combinations(Category, 2) for name in TYPES[one] & TYPES[other]
    }

    assert shared == {"PASSWORD"}


def test_personal_data_is_sensitive_or_auxiliary() -> None:
    assert not SENSITIVE_PII & AUXILIARY_PII
    assert TYPES[Category.PII] == SENSITIVE_PII | AUXILIARY_PII


def test_only_personal_data_can_be_auxiliary() -> None:
    auxiliary = {
        (category, name)
        for category in Category
        for name in TYPES[category]
        if is_auxiliary(category, name)
    }

    assert auxiliary == {(Category.PII, name) for name in AUXILIARY_PII}

"""Pages of a list hold every item once, in order, and a cursor cannot be made up."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from application.paging import cursor_at, position_of, slice_of
from application.ports.readers import Page
from domain.errors import InvalidValue


@given(st.sets(st.text(max_size=8), max_size=30), st.integers(1, 7))
def test_pages_one_after_the_other_hold_every_item_once(items: set[str], limit: int) -> None:
    found: list[str] = []
    cursor = None
    for _ in range(40):
        page = slice_of(list(items), Page(limit=limit, cursor=cursor), key=str)
        assert len(page.items) <= limit
        found += page.items
        cursor = page.next_cursor
        if cursor is None:
            break

    assert found == sorted(items)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=3))
def test_cursor_stands_for_its_position(position: list[str]) -> None:
    assert position_of(cursor_at(*position), len(position)) == tuple(position)


@given(st.text(max_size=1200))
def test_any_other_text_is_no_cursor(text: str) -> None:
    with suppress(InvalidValue):
        assert len(position_of(text, 1)) == 1


@pytest.mark.parametrize("cursor", ["", "W10", "WzFd", "e30", "[]", "é", cursor_at("a", "b")])
def test_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidValue):
        slice_of(["a"], Page(cursor=cursor), key=str)


def test_page_without_room_is_refused() -> None:
    with pytest.raises(InvalidValue):
        slice_of(["a"], Page(limit=0), key=str)

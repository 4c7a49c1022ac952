"""Windows over a text are exactly the text, wherever they are cut."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.cli.scan_text import decoded, text_windows, utf16_length

TEXTS = st.text(st.sampled_from("ab \n\r\tü😀"), max_size=200)
SIZES = st.integers(2, 40)
MARGINS = st.integers(0, 20)


def pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


@given(text=TEXTS, size=SIZES, margin=MARGINS, piece=SIZES)
def test_windows_own_every_character_once(text: str, size: int, margin: int, piece: int) -> None:
    windows = list(text_windows(pieces(text, piece), size=size, margin=margin))

    owned = [window.text[window.own_start : window.own_end] for window in windows]
    assert "".join(owned) == text
    assert all(len(one) <= size + margin for one in owned)


@given(text=TEXTS, size=SIZES, margin=MARGINS)
def test_window_shows_the_text_at_its_place(text: str, size: int, margin: int) -> None:
    for window in text_windows(pieces(text, 7), size=size, margin=margin):
        offset = window.place.offset
        assert text[offset : offset + len(window.text)] == window.text


@given(text=TEXTS, size=SIZES, margin=MARGINS)
def test_locator_counts_lines_and_columns_as_the_whole_text_does(
    text: str, size: int, margin: int
) -> None:
    for window in text_windows(pieces(text, 7), size=size, margin=margin):
        locate = window.locator()
        for index in range(len(window.text) + 1):
            place = locate(index)
            before = text[: place.offset]
            last_line = before[before.rfind("\n") + 1 :]
            assert place.offset == window.place.offset + index
            assert place.line == before.count("\n") + 1
            assert place.column == len(last_line) + 1
            assert place.column16 == utf16_length(last_line) + 1


@given(text=TEXTS, size=SIZES)
def test_text_that_fits_is_one_window_and_all_of_it(text: str, size: int) -> None:
    windows = list(text_windows(pieces(text, 5), size=max(len(text), 1), margin=size))

    assert [window.text for window in windows] == ([text] if text else [])


@given(st.binary(max_size=200), st.integers(1, 9))
def test_any_bytes_are_decoded_as_at_once(content: bytes, size: int) -> None:
    marks = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
    source = content if not content.startswith(marks) else b" " + content
    rest = [source]

    def read(_: int) -> bytes:
        head, rest[0] = rest[0][:size], rest[0][size:]
        return head

    assert "".join(decoded(read)) == source.decode("utf-8", "replace")

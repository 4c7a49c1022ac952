"""Windows cover a text whole, overlap, and know where their tokens stand in it."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.neural.tokens import TextTokenizer
from domain.errors import Unavailable
from tests.adapters.detectors.neural.readers import FIRST, LAST, text_tokenizer

TEXTS = st.text(max_size=300)
WORDS = st.lists(
    st.sampled_from(["ab", "abcdef", "grüße", "日本語", "\N{GRINNING FACE}", "\ud800"])
)


@given(text=TEXTS)
def test_offsets_count_code_points_of_the_text_as_it_was_given(text: str) -> None:
    tokens = text_tokenizer().tokenise(text)

    assert [text[start:end] for start, end in tokens.offsets] == [
        text[start:end] for start, end in sorted(tokens.offsets)
    ]
    assert "".join(text[start:end] for start, end in tokens.offsets) == text


@given(words=WORDS, window=st.sampled_from([32, 64, 256]))
def test_windows_cover_every_token_and_overlap(words: list[str], window: int) -> None:
    tokenizer = text_tokenizer(window)
    tokens = tokenizer.tokenise(" ".join(words * 20))

    windows = tokenizer.windows(tokens)

    covered = {at for one in windows for at in range(one.first, one.first + one.count)}
    assert covered == set(range(len(tokens.ids)))
    assert all(len(one.input_ids) <= window for one in windows)
    assert all(one.input_ids[0] == FIRST and one.input_ids[-1] == LAST for one in windows)
    for before, after in pairwise(windows):
        assert before.first < after.first < before.first + before.count


def test_windows_of_256_begin_192_tokens_apart() -> None:
    tokenizer = text_tokenizer(256)

    windows = tokenizer.windows(tokenizer.tokenise("abc," * 300))

    assert [one.first for one in windows] == [0, 192, 600 - 254]
    assert {len(one.input_ids) for one in windows} == {256}


def test_window_knows_what_it_covers() -> None:
    tokenizer = text_tokenizer()
    tokens = tokenizer.tokenise("  grüße, Zoë")

    (window,) = tokenizer.windows(tokens)
    span = tokens.span(window)

    assert span is not None
    assert (span.start, span.end) == (0, 12)


def test_text_without_tokens_has_no_window() -> None:
    tokenizer = text_tokenizer()

    assert tokenizer.windows(tokenizer.tokenise("")) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"model": {"type": "nobody"}}'])
def test_what_is_no_tokenizer_is_refused(content: bytes) -> None:
    with pytest.raises(Unavailable, match="tokenizer of a model cannot be read"):
        TextTokenizer(content, window=256)

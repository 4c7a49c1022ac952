"""Texts as a model reads them: tokens with their places, and windows of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from adapters.detectors.plain_text import without_surrogates
from domain.detection.finding import Span
from domain.errors import Unavailable

_STRIDE = 0.75
"""The part of a window after which the next one begins: 192 tokens of 256."""

_PROBE = "a b"


@dataclass(frozen=True, slots=True)
class Window:
    """Some neighbouring tokens of a text between the special ones of the model.

    `first` counts the tokens of the text before it, `count` those in it, `lead` the special ones
    in front of them.
    """

    input_ids: tuple[int, ...]
    first: int
    count: int
    lead: int


@dataclass(frozen=True, slots=True)
class TokenisedText:
    """A text's tokens without special ones, and where each lies, in code points of the text."""

    ids: Sequence[int]
    offsets: Sequence[tuple[int, int]]

    def span(self, window: Window) -> Span | None:
        """Return what a window covers, None for nothing."""
        covered = self.offsets[window.first : window.first + window.count]
        start = min((start for start, end in covered if end > start), default=0)
        end = max((end for start, end in covered if end > start), default=0)
        return Span(start, end) if start < end else None


class TextTokenizer:
    """Make tokens and windows as the model was trained to read them.

    `window` is the number of tokens a window has at most, special ones included.
    """

    def __init__(self, content: bytes, *, window: int) -> None:
        try:
            self._tokenizer = Tokenizer.from_buffer(content)
        except (ValueError, TypeError) as error:
            raise Unavailable("models", "the tokenizer of a model cannot be read") from error
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._before, self._after = self._special_tokens()
        self._room = window - len(self._before) - len(self._after)
        self._step = max(1, min(int(window * _STRIDE), self._room))

    def tokenise(self, text: str) -> TokenisedText:
        """Return the tokens of a text."""
        encoding = self._tokenizer.encode(without_surrogates(text), add_special_tokens=False)
        return TokenisedText(encoding.ids, encoding.offsets)

    def windows(self, tokens: TokenisedText) -> list[Window]:
        """Return windows that cover all tokens, each of which overlaps the one before."""
        count = len(tokens.ids)
        if not count:
            return []
        last = max(count - self._room, 0)
        firsts = [*range(0, last, self._step), last]
        return [self._window(tokens, first) for first in firsts]

    def _window(self, tokens: TokenisedText, first: int) -> Window:
        ids = tokens.ids[first : first + self._room]
        return Window((*self._before, *ids, *self._after), first, len(ids), len(self._before))

    def _special_tokens(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the special tokens that stand before and after every text."""
        encoding = self._tokenizer.encode(_PROBE)
        bare = len(self._tokenizer.encode(_PROBE, add_special_tokens=False).ids)
        mask = list(encoding.special_tokens_mask)
        lead = mask.index(0) if 0 in mask else 0
        return tuple(encoding.ids[:lead]), tuple(encoding.ids[lead + bare :])

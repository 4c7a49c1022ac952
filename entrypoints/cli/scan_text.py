"""Read a file of any size as overlapping windows of text, with lines and columns."""

import codecs
import io
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

WINDOW = 64 * 1024
"""Code points that a window owns."""

MARGIN = 8 * 1024
"""Code points that a window sees on either side of what it owns; longer matches may be cut."""

_PIECE = 64 * 1024
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A position in a file: code points from its start, line, columns (all but the first from 1).

    `column` counts code points, `column16` UTF-16 code units as SARIF and editors do.
    """

    offset: int = 0
    line: int = 1
    column: int = 1
    column16: int = 1

    def after(self, text: str) -> "Place":
        """Return the place at the end of `text` that begins here."""
        breaks = text.count("\n")
        last = text[text.rfind("\n") + 1 :] if breaks else text
        width16 = utf16_length(last)
        return Place(
            offset=self.offset + len(text),
            line=self.line + breaks,
            column=1 + len(last) if breaks else self.column + len(last),
            column16=1 + width16 if breaks else self.column16 + width16,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TextWindow:
    """A piece of a file; it reports what begins in `[own_start, own_end)` of its text."""

    text: str
    own_start: int
    own_end: int
    place: Place

    def owns(self, start: int) -> bool:
        """Tell whether a match that begins here is this window's to report."""
        return self.own_start <= start < self.own_end

    def locator(self) -> Callable[[int], Place]:
        """Return a function from an index of the text to its place in the file."""
        starts = [0]
        at = self.text.find("\n")
        while at != -1:
            starts.append(at + 1)
            at = self.text.find("\n", at + 1)

        def locate(index: int) -> Place:
            row = bisect_right(starts, index) - 1
            prefix = self.text[starts[row] : index]
            first = self.place if row == 0 else Place()
            return Place(
                offset=self.place.offset + index,
                line=self.place.line + row,
                column=first.column + len(prefix),
                column16=first.column16 + utf16_length(prefix),
            )

        return locate


def utf16_length(text: str) -> int:
    """Return the number of UTF-16 code units of a text."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def encoding_of(head: bytes) -> str:
    """Return the encoding that a byte order mark names, UTF-8 without one."""
    return next((name for mark, name in _MARKS if head.startswith(mark)), "utf-8")


class Reader:
    """Read a file until it ends or breaks off; what was read before that is kept."""

    def __init__(self, file: BinaryIO) -> None:
        # One system call at a time: a buffer that is to be filled is lost with the error.
        self._read = file.read1 if isinstance(file, io.BufferedIOBase) else file.read
        self.error: OSError | None = None

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end; an error is an end that is remembered."""
        try:
            return self._read(size)
        except OSError as error:
            self.error = error
            return b""


def decoded(read: Callable[[int], bytes]) -> Iterator[str]:
    """Yield the text of a file in pieces; what cannot be decoded becomes U+FFFD.

    A byte order mark of UTF-8 stays as a code point, as it does for who decodes the whole file.
    """
    piece = read(_PIECE)
    decoder = codecs.getincrementaldecoder(encoding_of(piece))("replace")
    while piece:
        yield decoder.decode(piece)
        piece = read(_PIECE)
    yield decoder.decode(b"", final=True)


def text_windows(
    pieces: Iterator[str], *, size: int = WINDOW, margin: int = MARGIN
) -> Iterator[TextWindow]:
    """Yield the windows of a text that comes in pieces; memory stays that of one window.

    Windows end at a line break where there is one, else at white space. A text that fits into one
    window is exactly that window.
    """
    before, waiting, place = "", "", Place()
    is_over = False
    while not is_over:
        while len(waiting) < size + margin:
            piece = next(pieces, None)
            if piece is None:
                is_over = True
                break
            waiting += piece
        own = len(waiting) if is_over else _cut(waiting, size)
        if own:
            yield TextWindow(
                text=before + waiting[: own + margin],
                own_start=len(before),
                own_end=len(before) + own,
                place=place,
            )
        seen = before + waiting[:own]
        keep = _margin_start(seen, margin)
        place = place.after(seen[:keep])
        before, waiting = seen[keep:], waiting[own:]


def _cut(text: str, size: int) -> int:
    """Return where a window ends that may own `size` code points."""
    newline = text.rfind("\n", size // 2, size)
    if newline != -1:
        return newline + 1
    for at in range(size - 1, max(size // 2, size - MARGIN), -1):
        if text[at].isspace():
            return at + 1
    return size


def _margin_start(seen: str, margin: int) -> int:
    """Return where the margin before the next window begins: at a line where there is one."""
    if len(seen) <= margin:
        return 0
    start = len(seen) - margin
    newline = seen.find("\n", start - 1, start + margin // 2)
    return start if newline == -1 else newline + 1

r"""Match many expressions in linear time: a typed wrapper around RE2 with code-point offsets.

RE2 (https://github.com/google/re2/wiki/Syntax) knows no look-around and no back-references, and
its `\b`, `\d`, `\w` and `\s` mean ASCII only: rules are written in that subset and what lies
around a match is checked in code.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

import re2  # type: ignore[import-untyped]

_MEMBER, _NO_MEMBER = b"r", b"\0"
_BEYOND_ASCII = bytes(0x80) + _MEMBER * 0x80
_LONGEST_PART = 512
_PATTERN_MEMORY = 8 << 20
_GATE_MEMORY = 96 << 20
_CONTINUATION_MASK = 0xC0
_CONTINUATION = 0x80
_NOTHING = r"[^\x{0}-\x{10FFFF}]"
_RUN = re.compile(r"\[((?:[0-9A-Za-z]-[0-9A-Za-z]|[0-9A-Za-z+/_~.])+-?)\]\{(\d+)\}")
_PROBES = (b"", b"a", b"a1", b" ", b"\n", b"a b", b"-\n1")

_Matcher = Callable[[object, bytes, int, int], Sequence[tuple[int, int]]]
"""Search bytes between two offsets: the spans of all groups, `(-1, -1)` for what took no part."""

_ANYWHERE = re2._Anchor.UNANCHORED  # noqa: SLF001 - the library names it nowhere else
_AT_START = re2._Anchor.ANCHOR_START  # noqa: SLF001 - the same
_WHOLE = re2._Anchor.ANCHOR_BOTH  # noqa: SLF001 - the same

PatternError: type[Exception] = re2.error
"""What RE2 raises for a pattern outside its syntax or limits."""


class Subject:
    """A text with its UTF-8 form, encoded once however many patterns read it.

    Lone surrogates, which JSON can carry and UTF-8 cannot, are read as `?`, one for one.
    """

    __slots__ = ("_bytes", "_points", "data", "is_ascii", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.data = text.encode("utf-8", "replace")
        self.is_ascii = len(self.data) == len(text)
        # Where ASCII begins in bytes and in code points, then where other characters begin, in
        # turns; filled when somebody asks, since most patterns find nothing.
        self._bytes: list[int] = []
        self._points: list[int] = []

    def code_point(self, offset: int) -> int:
        """Return the code-point offset of a byte offset that lies on a character boundary."""
        if self.is_ascii:
            return offset
        if not self._bytes:
            self._measure()
        at = bisect_right(self._bytes, offset) - 1
        start = self._bytes[at]
        if at % 2:
            return self._points[at] + len(self.data[start:offset].decode("utf-8"))
        return self._points[at] + offset - start

    def byte(self, position: int) -> int:
        """Return the byte offset of a code-point offset."""
        if self.is_ascii:
            return position
        if not self._bytes:
            self._measure()
        at = bisect_right(self._points, position) - 1
        start = self._points[at]
        if at % 2:
            return self._bytes[at] + len(self.text[start:position].encode("utf-8", "replace"))
        return self._bytes[at] + position - start

    def _measure(self) -> None:
        """Note where ASCII ends and begins; long stretches of other characters are cut in parts."""
        starts, points = [0], [0]
        kinds = self.data.translate(_BEYOND_ASCII)
        first = kinds.find(_MEMBER)
        while first >= 0:
            last = kinds.find(_NO_MEMBER, first)
            last = len(kinds) if last < 0 else last
            if last - first > _LONGEST_PART:
                last = first + _LONGEST_PART
                while self.data[last] & _CONTINUATION_MASK == _CONTINUATION:
                    last -= 1
            point = points[-1] + first - starts[-1]
            starts += (first, last)
            points += (point, point + len(self.data[first:last].decode("utf-8")))
            first = kinds.find(_MEMBER, last)
        self._bytes, self._points = starts, points


class Match:
    """One match; offsets are code points of the subject's text."""

    __slots__ = ("_spans", "_subject")

    def __init__(self, subject: Subject, spans: Sequence[tuple[int, int]]) -> None:
        self._subject = subject
        self._spans = spans

    def span(self, group: int = 0) -> tuple[int, int]:
        """Return the half-open range of a group, or `(-1, -1)` where it took no part."""
        span = self._spans[group]
        if self._subject.is_ascii or span[0] < 0:
            return span
        return self._subject.code_point(span[0]), self._subject.code_point(span[1])

    def text(self, group: int = 0) -> str:
        """Return what a group matched, or the empty string where it took no part."""
        start, end = self._spans[group]
        return "" if start < 0 else self._subject.data[start:end].decode("utf-8")

    def following(self, group: int = 0) -> str:
        """Return the character behind a group, or the empty string at the end of the text."""
        _, end = self.span(group)
        return self._subject.text[end : end + 1]

    def took_part(self, group: int) -> bool:
        """Tell whether a group is part of this match."""
        return self._spans[group][0] >= 0


class Pattern:
    """One compiled expression; flags are written inline, as in `(?i)`.

    `memory` is what RE2 may use for it, in bytes. Of alternatives that match at one place the
    first wins, or with `longest` the longest: a short one cannot cut off a value then.

    Raises:
        PatternError: the expression is outside RE2's syntax or limits.
    """

    __slots__ = ("_match", "_regexp", "expression", "groups")

    def __init__(
        self, expression: str, *, memory: int = _PATTERN_MEMORY, longest: bool = False
    ) -> None:
        self.expression = expression
        options = _options(memory)
        options.longest_match = longest
        self._regexp = re2.compile(expression, options=options)
        self.groups: int = self._regexp.groups
        # The library's own methods make a generator and an object for each match, which costs
        # several times what the search itself does.
        self._match: _Matcher = self._regexp._regexp.Match  # noqa: SLF001 - see above

    @property
    def size(self) -> int:
        """Return the number of instructions, which bounds the work for one character."""
        size: int = self._regexp.programsize
        return size

    @property
    def can_be_empty(self) -> bool:
        """Tell whether it matches between characters, without one of them."""
        matches = (self._regexp.search(text) for text in _PROBES)
        return any(match is not None and match.start() == match.end() for match in matches)

    def finditer(
        self,
        subject: Subject,
        start: int = 0,
        end: int | None = None,
        *,
        resume_after: int = 0,
    ) -> Iterator[Match]:
        r"""Yield the non-empty matches between two code-point offsets, from left to right.

        The text around that range is seen by `\b` and `^`. `resume_after` is the group at whose
        end the search goes on: with a trailing delimiter outside that group, the delimiter may
        begin the next match.
        """
        data = subject.data
        at = subject.byte(start) if start else 0
        stop = len(data) if end is None else min(subject.byte(end), len(data))
        while at < stop:
            spans = self._match(_ANYWHERE, data, at, stop)
            first, last = spans[0]
            if first < 0:
                return
            if first == last:
                at = _next_boundary(data, last)
                continue
            yield Match(subject, spans)
            resumed = spans[resume_after][1]
            at = resumed if resumed > first else last

    def search(self, subject: Subject, start: int = 0, end: int | None = None) -> Match | None:
        """Return the leftmost non-empty match between two code-point offsets, if any."""
        return next(self.finditer(subject, start, end), None)

    def occurs(self, text: str) -> bool:
        """Tell whether it matches anywhere in a text, if only between two characters."""
        data = text.encode("utf-8", "replace")
        return self._match(_ANYWHERE, data, 0, len(data))[0][0] >= 0

    def match_at(self, subject: Subject, start: int, end: int | None = None) -> Match | None:
        """Return the match that begins exactly at a code-point offset, if any."""
        stop = len(subject.data) if end is None else min(subject.byte(end), len(subject.data))
        at = subject.byte(start)
        if at > stop:
            return None
        spans = self._match(_AT_START, subject.data, at, stop)
        return None if spans[0][0] < 0 else Match(subject, spans)

    def fullmatch(self, text: str) -> Match | None:
        """Return the match of the whole text, if it matches."""
        subject = Subject(text)
        spans = self._match(_WHOLE, subject.data, 0, len(subject.data))
        return None if spans[0][0] < 0 else Match(subject, spans)


class LazyPattern(Pattern):
    """An expression that is compiled when it is first asked for: a module may hold many of them.

    What is wrong with it shows only then: it is for expressions that do not come from outside.
    """

    __slots__ = ()

    def __init__(self, expression: str) -> None:
        self.expression = expression

    def __getattr__(self, name: str) -> object:
        # Only what is not there yet is asked for here.
        if name not in {"_match", "_regexp", "groups"}:
            raise AttributeError(name)
        super().__init__(self.expression)
        return getattr(self, name)


class Gate:
    """Many expressions read in one pass: tells which of them occur at all, not where.

    A run such as `[0-9A-Za-z]{17}` is looked for beside that pass: an automaton counts by states,
    which multiply with those of all other expressions and of all runs that a text begins.

    Raises:
        PatternError: an expression is outside RE2's syntax or limits.
    """

    __slots__ = ("_runs", "_set", "size")

    def __init__(self, expressions: Sequence[str]) -> None:
        self.size = len(expressions)
        self._set = re2.Set.SearchSet(_options(_GATE_MEMORY))
        self._runs: list[tuple[int, bytes, bytes]] = []
        for number, expression in enumerate(expressions):
            run = _RUN.fullmatch(expression)
            if run is not None:
                self._runs.append((number, _members(run[1]), _MEMBER * int(run[2])))
            # What never matches keeps the numbers of the others.
            self._set.Add(expression if run is None else _NOTHING)
        if expressions:
            self._set.Compile()

    def hits(self, subject: Subject) -> list[int]:
        """Return the indexes, ascending, of the expressions that occur in the subject."""
        data = subject.data
        if not self.size or not data:
            return []
        hits = list(self._set.Match(data) or ())
        for number, members, run in self._runs:
            if data.translate(members).find(run) >= 0:
                hits.append(number)
        if len(hits) > 1:
            hits.sort()
        return hits


def _members(members: str) -> bytes:
    """Return the table that tells the members of a class from all other characters."""
    known = re.compile(f"[{members}]")
    return b"".join(_MEMBER if known.match(chr(code)) else _NO_MEMBER for code in range(256))


def escape(literal: str) -> str:
    """Return the expression that matches a text literally."""
    escaped: str = re2.escape(literal)
    return escaped


def _options(memory: int) -> "re2.Options":
    options = re2.Options()
    options.log_errors = False
    options.max_mem = memory
    return options


def _next_boundary(data: bytes, at: int) -> int:
    at += 1
    while at < len(data) and data[at] & _CONTINUATION_MASK == _CONTINUATION:
        at += 1
    return at

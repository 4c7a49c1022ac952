"""Give out ranges of a text so that no two of them overlap."""

from bisect import bisect_left, insort


class DisjointRanges:
    """Ranges given out so far; who asks first gets the range."""

    __slots__ = ("_ends", "_starts")

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: dict[int, int] = {}

    def claim(self, start: int, end: int) -> bool:
        """Take the half-open range and return True, unless a part of it was given out before."""
        if not self.is_free(start, end):
            return False
        insort(self._starts, start)
        self._ends[start] = end
        return True

    def is_free(self, start: int, end: int) -> bool:
        """Tell whether no part of the half-open range was given out."""
        following = bisect_left(self._starts, start)
        if following < len(self._starts) and self._starts[following] < end:
            return False
        return not (following and self._ends[self._starts[following - 1]] > start)

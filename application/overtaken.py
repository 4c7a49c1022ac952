"""Do once more what another transaction got ahead of."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import ConcurrentUpdate

_T = TypeVar("_T")
_TRIES = 5


async def again_when_overtaken(work: Callable[[], Awaitable[_T]]) -> _T:
    """Return what `work` returns: a whole unit of work, which reads what it decides upon.

    For work that nobody waits to decide about again. Stores that run units one after the other
    need this never; in others the one that was overtaken has come to nothing.

    Raises:
        ConcurrentUpdate: others got ahead every time.
    """
    for _ in range(_TRIES - 1):
        try:
            return await work()
        except ConcurrentUpdate:
            continue
    return await work()

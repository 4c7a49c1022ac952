"""Long texts read on a thread, one batch after the other, while the event loop goes on."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

Result = TypeVar("Result")


async def off_the_loop(work: Callable[[], Result]) -> Result:
    """Return what the work returns, done when what was asked for before is done.

    There is one thread for all detectors that compute in Python: it runs on one core at a time
    whatever the number of threads, and several only take it from each other and from the event
    loop. Who waits and is cancelled leaves no work behind that has not begun.
    """
    return await asyncio.get_running_loop().run_in_executor(_thread(), work)


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="detectors")

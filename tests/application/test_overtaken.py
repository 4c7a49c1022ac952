"""Work that was overtaken is done once more, and in the end given up."""

import pytest

from application.overtaken import again_when_overtaken
from domain.errors import ConcurrentUpdate, Conflict


class Work:
    """Fail so many times, then return how often it was called."""

    def __init__(self, failures: int, error: Exception) -> None:
        self.calls = 0
        self._failures = failures
        self._error = error

    async def __call__(self) -> int:
        self.calls += 1
        if self.calls <= self._failures:
            raise self._error
        return self.calls


@pytest.mark.parametrize("failures", [0, 1, 4])
async def test_overtaken_work_is_done_again(failures: int) -> None:
    assert await again_when_overtaken(Work(failures, ConcurrentUpdate(""))) == failures + 1


async def test_work_that_is_always_overtaken_is_given_up() -> None:
    work = Work(99, ConcurrentUpdate(""))

    with pytest.raises(ConcurrentUpdate):
        await again_when_overtaken(work)

    assert work.calls == 5


async def test_other_conflicts_are_not_tried_again() -> None:
    work = Work(1, Conflict("taken"))

    with pytest.raises(Conflict):
        await again_when_overtaken(work)

    assert work.calls == 1

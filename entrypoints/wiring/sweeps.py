"""What an engine looks after by the clock: missed objects, and digests that are due."""

from collections.abc import Coroutine

from application.analytics.reconcile import SweepScope
from entrypoints.wiring.background import repeat
from entrypoints.wiring.containers import Container

_DIGESTS_EVERY = 60.0
_FIRST_AFTER = 60.0
_SWEEPS = {
    SweepScope.RECENT: 600.0,
    SweepScope.FOREIGN: 3600.0,
    SweepScope.ALL: 24 * 3600.0,
}
"""Seconds from one sweep to the next: a lost event costs an hour at most."""


def sweep_loops(container: Container) -> list[Coroutine[None, None, None]]:
    """Return the loops; every process that runs them finds the same, and queues it once."""

    async def digests() -> bool:
        await container.schedule_digests()()
        return False

    loops = [repeat("digests", digests, _DIGESTS_EVERY, first_after=_FIRST_AFTER)]
    for scope, pause in _SWEEPS.items():
        loops.append(_sweeping(container, scope, pause))
    return loops


def _sweeping(container: Container, scope: SweepScope, pause: float) -> Coroutine[None, None, None]:
    async def sweep() -> bool:
        await container.reconcile()(scope)
        return False

    return repeat(f"sweep {scope.value}", sweep, pause, first_after=_FIRST_AFTER)

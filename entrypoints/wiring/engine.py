"""The analytics engine alone: workers, alerts and its sweeps, without gateway and journal."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager

from entrypoints.wiring.background import IDLE, Workers, repeat
from entrypoints.wiring.containers import Container
from entrypoints.wiring.lifespan import PRUNE_EVERY, opened
from entrypoints.wiring.sweeps import sweep_loops


@asynccontextmanager
async def engine_running(
    container: Container, *, workers: int, takes_events: bool
) -> AsyncIterator[Workers]:
    """Open the store and work on its jobs; whoever wants a good end drains the workers before.

    Raises:
        Unavailable: the store cannot be opened.
    """
    async with opened(container), asyncio.TaskGroup() as group:
        crew = Workers(container.work_on_jobs(), workers)
        crew.start(group)
        loops = _loops(container, crew.stopping, takes_events=takes_events)
        tasks = [group.create_task(loop) for loop in loops]
        try:
            yield crew
        finally:
            crew.give_back()
            for task in tasks:
                task.cancel()


def _loops(
    container: Container, stopping: asyncio.Event, *, takes_events: bool
) -> list[Coroutine[None, None, None]]:
    async def relay() -> bool:
        return await container.relay_outbox()() > 0

    async def poll() -> bool:
        return await container.event_queue().poll_once(container.accept_event())

    loops = [
        repeat("outbox", relay, IDLE),
        repeat("prune", container.prune_jobs(), PRUNE_EVERY),
        *sweep_loops(container),
    ]
    if takes_events and container.settings().events_queue_url:
        loops.append(repeat("events", poll, IDLE, until=stopping))
    return loops

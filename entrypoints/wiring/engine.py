"""The analytics engine alone: workers, alerts and its sweeps, without gateway and journal."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from entrypoints.wiring.background import Workers
from entrypoints.wiring.containers import Container
from entrypoints.wiring.engine_loops import engine_loops
from entrypoints.wiring.lifespan import check_models, opened


@asynccontextmanager
async def engine_running(
    container: Container, *, workers: int, takes_events: bool
) -> AsyncIterator[Workers]:
    """Open the store and work on its jobs; whoever wants a good end drains the workers before.

    Raises:
        Unavailable: the store cannot be opened, a model is damaged, or a Triton server has another
            one.
    """
    async with opened(container):
        await check_models(container)
        async with asyncio.TaskGroup() as group:
            crew = Workers(container.work_on_jobs(), workers)
            crew.start(group)
            ending = asyncio.Event()
            loops = engine_loops(
                container, ending, takes_events=takes_events, draining=crew.stopping
            )
            tasks = [group.create_task(loop) for loop in loops]
            try:
                yield crew
            finally:
                crew.give_back()
                ending.set()
                for task in tasks:
                    task.cancel()

"""Open what a process needs, run its background loops, and close it in order."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from domain.errors import DomainError, Unavailable
from entrypoints.wiring.allocator import return_large_blocks
from entrypoints.wiring.background import IDLE, repeat
from entrypoints.wiring.containers import Container
from entrypoints.wiring.engine_loops import engine_loops
from entrypoints.wiring.factories import make_abandoned_journals
from entrypoints.wiring.jobs import Connected
from entrypoints.wiring.triton import check_at_start

_log = logging.getLogger(__name__)

ANCHOR_EVERY = 3600.0
_PRUNE_EVERY = 3600.0


@asynccontextmanager
async def opened(container: Container) -> AsyncIterator[None]:
    """Open the store and close it at the end.

    Raises:
        Unavailable: `TRUEPORT_HOME` cannot be written or the store cannot be opened.
    """
    return_large_blocks()
    await asyncio.to_thread(prepare_home, container.settings().home)
    store = container.store()
    await store.open()
    try:
        yield
    finally:
        queue = container.queue()
        if isinstance(queue, Connected):
            await queue.close()
        await container.counting().close()
        payments = container.payments()
        if isinstance(payments, Connected):
            await payments.close()
        await container.triton().close()
        await store.close()


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[None]:
    """Open everything and run the loops of gateway, analytics and outbox until the end.

    At the end what is in the journal is shipped and the chains are anchored, as far as storage is
    there; what is not stays in the journal for the next start.

    Raises:
        Unavailable: the store or the journal cannot be opened, a model is damaged, or a Triton
            server has another one.
    """
    async with opened(container):
        await check_models(container)
        journal = container.journal()
        async with container.transactions()() as uow:
            heads = await uow.audit.heads_of_instance(journal.instance)
        await journal.open(heads)
        await _ship_abandoned(container)
        try:
            ending = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop) for loop in _loops(container, ending)]
                try:
                    yield
                finally:
                    # A library may lose a cancellation that meets an answer; the event is not lost.
                    ending.set()
                    for task in tasks:
                        task.cancel()
        finally:
            with suppress(DomainError):
                await container.ship_audit()()
                await container.anchor_chains()()
            await journal.close()
            await container.model_providers().close()
            if container.settings().events_queue_url:
                container.event_queue().close()


async def check_models(container: Container) -> None:
    """Load and check the models, here and on Triton, before anybody is served.

    Raises:
        Unavailable: a model is damaged, or a Triton server has another one.
    """
    store = container.model_store()
    await asyncio.to_thread(store.check)
    # Versions are those of the weights: asking for them loads the linear models.
    await asyncio.to_thread(lambda: container.pipeline().versions)
    triton = container.triton().client
    if triton is not None:
        await check_at_start(triton, store)


async def _ship_abandoned(container: Container) -> None:
    """Ship what processes that died left in journals of their own."""
    for journal in make_abandoned_journals(
        container.settings(), container.ids(), container.randomness()
    ):
        try:
            async with container.transactions()() as uow:
                heads = await uow.audit.heads_of_instance(journal.instance)
            await journal.open(heads)
            await container.ship_audit(journal=journal)()
            await journal.close()
        except DomainError as error:
            _log.warning("an abandoned journal waits", extra={"code": error.code})


def prepare_home(home: Path) -> None:
    """Make the state folder, closed to others, and check that it can be written."""
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            pass
    except OSError as error:
        raise Unavailable(
            "home",
            f"TRUEPORT_HOME {home} cannot be written ({error.strerror}); name another folder",
        ) from error


def _loops(container: Container, ending: asyncio.Event) -> list[Coroutine[None, None, None]]:
    ship_seconds = container.settings().ship_seconds
    work, workers = container.work_on_jobs(), container.settings().workers

    async def ship() -> bool:
        await container.ship_audit()()
        return False

    async def anchor() -> bool:
        await container.anchor_chains()()
        return False

    return [
        repeat("ship", ship, ship_seconds, until=ending),
        *[repeat("analyse", work, IDLE * workers, until=ending) for _ in range(workers)],
        repeat("prune sign-ins", container.prune_sign_ins(), _PRUNE_EVERY, until=ending),
        repeat("anchor", anchor, ANCHOR_EVERY, first_after=ANCHOR_EVERY, until=ending),
        *engine_loops(container, ending),
    ]

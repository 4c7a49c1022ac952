"""Open what a process needs, run its background loops, and close it in order."""

import asyncio
import logging
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from domain.errors import DomainError, Unavailable
from entrypoints.wiring.containers import Container
from entrypoints.wiring.factories import make_abandoned_journals

_log = logging.getLogger(__name__)

_IDLE = 0.1
"""Seconds between two looks for work where nothing announces it."""

_ANCHOR_EVERY = 3600.0
_PAUSE_AFTER_FAILURE = 1.0


@asynccontextmanager
async def opened(container: Container) -> AsyncIterator[None]:
    """Open the store and close it at the end.

    Raises:
        Unavailable: `TRUEPORT_HOME` cannot be written or the store cannot be opened.
    """
    await asyncio.to_thread(_prepare_home, container.settings().home)
    store = container.store()
    await store.open()
    try:
        yield
    finally:
        await store.close()


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[None]:
    """Open everything and run the loops of gateway, analytics and outbox until the end.

    At the end what is in the journal is shipped and the chains are anchored, as far as storage is
    there; what is not stays in the journal for the next start.

    Raises:
        Unavailable: the store or the journal cannot be opened.
    """
    async with opened(container):
        journal = container.journal()
        async with container.transactions()() as uow:
            heads = await uow.audit.heads_of_instance(journal.instance)
        await journal.open(heads)
        await _ship_abandoned(container)
        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(loop) for loop in _loops(container)]
                try:
                    yield
                finally:
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


def _prepare_home(home: Path) -> None:
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


def _loops(container: Container) -> list[Coroutine[None, None, None]]:
    ship_seconds = container.settings().ship_seconds

    async def ship() -> bool:
        await container.ship_audit()()
        return False

    async def relay() -> bool:
        return await container.relay_outbox()() > 0

    async def anchor() -> bool:
        await container.anchor_chains()()
        return False

    async def poll() -> bool:
        return await container.event_queue().poll_once(container.accept_event())

    events = [_repeat("events", poll, _IDLE)] if container.settings().events_queue_url else []
    return [
        *events,
        _repeat("ship", ship, ship_seconds),
        _repeat("analyse", container.work_on_jobs(), _IDLE),
        _repeat("outbox", relay, _IDLE),
        _repeat("anchor", anchor, _ANCHOR_EVERY, first_after=_ANCHOR_EVERY),
    ]


async def _repeat(
    name: str, work: Callable[[], Awaitable[bool]], pause: float, *, first_after: float = 0.0
) -> None:
    """Do work for ever: at once again while it says so, else after a pause.

    An error is logged and the work goes on later: one bad object must not stop everybody's.
    """
    await asyncio.sleep(first_after)
    while True:
        try:
            has_more = await work()
        except Exception as error:
            code = error.code if isinstance(error, DomainError) else type(error).__name__
            _log.error("background work failed", extra={"loop": name, "error": code})
            await asyncio.sleep(_PAUSE_AFTER_FAILURE)
            continue
        if not has_more:
            await asyncio.sleep(pause)

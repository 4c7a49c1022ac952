"""What an engine does beside its workers: events, the outbox, and what the clock asks for."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial

from application.analytics.reconcile import SweepScope
from entrypoints.wiring.background import IDLE, repeat
from entrypoints.wiring.containers import Container

_PRUNE_EVERY = 24 * 3600.0
_EXPIRE_EVERY = 24 * 3600.0
_DIGESTS_EVERY = 60.0
_FIRST_AFTER = 60.0
_SENDERS = range(4)
"""Loops that tell webhooks: a slow receiver keeps one of them waiting."""
_RELAYS = range(4)
"""Loops that carry events out of the outbox: a slow mail server keeps one of them waiting."""
_IDLE_WEBHOOKS = 1.0
_SWEEPS = {SweepScope.RECENT: 1, SweepScope.FOREIGN: 5, SweepScope.ALL: 144}
"""How often each sweep comes, in multiples of `TRUEPORT_SWEEP_SECONDS`.

With the default of ten minutes a lost event costs an hour at most: five times ten until the next
sweep, and the ten that an event may take.
"""


def engine_loops(
    container: Container,
    ending: asyncio.Event,
    *,
    takes_events: bool = True,
    draining: asyncio.Event | None = None,
) -> list[Coroutine[None, None, None]]:
    """Return the loops; every process that runs them finds the same, and does it once.

    Each ends when `ending` is set. Cloud events are polled where a queue is named and
    `takes_events`, until `draining` is set.
    """

    async def relay() -> bool:
        return await container.relay_outbox()() > 0

    async def poll() -> bool:
        accept = partial(container.accept_event(), sender="sqs")
        return await container.event_queue().poll_once(accept)

    async def expire() -> bool:
        await container.expire_objects()()
        return False

    async def digests() -> bool:
        await container.schedule_digests()()
        return False

    again = partial(repeat, until=ending)
    loops = [
        *[again("outbox", relay, IDLE * len(_RELAYS)) for _ in _RELAYS],
        again("prune", container.prune_jobs(), _PRUNE_EVERY),
        again("prune deliveries", container.prune_deliveries(), _PRUNE_EVERY),
        again("expire", expire, _EXPIRE_EVERY, first_after=_FIRST_AFTER),
        again("prune mails", container.prune_sent_mails(), _PRUNE_EVERY),
        again("purge tenants", container.purge_tenants(), _PRUNE_EVERY, first_after=_FIRST_AFTER),
        again("digests", digests, _DIGESTS_EVERY, first_after=_FIRST_AFTER),
    ]
    loops += [again("webhooks", container.deliver_webhooks(), _IDLE_WEBHOOKS) for _ in _SENDERS]
    if takes_events and container.settings().events_queue_url:
        loops.append(repeat("events", poll, IDLE, until=draining or ending))
    seconds = container.settings().sweep_seconds
    for scope, times in _SWEEPS.items():
        pause = seconds * times
        sweep, first = _sweep(container, scope), min(_FIRST_AFTER, pause)
        loops.append(again(f"sweep {scope.value}", sweep, pause, first_after=first))
    return loops


def _sweep(container: Container, scope: SweepScope) -> Callable[[], Awaitable[bool]]:
    async def sweep() -> bool:
        await container.reconcile()(scope)
        return False

    return sweep

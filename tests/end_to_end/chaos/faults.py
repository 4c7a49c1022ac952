"""What goes wrong, when, and for how long: drawn beforehand from a seed, then inflicted."""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tests.end_to_end.chaos.processes import Engine
from tests.end_to_end.chaos.sites import LEASE, Part, Server, Site
from tests.fakes.fault_proxy import BLACK_HOLE, Line

_SLOW_DOWN = (
    b"HTTP/1.1 503 Slow Down\r\ncontent-type: application/xml\r\nconnection: close\r\n"
    b"content-length: 38\r\n\r\n<Error><Code>SlowDown</Code></Error>\r\n"
)
_AT_ONCE = 2
"""Faults that last at the same time, of different things."""


class FaultKind(StrEnum):
    """One way to fail."""

    ENGINE_KILLED = "engine killed"
    ENGINE_FROZEN = "engine frozen"
    ENGINE_DRAINED = "engine drained"
    REDIS_CUT = "redis connections reset"
    REDIS_REFUSED = "redis refused"
    REDIS_SLOW = "redis slow"
    REDIS_SILENT = "redis silent"
    REDIS_FROZEN = "redis frozen"
    REDIS_EMPTIED = "redis restarted empty"
    S3_CUT = "s3 connections reset"
    S3_REFUSED = "s3 refused"
    S3_SLOW = "s3 slow and narrow"
    S3_SILENT = "s3 half open"
    S3_ERRORS = "s3 answers 503"
    S3_FROZEN = "s3 frozen"
    TRITON_CUT = "triton connections reset"
    TRITON_REFUSED = "triton refused"
    TRITON_SILENT = "triton silent"
    TRITON_FROZEN = "triton frozen"
    TRITON_KILLED = "triton killed"


_ENGINE = (FaultKind.ENGINE_KILLED, FaultKind.ENGINE_FROZEN, FaultKind.ENGINE_DRAINED)
_OF: Mapping[Part, Sequence[FaultKind]] = {
    part: [kind for kind in FaultKind if kind.name.startswith(f"{part.name}_")] for part in Part
}
_LINES: Mapping[FaultKind, Line] = {
    FaultKind.REDIS_REFUSED: Line(refuses=True),
    FaultKind.REDIS_SLOW: Line(latency=0.3),
    FaultKind.REDIS_SILENT: BLACK_HOLE,
    FaultKind.S3_REFUSED: Line(refuses=True),
    FaultKind.S3_SLOW: Line(latency=0.1, rate=20_000),
    FaultKind.S3_SILENT: Line(is_mute=True),
    FaultKind.S3_ERRORS: Line(answer=_SLOW_DOWN),
    FaultKind.TRITON_REFUSED: Line(refuses=True),
    FaultKind.TRITON_SILENT: BLACK_HOLE,
}
_CUTTING = frozenset(
    {
        FaultKind.REDIS_REFUSED,
        FaultKind.S3_REFUSED,
        FaultKind.S3_ERRORS,
        FaultKind.TRITON_REFUSED,
    }
)
"""Lines that matter to new connections alone: those that are open are reset for them."""


_AT_A_STROKE = frozenset(
    {
        FaultKind.ENGINE_DRAINED,
        FaultKind.REDIS_CUT,
        FaultKind.S3_CUT,
        FaultKind.TRITON_CUT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: how long what it meets was well before it, how long it lasts, which engine."""

    kind: FaultKind
    pause: float
    seconds: float
    engine: int


def plan(
    count: int, *, engines: int, parts: Sequence[Part], chance: random.Random
) -> Sequence[Fault]:
    """Return so many faults: half of them meet engines, and every kind comes as often."""
    decks = [list(_ENGINE)]
    if parts:
        decks.append([kind for part in parts for kind in _OF[part]])
    hands: list[list[FaultKind]] = [[] for _ in decks]
    faults = []
    for number in range(count):
        which = number % len(decks)
        if not hands[which]:
            hands[which] = chance.sample(decks[which], len(decks[which]))
        kind = hands[which].pop()
        faults.append(
            Fault(
                kind=kind,
                pause=chance.uniform(0.2, 1.6),
                seconds=_seconds(kind, chance),
                engine=chance.randrange(engines),
            )
        )
    return faults


def _seconds(kind: FaultKind, chance: random.Random) -> float:
    if kind in _AT_A_STROKE:
        return 0.0
    if kind is FaultKind.ENGINE_KILLED:
        return chance.uniform(0.0, 1.0)
    if kind is FaultKind.ENGINE_FROZEN:
        return chance.uniform(1.2, 3.0) * LEASE
    return chance.uniform(0.5, 1.8) * LEASE


@dataclass(kw_only=True)
class Storm:
    """Inflicts faults on a site, two at a time, and notes what should not have happened."""

    site: Site
    say: Callable[[str], None]
    surprises: list[str] = field(default_factory=list)
    _locks: dict[object, asyncio.Lock] = field(default_factory=dict)
    _gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def rage(self, faults: Sequence[Fault], release: Callable[[int], None]) -> None:
        """Inflict all of them and leave everything healed.

        `release` is called before each with its number.
        """
        async with asyncio.TaskGroup() as group:
            for number, fault in enumerate(faults):
                await self._gate.acquire()
                release(number)
                group.create_task(self._one(number, fault))
        for engine in self.site.engines:
            await self._alive(engine)

    async def _one(self, number: int, fault: Fault) -> None:
        part = next((part for part, kinds in _OF.items() if fault.kind in kinds), None)
        engine = self.site.engines[fault.engine]
        target: object = engine.name if part is None else part
        try:
            async with self._locks.setdefault(target, asyncio.Lock()):
                await asyncio.sleep(fault.pause)
                shown = f" ({engine.name})" if part is None else ""
                lasting = f", {fault.seconds:.1f} s" if fault.seconds else ""
                self.say(f"{number + 1:4} {fault.kind}{shown}{lasting}")
                if part is None:
                    await self._hit_engine(engine, fault)
                else:
                    await _hit_server(self.site.servers[part], fault)
        finally:
            self._gate.release()

    async def _hit_engine(self, engine: Engine, fault: Fault) -> None:
        await self._alive(engine)
        match fault.kind:
            case FaultKind.ENGINE_KILLED:
                await engine.kill()
                await asyncio.sleep(fault.seconds)
                await engine.start()
            case FaultKind.ENGINE_FROZEN:
                engine.freeze()
                await asyncio.sleep(fault.seconds)
                engine.thaw()
            case FaultKind.ENGINE_DRAINED:
                status = await engine.end()
                if status:
                    self.surprises.append(f"{engine.name} ended with status {status} on SIGTERM")
                await engine.start()
            case _:
                raise AssertionError(fault.kind)

    async def _alive(self, engine: Engine) -> None:
        """Start an engine again that has ended by itself, and remember that it did."""
        if not engine.is_running:
            self.surprises.append(f"{engine.name} ended by itself; see {engine.log}")
            await engine.start()


async def _hit_server(server: Server, fault: Fault) -> None:
    program, line = server.program, server.line
    match fault.kind:
        case FaultKind.REDIS_CUT | FaultKind.S3_CUT | FaultKind.TRITON_CUT:
            line.cut()
        case FaultKind.REDIS_FROZEN | FaultKind.S3_FROZEN | FaultKind.TRITON_FROZEN:
            program.freeze()
            await asyncio.sleep(fault.seconds)
            program.thaw()
        case FaultKind.REDIS_EMPTIED | FaultKind.TRITON_KILLED:
            await program.kill()
            await asyncio.sleep(fault.seconds)
            await program.start()
        case kind:
            line.line = _LINES[kind]
            if kind in _CUTTING:
                line.cut()
            await asyncio.sleep(fault.seconds)
            line.heal()

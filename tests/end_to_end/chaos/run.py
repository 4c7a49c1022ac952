"""One whole run: objects and faults side by side, then quiet, then the verdict."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.system import SystemClock, UuidIds
from domain.job import JobState
from tests.end_to_end.chaos.corpus import Corpus, make_corpus
from tests.end_to_end.chaos.events import Announcer, Sent
from tests.end_to_end.chaos.faults import Fault, FaultKind, Storm, plan
from tests.end_to_end.chaos.judge import (
    Verdict,
    judge,
    quiet_run,
    surprises_in,
)
from tests.end_to_end.chaos.sites import Site, distributed_site, embedded_site

_PATIENCE = 120.0
"""Seconds without any job done after which the rest counts as stuck."""

Say = Callable[[str], None]
Locate = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """How much of everything; the same seed draws the same objects and faults.

    An event in the outbox that a process took before it was killed comes back after a minute;
    without `waits_for_outbox` nobody waits for that.
    """

    objects: int
    faults: int
    seed: int
    waits_for_outbox: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineUse:
    """What one engine came to: its starts, those refused, and the most memory it had, in bytes."""

    name: str
    starts: int
    refused: int
    peak: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run in numbers, and everything that is wrong in `wrong`: it is empty after a good one."""

    site: str
    dose: Dose
    corpus: Corpus
    faults: Counter[FaultKind]
    sent: Sent
    engines: Sequence[EngineUse]
    verdict: Verdict
    storm_seconds: float
    settle_seconds: float
    quiet_seconds: float
    wrong: Sequence[str]


async def run(dose: Dose, folder: Path, *, say: Say, locate: Locate | None) -> Outcome:
    """Run on a deployment of its own in `folder`; without `locate`, the embedded one."""
    chance = random.Random(dose.seed)
    clock = SystemClock()
    corpus = make_corpus(dose.objects, chance, at=clock.now(), new_ulid=UuidIds(clock).ulid)
    async with _site(folder, corpus, locate) as site:
        faults = plan(
            dose.faults, engines=len(site.engines), parts=list(site.servers), chance=chance
        )
        storm = Storm(site=site, say=say)
        async with aclosing(Announcer(site, corpus, chance)) as announcer:
            started = time.monotonic()
            await _rage(storm, faults, announcer, len(corpus.logs))
            calm = time.monotonic()
            say(f"the storm is over after {calm - started:.0f} s")
            stuck = await _settled(site, dose, say)
            settled = time.monotonic()
        statuses = await _stopped(site)
        expected = await quiet_run(site, corpus)
        quiet = time.monotonic()
        verdict = await judge(site, corpus, expected)
    odd = [line for engine in site.engines for line in surprises_in(engine.log)]
    return Outcome(
        site=site.name,
        dose=dose,
        corpus=corpus,
        faults=Counter(fault.kind for fault in faults),
        sent=announcer.sent,
        engines=[
            EngineUse(
                name=engine.name,
                starts=engine.starts - engine.refused_starts,
                refused=engine.refused_starts,
                peak=engine.peak,
            )
            for engine in site.engines
        ],
        verdict=verdict,
        storm_seconds=calm - started,
        settle_seconds=settled - calm,
        quiet_seconds=quiet - settled,
        wrong=[
            *stuck,
            *verdict.faults,
            *announcer.sent.problems,
            *storm.surprises,
            *statuses,
            *odd,
        ],
    )


@asynccontextmanager
async def _site(folder: Path, corpus: Corpus, locate: Locate | None) -> AsyncIterator[Site]:
    if locate is None:
        async with embedded_site(folder, corpus) as site:
            yield site
    else:
        async with distributed_site(folder, corpus, locate) as site:
            yield site


async def _rage(storm: Storm, faults: Sequence[Fault], announcer: Announcer, objects: int) -> None:
    """Let objects arrive evenly over all faults."""
    async with asyncio.TaskGroup() as group:

        def release(number: int) -> None:
            group.create_task(announcer.release(objects * (number + 1) // len(faults)))

        await storm.rage(faults, release)


async def _settled(site: Site, dose: Dose, say: Say) -> Sequence[str]:
    """Wait until every object has a job that is over, and return what is not when nothing moves."""
    objects, last, since = dose.objects, -1, time.monotonic()
    while True:
        counts = await site.view.job_records().counts()
        over = counts[JobState.DONE] + counts[JobState.DEAD]
        events = await site.view.outbox().pending() if dose.waits_for_outbox else 0
        if over >= objects and over == sum(counts.values()) and not events:
            return ()
        if over != last:
            last, since = over, time.monotonic()
            say(f"     {over} of {objects} objects are done")
        if time.monotonic() - since > _PATIENCE:
            return [f"nothing moved for {_PATIENCE:.0f} s with {over} of {objects} objects done"]
        await asyncio.sleep(0.5)


async def _stopped(site: Site) -> Sequence[str]:
    statuses = [(engine.name, await engine.end()) for engine in site.engines]
    return [f"{name} ended with status {status} at last" for name, status in statuses if status]

"""Lose the ledger of jobs and every violation, rebuild both from the buckets, and compare.

    python -m tests.end_to_end.drill --exchanges 500 --logs 50

Exchanges go through the gateway and become audit objects; beside them lie logs of another writer.
Once all of it is analysed, what a restored store lacks is deleted, every object is replayed, and
the violations must be the same as before, field by field, but for when they were noticed. The time
from the replay to the last violation is the recovery time that the drill prints.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from application.analytics.replay import ReplayCommand
from application.ports.readers import Page, ViolationFilter
from domain.job import JobState, ObjectRef
from domain.violation import Violation
from entrypoints.demo import SLUG, Demo
from entrypoints.settings import Settings, load_settings
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened, running

_TEXTS = (
    "how many legs does a spider have, question {n}",
    "order {n}: pay with 4111 1111 1111 1111 please",
    "ticket {n}: write to ada@example.org today",
    "deploy {n} with AKIAIOSFODNN7EXAMPLE today",
)
_LINES = 20
_LOST = ("jobs", "violations", "outbox", "audit_damages", "alert_states")
_AT_ONCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillReport:
    """What was lost and came back; `differing` names violations that are not as they were."""

    objects: int
    violations: int
    seconds: float
    missing: tuple[str, ...]
    added: tuple[str, ...]
    differing: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Tell whether everything came back as it was."""
        return not (self.missing or self.added or self.differing)


async def drill(home: Path, *, exchanges: int, logs: int) -> DrillReport:
    """Fill a deployment in `home`, lose what a drill loses, and rebuild it."""
    settings = load_settings({"TRUEPORT_HOME": str(home), "TRUEPORT_SHIP_SECONDS": "0.05"})
    container = make_container(settings)
    async with running(container):
        demo = Demo(container, address="")
        state = await demo.seed(limits=None)
        await _send(container, state.api_key, exchanges)
        await _store_logs(container, logs)
        if not await demo.settled():
            raise RuntimeError("the analysis did not finish in time")
        before = await _violations(container)
    _lose(settings)
    container = make_container(settings)
    async with opened(container):
        assert await _violations(container) == {}
        started = time.monotonic()
        objects = await _rebuild(container)
        seconds = time.monotonic() - started
        after = await _violations(container)
    return DrillReport(
        objects=objects,
        violations=len(after),
        seconds=seconds,
        missing=tuple(sorted(before.keys() - after.keys())),
        added=tuple(sorted(after.keys() - before.keys())),
        differing=tuple(
            sorted(one for one in before.keys() & after.keys() if before[one] != after[one])
        ),
    )


async def _send(container: Container, api_key: str, count: int) -> None:
    gate = asyncio.Semaphore(_AT_ONCE)
    async with (
        httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=make_server_app(container)),
            base_url="http://gateway",
            headers={"authorization": f"Bearer {api_key}"},
            timeout=60.0,
        ) as client,
        asyncio.TaskGroup() as group,
    ):

        async def send(number: int) -> None:
            text = _TEXTS[number % len(_TEXTS)].format(n=number)
            body = {"model": "echo", "messages": [{"role": "user", "content": text}]}
            async with gate:
                await client.post("/v1/chat/completions", json=body)

        for number in range(count):
            group.create_task(send(number))


async def _store_logs(container: Container, count: int) -> None:
    async with container.transactions()() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
    settings = tenant.storage
    storage = container.storages().of(settings)
    for number in range(count):
        texts = [_TEXTS[line % len(_TEXTS)].format(n=line) for line in range(_LINES)]
        lines = [json.dumps({"messages": [{"role": "user", "content": one}]}) for one in texts]
        key = f"chat/{number:06}.jsonl"
        await storage.create(key, "\n".join(lines).encode(), content_type="application/x-ndjson")
        await container.accept_event()(
            ObjectRef(provider=settings.provider.value, bucket=settings.bucket, key=key)
        )


def _lose(settings: Settings) -> None:
    with closing(sqlite3.connect(settings.database)) as raw, raw:
        for table in _LOST:
            raw.execute(f"DELETE FROM {table}")  # noqa: S608 - names from above


async def _rebuild(container: Container) -> int:
    """Replay every object and work until nothing is left; return how many there were."""
    work, after, objects = container.work_on_jobs(), "", 0
    while True:
        replayed = await container.replay()(ReplayCommand(slug=SLUG, after=after))
        objects += replayed.queued
        while await work():
            pass
        if replayed.continue_after is None:
            break
        after = replayed.continue_after
    counts = await container.job_records().counts()
    assert counts[JobState.DONE] == objects
    return objects


async def _violations(container: Container) -> Mapping[str, Violation]:
    """Return every violation by its id, without when it was noticed."""
    async with container.transactions()() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
    found: dict[str, Violation] = {}
    cursor: str | None = None
    while True:
        page = await container.violation_reader().violations(
            tenant.id, ViolationFilter(), Page(limit=500, cursor=cursor)
        )
        for one in page.items:
            found[one.id] = replace(one, detected_at=one.occurred_at)
        cursor = page.next_cursor
        if cursor is None:
            return found


def main() -> int:
    """Run from the command line; status 1 when something did not come back as it was."""
    parser = argparse.ArgumentParser(description="Rebuild jobs and violations from the buckets.")
    parser.add_argument("--exchanges", type=int, default=500)
    parser.add_argument("--logs", type=int, default=50)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trueport-drill-") as folder:
        report = asyncio.run(
            drill(Path(folder), exchanges=arguments.exchanges, logs=arguments.logs)
        )
    sys.stdout.write(
        f"rebuilt {report.violations} violations from {report.objects} objects in "
        f"{report.seconds:.2f} s; {len(report.missing)} missing, {len(report.added)} added, "
        f"{len(report.differing)} differing\n"
    )
    for line in (*report.missing, *report.added, *report.differing)[:20]:
        sys.stdout.write(f"  {line}\n")
    return 0 if report.is_whole else 1


if __name__ == "__main__":
    sys.exit(main())

"""Kill the server in the middle of traffic, again and again, and count what was lost or doubled.

    python -m tests.end_to_end.crash --rounds 50

Every round starts the server on the state that the last one left, sends traffic from several
clients, and kills it with SIGKILL after a random moment. At the end it is started once more and
left to finish. Then every exchange whose whole answer a client had must be in exactly one audit
object, the chains must be unbroken, and each expected violation must exist exactly once.
"""

import argparse
import asyncio
import contextlib
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from application.audit_objects import parse_line, unpack
from application.ports.readers import Page, ViolationFilter
from domain.authorisation import OPERATOR
from domain.job import JobState
from entrypoints.demo import SLUG, Demo, DemoState
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.end_to_end.server import Server

_CARD = "4111 1111 1111 1111"
_TEXTS: Sequence[tuple[str, Counter[str]]] = (
    ("how many legs does a spider have, question {n}", Counter()),
    (f"order {{n}}: pay with {_CARD} please", Counter({"CREDIT_CARD": 1})),
    ("ticket {n}: write to ada@example.org today", Counter({"EMAIL": 1})),
    ("deploy {n} with AKIAIOSFODNN7EXAMPLE today", Counter({"CLOUD_KEY": 1})),
    ("summary {n}\necho: the answer is " + "long and dull, " * 60 + "goodbye", Counter()),
)
"""What clients send, and the violations that it must give, by type: each text exactly these."""

_CLIENTS = 6


@dataclass(slots=True)
class Traffic:
    """What clients sent and what they got: request ids with the number of their text."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    sent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came out: everything but `acknowledged`, `records` and `violations` must be empty."""

    rounds: int
    acknowledged: int
    records: int
    violations: int
    lost: Sequence[str]
    doubled: Sequence[str]
    wrong: Sequence[str]

    @property
    def is_clean(self) -> bool:
        """Tell whether nothing was lost, doubled or damaged."""
        return not (self.lost or self.doubled or self.wrong)


async def crash(rounds: int, home: Path, *, seed: int) -> Verdict:
    """Run the rounds on the state in `home` and return the verdict."""
    chance = random.Random(seed)
    settings = load_settings({"TRUEPORT_HOME": str(home)})
    container = make_container(settings)
    async with opened(container):
        state = await Demo(container, address="").seed(limits=None)
    server = Server(
        home, environment={"TRUEPORT_SHIP_SECONDS": "0.1", "TRUEPORT_LEASE_SECONDS": "2"}
    )
    traffic = Traffic()
    try:
        for _ in range(rounds):
            await asyncio.to_thread(server.start)
            await _round(server, state, traffic, chance)
        await asyncio.to_thread(server.start)
        await finished(server, container)
    finally:
        await asyncio.to_thread(server.stop)
    return await _judge(rounds, home, state, traffic)


async def _round(server: Server, state: DemoState, traffic: Traffic, chance: random.Random) -> None:
    async with (
        httpx2.AsyncClient(
            base_url=server.url,
            headers={"authorization": f"Bearer {state.api_key}"},
            timeout=10.0,
            trust_env=False,
        ) as client,
        asyncio.TaskGroup() as group,
    ):
        tasks = [group.create_task(_client(client, traffic, chance)) for _ in range(_CLIENTS)]
        await asyncio.sleep(chance.uniform(0.1, 1.2))
        await asyncio.to_thread(server.kill)
        for task in tasks:
            task.cancel()


async def _client(client: httpx2.AsyncClient, traffic: Traffic, chance: random.Random) -> None:
    with contextlib.suppress(httpx2.TransportError):
        while True:
            number = chance.randrange(len(_TEXTS))
            traffic.sent += 1
            body = {
                "model": "echo",
                "stream": chance.random() < 0.5,
                "messages": [{"role": "user", "content": _TEXTS[number][0].format(n=traffic.sent)}],
            }
            answer = await client.post("/v1/chat/completions", json=body)
            is_whole = not body["stream"] or answer.status_code != 200 or "[DONE]" in answer.text
            if answer.status_code in (200, 403) and is_whole:
                traffic.acknowledged[answer.headers["x-trueport-request-id"]] = number


async def finished(server: Server, container: Container) -> None:
    """Wait until journal and queue are empty."""
    token = container.admin_token()
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False) as client:
        for _ in range(600):
            answer = await client.get(
                "/analytics/jobs", headers={"authorization": f"Bearer {token}"}
            )
            counts = answer.json()["counts"]
            waiting = counts[JobState.NEW.value] + counts[JobState.LEASED.value]
            segments = [
                file
                for file in (server.home / "journal").rglob("*.*")
                if file.suffix in (".open", ".sealed") and file.stat().st_size
            ]
            if waiting == 0 and not segments:
                return
            await asyncio.sleep(0.1)
    raise RuntimeError("the analysis did not finish in time")


async def _judge(rounds: int, home: Path, state: DemoState, traffic: Traffic) -> Verdict:
    container = make_container(load_settings({"TRUEPORT_HOME": str(home)}))
    async with opened(container):
        report = await container.verify_audit()(OPERATOR, SLUG)
        async with container.transactions()() as uow:
            tenant = await uow.tenants.by_slug(SLUG)
        storage = container.storages().of(tenant.storage)
        seen: Counter[str] = Counter()
        expected: dict[str, Counter[str]] = {}
        async for item in storage.list("audit/v1/dt="):
            async for line in unpack(storage.read(item.key)):
                record = parse_line(line)
                assert record is not None
                record_id = str(record["record_id"])
                seen[record_id] += 1
                expected[record_id] = _expected(str(record["request"]))
        found: dict[str, Counter[str]] = {}
        total = 0
        cursor: str | None = None
        while True:
            page = await container.violation_reader().violations(
                state.tenant_id, ViolationFilter(), Page(limit=500, cursor=cursor)
            )
            for violation in page.items:
                total += 1
                if violation.part.startswith("request/"):
                    found.setdefault(violation.record_id, Counter())[violation.type] += 1
            cursor = page.next_cursor
            if cursor is None:
                break
    lost = [one for one in traffic.acknowledged if one not in seen]
    lost += [
        f"{record}: {types}"
        for record, types in expected.items()
        if types - found.get(record, Counter())
    ]
    doubled = [one for one, count in seen.items() if count > 1]
    doubled += [
        f"{record}: {types}"
        for record, types in found.items()
        if types - expected.get(record, Counter())
    ]
    return Verdict(
        rounds=rounds,
        acknowledged=len(traffic.acknowledged),
        records=sum(seen.values()),
        violations=total,
        lost=lost,
        doubled=doubled,
        wrong=[f"{damage.key}:{damage.line}: {damage.reason}" for damage in report.damages],
    )


def _expected(request: str) -> Counter[str]:
    for text, types in _TEXTS:
        if text.split("{n}")[0] in request.replace("\\n", "\n"):
            return types
    raise AssertionError("a record holds a request that nobody sent")


def main() -> int:
    """Run from the command line; status 1 when anything was lost, doubled or damaged."""
    parser = argparse.ArgumentParser(description="Kill the server in the middle of traffic.")
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="trueport-crash-") as folder:
        verdict = asyncio.run(crash(arguments.rounds, Path(folder), seed=arguments.seed))
    sys.stdout.write(
        f"{verdict.rounds} kills (seed {arguments.seed}): {verdict.acknowledged} acknowledged "
        f"exchanges, {verdict.records} audit records, {verdict.violations} violations; "
        f"{len(verdict.lost)} lost, {len(verdict.doubled)} doubled, "
        f"{len(verdict.wrong)} chain damages\n"
    )
    for line in (*verdict.lost, *verdict.doubled, *verdict.wrong)[:20]:
        sys.stdout.write(f"  {line}\n")
    return 0 if verdict.is_clean else 1


if __name__ == "__main__":
    sys.exit(main())

"""The demo: a tenant, a key, sample traffic through the real gateway, and what came of it."""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2

from application.gateway.alert_settings import SaveAlertsCommand
from application.gateway.keys import IssueKeyCommand
from application.gateway.policies import AddPolicyCommand
from application.gateway.upstreams import ConnectUpstreamCommand
from application.platform.tenants import FoundTenantCommand
from application.ports.readers import Page, ViolationFilter
from domain.api_key import KeyLimits
from domain.authorisation import OPERATOR
from domain.detection.taxonomy import Severity
from domain.errors import NotFound
from domain.identifiers import TenantId
from domain.job import JobState
from domain.money import TokenPrice
from domain.policy.presets import starter_policy
from domain.routing import ServedModel, UpstreamKind
from domain.tenant import Slug, Tenant
from domain.user import Email
from domain.violation import Violation
from entrypoints.demo_report import print_report
from entrypoints.wiring.containers import Container

SLUG = Slug("demo")
MODELS = ("echo", "echo-slow-250", "echo-fail-503", "echo-fail-429", "echo-tool")
DEMO_LIMITS = KeyLimits(requests_per_minute=600, tokens_per_minute=200_000)
_WAIT_SECONDS = 120.0
_PARALLEL = 4

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleOutcome:
    """What the gateway answered to a sample: its decision, and the ids to find it again by."""

    sample: str
    title: str
    request_id: str
    status: int
    decision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoState:
    """What the demo remembers between starts, under `TRUEPORT_HOME/demo.json`, mode 0600.

    The key's secret is kept here, for the demo tenant alone, so that a second start can show it.
    """

    tenant_id: TenantId
    api_key: str
    decisions: Mapping[str, int]
    is_finished: bool

    def to_json(self) -> str:
        """Return the state as it is stored."""
        return json.dumps(
            {
                "tenant_id": self.tenant_id,
                "api_key": self.api_key,
                "decisions": dict(self.decisions),
                "is_finished": self.is_finished,
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "DemoState":
        """Return the state that `to_json` wrote."""
        document = json.loads(text)
        return cls(
            tenant_id=TenantId(document["tenant_id"]),
            api_key=document["api_key"],
            decisions=document["decisions"],
            is_finished=document["is_finished"],
        )


def samples_folder() -> Path:
    """Return where the sample exchanges lie: in the package, or beside it in a checkout."""
    packaged = Path(__file__).parent / "samples"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "samples"


def load_samples(folder: Path) -> list[dict[str, object]]:
    """Return the sample exchanges, in the order of their files and lines."""
    return [
        json.loads(line)
        for file in sorted(folder.glob("*.jsonl"))
        for line in file.read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]


class Demo:
    """Seed the demo tenant once, send the samples once, and show the outcome at every start."""

    def __init__(self, container: Container, *, address: str) -> None:
        self._container = container
        self._address = address
        self._home = container.settings().home
        self._file = self._home / "demo.json"

    async def run(self) -> int:
        """Do it all and return the exit status; 1 when the analysis did not finish in time."""
        state = self._remembered()
        if state is None:
            _say("Making the demo tenant, its key and the starter policy …")
            state = await self.seed()
        if state.is_finished:
            _say("Found the demo tenant of an earlier start; its samples are not sent again.")
        else:
            samples = load_samples(samples_folder())
            _say(f"Sending {len(samples)} sample exchanges through {self._address}/v1 …")
            outcomes = await self.send(samples, state.api_key)
            state = DemoState(
                tenant_id=state.tenant_id,
                api_key=state.api_key,
                decisions=Counter(outcome.decision for outcome in outcomes),
                is_finished=True,
            )
            _say("Waiting until the analysis has finished …")
        if not await self.settled():
            _say("The analysis did not finish in time; see `trueport doctor`.")
            return 1
        self._remember(state)
        violations = await self._violations(state.tenant_id)
        tenant = await self._tenant()
        print_report(
            violations=violations,
            decisions=state.decisions,
            address=self._address,
            api_key=state.api_key,
            audit_folder=self._home / "storage" / tenant.storage.bucket,
            mail_folder=self._home / "outbox",
        )
        return 0

    async def send(self, samples: Sequence[Json], api_key: str) -> list[SampleOutcome]:
        """Send samples as any client would, a few at a time, and return what came back."""
        gate = asyncio.Semaphore(_PARALLEL)
        async with (
            httpx2.AsyncClient(
                base_url=self._address,
                headers={"authorization": f"Bearer {api_key}"},
                timeout=60.0,
                trust_env=False,
            ) as client,
            asyncio.TaskGroup() as group,
        ):
            tasks = [group.create_task(_send_one(client, gate, sample)) for sample in samples]
        return [task.result() for task in tasks]

    async def seed(self, limits: KeyLimits | None = DEMO_LIMITS) -> DemoState:
        """Make the demo tenant where there is none, and a key for it; None is unlimited."""
        container = self._container
        try:
            tenant = await self._tenant()
        except NotFound:
            tenant = await container.found_tenant()(
                FoundTenantCommand(
                    slug=SLUG,
                    name="Demo Company",
                    owner_email=Email.parse("owner@demo.example"),
                    owner_name="Demo Owner",
                )
            )
            await container.connect_upstream()(
                OPERATOR,
                ConnectUpstreamCommand(
                    slug=SLUG,
                    name="built-in echo",
                    kind=UpstreamKind.ECHO,
                    models=tuple(
                        ServedModel(
                            name=name,
                            upstream_name=name,
                            price=TokenPrice(input_nano=150, output_nano=600),
                        )
                        for name in MODELS
                    ),
                ),
            )
            added = await container.add_policy()(
                OPERATOR, AddPolicyCommand(slug=SLUG, policy=starter_policy(), note="starter")
            )
            await container.activate_policy()(
                OPERATOR, SLUG, added.item.policy_id, added.item.number
            )
            await container.save_alert_settings()(
                OPERATOR,
                SaveAlertsCommand(
                    slug=SLUG,
                    recipients=(Email.parse("security@demo.example"),),
                    immediate_from=Severity.HIGH,
                    digest_every=None,
                ),
            )
        issued = await container.issue_key()(
            OPERATOR,
            IssueKeyCommand(slug=SLUG, name="demo", limits=limits or KeyLimits()),
        )
        state = DemoState(
            tenant_id=tenant.id, api_key=issued.secret.value, decisions={}, is_finished=False
        )
        self._remember(state)
        return state

    async def _tenant(self) -> Tenant:
        async with self._container.transactions()() as uow:
            return await uow.tenants.by_slug(SLUG)

    def _remembered(self) -> DemoState | None:
        try:
            return DemoState.from_json(self._file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError, KeyError):
            return None

    def _remember(self, state: DemoState) -> None:
        temporary = self._file.with_suffix(".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(state.to_json() + "\n")
        temporary.replace(self._file)

    async def settled(self) -> bool:
        """Wait until journal, queue and outbox are empty; False when that takes too long."""
        clock = self._container.clock()
        end = clock.monotonic() + _WAIT_SECONDS
        quiet = 0
        while clock.monotonic() < end:
            await self._container.journal().seal()
            counts = await self._container.job_records().counts()
            is_quiet = (
                not await self._container.journal().segments()
                and counts[JobState.NEW] + counts[JobState.LEASED] == 0
                and await self._container.outbox().pending() == 0
            )
            quiet = quiet + 1 if is_quiet else 0
            if quiet > 1:
                return True
            await asyncio.sleep(0.1)
        return False

    async def _violations(self, tenant_id: TenantId) -> list[Violation]:
        reader = self._container.violation_reader()
        found: list[Violation] = []
        cursor: str | None = None
        while True:
            page = await reader.violations(
                tenant_id, ViolationFilter(), Page(limit=500, cursor=cursor)
            )
            found += page.items
            cursor = page.next_cursor
            if cursor is None:
                return found


async def _send_one(
    client: httpx2.AsyncClient, gate: asyncio.Semaphore, sample: Json
) -> SampleOutcome:
    body = {
        "model": sample.get("model", "echo"),
        "messages": sample["messages"],
        "user": f"sample-{sample['id']}",
        "stream": sample.get("stream", False),
    }
    async with gate:
        answer = await client.post("/v1/chat/completions", json=body)
    return SampleOutcome(
        sample=str(sample["id"]),
        title=str(sample["title"]),
        request_id=answer.headers.get("x-trueport-request-id", ""),
        status=answer.status_code,
        decision=answer.headers.get("x-trueport-decision", f"status {answer.status_code}"),
    )


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

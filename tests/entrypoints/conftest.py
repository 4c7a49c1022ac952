"""The whole application in this process, with detectors and a provider that tests can steer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from dependency_injector import providers
from starlette.types import ASGIApp

from adapters.model_providers.echo import EchoProvider
from application.gateway.keys import IssueKeyCommand
from application.gateway.upstreams import ConnectUpstreamCommand
from application.platform.tenants import FoundTenantCommand
from application.ports.readers import Page, ViolationFilter
from domain.api_key import KeyLimits, Scope
from domain.authorisation import OPERATOR
from domain.job import JobState
from domain.money import TokenPrice
from domain.routing import ServedModel, UpstreamKind
from domain.subscription import UNLIMITED
from domain.tenant import Slug, Tenant
from domain.user import Email
from domain.violation import Violation
from entrypoints.settings import load_settings
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import running
from tests.fakes.detectors import FlakyDetector
from tests.fakes.model_providers import Providers, ScriptedProvider

EVENTS_SECRET = "events-secret-of-the-tests"
PRICE = TokenPrice(input_nano=100, output_nano=1000)
ADMIN_TOKEN = "admin-token-of-the-tests"
MODELS = ("echo", "echo-fail-503", "echo-fail-429", "echo-fail-400", "echo-break-3", "echo-slow-20")


@dataclass(kw_only=True)
class Site:
    """A running server without a socket."""

    container: Container
    home: Path
    app: ASGIApp
    client: httpx2.AsyncClient
    provider: ScriptedProvider
    detector: FlakyDetector
    tenant: Tenant
    key: str

    async def issue(
        self,
        *,
        limits: KeyLimits | None = None,
        scopes: frozenset[Scope] = frozenset(Scope),
        models: frozenset[str] = frozenset(),
    ) -> dict[str, str]:
        """Return the headers of a new key."""
        issued = await self.container.issue_key()(
            OPERATOR,
            IssueKeyCommand(
                slug=self.tenant.slug,
                name="other",
                limits=limits or KeyLimits(),
                scopes=scopes,
                models=models,
            ),
        )
        return {"authorization": f"Bearer {issued.secret.value}"}

    async def settled(self) -> None:
        """Wait until journal, queue and outbox are empty."""
        for _ in range(1000):
            await self.container.journal().seal()
            counts = await self.container.job_records().counts()
            if (
                not await self.container.journal().segments()
                and counts[JobState.NEW] + counts[JobState.LEASED] == 0
                and await self.container.outbox().pending() == 0
            ):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("the work did not come to an end")

    async def violations(self) -> list[Violation]:
        page = await self.container.violation_reader().violations(
            self.tenant.id, ViolationFilter(), Page(limit=500)
        )
        return list(page.items)


@asynccontextmanager
async def a_site(home: Path, environment: Mapping[str, str] | None = None) -> AsyncIterator[Site]:
    """Run a server with a tenant, a key, the echo upstream and a scripted one."""
    container = make_container(
        load_settings(
            {
                "TRUEPORT_HOME": str(home),
                "TRUEPORT_EVENTS_SECRET": EVENTS_SECRET,
                "TRUEPORT_ADMIN_TOKEN": ADMIN_TOKEN,
                "TRUEPORT_SHIP_SECONDS": "0.02",
                "TRUEPORT_DETECTOR_SECONDS": "5",
                **(environment or {}),
            }
        )
    )
    detector, provider = FlakyDetector(), ScriptedProvider()
    container.detectors.override(providers.Object((detector,)))
    container.model_providers.override(
        providers.Object(
            Providers(
                {
                    UpstreamKind.ECHO: EchoProvider(clock=container.clock()),
                    UpstreamKind.OPENAI: provider,
                }
            )
        )
    )
    async with running(container):
        tenant = await container.found_tenant()(
            FoundTenantCommand(
                slug=Slug("acme"),
                name="Acme",
                owner_email=Email("owner@acme.example.com"),
                owner_name="Owner",
                agreed=UNLIMITED,
            )
        )
        for kind, names in ((UpstreamKind.ECHO, MODELS), (UpstreamKind.OPENAI, ("scripted",))):
            await container.connect_upstream()(
                OPERATOR,
                ConnectUpstreamCommand(
                    slug=tenant.slug,
                    name=kind.value,
                    kind=kind,
                    base_url="https://models.example.com/v1",
                    models=tuple(
                        ServedModel(name=name, upstream_name=name, price=PRICE) for name in names
                    ),
                ),
            )
        issued = await container.issue_key()(
            OPERATOR, IssueKeyCommand(slug=tenant.slug, name="test")
        )
        app = make_server_app(container)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app, raise_app_exceptions=False),
            base_url="http://trueport.example.com",
            headers={"authorization": f"Bearer {issued.secret.value}"},
        ) as client:
            yield Site(
                container=container,
                home=home,
                app=app,
                client=client,
                provider=provider,
                detector=detector,
                tenant=tenant,
                key=issued.secret.value,
            )


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A running site; its task groups live in one task, which fixtures do not promise."""
    ready: asyncio.Future[Site] = asyncio.get_running_loop().create_future()
    is_over = asyncio.Event()

    async def live() -> None:
        try:
            async with a_site(tmp_path) as opened:
                ready.set_result(opened)
                await is_over.wait()
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    life = asyncio.ensure_future(live())
    try:
        yield await ready
    finally:
        is_over.set()
        await life

"""One service on AWS Lambda: clients made once inside the one loop, nothing left running.

A process is frozen between two invocations, so that a task beside a request would stand still
until the next one comes, or for ever. Whatever an answer promises is done before it leaves.
"""

import asyncio
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from dependency_injector import providers
from fastapi import FastAPI
from mangum import Mangum
from starlette.types import ASGIApp, Receive, Scope, Send

from adapters.journal.direct_journal import DirectAuditJournal
from adapters.model_providers.bounded import BoundedProviders
from adapters.system import SystemClock
from adapters.telemetry.emf import EmfTelemetry
from application.ports.telemetry import Metric, Telemetry
from domain.errors import DomainError
from entrypoints.http.invocation import WholeAnswers, tell
from entrypoints.settings import Settings, SettingsError, load_settings
from entrypoints.wiring.applications import with_outer_layers
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import ANCHOR_EVERY, prepare_home
from entrypoints.wiring.logging import configure_logging
from entrypoints.wiring.store import Service

_UPSTREAM_MARGIN = 1.5
"""Seconds kept from a model's time, to write down what happened and tell the caller."""

_ANSWER_MARGIN = 0.75
_RELAY_SECONDS = 3.0
_RELAY_MARGIN = 0.5
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SCHEDULERS = ("aws.events", "aws.scheduler", "trueport.schedule")
_TEXT = ["text/", "application/json", "application/problem+json", "application/x-ndjson"]

_log = logging.getLogger(__name__)


MakeApp = Callable[[Container], FastAPI]


class InvocationContext(Protocol):
    """What Lambda tells of an invocation."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it is until Lambda ends the process."""


_invocation: ContextVar[InvocationContext] = ContextVar("invocation")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Running:
    """What was made inside one event loop."""

    loop: asyncio.AbstractEventLoop
    container: Container
    app: ASGIApp


class _Anchors:
    """Anchor the chains of this instance, behind the first request after each period."""

    def __init__(self, container: Container, *, every: float) -> None:
        self._container = container
        self._every = every
        self._due_at = container.clock().monotonic() + every

    async def write_when_due(self) -> None:
        now = self._container.clock().monotonic()
        if now < self._due_at or _seconds_left(_RELAY_MARGIN) <= 0:
            return
        self._due_at = now + self._every
        try:
            async with asyncio.timeout(_seconds_left(_RELAY_MARGIN)):
                await self._container.anchor_chains()()
        except TimeoutError:
            _log.warning("chains were not anchored in time")
        except DomainError as error:
            _log.warning("chains could not be anchored", extra={"code": error.code})


class Serverless:
    """Answer events of Lambda: requests of an HTTP API (payload 2.0), and a schedule's.

    The container is opened by the first event, inside the loop that all events share; should
    another loop run one, everything is made anew for it.
    """

    def __init__(
        self,
        *,
        settings: Settings,
        service: Service,
        make_app: MakeApp,
        prefix: str,
        anchor_every: float = ANCHOR_EVERY,
    ) -> None:
        self._anchor_every = anchor_every
        self._telemetry = EmfTelemetry(clock=SystemClock(), write=_write_line)
        self._telemetry.count(Metric.COLD_STARTS)
        self._settings = settings
        self._service = service
        self._make_app = make_app
        self._prefix = prefix
        self._running: _Running | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._own_loop()
        # Mangum would start and stop the application for every event if it were asked to.
        self._http = Mangum(
            self._serve, lifespan="off", api_gateway_base_path=prefix, text_mime_types=_TEXT
        )

    def __call__(self, event: dict[str, Any], context: InvocationContext) -> Mapping[str, object]:
        """Answer one event.

        Raises:
            ValueError: it is none of those that this function is meant for.
        """
        loop = self._own_loop()
        try:
            if "requestContext" in event:
                return self._http(event, context)  # type: ignore[arg-type] # Mangum asks for more
            if event.get("source") in _SCHEDULERS:
                return loop.run_until_complete(self._tidy_up(context))
        finally:
            # The process is frozen, or gone, as soon as this returns.
            self._telemetry.flush()
        raise ValueError(
            "this function answers HTTP APIs with payload format 2.0, and schedules of EventBridge"
        )

    def _own_loop(self) -> asyncio.AbstractEventLoop:
        """Return the loop that every event shares, as the one that Mangum finds."""
        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self._loop)
        return self._loop

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        _invocation.set(scope["aws.context"])
        # Mangum takes the prefix away. Where it stands, paths are what the caller asked for.
        scope = {**scope, "root_path": self._prefix, "path": self._prefix + scope["path"]}
        try:
            running = await self._opened()
        except DomainError as error:
            _log.error("this process could not be opened", extra={"code": error.code})
            await tell(error, scope, receive, send)
            return
        await running.app(scope, receive, send)

    async def _opened(self) -> _Running:
        loop = asyncio.get_running_loop()
        if self._running is None or self._running.loop is not loop:
            if self._running is not None:
                _log.warning("the event loop is another one: clients are made anew")
            container = await _open(self._settings, self._service, self._telemetry)

            anchors = _Anchors(container, every=self._anchor_every)

            async def finish(scope: Scope) -> None:
                if scope["method"] in _CHANGING:
                    await _relay(container, min(_RELAY_SECONDS, _seconds_left(_RELAY_MARGIN)))
                    await anchors.write_when_due()

            app = WholeAnswers(
                self._make_app(container),
                seconds_left=lambda: _seconds_left(_ANSWER_MARGIN),
                after=finish,
            )
            self._running = _Running(
                loop=loop, container=container, app=with_outer_layers(app, container)
            )
        return self._running

    async def _tidy_up(self, context: InvocationContext) -> Mapping[str, object]:
        """Do what requests left: the outbox, webhooks, digests and tenants that are due."""
        _invocation.set(context)
        container = (await self._opened()).container
        digests = await container.schedule_digests()()
        relayed = await _relay(container, _seconds_left(_RELAY_MARGIN))
        posted = 0
        deliver = container.deliver_webhooks()
        with suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, _seconds_left(_RELAY_MARGIN))):
                while await deliver():
                    posted += 1
                while await container.purge_tenants()():
                    pass
        return {"digests": digests, "relayed": relayed, "webhooks": posted}


def make_function(*, service: Service, make_app: MakeApp, prefix: str) -> Serverless:
    """Return the function of a service that is served under a prefix.

    Raises:
        SettingsError: the environment's settings will not do.
    """
    settings = _settings()
    configure_logging(settings)
    return Serverless(settings=settings, service=service, make_app=make_app, prefix=prefix)


async def _open(settings: Settings, service: Service, telemetry: Telemetry) -> Container:
    """Return a container whose store is open and whose records go to storage at once."""
    container = make_container(settings, service)
    container.telemetry.override(providers.Object(telemetry))
    if settings.mongo_uri is None:
        await asyncio.to_thread(prepare_home, settings.home)
    await container.store().open()

    async def ship() -> None:
        await container.ship_audit()()

    journal = DirectAuditJournal(ids=container.ids(), randomness=container.randomness(), ship=ship)
    await journal.open([])
    container.journal.override(providers.Object(journal))
    container.model_providers.override(
        providers.Object(
            BoundedProviders(
                container.model_providers(), seconds_left=lambda: _seconds_left(_UPSTREAM_MARGIN)
            )
        )
    )
    return container


async def _relay(container: Container, seconds: float) -> int:
    """Relay what waits in the outbox, for so long at most; the schedule relays the rest."""
    relayed = 0
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            while batch := await container.relay_outbox()():
                relayed += batch
    except TimeoutError:
        _log.warning("the outbox waits for the schedule", extra={"relayed": relayed})
    except DomainError as error:
        _log.warning("the outbox could not be relayed", extra={"code": error.code})
    return relayed


def _write_line(line: str) -> None:
    # Standard output is the log of a function, and nothing may wait in a buffer of a frozen one.
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _seconds_left(margin: float) -> float:
    return _invocation.get().get_remaining_time_in_millis() / 1000 - margin


def _settings() -> Settings:
    """Return the settings; what is made under `TRUEPORT_HOME` elsewhere must be given here.

    Raises:
        SettingsError: a secret is missing, which every instance would make for itself.
    """
    settings = load_settings()
    lines = []
    if settings.master_keys is None:
        lines.append(
            "TRUEPORT_MASTER_KEYS: is needed here, since no file outlives an instance; make one "
            'with: echo "k1:$(openssl rand -base64 32)"'
        )
    if settings.secret_key is None and settings.secret_keys is None:
        lines.append("SECRET_KEY: is needed here; make one with: openssl rand -base64 48")
    if lines:
        raise SettingsError("\n".join(lines))
    return settings

"""Put the HTTP applications together from a container.

What one service alone serves is imported where its application is made: a function on Lambda
imports no other one's routes.
"""

import asyncio
import shutil
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

from adapters.telemetry.prometheus import CONTENT_TYPE
from application.ports.telemetry import Metric
from domain.errors import DomainError
from entrypoints.http.application import (
    Probe,
    build_application,
    health_router,
    http_error,
    unexpected_error,
)
from entrypoints.http.client_address import ClientFromHeader
from entrypoints.http.draining import DrainGate
from entrypoints.http.gateway.routes import data_plane_router
from entrypoints.http.middleware import OriginCheck, RequestContext
from entrypoints.http.security_headers import SecurityHeaders
from entrypoints.wiring.containers import Container
from entrypoints.wiring.measures import measure
from entrypoints.wiring.triton import state_of

PLATFORM_PREFIX = "/platform/api"
GATEWAY_PREFIX = "/trueportai-services"
ANALYTICS_PREFIX = "/analytics"

_MIN_FREE_BYTES = 64 * 1024 * 1024


def make_platform_app(container: Container) -> FastAPI:
    """Return the control plane's application."""
    from entrypoints.wiring.platform_routes import platform_routers  # noqa: PLC0415 - its own

    return build_application(
        title="TruePort platform",
        version=version("trueport"),
        description="Users, one-time codes, tenants, members and billing.",
        routers=[
            *platform_routers(container, prefix=PLATFORM_PREFIX),
            health_router(lambda: readiness(container)),
        ],
        prefix=PLATFORM_PREFIX,
    )


def make_gateway_app(container: Container) -> FastAPI:
    """Return the gateway's application."""
    from entrypoints.wiring.gateway_routes import management_routers  # noqa: PLC0415 - its own

    return build_application(
        title="TruePort gateway",
        version=version("trueport"),
        description="OpenAI-compatible routes under the tenant's policy, and detection.",
        routers=[
            data_plane_router(
                relay_chat=container.relay_chat,
                detect_texts=container.detect_texts,
                list_models=container.list_models,
                max_body=container.settings().max_body_bytes,
            ),
            *management_routers(container),
            health_router(lambda: readiness(container)),
        ],
        prefix=GATEWAY_PREFIX,
    )


def make_analytics_app(container: Container) -> FastAPI:
    """Return the analytics engine's application."""
    from entrypoints.http.analytics.event_routes import events_router  # noqa: PLC0415 - its own
    from entrypoints.http.analytics.job_routes import job_router  # noqa: PLC0415 - the same
    from entrypoints.http.analytics.operator import operator_or_member  # noqa: PLC0415 - the same
    from entrypoints.http.analytics.replay_routes import replay_router  # noqa: PLC0415 - the same

    caller = operator_or_member(container.admin_token, container.access_tokens)
    return build_application(
        title="TruePort analytics engine",
        version=version("trueport"),
        description="Storage events become jobs, jobs become violations.",
        routers=[
            events_router(
                s3=lambda: container.cloud_events().s3,
                azure=lambda: container.cloud_events().azure,
                gcp=lambda: container.cloud_events().gcp,
                local=lambda: container.cloud_events().local,
                azure_handshake=lambda: container.cloud_events().azure_handshake,
            ),
            replay_router(replay=container.replay, caller=caller),
            job_router(
                list_jobs=container.list_jobs,
                show_job=container.show_job,
                retry_dead_letter=container.retry_dead_letter,
                discard_dead_letter=container.discard_dead_letter,
                caller=caller,
            ),
            health_router(lambda: readiness(container)),
        ],
        prefix=ANALYTICS_PREFIX,
    )


def make_server_app(container: Container) -> ASGIApp:
    """Return everything in one application; whoever serves it keeps `running` around it."""
    app = _outer_app(container, lambda: readiness(container))
    gateway = make_gateway_app(container)
    app.mount(PLATFORM_PREFIX, make_platform_app(container))
    app.mount(GATEWAY_PREFIX, gateway)
    app.mount(ANALYTICS_PREFIX, make_analytics_app(container))
    app.mount("", gateway)
    return with_outer_layers(app, container)


def make_engine_app(container: Container, *, is_ending: Callable[[], bool]) -> ASGIApp:
    """Return the analytics engine alone, at the root and under its prefix.

    While the process is ending it is not ready and takes no events.
    """

    async def probe() -> dict[str, str]:
        checks = await readiness(container)
        return {**checks, "process": "ending"} if is_ending() else checks

    app = _outer_app(container, probe)
    engine = make_analytics_app(container)
    app.mount(ANALYTICS_PREFIX, engine)
    app.mount("", engine)
    return with_outer_layers(DrainGate(app, is_ending=is_ending), container)


def _outer_app(container: Container, probe: Probe) -> FastAPI:
    """Return an application with what an operator watches, for others to be mounted in."""
    app = FastAPI(
        title="TruePort",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.include_router(health_router(probe))
    # A path with a line break in it meets no mount.
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unexpected_error)

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        await measure(container)
        return Response(container.telemetry().render(), media_type=CONTENT_TYPE)

    return app


def with_outer_layers(app: ASGIApp, container: Container) -> ASGIApp:
    """Return the application behind what every request passes first."""
    settings = container.settings()
    secrets = tuple(one.get_secret_value() for one in settings.origin_secrets)
    if secrets:
        app = OriginCheck(app, secrets=secrets)
    if settings.cors_origin_regex is not None:
        app = CORSMiddleware(
            app,
            allow_origin_regex=settings.cors_origin_regex,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["authorization", "content-type", "idempotency-key"],
            expose_headers=[
                "retry-after",
                "x-ratelimit-limit-requests",
                "x-ratelimit-limit-tokens",
                "x-ratelimit-remaining-requests",
                "x-ratelimit-remaining-tokens",
                "x-ratelimit-reset-requests",
                "x-ratelimit-reset-tokens",
                "x-trueport-decision",
                "x-trueport-request-id",
                "x-trueport-response-decision",
            ],
        )
    if settings.client_address_header is not None:
        app = ClientFromHeader(app, header=settings.client_address_header)
    ids = container.ids()
    telemetry = container.telemetry()
    context = RequestContext(
        app,
        new_id=lambda: ids.new("req"),
        count=lambda route, status, provider: telemetry.count(
            Metric.GATEWAY_REQUESTS, route=route, status=str(status), provider=provider
        ),
    )
    return SecurityHeaders(context)


def _free_bytes(home: Path) -> int | None:
    """Return the space where the journal lies, None for a process that keeps none on disk."""
    return shutil.disk_usage(home).free if home.exists() else None


async def readiness(container: Container) -> dict[str, str]:
    """Return the state of each dependency: `ok`, what is `degraded: …`, or what is wrong."""
    checks = {"store": "ok"}
    try:
        await container.job_records().oldest_open()
    except DomainError as error:
        checks["store"] = error.message
    free = await asyncio.to_thread(_free_bytes, container.settings().home)
    if free is not None:
        is_short = free < _MIN_FREE_BYTES
        checks["disk"] = "less than 64 MiB are free for the audit journal" if is_short else "ok"
    triton = container.triton().client
    if triton is not None:
        checks["triton"] = await state_of(triton, container.model_store())
    return checks

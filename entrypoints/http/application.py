"""Build a FastAPI application whose errors are ours, whatever goes wrong."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from domain.errors import DomainError
from entrypoints.http.described_errors import DescribedApplication
from entrypoints.http.json_answer import JsonAnswer
from entrypoints.http.middleware import internal_error, is_openai_path
from entrypoints.http.problems import (
    openai_answer,
    openai_error,
    problem,
    problem_answer,
)

PROBLEM = "application/problem+json"
_INVALID = 400
_NOT_ALLOWED = 405
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

Probe = Callable[[], Awaitable[dict[str, str]]]
"""Return the state of each dependency by its name: `ok`, `ok: …`, or what is wrong with it.

What begins with `DEGRADED` is wrong, and the process serves all the same.
"""

DEGRADED = "degraded: "


def build_application(
    *, title: str, version: str, description: str, routers: Sequence[APIRouter], prefix: str
) -> FastAPI:
    """Return an application; `prefix` is the path it is served under, for its OpenAPI document."""
    app = DescribedApplication(
        title=title,
        version=version,
        description=description,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": prefix or "/"}],
        redirect_slashes=False,
    )
    for router in routers:
        app.include_router(router)
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, unexpected_error)
    return app


async def _domain_error(request: Request, error: Exception) -> JsonAnswer:
    if not isinstance(error, DomainError):
        raise error
    if is_openai_path(request.scope["path"]):
        answer = openai_answer(error)
        return JsonAnswer(
            dict(answer.body), status_code=answer.status, headers=dict(answer.headers)
        )
    answer = problem_answer(error, instance=request.url.path)
    return JsonAnswer(
        dict(answer.body),
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type=PROBLEM,
    )


async def _validation_error(request: Request, error: Exception) -> JsonAnswer:
    """Answer a body that does not fit; what the caller sent is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [
        {
            "field": ".".join(str(step) for step in detail["loc"][1:]) or "body",
            "detail": str(detail["msg"]),
        }
        for detail in error.errors()
    ]
    first = errors[0]
    message = f"{first['field']}: {first['detail']}"
    if is_openai_path(request.scope["path"]):
        body = openai_error(
            message, kind="invalid_request_error", code="invalid_value", param=first["field"]
        )
        return JsonAnswer(body, status_code=_INVALID)
    return JsonAnswer(
        problem(
            _INVALID,
            "Invalid request",
            message,
            code="invalid_value",
            instance=request.url.path,
            errors=errors,
        ),
        status_code=_INVALID,
        media_type=PROBLEM,
    )


async def http_error(request: Request, error: Exception) -> JsonAnswer:
    """Answer a path that leads nowhere, or a method that its path does not take."""
    if not isinstance(error, HTTPException):
        raise error
    path = request.scope["path"]
    headers = {name.lower(): value for name, value in (error.headers or {}).items()}
    if error.status_code == _NOT_ALLOWED:
        # Starlette names the methods of one route, and a path may have several.
        headers["allow"] = ", ".join(_allowed(request))
    detail = {
        404: f"There is no route {request.method} {path}.",
        405: f"{request.method} is not allowed on {path}.",
    }.get(error.status_code, str(error.detail))
    if is_openai_path(path):
        body = openai_error(detail, kind="invalid_request_error", code="unknown_url")
        return JsonAnswer(body, status_code=error.status_code, headers=headers)
    return JsonAnswer(
        problem(error.status_code, str(error.detail), detail, code="http_error", instance=path),
        status_code=error.status_code,
        headers=headers,
        media_type=PROBLEM,
    )


def _allowed(request: Request) -> list[str]:
    """Return the methods that a request's path takes."""
    return [
        method
        for method in _METHODS
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.router.routes
        )
    ]


async def unexpected_error(request: Request, _: Exception) -> JSONResponse:
    """Answer in our own words before the error goes on to whoever logs it."""
    return internal_error(request.scope)


def health_router(probe: Probe) -> APIRouter:
    """Return `/healthz` (this process lives) and `/readyz` (what it depends on answers)."""
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Is this process alive?")
    async def healthz() -> dict[str, str]:
        """Answer at once, without asking anybody else."""
        return {"status": "ok"}

    @router.get(
        "/readyz",
        summary="Can this process serve?",
        responses={503: {"description": "A dependency does not answer."}},
    )
    async def readyz() -> JSONResponse:
        """Ask each dependency."""
        checks = await probe()
        wrong = {state for state in checks.values() if state.partition(":")[0] != "ok"}
        is_ready = all(state.startswith(DEGRADED) for state in wrong)
        status = "not ready" if not is_ready else "degraded" if wrong else "ready"
        return JSONResponse(
            {"status": status, "checks": checks}, status_code=200 if is_ready else 503
        )

    return router

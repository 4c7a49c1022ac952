"""Build a FastAPI application whose errors are ours, whatever goes wrong."""

from collections.abc import Awaitable, Callable, Sequence

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from domain.errors import DomainError
from entrypoints.http.middleware import is_openai_path
from entrypoints.http.problems import (
    openai_answer,
    openai_error,
    problem,
    problem_answer,
)

PROBLEM = "application/problem+json"
_INVALID = 400

Probe = Callable[[], Awaitable[dict[str, str]]]
"""Return the state of each dependency by its name: `ok`, or what is wrong with it."""


def build_application(
    *, title: str, version: str, description: str, routers: Sequence[APIRouter], prefix: str
) -> FastAPI:
    """Return an application; `prefix` is the path it is served under, for its OpenAPI document."""
    app = FastAPI(
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
    app.add_exception_handler(HTTPException, _http_error)
    return app


async def _domain_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, DomainError):
        raise error
    if is_openai_path(request.scope["path"]):
        answer = openai_answer(error)
        return JSONResponse(
            dict(answer.body), status_code=answer.status, headers=dict(answer.headers)
        )
    answer = problem_answer(error, instance=request.url.path)
    return JSONResponse(
        dict(answer.body),
        status_code=answer.status,
        headers=dict(answer.headers),
        media_type=PROBLEM,
    )


async def _validation_error(request: Request, error: Exception) -> JSONResponse:
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
        return JSONResponse(body, status_code=_INVALID)
    return JSONResponse(
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


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    path = request.scope["path"]
    detail = {
        404: f"There is no route {request.method} {path}.",
        405: f"{request.method} is not allowed on {path}.",
    }.get(error.status_code, str(error.detail))
    if is_openai_path(path):
        body = openai_error(detail, kind="invalid_request_error", code="unknown_url")
        return JSONResponse(body, status_code=error.status_code, headers=error.headers)
    return JSONResponse(
        problem(error.status_code, str(error.detail), detail, code="http_error", instance=path),
        status_code=error.status_code,
        headers=error.headers,
        media_type=PROBLEM,
    )


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
        is_ready = all(state == "ok" for state in checks.values())
        return JSONResponse(
            {"status": "ready" if is_ready else "not ready", "checks": checks},
            status_code=200 if is_ready else 503,
        )

    return router

"""The route that local storage announces its objects to."""

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from application.analytics.accept_event import AcceptEvent
from application.ports.notifications import EventMessage, EventVerifier
from entrypoints.http.application import PROBLEMS
from entrypoints.http.middleware import read_body

MAX_EVENT = 256 * 1024
"""Bytes of an event's body: more than any cloud sends."""


def local_events_router(
    *,
    accept_event: Callable[[], AcceptEvent],
    local_events: Callable[[], EventVerifier],
) -> APIRouter:
    """Return the route of local events."""
    router = APIRouter(tags=["analytics"], responses=PROBLEMS)

    @router.post(
        "/events/local",
        summary="A local object was stored",
        openapi_extra={
            "parameters": [
                {
                    "in": "header",
                    "name": "x-trueport-signature",
                    "required": True,
                    "schema": {"type": "string"},
                    "description": "t=UNIX_SECONDS,v1=HMAC-SHA256 of 'UNIX_SECONDS.BODY'",
                }
            ],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {
                            "type": "object",
                            "required": ["bucket", "key"],
                            "properties": {
                                "bucket": {"type": "string"},
                                "key": {"type": "string"},
                            },
                        }
                    }
                },
            },
        },
    )
    async def local_event(request: Request) -> JSONResponse:
        """Take a signed event; it is acknowledged once its job is stored."""
        body = await read_body(request, MAX_EVENT)
        message = EventMessage(body=body, headers=dict(request.headers))
        verified = await local_events().verify(message)
        results = [(await accept_event()(ref)).value for ref in verified.objects]
        return JSONResponse({"results": results})

    return router

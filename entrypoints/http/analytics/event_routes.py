"""The routes that storage, in the clouds and local, announces its objects to.

What cannot be trusted is answered 403 and nothing else happens. Whatever is our own fault, such as
a full queue or a certificate that cannot be fetched, is answered 503, which every sender takes as
"later"; SNS takes any 4xx as delivered, 429 included.
"""

from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from application.analytics.take_message import AllowSender, TakeMessage
from application.ports.notifications import EventMessage
from entrypoints.http.json_answer import JsonAnswer
from entrypoints.http.middleware import read_body

MAX_EVENT = 256 * 1024
"""Bytes of an event's body: more than any cloud sends."""

_BODY: Mapping[str, object] = {
    "required": True,
    "content": {"application/json": {"schema": {}}},
}


def events_router(
    *,
    s3: Callable[[], TakeMessage],
    azure: Callable[[], TakeMessage],
    gcp: Callable[[], TakeMessage],
    local: Callable[[], TakeMessage],
    azure_handshake: Callable[[], AllowSender],
) -> APIRouter:
    """Return a route for each kind of storage, and the handshake of Azure's."""
    router = APIRouter(tags=["events"])

    @router.post(
        "/events/s3",
        summary="An object of S3 was stored",
        openapi_extra={"requestBody": dict(_BODY)},
    )
    async def s3_event(request: Request) -> JSONResponse:
        """Take a message of SNS, of EventBridge, or of S3 itself."""
        return await _answer(s3(), request)

    @router.post(
        "/events/azure",
        summary="A blob was stored",
        openapi_extra={"requestBody": dict(_BODY)},
    )
    async def azure_event(request: Request) -> JSONResponse:
        """Take events of Event Grid in either schema, or answer its validation event."""
        return await _answer(azure(), request)

    @router.options("/events/azure", summary="May Event Grid send events here?")
    async def azure_leave(request: Request) -> Response:
        """Answer the handshake of CloudEvents."""
        message = EventMessage(
            body=b"", headers=dict(request.headers), query=dict(request.query_params)
        )
        return Response(headers={**azure_handshake()(message), "allow": "POST"})

    @router.post(
        "/events/gcp",
        summary="An object of Google Cloud Storage was stored",
        openapi_extra={"requestBody": dict(_BODY)},
    )
    async def gcp_event(request: Request) -> JSONResponse:
        """Take a message that Pub/Sub pushes."""
        return await _answer(gcp(), request)

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
        return await _answer(local(), request)

    return router


async def _answer(take: TakeMessage, request: Request) -> JSONResponse:
    body = await read_body(request, MAX_EVENT, may_be_empty=True)
    taken = await take(
        EventMessage(body=body, headers=dict(request.headers), query=dict(request.query_params))
    )
    return JsonAnswer(
        {"results": list(taken.results)} if taken.reply is None else dict(taken.reply)
    )

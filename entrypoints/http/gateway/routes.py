"""The routes that applications call with a key."""

from collections.abc import Callable

from fastapi import APIRouter, Depends, Request, Response

from application.gateway.detect import DetectCommand, DetectTexts
from application.gateway.models import ListModels
from application.gateway.relay import (
    CompletedChat,
    Passed,
    RelayChat,
    RelayChatCommand,
)
from domain.api_key import Scope
from domain.chat import parse_json_object
from domain.detection.taxonomy import Category
from entrypoints.http.authentication import GATEWAY_KEY
from entrypoints.http.bounded_route import bounded_route
from entrypoints.http.event_stream import EventStream
from entrypoints.http.gateway.schemas import (
    DetectionBody,
    DetectRequest,
    DetectResponse,
    ModelBody,
    ModelList,
    ModerationRequest,
    ModerationResponse,
    ModerationResult,
)
from entrypoints.http.json_answer import encode_json
from entrypoints.http.middleware import request_id_of
from entrypoints.http.problems import limit_headers

_CHAT_REQUEST = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["model", "messages"],
                    "properties": {
                        "model": {"type": "string", "minLength": 1},
                        "messages": {
                            "type": "array",
                            "minItems": 1,
                            "items": {
                                "type": "object",
                                "required": ["role"],
                                "properties": {"role": {"type": "string", "minLength": 1}},
                            },
                        },
                        "stream": {"type": "boolean"},
                    },
                    "additionalProperties": True,
                },
                "example": {
                    "model": "echo",
                    "messages": [{"role": "user", "content": "Hello"}],
                },
            }
        },
    },
}
"""OpenAI's own schema holds; only what the gateway itself relies on is stated."""


def data_plane_router(
    *,
    relay_chat: Callable[[], RelayChat],
    detect_texts: Callable[[], DetectTexts],
    list_models: Callable[[], ListModels],
    max_body: int,
) -> APIRouter:
    """Return the OpenAI-compatible routes and `/v1/detect`."""
    router = APIRouter(
        prefix="/v1",
        tags=["gateway"],
        dependencies=[Depends(GATEWAY_KEY)],
        route_class=bounded_route(max_body, is_repeated=False),
    )

    @router.post(
        "/chat/completions",
        summary="Relay a chat completion",
        openapi_extra=_CHAT_REQUEST,
        response_class=Response,
        responses={
            200: {
                "description": "OpenAI's chat completion, or its chunks as server-sent events.",
                "content": {"application/json": {}, "text/event-stream": {}},
            }
        },
    )
    async def chat_completions(request: Request) -> Response:
        """Serve a chat under the tenant's policy; see OpenAI's reference for the bodies."""
        body = parse_json_object(await request.body())
        outcome = await relay_chat()(
            RelayChatCommand(
                request_id=request_id_of(request),
                authorization=request.headers.get("authorization"),
                body=body,
            )
        )
        request.state.provider = outcome.passed.provider
        if isinstance(outcome, CompletedChat):
            return Response(
                encode_json(outcome.body),
                media_type="application/json",
                headers={
                    **_passed_headers(outcome.passed),
                    "x-trueport-response-decision": outcome.response_decision.value,
                },
            )
        return EventStream(outcome, headers=_passed_headers(outcome.passed))

    @router.get("/models", summary="List the models that this key may use")
    async def models(request: Request) -> ModelList:
        """Return OpenAI's list of models."""
        found = await list_models()(request.headers.get("authorization"))
        return ModelList(data=[ModelBody.of(model) for model in found])

    @router.post("/detect", summary="Say what the detectors find in texts")
    async def detect(body: DetectRequest, request: Request, response: Response) -> DetectResponse:
        """Run the detectors without any policy; nothing is stored."""
        result = await detect_texts()(
            DetectCommand(
                authorization=request.headers.get("authorization"),
                texts=body.texts(),
                categories=frozenset(body.detectors or Category),
            )
        )
        response.headers.update(limit_headers(result.windows))
        return DetectResponse(
            results=[DetectionBody.of(one, body.min_score) for one in result.detections]
        )

    @router.post("/moderations", summary="Moderate texts, in OpenAI's shape")
    async def moderations(
        body: ModerationRequest, request: Request, response: Response
    ) -> ModerationResponse:
        """Answer from TruePort's own toxicity detector."""
        result = await detect_texts()(
            DetectCommand(
                authorization=request.headers.get("authorization"),
                texts=body.texts(),
                scope=Scope.MODERATIONS,
                categories=frozenset({Category.TOXICITY}),
            )
        )
        response.headers.update(limit_headers(result.windows))
        return ModerationResponse(
            id=request_id_of(request),
            model="trueport-moderation",
            results=[ModerationResult.of(one) for one in result.detections],
        )

    return router


def _passed_headers(passed: Passed) -> dict[str, str]:
    return {
        "x-trueport-decision": passed.decision.value,
        **limit_headers(passed.windows),
    }

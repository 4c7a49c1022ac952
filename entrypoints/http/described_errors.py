"""Which errors a route may answer, for the OpenAPI documents: one table over what a route is like.

A status is described where the table says that it can occur, so a new route has its errors
without a word; `problems` decides which error becomes which status. Only a chat passes on whatever
status its upstream chose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

_WRITES = frozenset({"post", "put", "patch", "delete"})
_PLANNED = frozenset({"keys", "invitations", "tenants"})
"""Tags of the routes that make more of what a plan counts."""
_RATIONED = frozenset({"sign-in", "invitations"})
"""Tags of the routes by which mails are sent and codes are guessed."""
_NAMING = frozenset({"jobs", "invitations"})
"""Tags of the routes that are told in a query or a body what they are about."""

_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_OPENAI = {"application/json": {"schema": {"$ref": "#/components/schemas/OpenAIError"}}}
_PROBLEM_SCHEMAS: dict[str, dict[str, Any]] = {
    "Problem": {
        "title": "Problem",
        "description": "Problem details (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status", "detail", "instance", "code"],
        "properties": {
            "type": {"type": "string"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "instance": {"type": "string"},
            "code": {"type": "string"},
            "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        },
    },
    "FieldProblem": {
        "title": "FieldProblem",
        "description": "What is wrong with one field.",
        "type": "object",
        "required": ["field", "detail"],
        "properties": {"field": {"type": "string"}, "detail": {"type": "string"}},
    },
}
_SDK_SCHEMAS: dict[str, dict[str, Any]] = {
    "OpenAIError": {
        "title": "OpenAIError",
        "description": "An error as OpenAI's SDKs read it.",
        "type": "object",
        "required": ["error"],
        "properties": {"error": {"$ref": "#/components/schemas/OpenAIErrorDetail"}},
    },
    "OpenAIErrorDetail": {
        "title": "OpenAIErrorDetail",
        "description": "What went wrong.",
        "type": "object",
        "required": ["message", "type", "param", "code"],
        "properties": {
            "message": {"type": "string"},
            "type": {"type": "string"},
            "param": {"type": ["string", "null"]},
            "code": {"type": ["string", "null"]},
        },
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Route:
    """What an operation is like, as far as its errors depend on it."""

    path: str
    method: str
    tag: str
    asks: frozenset[str]
    has_body: bool
    has_form: bool

    @classmethod
    def of(cls, path: str, method: str, operation: Mapping[str, Any]) -> "_Route":
        """Read what an operation says of itself."""
        parameters = operation.get("parameters", [])
        return cls(
            path=path,
            method=method,
            tag=next(iter(operation.get("tags", ())), ""),
            asks=frozenset(name for one in operation.get("security", []) for name in one),
            has_body="requestBody" in operation,
            # A word in a path that is nobody's name is 404; everything else has a form.
            has_form=any(
                one["in"] != "path" or one["schema"].get("type") != "string" for one in parameters
            ),
        )

    @property
    def is_health(self) -> bool:
        return self.tag == "health"

    @property
    def is_sdk(self) -> bool:
        return "gatewayKey" in self.asks

    @property
    def is_chat(self) -> bool:
        return self.is_sdk and self.path.endswith("/chat/completions")

    @property
    def is_write(self) -> bool:
        return self.method in _WRITES

    @property
    def is_engine(self) -> bool:
        """Whether it belongs to the engine, which nobody runs as a function."""
        return self.tag in {"events", "jobs"}


TABLE: tuple[tuple[str, str, Callable[[_Route], bool]], ...] = (
    (
        "400",
        "The request does not have the form that this route takes.",
        lambda route: route.has_body or route.has_form,
    ),
    ("401", "Nobody knows the caller, or not any more.", lambda route: not route.is_health),
    (
        "402",
        "The plan does not include it.",
        lambda route: route.tag in _PLANNED and route.method in {"post", "patch"},
    ),
    (
        "403",
        "The caller may not do this, or did not come through the edge.",
        lambda route: not route.path.endswith("/healthz"),
    ),
    (
        "404",
        "There is no such thing for this caller.",
        lambda route: "{" in route.path or route.is_sdk or route.tag in _NAMING,
    ),
    (
        "409",
        "It does not go with the present state; read that first.",
        lambda route: route.is_write and not route.is_sdk,
    ),
    ("413", "The body is too large.", lambda route: route.has_body),
    (
        "429",
        "A limit is used up; `Retry-After` says for how long.",
        lambda route: route.is_sdk or (route.tag in _RATIONED and route.method == "post"),
    ),
    ("4XX", "What the upstream refused, as it said it.", lambda route: route.is_chat),
    ("500", "Something went wrong on our side.", lambda _: True),
    (
        "502",
        "The storage or the upstream refused, or the answer is too large to pass on.",
        lambda route: not route.is_health and (not route.is_engine or route.path == "/replay"),
    ),
    ("503", "A part of the service is away for now.", lambda route: not route.is_health),
    (
        "504",
        "There was no time left.",
        lambda route: not route.is_health and not route.is_engine,
    ),
    ("5XX", "What the upstream failed with, as it said it.", lambda route: route.is_chat),
)


class DescribedApplication(FastAPI):
    """An application whose OpenAPI document names the errors of each route."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        if self.openapi_schema is None:
            describe_errors(super().openapi())
        return super().openapi()


def describe_errors(document: dict[str, Any]) -> None:
    """Write into a document which errors each operation may answer."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    # FastAPI's own word for a request that does not fit, which is 400 here.
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            route = _Route.of(path, method, operation)
            responses = operation["responses"]
            responses.pop("422", None)
            content = _OPENAI if route.is_sdk else _PROBLEM
            schemas |= _SDK_SCHEMAS if route.is_sdk else _PROBLEM_SCHEMAS
            for status, description, can_occur in TABLE:
                if status not in responses and can_occur(route):
                    responses[status] = {"description": description, "content": content}
    document["components"]["schemas"] = dict(sorted(schemas.items()))

"""The lines of logs that somebody else wrote: OpenAI's files, LiteLLM and Amazon Bedrock.

- OpenAI: training lines (`{"messages": […]}`, `{"prompt": …, "completion": …}`), batch input
  (`custom_id`, `body`) and output (`custom_id`, `response.body`), pairs of `request` and
  `response` (each a body, a body under `body`, or its JSON as a text), and a body by itself.
- LiteLLM: the `StandardLoggingPayload` (https://docs.litellm.ai/docs/proxy/logging_spec).
- Amazon Bedrock: `ModelInvocationLog` as it is delivered to S3. A body above 100 kB is an object of
  its own there (`…/data/…_input.json.gz`), which is read as a body by itself.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from application.analytics.bodies import answer_texts, request_texts
from application.analytics.parsed_exchange import LogFormat
from domain.audit import parse_time
from domain.chat import TextPart
from domain.errors import InvalidValue
from domain.policy.rule import Direction

Json = Mapping[str, object]

_MAX_NAME = 200
_MILLISECONDS_FROM = 1e11
"""Numbers from here on are milliseconds: as seconds they would lie in the year 5138."""

_REQUESTS = frozenset({"messages", "prompt", "inputText", "input", "chat_history"})
_ANSWERS = frozenset(
    {"choices", "results", "generation", "generations", "outputs", "output", "completion", "text"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignExchange:
    """What a line of another writer says; None where it says nothing."""

    format: LogFormat
    parts: tuple[TextPart, ...]
    id: str | None = None
    time: datetime | None = None
    model: str | None = None
    key_id: str | None = None
    user: str | None = None


def read_foreign(document: Json) -> ForeignExchange | None:
    """Return the exchange of a line, None when it is of no known shape."""
    if document.get("schemaType") == "ModelInvocationLog":
        return _bedrock(document)
    if "startTime" in document and ("messages" in document or "response" in document):
        return _litellm(document)
    return _openai(document)


def _bedrock(document: Json) -> ForeignExchange:
    request = _mapping(document.get("input")).get("inputBodyJson")
    answer = _mapping(document.get("output")).get("outputBodyJson")
    return ForeignExchange(
        format=LogFormat.BEDROCK,
        parts=(*request_texts(request, "request"), *answer_texts(answer, "response")),
        id=_identifier(document.get("requestId")),
        time=_time(document.get("timestamp")),
        model=_text(document.get("modelId")),
        key_id=_text(_mapping(document.get("identity")).get("arn")),
    )


def _litellm(document: Json) -> ForeignExchange:
    metadata = _mapping(document.get("metadata"))
    request = document.get("messages")
    answer = document.get("response")
    # A prompt or an embedding has its input where a chat has its messages.
    asked = request_texts(request, "request/messages")
    keys = ("user_api_key_alias", "user_api_key_hash", "user_api_key")
    return ForeignExchange(
        format=LogFormat.LITELLM,
        parts=(*asked, *answer_texts(_decoded(answer), "response")),
        id=_identifier(document.get("id")),
        time=_time(document.get("startTime")),
        model=_text(document.get("model")) or _text(document.get("model_group")),
        key_id=next((found for key in keys if (found := _text(metadata.get(key)))), None),
        user=_text(document.get("end_user")) or _text(metadata.get("user_api_key_user_id")),
    )


def _openai(document: Json) -> ForeignExchange | None:
    request = _body(document.get("request", document.get("body")))
    answer = _body(document.get("response"))
    if request is None and answer is None:
        if not (document.keys() & _REQUESTS or _is_answer(document)):
            return None
        return _alone(document)
    asked, said = _mapping(request), _mapping(answer)
    return ForeignExchange(
        format=LogFormat.OPENAI,
        parts=(*request_texts(request, "request"), *answer_texts(answer, "response")),
        id=_first_id(
            (document.get("id"), said.get("id"), document.get("custom_id")),
        ),
        time=_first_time(
            document.get("timestamp"),
            document.get("time"),
            document.get("created_at"),
            said.get("created"),
            said.get("created_at"),
        ),
        model=_text(said.get("model")) or _text(asked.get("model")) or _text(document.get("model")),
        key_id=_text(document.get("api_key_id")) or _text(document.get("key_id")),
        user=_text(asked.get("user")) or _text(document.get("user")),
    )


def _alone(document: Json) -> ForeignExchange:
    """Return a body that stands by itself; what the model said in it counts as its answer."""
    parts: Iterable[TextPart]
    if document.keys() & _REQUESTS:
        asked = request_texts(document, "request", answers=Direction.RESPONSE)
        parts = (*asked, *_completion(document))
    else:
        parts = answer_texts(document, "response")
    return ForeignExchange(
        format=LogFormat.OPENAI,
        parts=tuple(parts),
        id=_identifier(document.get("id")),
        time=_first_time(document.get("created"), document.get("created_at")),
        model=_text(document.get("model")),
        user=_text(document.get("user")),
    )


def _completion(document: Json) -> Iterable[TextPart]:
    """Return the other half of a training line of prompt and completion."""
    return answer_texts({"completion": document.get("completion")}, "response")


def _is_answer(document: Json) -> bool:
    return bool(document.keys() & _ANSWERS) or isinstance(document.get("content"), list)


def _body(value: object) -> object:
    """Return the body of a request or an answer: itself, under `body`, or its JSON as a text."""
    value = _decoded(value)
    if isinstance(value, Mapping) and "body" in value:
        return _decoded(value["body"])
    return value


def _decoded(value: object) -> object:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            return value
    return value


def _mapping(value: object) -> Json:
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    """Return a name, such as a model's; what is too long for one is cut."""
    return value[:_MAX_NAME] if isinstance(value, str) and value else None


def _identifier(value: object) -> str | None:
    """Return an id of its writer's, unless it is none that could be kept as it is."""
    is_one = isinstance(value, str) and 0 < len(value) <= _MAX_NAME and value.isprintable()
    return str(value) if is_one else None


def _first_id(values: Iterable[object]) -> str | None:
    return next((found for value in values if (found := _identifier(value))), None)


def _first_time(*values: object) -> datetime | None:
    return next((found for value in values if (found := _time(value))), None)


def _time(value: object) -> datetime | None:
    """Return the time of a text in RFC 3339 or of seconds or milliseconds since 1970."""
    if isinstance(value, str):
        try:
            return parse_time(value if "T" not in value or _has_offset(value) else f"{value}Z")
        except InvalidValue:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value / (1000 if value >= _MILLISECONDS_FROM else 1), UTC)
    except (OverflowError, OSError, ValueError):
        return None


def _has_offset(text: str) -> bool:
    clock = text.partition("T")[2]
    return clock.endswith(("Z", "z")) or "+" in clock or "-" in clock

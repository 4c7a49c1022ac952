"""Provider-neutral chat: which texts a request and an answer hold, and how they are replaced.

The neutral form is OpenAI's chat completion JSON, since most callers and upstreams speak it;
unknown fields pass through untouched. A text is named by its path, `messages/2/content`.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.errors import InvalidValue
from domain.policy.rule import Direction

MAX_DEPTH = 64
_TOOL_ROLES = frozenset({"tool", "function"})
_TRUSTED_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPart:
    """One text of an exchange, where it stands, and which way it goes.

    `is_trusted` marks texts of the application's author (system and developer messages): their
    instructions to the model are no injection.
    """

    path: str
    text: str
    direction: Direction
    is_trusted: bool = False


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise InvalidValue("a number is too large")
    return value


def _refuse_constant(name: str) -> float:
    raise InvalidValue(f"{name} is not JSON")


def parse_json_object(raw: bytes) -> dict[str, object]:
    """Return the JSON object in `raw`; numbers are finite and nesting stays within `MAX_DEPTH`.

    Where a name stands twice in one object, the last one counts. Others read that differently, so
    what was inspected is passed on as parsed here and never as `raw`. An escaped half of a
    surrogate pair stays as it is.

    Raises:
        InvalidValue: it is something else; the message says where it goes wrong, without quoting.
    """
    try:
        value = json.loads(raw.decode(), parse_float=_finite, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise InvalidValue(
            f"the body is not valid JSON (line {error.lineno}, column {error.colno})"
        ) from None
    except UnicodeDecodeError:
        raise InvalidValue("the body is not in UTF-8") from None
    except RecursionError:
        raise InvalidValue(f"the body is nested deeper than {MAX_DEPTH} levels") from None
    except ValueError:  # Python reads no whole number of more than 4300 digits
        raise InvalidValue("a number is too large") from None
    if not isinstance(value, dict):
        raise InvalidValue("the body must be a JSON object")
    if _depth(value) > MAX_DEPTH:
        raise InvalidValue(f"the body is nested deeper than {MAX_DEPTH} levels")
    return value


def _depth(value: object) -> int:
    depth, level = 0, [value]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
            if isinstance(child, dict | list)
        ]
    return depth


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRequest:
    """A chat completion request: the parsed body and what the gateway needs to know of it."""

    body: Mapping[str, object]
    model: str
    stream: bool
    user: str | None
    max_tokens: int | None

    @classmethod
    def parse(cls, body: Mapping[str, object]) -> "ChatRequest":
        """Check what the gateway relies on; everything else is the upstream's business."""
        model, messages = body.get("model"), body.get("messages")
        if not isinstance(model, str) or not model:
            raise InvalidValue("you must provide a model parameter", field="model")
        if not isinstance(messages, list) or not messages:
            raise InvalidValue("messages must be a list of at least one message", field="messages")
        for index, message in enumerate(messages):
            if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
                raise InvalidValue("a message is an object with a role", field=f"messages[{index}]")
        stream = body.get("stream", False)
        if stream is not None and not isinstance(stream, bool):
            raise InvalidValue("stream must be true or false", field="stream")
        user = body.get("user")
        if user is not None and not isinstance(user, str):
            raise InvalidValue("user must be a text", field="user")
        limits = [_token_limit(body, name) for name in ("max_completion_tokens", "max_tokens")]
        return cls(
            body=body,
            model=model,
            stream=bool(stream),
            user=user,
            max_tokens=next((limit for limit in limits if limit is not None), None),
        )


def _token_limit(body: Mapping[str, object], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InvalidValue(f"{name} must be a whole number, 0 or more", field=name)
    return value


def request_parts(body: Mapping[str, object]) -> tuple[TextPart, ...]:
    """Return every text of a request, in order."""
    parts: list[TextPart] = []
    messages = body.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        if isinstance(message, Mapping):
            role = message.get("role")
            direction = Direction.TOOL_RESULT if role in _TOOL_ROLES else Direction.REQUEST
            parts += [
                TextPart(
                    path=path,
                    text=text,
                    direction=direction,
                    is_trusted=role in _TRUSTED_ROLES,
                )
                for path, text in _message_texts(message, f"messages/{index}")
            ]
    prediction = body.get("prediction")
    if isinstance(prediction, Mapping):
        parts += [
            TextPart(path=path, text=text, direction=Direction.REQUEST)
            for path, text in _content_texts(prediction.get("content"), "prediction/content")
        ]
    return tuple(parts)


def response_parts(body: Mapping[str, object]) -> tuple[TextPart, ...]:
    """Return every text of a complete answer, in order."""
    parts: list[TextPart] = []
    choices = body.get("choices")
    for index, choice in enumerate(choices if isinstance(choices, list) else ()):
        message = choice.get("message") if isinstance(choice, Mapping) else None
        if isinstance(message, Mapping):
            parts += [
                TextPart(path=path, text=text, direction=Direction.RESPONSE)
                for path, text in _message_texts(message, f"choices/{index}/message")
            ]
    return tuple(parts)


def _message_texts(message: Mapping[str, object], path: str) -> Iterable[tuple[str, str]]:
    yield from _content_texts(message.get("content"), f"{path}/content")
    for name in ("refusal", "reasoning_content", "reasoning"):
        yield from _field(message, name, path)
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, Mapping):
            at = f"{path}/tool_calls/{index}"
            yield from _field(call.get("function"), "arguments", f"{at}/function")
            yield from _field(call.get("custom"), "input", f"{at}/custom")
    yield from _field(message.get("function_call"), "arguments", f"{path}/function_call")
    yield from _field(message.get("audio"), "transcript", f"{path}/audio")


def _content_texts(content: object, path: str) -> Iterable[tuple[str, str]]:
    if isinstance(content, str) and content:
        yield path, content
    elif isinstance(content, list):
        for index, item in enumerate(content):
            if isinstance(item, str) and item:  # some servers take bare texts as parts
                yield f"{path}/{index}", item
            yield from _field(item, "text", f"{path}/{index}")
            yield from _field(item, "refusal", f"{path}/{index}")


def _field(node: object, name: str, path: str) -> Iterable[tuple[str, str]]:
    value = node.get(name) if isinstance(node, Mapping) else None
    if isinstance(value, str) and value:
        yield f"{path}/{name}", value


def replace_texts(body: Mapping[str, object], texts: Mapping[str, str]) -> dict[str, object]:
    """Return the body with the texts at these paths replaced; the rest is shared, not copied.

    Raises:
        InvalidValue: no text stands at one of the paths.
    """
    changed: dict[str, object] = dict(body)
    for path, text in texts.items():
        node: dict[str, object] | list[object] = changed
        steps = path.split("/")
        for step in steps[:-1]:
            child = _get(node, step)
            copy: dict[str, object] | list[object]
            if isinstance(child, Mapping):
                copy = dict(child)
            elif isinstance(child, list):
                copy = list(child)
            else:
                raise InvalidValue(f"there is no text at {path}")
            _set(node, step, copy)
            node = copy
        if not isinstance(_get(node, steps[-1]), str):
            raise InvalidValue(f"there is no text at {path}")
        _set(node, steps[-1], text)
    return changed


def _get(node: dict[str, object] | list[object], step: str) -> object:
    """Return what stands there, None where nothing does."""
    if isinstance(node, dict):
        return node.get(step)
    return node[int(step)] if step.isdecimal() and int(step) < len(node) else None


def _set(node: dict[str, object] | list[object], step: str, value: object) -> None:
    if isinstance(node, list):
        node[int(step)] = value
    else:
        node[step] = value


def without_texts(body: Mapping[str, object], parts: Iterable[TextPart]) -> dict[str, object]:
    """Return the body with each text replaced by its length, as audit content `none` keeps it."""
    return replace_texts(body, {part.path: f"[{len(part.text)} characters]" for part in parts})

"""The texts in requests and answers of model providers, whatever dialect they speak.

Read are the shapes of OpenAI (chat, responses, completions, embeddings), Anthropic messages,
Amazon Bedrock's Converse, and Bedrock's bodies of Titan, Nova, Llama, Mistral, Cohere, Jurassic and
Claude 2; answers also as the list of chunks that a stream was logged as. Fields that are not known
are left alone: images and other payloads in base 64 are no text.

What a model passes to a tool as an object is read as its JSON, as it is where it is a text.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from domain.chat import TextPart
from domain.policy.rule import Direction

_MAX_NESTING = 4
_TRUSTED_ROLES = frozenset({"system", "developer"})
_TOOL_ROLES = frozenset({"tool", "function"})
_ANSWER_ROLES = frozenset({"assistant", "model", "chatbot"})

_TEXT_FIELDS = ("text", "refusal", "thinking", "transcript")
_MESSAGE_FIELDS = ("message", "text", "refusal", "reasoning_content", "reasoning")
_REQUEST_FIELDS = ("prompt", "inputText", "input", "message", "instructions")
_ANSWER_FIELDS = ("completion", "generation", "outputText", "output_text", "text", "refusal")
_DELTAS = ("text", "thinking", "partial_json")
_ANSWER_LISTS = {
    "results": ("outputText",),
    "generations": ("text",),
    "outputs": ("text",),
    "completions": ("data",),
    "choices": ("text",),
}
"""Lists of an answer, and the fields of their items that hold its text."""


def request_texts(
    body: object, path: str, *, answers: Direction = Direction.REQUEST
) -> Iterator[TextPart]:
    """Yield the texts of a request; `answers` is the direction of what the model said before."""
    if isinstance(body, str):
        yield from _part(body, path, Direction.REQUEST)
    if isinstance(body, list):
        yield from _messages(body, path, answers)
    if not isinstance(body, Mapping):
        return
    for name in ("system", "preamble"):
        for part in _content(body.get(name), f"{path}/{name}", Direction.REQUEST):
            yield replace(part, is_trusted=True)
    for name in ("messages", "chat_history"):
        yield from _messages(body.get(name), f"{path}/{name}", answers)
    for name in _REQUEST_FIELDS:
        value = body.get(name)
        if name == "input" and isinstance(value, list):
            yield from _messages(value, f"{path}/{name}", answers)
        else:
            yield from _content(value, f"{path}/{name}", Direction.REQUEST)


def answer_texts(body: object, path: str) -> Iterator[TextPart]:
    """Yield the texts of an answer."""
    if isinstance(body, str):
        yield from _part(body, path, Direction.RESPONSE)
    if isinstance(body, list):
        yield from _stream(body, path)
    if not isinstance(body, Mapping):
        return
    yield from _content(body.get("content"), f"{path}/content", _OUT)
    for name in _ANSWER_FIELDS:
        yield from _part(body.get(name), f"{path}/{name}", _OUT)
    for name, fields in _ANSWER_LISTS.items():
        items = body.get(name)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            yield from _alternative(item, f"{path}/{name}/{index}", fields)
    output = body.get("output")
    if isinstance(output, Mapping):
        yield from _message(output.get("message"), f"{path}/output/message", _OUT)
        yield from _part(output.get("text"), f"{path}/output/text", _OUT)
    elif isinstance(output, list):
        for index, item in enumerate(output):
            yield from _message(item, f"{path}/output/{index}", _OUT)
    yield from _message(body.get("message"), f"{path}/message", _OUT)


_OUT = Direction.RESPONSE


def _alternative(item: object, path: str, fields: tuple[str, ...]) -> Iterator[TextPart]:
    """Yield the texts of one of the answers that a model gave to one request."""
    if not isinstance(item, Mapping):
        return
    for field in fields:
        value = item.get(field)
        if isinstance(value, Mapping):
            yield from _part(value.get("text"), f"{path}/{field}/text", _OUT)
        yield from _part(value, f"{path}/{field}", _OUT)
    yield from _message(item.get("message"), f"{path}/message", _OUT)


def _messages(messages: object, path: str, answers: Direction) -> Iterator[TextPart]:
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        at = f"{path}/{index}"
        if isinstance(message, str):
            yield from _part(message, at, Direction.REQUEST)
            continue
        role = str(message.get("role", "")).lower() if isinstance(message, Mapping) else ""
        if role in _TOOL_ROLES:
            direction = Direction.TOOL_RESULT
        else:
            direction = answers if role in _ANSWER_ROLES else Direction.REQUEST
        for part in _message(message, at, direction):
            yield replace(part, is_trusted=role in _TRUSTED_ROLES)


def _message(message: object, path: str, direction: Direction) -> Iterator[TextPart]:
    if not isinstance(message, Mapping):
        return
    yield from _content(message.get("content"), f"{path}/content", direction)
    for name in _MESSAGE_FIELDS:
        yield from _part(message.get(name), f"{path}/{name}", direction)
    yield from _arguments(message.get("function_call"), f"{path}/function_call", direction)
    calls = message.get("tool_calls")
    for index, call in enumerate(calls if isinstance(calls, list) else ()):
        if isinstance(call, Mapping):
            at = f"{path}/tool_calls/{index}"
            for name in ("function", "custom"):
                yield from _arguments(call.get(name), f"{at}/{name}", direction)
    # The items of OpenAI's responses: a call, and what came of it.
    yield from _arguments(message, path, direction)
    yield from _content(message.get("output"), f"{path}/output", Direction.TOOL_RESULT)


def _arguments(call: object, path: str, direction: Direction) -> Iterator[TextPart]:
    for name in ("arguments", "input"):
        value = call.get(name) if isinstance(call, Mapping) else None
        yield from _part(_as_text(value), f"{path}/{name}", direction)


def _content(
    content: object, path: str, direction: Direction, nesting: int = 0
) -> Iterator[TextPart]:
    """Yield the texts of a content: a text, a list of blocks, or one block."""
    if isinstance(content, str):
        yield from _part(content, path, direction)
    elif isinstance(content, list):
        for index, item in enumerate(content):
            if isinstance(item, str):
                yield from _part(item, f"{path}/{index}", direction)
            else:
                yield from _block(item, f"{path}/{index}", direction, nesting)
    else:
        yield from _block(content, path, direction, nesting)


def _block(block: object, path: str, direction: Direction, nesting: int) -> Iterator[TextPart]:
    if not isinstance(block, Mapping) or nesting > _MAX_NESTING:
        return
    for name in _TEXT_FIELDS:
        yield from _part(block.get(name), f"{path}/{name}", direction)
    match block:
        case {"type": "tool_use", "input": value}:
            yield from _part(_as_text(value), f"{path}/input", direction)
        case {"type": "tool_result", "content": items}:
            yield from _content(items, f"{path}/content", Direction.TOOL_RESULT, nesting + 1)
        case {"source": {"type": "text", "data": value}}:
            yield from _part(value, f"{path}/source/data", direction)
        case {"json": value}:
            yield from _part(_as_text(value), f"{path}/json", direction)
        case _:
            yield from _converse_block(block, path, direction, nesting)


def _converse_block(
    block: Mapping[str, object], path: str, direction: Direction, nesting: int
) -> Iterator[TextPart]:
    match block:
        case {"toolUse": {"input": value}}:
            yield from _part(_as_text(value), f"{path}/toolUse/input", direction)
        case {"toolResult": {"content": list(items)}}:
            at = f"{path}/toolResult/content"
            yield from _content(items, at, Direction.TOOL_RESULT, nesting + 1)
        case {"reasoningContent": {"reasoningText": {"text": value}}}:
            yield from _part(value, f"{path}/reasoningContent/reasoningText/text", direction)
        case {"guardContent": {"text": {"text": value}}}:
            yield from _part(value, f"{path}/guardContent/text/text", direction)
        case {"document": {"source": {"text": value}}}:
            yield from _part(value, f"{path}/document/source/text", direction)


def _stream(chunks: list[object], path: str) -> Iterator[TextPart]:
    """Yield the texts that the chunks of a stream amount to, one for each place they filled."""
    texts: dict[str, list[str]] = {}
    for chunk in chunks:
        for place, text in _piece(chunk):
            texts.setdefault(place, []).append(text)
    for place, pieces in texts.items():
        yield from _part("".join(pieces), f"{path}/{place}", _OUT)


def _piece(chunk: object) -> Iterator[tuple[str, str]]:
    if not isinstance(chunk, Mapping):
        return
    found: list[tuple[str, object]] = [
        (name, chunk.get(name)) for name in ("outputText", "generation", "completion")
    ]
    # Anthropic's events, and Converse's, which wrap the same in one field more.
    event = chunk.get("contentBlockDelta", chunk)
    match event:
        case {"delta": Mapping() as delta}:
            index = _index(event.get("index", event.get("contentBlockIndex")))
            found += [(f"content/{index}/{name}", delta.get(name)) for name in _DELTAS]
            match delta:
                case {"toolUse": {"input": value}}:
                    found.append((f"content/{index}/toolUse/input", value))
    choices = chunk.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        match choice:
            case {"delta": Mapping() as delta}:
                found.append(
                    (f"choices/{_index(choice.get('index'))}/content", delta.get("content"))
                )
            case {"text": value}:
                found.append((f"choices/{_index(choice.get('index'))}/text", value))
    for place, value in found:
        if isinstance(value, str) and value:
            yield place, value


def _index(value: object) -> int:
    """Return a number for a path: what else stands there may be anything, a text as well."""
    return value if isinstance(value, int) else 0


def _part(value: object, path: str, direction: Direction) -> Iterator[TextPart]:
    if isinstance(value, str) and value:
        yield TextPart(path=path, text=value, direction=direction)


def _as_text(value: object) -> str | None:
    if isinstance(value, Mapping | list):
        return json.dumps(value, ensure_ascii=False) if value else None
    return value if isinstance(value, str) else None

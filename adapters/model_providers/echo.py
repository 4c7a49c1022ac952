"""The built-in provider: it answers from the request itself, without a network.

The answer is the text of the last user message, or, when a line of that message begins with
`echo:`, what stands after it up to the end of the message. So a sample decides what comes back.

The end of the model's name asks for a behaviour, or for several: `echo-slow-20-tool`.

| ends in       | behaviour                                                                        |
|---------------|----------------------------------------------------------------------------------|
| anything else | answers at once                                                                  |
| `-slow-250`   | waits 250 ms before the answer and before every chunk                            |
| `-fail-503`   | fails with this status (400 to 599); 429 and 503 ask to come back after 1 second |
| `-break-3`    | a stream breaks off after 3 chunks; a whole answer never comes                   |
| `-tool`       | calls the request's first tool (else one named `echo`) with the answer as `text`;|
|               | once results of tools follow the user's message, repeats the last of them        |

Honoured: `n` (1 to 8), `stop`, `max_completion_tokens` or `max_tokens`, `tools`, `stream_options`.
Tokens are counted by the rule of `domain.usage`: four characters make one, text by text.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus

from application.ports.model_provider import (
    ModelCall,
    ModelProvider,
    UpstreamRefused,
    UpstreamUnavailable,
)
from application.ports.system import Clock
from domain.chat import request_parts
from domain.usage import CHARACTERS_PER_TOKEN, estimate_tokens

MAX_CHOICES = 8

_BEHAVIOUR = re.compile(r"-(?:slow-(\d{1,6})|fail-([45]\d\d)|break-(\d{1,6})|(tool))\Z")
_COMMAND = re.compile(r"^[ \t]*echo:[ \t]*\r?\n?", re.MULTILINE)
# Up to three words a chunk; a long word is cut, so that texts without spaces stream as well.
_PIECE = re.compile(r"(?:\s*\S{1,24}){1,3}|\s+")

_RETRY_AFTER = 1.0
_RETRIABLE = frozenset({429, 503})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Behaviour:
    delay: float = 0.0
    status: int | None = None
    breaks_after: int | None = None
    calls_tool: bool = False

    @classmethod
    def parse(cls, model: str) -> "_Behaviour":
        behaviour, name = cls(), model
        while match := _BEHAVIOUR.search(name):
            slow, fail, breaks, tool = match.groups()
            if slow:
                behaviour = replace(behaviour, delay=int(slow) / 1000)
            elif fail:
                behaviour = replace(behaviour, status=int(fail))
            elif breaks:
                behaviour = replace(behaviour, breaks_after=int(breaks))
            else:
                behaviour = replace(behaviour, calls_tool=bool(tool))
            name = name[: match.start()]
        return behaviour


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What every choice of an answer holds: a text, or a call of the tool of this name."""

    text: str
    finish_reason: str
    tool: str | None
    choices: int
    usage: Mapping[str, int]

    @classmethod
    def to(cls, body: Mapping[str, object], behaviour: _Behaviour) -> "_Answer":
        choices = body.get("n")
        choices = 1 if choices is None else choices
        if isinstance(choices, bool) or not isinstance(choices, int):
            raise _refusal(400, "n must be a whole number", param="n")
        if not 1 <= choices <= MAX_CHOICES:
            raise _refusal(400, f"n must be between 1 and {MAX_CHOICES}", param="n")
        text, is_result = _said(body, behaviour)
        tool = _first_tool(body) if behaviour.calls_tool and not is_result else None
        if tool is None:
            text, finish_reason = _cut(text, body)
        else:
            text, finish_reason = json.dumps({"text": text}, ensure_ascii=False), "tool_calls"
        prompt = sum(estimate_tokens(len(part.text)) for part in request_parts(body))
        completion = choices * estimate_tokens(len(text))
        return cls(
            text=text,
            finish_reason=finish_reason,
            tool=tool,
            choices=choices,
            usage={
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
            },
        )

    def message(self, call_id: str) -> dict[str, object]:
        """Return the message of a whole answer."""
        if self.tool is None:
            return {"role": "assistant", "content": self.text, "refusal": None}
        function = {"name": self.tool, "arguments": self.text}
        tool_call = {"id": call_id, "type": "function", "function": function}
        return {"role": "assistant", "content": None, "refusal": None, "tool_calls": [tool_call]}

    def deltas(self, call_id: str) -> Iterator[dict[str, object]]:
        """Yield the same message in pieces."""
        if self.tool is None:
            yield {"role": "assistant", "content": "", "refusal": None}
            for piece in _PIECE.findall(self.text):
                yield {"content": piece}
        else:
            function = {"name": self.tool, "arguments": ""}
            tool_call = {"index": 0, "id": call_id, "type": "function", "function": function}
            yield {"role": "assistant", "content": None, "tool_calls": [tool_call]}
            for piece in _PIECE.findall(self.text):
                yield {"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}


class EchoProvider(ModelProvider):
    """Answer as the table above says: the same request always gets the same answer."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    async def complete(self, call: ModelCall) -> Mapping[str, object]:
        """Return the whole answer."""
        behaviour = _Behaviour.parse(_model(call))
        timeouts = call.upstream.timeouts
        await _wait(call, behaviour.delay, limit=min(timeouts.first_byte, timeouts.total))
        _fail(call, behaviour)
        answer = _Answer.to(call.body, behaviour)
        if behaviour.breaks_after is not None:
            raise _broken(call)
        choices = [
            {
                "index": index,
                "message": answer.message(f"call_{index}_{call.request_id}"),
                "logprobs": None,
                "finish_reason": answer.finish_reason,
            }
            for index in range(answer.choices)
        ]
        frame = self._frame(call, "chat.completion")
        return {**frame, "choices": choices, "usage": dict(answer.usage)}

    @asynccontextmanager
    async def stream(self, call: ModelCall) -> AsyncIterator[AsyncIterator[Mapping[str, object]]]:
        """Open a stream of the same answer, a few words a chunk."""
        behaviour = _Behaviour.parse(_model(call))
        timeouts = call.upstream.timeouts
        await _wait(call, behaviour.delay, limit=min(timeouts.first_byte, timeouts.total))
        _fail(call, behaviour)
        answer = _Answer.to(call.body, behaviour)
        async with aclosing(self._paced(call, behaviour, answer)) as chunks:
            yield chunks

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    async def _paced(
        self, call: ModelCall, behaviour: _Behaviour, answer: _Answer
    ) -> AsyncGenerator[Mapping[str, object], None]:
        timeouts, waited = call.upstream.timeouts, behaviour.delay
        for count, chunk in enumerate(self._chunks(call, answer)):
            if count == behaviour.breaks_after:
                raise _broken(call)
            if count:
                limit = min(timeouts.idle, timeouts.total - waited)
                await _wait(call, behaviour.delay, limit=limit)
                waited += behaviour.delay
            yield chunk
        if behaviour.breaks_after is not None:
            raise _broken(call)

    def _chunks(self, call: ModelCall, answer: _Answer) -> Iterator[Mapping[str, object]]:
        options = call.body.get("stream_options")
        counts = isinstance(options, Mapping) and options.get("include_usage") is True
        frame = self._frame(call, "chat.completion.chunk")
        usage: dict[str, object] = {"usage": None} if counts else {}
        for index in range(answer.choices):
            for delta in answer.deltas(f"call_{index}_{call.request_id}"):
                yield {**frame, "choices": [_choice(index, delta)], **usage}
            yield {**frame, "choices": [_choice(index, {}, answer.finish_reason)], **usage}
        if counts:
            yield {**frame, "choices": [], "usage": dict(answer.usage)}

    def _frame(self, call: ModelCall, kind: str) -> dict[str, object]:
        return {
            "id": f"chatcmpl-{call.request_id}",
            "object": kind,
            "created": int(self._clock.now().timestamp()),
            "model": _model(call),
        }


def _choice(
    index: int, delta: Mapping[str, object], finish_reason: str | None = None
) -> dict[str, object]:
    return {"index": index, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _model(call: ModelCall) -> str:
    model = call.body.get("model")
    return model if isinstance(model, str) else ""


async def _wait(call: ModelCall, delay: float, *, limit: float) -> None:
    if delay > limit:
        await asyncio.sleep(max(limit, 0.0))
        raise UpstreamUnavailable(
            call.upstream.name, "the upstream did not answer in time", is_timeout=True
        )
    if delay:
        await asyncio.sleep(delay)


def _fail(call: ModelCall, behaviour: _Behaviour) -> None:
    status = behaviour.status
    if status is None:
        return
    refusal = _refusal(status, f"the echo model was asked to fail with status {status}")
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        raise refusal
    raise UpstreamUnavailable(
        call.upstream.name,
        f"the upstream answered with status {status}",
        status=status,
        body=refusal.body,
        retry_after=refusal.retry_after,
    )


def _refusal(status: int, message: str, *, param: str | None = None) -> UpstreamRefused:
    error = {"message": message, "type": "echo_error", "param": param, "code": f"echo_{status}"}
    retry_after = _RETRY_AFTER if status in _RETRIABLE else None
    return UpstreamRefused(status=status, body={"error": error}, retry_after=retry_after)


def _broken(call: ModelCall) -> UpstreamUnavailable:
    return UpstreamUnavailable(call.upstream.name, "the answer of the upstream broke off")


def _said(body: Mapping[str, object], behaviour: _Behaviour) -> tuple[str, bool]:
    """Return the text to repeat, and whether it is the result of a tool."""
    messages = body.get("messages")
    for message in reversed(messages if isinstance(messages, list) else []):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role == "tool" and behaviour.calls_tool:
            return _text(message), True
        if role == "user":
            text = _text(message)
            command = _COMMAND.search(text)
            return (text[command.end() :] if command else text), False
    return "", False


def _text(message: Mapping[str, object]) -> str:
    # Only the content: what else a message holds was not said by its author.
    content = {"messages": [{"role": "user", "content": message.get("content")}]}
    return "\n".join(part.text for part in request_parts(content))


def _first_tool(body: Mapping[str, object]) -> str:
    tools = body.get("tools")
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function") if isinstance(tool, Mapping) else None
        name = function.get("name") if isinstance(function, Mapping) else None
        if isinstance(name, str):
            return name
    return "echo"


def _cut(text: str, body: Mapping[str, object]) -> tuple[str, str]:
    """Return the text up to the first stop sequence and within the limit, and why it ends."""
    stop = body.get("stop")
    sequences = [stop] if isinstance(stop, str) else stop if isinstance(stop, list) else []
    ends = [text.find(mark) for mark in sequences if isinstance(mark, str) and mark]
    text = text[: min((end for end in ends if end >= 0), default=len(text))]
    limit = body.get("max_completion_tokens")
    limit = body.get("max_tokens") if limit is None else limit
    if isinstance(limit, int) and not isinstance(limit, bool):
        characters = max(limit, 0) * CHARACTERS_PER_TOKEN
        if len(text) > characters:
            return text[:characters], "length"
    return text, "stop"

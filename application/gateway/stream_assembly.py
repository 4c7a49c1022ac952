"""Put a streamed answer together again, and take chunks of guarded text apart from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from application.gateway.stream_guard import LaneKey, Released
from domain.usage import Tokens

MAX_CHOICES = 128
"""OpenAI's own bound of `n`; a choice beyond it counts as the first."""

_TEXTS = ("content", "refusal", "reasoning_content", "reasoning")
_NESTED = {"function_call": "arguments", "audio": "transcript"}
_CALLED = {"function": "arguments", "custom": "input"}
"""Where the text of a tool call stands, by the kind of tool."""

Json = Mapping[str, object]
Push = Callable[[LaneKey, str], None]


@dataclass(slots=True, kw_only=True)
class _ToolCall:
    index: int
    id: str | None = None
    kind: str = "function"
    name: str | None = None


@dataclass(slots=True, kw_only=True)
class _Choice:
    role: str = "assistant"
    finish_reason: object = None
    function_name: object = None
    calls: list[_ToolCall] = field(default_factory=list)

    def place_of(self, call: Json) -> int:
        """Return where a tool call stands in the list of calls: by their first appearance."""
        said = call.get("index")
        index = said if isinstance(said, int) else 0
        for place, known in enumerate(self.calls):
            if known.index == index:
                return place
        self.calls.append(_ToolCall(index=index))
        return len(self.calls) - 1


class StreamAssembly:
    """The whole answer, put together from chunks, in the neutral form."""

    def __init__(self) -> None:
        self._head: dict[str, object] = {}
        self._choices: dict[int, _Choice] = {}
        self._usage: object = None
        self.tokens: Tokens | None = None

    def take_head(self, chunk: Json) -> None:
        """Remember what every chunk of the answer begins with."""
        for name in ("id", "created", "model", "system_fingerprint"):
            if chunk.get(name) is not None:
                self._head.setdefault(name, chunk[name])

    def take_usage(self, usage: object) -> None:
        """Remember what the upstream counted."""
        self._usage = usage
        self.tokens = Tokens.reported(usage) or self.tokens

    def take_choice(self, choice: Json, push: Push) -> dict[str, object]:
        """Hand the texts of a choice to `push` and return the choice without them.

        Log probabilities are taken out as well: they spell the text out, token by token, before
        the guard has released it.
        """
        said = choice.get("index")
        index = said if isinstance(said, int) and 0 <= said < MAX_CHOICES else 0
        known = self._choices.setdefault(index, _Choice())
        delta = self._take_delta(index, known, choice.get("delta"), push)
        if isinstance(delta.get("role"), str):
            known.role = str(delta["role"])
        if choice.get("finish_reason") is not None:
            known.finish_reason = choice["finish_reason"]
        rest = {**choice, "delta": delta}
        if "logprobs" in rest:
            rest["logprobs"] = None
        return rest

    def _take_delta(
        self, index: int, known: _Choice, delta: object, push: Push
    ) -> dict[str, object]:
        rest = dict(delta) if isinstance(delta, Mapping) else {}
        for name in _TEXTS:
            text = rest.get(name)
            if isinstance(text, str) and text:
                push(LaneKey(index, name), text)
                del rest[name]
        self._take_parts(index, rest, push)
        for outer, inner in _NESTED.items():
            if isinstance(node := rest.get(outer), Mapping):
                if isinstance(node.get("name"), str):
                    known.function_name = node["name"]
                rest[outer] = _taken(node, inner, LaneKey(index, f"{outer}/{inner}"), push)
        calls = rest.get("tool_calls")
        if isinstance(calls, list):
            rest["tool_calls"] = [_take_call(index, known, call, push) for call in calls]
        return rest

    @staticmethod
    def _take_parts(index: int, rest: dict[str, object], push: Push) -> None:
        """Take texts out of a content in parts; they are released as plain text."""
        parts = rest.get("content")
        if not isinstance(parts, list):
            return
        others: list[object] = []
        for part in parts:
            text = part.get("text") if isinstance(part, Mapping) else part
            if isinstance(text, str):
                push(LaneKey(index, "content"), text)
            else:
                others.append(part)
        del rest["content"]
        if others:
            rest["content"] = others

    def answer(self, texts: Mapping[LaneKey, str]) -> Json:
        """Return the answer as a `chat.completion`, as far as it came."""
        choices = []
        for index in range(max(self._choices, default=-1) + 1):
            known = self._choices.get(index, _Choice())
            message: dict[str, object] = {"role": known.role, "content": None}
            for key, text in texts.items():
                if key.choice == index and "/" not in key.place:
                    message[key.place] = text
            for outer, inner in _NESTED.items():
                spoken = texts.get(LaneKey(index, f"{outer}/{inner}"))
                if spoken is not None:
                    message[outer] = {inner: spoken}
            if known.function_name is not None:
                arguments = texts.get(LaneKey(index, "function_call/arguments"), "")
                message["function_call"] = {"name": known.function_name, "arguments": arguments}
            if known.calls:
                message["tool_calls"] = [
                    _whole_call(index, place, call, texts) for place, call in enumerate(known.calls)
                ]
            choices.append(
                {"index": index, "message": message, "finish_reason": known.finish_reason}
            )
        return {
            **self._head,
            "object": "chat.completion",
            "choices": choices,
            "usage": self._usage,
        }

    def chunk_of(self, released: Released) -> Json:
        """Return a chunk that carries released text."""
        place = released.key.place.split("/")
        delta: dict[str, object]
        match place:
            case ["tool_calls", number, kind, inner]:
                index = self._choices[released.key.choice].calls[int(number)].index
                delta = {"tool_calls": [{"index": index, kind: {inner: released.text}}]}
            case [outer, inner]:
                delta = {outer: {inner: released.text}}
            case _:
                delta = {place[0]: released.text}
        return self._chunk({"index": released.key.choice, "delta": delta, "finish_reason": None})

    def blocked_ending(self) -> Json:
        """Return the chunk that ends a stopped answer in OpenAI's own way."""
        for known in self._choices.values():
            known.finish_reason = "content_filter"
        endings = [
            {"index": index, "delta": {}, "finish_reason": "content_filter"}
            for index in sorted(self._choices) or [0]
        ]
        return self._chunk(*endings)

    def _chunk(self, *choices: Json) -> Json:
        return {**self._head, "object": "chat.completion.chunk", "choices": list(choices)}


def _taken(node: Json, inner: str, key: LaneKey, push: Push) -> Json:
    text = node.get(inner)
    if not isinstance(text, str) or not text:
        return node
    push(key, text)
    return {**node, inner: ""}


def _take_call(index: int, known: _Choice, call: object, push: Push) -> object:
    if not isinstance(call, Mapping):
        return call
    place = known.place_of(call)
    noted = known.calls[place]
    if isinstance(call.get("id"), str):
        noted.id = str(call["id"])
    rest = dict(call)
    for kind, inner in _CALLED.items():
        node = rest.get(kind)
        if isinstance(node, Mapping):
            noted.kind = kind
            if isinstance(node.get("name"), str):
                noted.name = str(node["name"])
            key = LaneKey(index, f"tool_calls/{place}/{kind}/{inner}")
            rest[kind] = _taken(node, inner, key, push)
    return rest


def _whole_call(index: int, place: int, call: _ToolCall, texts: Mapping[LaneKey, str]) -> Json:
    inner = _CALLED[call.kind]
    text = texts.get(LaneKey(index, f"tool_calls/{place}/{call.kind}/{inner}"), "")
    return {"id": call.id, "type": call.kind, call.kind: {"name": call.name, inner: text}}

"""Turn an upstream's chunks into the guarded chunks that the caller gets."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence

from application.gateway.exchange import Exchange, ExchangeRecorder
from application.gateway.judgement import Judgement
from application.gateway.stream_guard import LaneKey, Released, StreamBlocked, StreamGuard
from application.ports.model_provider import UpstreamUnavailable
from domain.chat import TextPart
from domain.policy.evaluation import Decision, Verdict, conclude
from domain.policy.rule import Direction, Effect, FailureEffect
from domain.usage import Tokens

Json = Mapping[str, object]

_CLIENT_CLOSED_REQUEST = 499
_BAD_GATEWAY = 502


class GuardedStream:
    """One streamed answer: guards it, assembles it for the record, and records it.

    What ends the answer for the caller (finish reasons, usage) is kept until the record is durable.
    """

    def __init__(self, *, exchange: Exchange, recorder: ExchangeRecorder, window: int) -> None:
        self._exchange = exchange
        self._recorder = recorder
        self._missing: set[str] = set()
        self._guard = StreamGuard(judge=self._judge, redactor=exchange.redactor, window=window)
        self._assembly = _Assembly()

    @property
    def decision(self) -> Effect:
        """Return the strongest thing the policy did to request or answer; final at the end."""
        exchange = self._exchange
        return max(
            (exchange.request.decision.enforced, exchange.response.decision.enforced),
            key=lambda effect: effect.rank,
        )

    async def relay(self, chunks: AsyncIterator[Json]) -> AsyncGenerator[Json, None]:
        """Yield what the caller may see, then the ending, once the record is durable.

        Raises:
            UpstreamUnavailable: the upstream broke off; what came until then is recorded.
            Unavailable: the journal did not take the record.
        """
        tail: list[Json] = []
        try:
            async for chunk in chunks:
                self._assembly.take_head(chunk)
                for out in self._split(chunk, tail):
                    yield out
                for out in self._emitted(await self._guard.advance()):
                    yield out
            for out in self._emitted(await self._guard.finish()):
                yield out
        except StreamBlocked:
            tail = [{**self._assembly.blocked_ending(), "model": self._exchange.model}]
        except UpstreamUnavailable:
            self._exchange.status = _BAD_GATEWAY
            await self.settle()
            raise
        await self.settle()
        for out in tail:
            yield out

    async def settle(self, *, is_abandoned: bool = False) -> None:
        """Judge the whole answer as far as it came, and write the record, once."""
        exchange = self._exchange
        if exchange.is_recorded:
            return
        if is_abandoned:
            exchange.status = _CLIENT_CLOSED_REQUEST
        texts = self._guard.texts()
        exchange.tokens = self._assembly.tokens
        exchange.response_body = self._assembly.answer(texts)
        exchange.response = await self._whole_judgement(texts)
        await self._recorder.record(exchange)

    async def _judge(self, parts: Sequence[TextPart]) -> Decision:
        judgement = await self._recorder.judge(
            self._exchange.principal, self._exchange.model, parts
        )
        self._missing.update(judgement.missing)
        refuses = self._exchange.policy.on_detector_failure is FailureEffect.BLOCK
        if judgement.missing and refuses:
            raise StreamBlocked(judgement.decision)
        return judgement.decision

    async def _whole_judgement(self, texts: Mapping[LaneKey, str]) -> Judgement:
        """Join the verdicts about whole texts with what windows acted upon."""
        settled = self._guard.settled
        verdicts: list[Verdict] = [v for lane in settled.values() for v in lane]
        parts = _parts(texts)
        open_parts = [part for part in parts if part.path not in {k.path for k in settled}]
        if open_parts:
            judgement = await self._recorder.judge(
                self._exchange.principal, self._exchange.model, open_parts
            )
            self._missing.update(judgement.missing)
            verdicts += judgement.decision.verdicts
        verdicts += [acted for acted in self._guard.acted if not _is_known(acted, verdicts)]
        verdicts.sort(key=lambda verdict: verdict.candidate.order)
        return Judgement(
            parts=parts,
            decision=conclude(self._exchange.policy.mode, verdicts),
            missing=tuple(sorted(self._missing)),
        )

    def _split(self, chunk: Json, tail: list[Json]) -> Iterable[Json]:
        """Take the texts of a chunk into the guard; yield what is left and may go out at once."""
        choices = chunk.get("choices")
        if not isinstance(choices, list) or not choices:
            if chunk.get("usage") is not None:
                self._assembly.take_usage(chunk["usage"])
                tail.append(self._renamed(chunk))
            else:
                yield self._renamed(chunk)
            return
        if chunk.get("usage") is not None:
            self._assembly.take_usage(chunk["usage"])
        left, ending = [], []
        for choice in choices:
            if not isinstance(choice, Mapping):
                continue
            index = choice.get("index")
            number = index if isinstance(index, int) else 0
            delta = self._take_texts(number, choice.get("delta"))
            self._assembly.take_choice(number, choice, delta)
            rest = {**choice, "delta": delta}
            if choice.get("finish_reason") is not None:
                ending.append(rest)
            elif delta:
                left.append(rest)
        if left:
            yield {**self._renamed(chunk), "choices": left}
        if ending:
            tail.append({**self._renamed(chunk), "choices": ending})

    def _take_texts(self, choice: int, delta: object) -> dict[str, object]:
        """Push the texts of a delta into their lanes and return the delta without them."""
        rest = dict(delta) if isinstance(delta, Mapping) else {}
        for name in ("content", "refusal", "reasoning_content"):
            text = rest.get(name)
            if isinstance(text, str) and text:
                self._guard.push(LaneKey(choice, name), text)
                del rest[name]
        calls = rest.get("tool_calls")
        if isinstance(calls, list):
            rest["tool_calls"] = [self._take_arguments(choice, call) for call in calls]
        return rest

    def _take_arguments(self, choice: int, call: object) -> object:
        function = call.get("function") if isinstance(call, Mapping) else None
        if not isinstance(call, Mapping) or not isinstance(function, Mapping):
            return call
        arguments = function.get("arguments")
        if isinstance(arguments, str) and arguments:
            place = f"tool_calls/{call.get('index', 0)}/function/arguments"
            self._guard.push(LaneKey(choice, place), arguments)
        return {**call, "function": {**function, "arguments": ""}}

    def _emitted(self, released: Iterable[Released]) -> list[Json]:
        return [{**self._assembly.chunk_of(one), "model": self._exchange.model} for one in released]

    def _renamed(self, chunk: Json) -> dict[str, object]:
        return {**chunk, "model": self._exchange.model}


def _parts(texts: Mapping[LaneKey, str]) -> tuple[TextPart, ...]:
    return tuple(
        TextPart(path=key.path, text=text, direction=Direction.RESPONSE)
        for key, text in texts.items()
    )


def _is_known(verdict: Verdict, known: Sequence[Verdict]) -> bool:
    candidate = verdict.candidate
    return any(
        other.candidate.part == candidate.part
        and other.candidate.finding.category is candidate.finding.category
        and other.candidate.finding.type == candidate.finding.type
        and other.candidate.finding.span.overlaps(candidate.finding.span)
        for other in known
    )


class _Assembly:
    """The whole answer, put together from chunks, in the neutral form."""

    def __init__(self) -> None:
        self._head: dict[str, object] = {}
        self._choices: dict[int, dict[str, object]] = {}
        self._calls: dict[tuple[int, int], dict[str, object]] = {}
        self._usage: object = None
        self.tokens: Tokens | None = None

    def take_head(self, chunk: Json) -> None:
        for name in ("id", "created", "model", "system_fingerprint"):
            if chunk.get(name) is not None:
                self._head.setdefault(name, chunk[name])

    def take_usage(self, usage: object) -> None:
        self._usage = usage
        self.tokens = Tokens.reported(usage) or self.tokens

    def take_choice(self, index: int, choice: Json, delta: Mapping[str, object]) -> None:
        seen = self._choices.setdefault(index, {"role": "assistant", "finish_reason": None})
        if isinstance(delta.get("role"), str):
            seen["role"] = delta["role"]
        if choice.get("finish_reason") is not None:
            seen["finish_reason"] = choice["finish_reason"]
        calls = delta.get("tool_calls")
        for call in calls if isinstance(calls, list) else ():
            if isinstance(call, Mapping):
                self._take_call(index, call)

    def _take_call(self, choice: int, call: Json) -> None:
        place = call.get("index")
        known = self._calls.setdefault(
            (choice, place if isinstance(place, int) else 0), {"type": "function"}
        )
        if isinstance(call.get("id"), str):
            known["id"] = call["id"]
        function = call.get("function")
        if isinstance(function, Mapping) and isinstance(function.get("name"), str):
            known["name"] = function["name"]

    def answer(self, texts: Mapping[LaneKey, str]) -> Json:
        """Return the answer as a `chat.completion`, as far as it came."""
        choices: list[object] = []
        for index in range(max([*self._choices, *(key.choice for key in texts)], default=-1) + 1):
            seen = self._choices.get(index, {"role": "assistant", "finish_reason": None})
            message: dict[str, object] = {"role": seen["role"], "content": None}
            for key, text in texts.items():
                if key.choice == index and "/" not in key.place:
                    message[key.place] = text
            calls = [
                {
                    "id": call.get("id"),
                    "type": "function",
                    "function": {
                        "name": call.get("name"),
                        "arguments": texts.get(
                            LaneKey(index, f"tool_calls/{place}/function/arguments"), ""
                        ),
                    },
                }
                for (choice, place), call in sorted(self._calls.items())
                if choice == index
            ]
            if calls:
                message["tool_calls"] = calls
            choices.append(
                {"index": index, "message": message, "finish_reason": seen["finish_reason"]}
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
        delta: dict[str, object] = {place[0]: released.text}
        if place[0] == "tool_calls":
            delta = {
                "tool_calls": [{"index": int(place[1]), "function": {"arguments": released.text}}]
            }
        return self._chunk({"index": released.key.choice, "delta": delta, "finish_reason": None})

    def blocked_ending(self) -> Json:
        """Return the chunk that ends a stopped answer in OpenAI's own way."""
        for seen in self._choices.values():
            seen["finish_reason"] = "content_filter"
        endings = [
            {"index": index, "delta": {}, "finish_reason": "content_filter"}
            for index in sorted(self._choices) or [0]
        ]
        return self._chunk(*endings)

    def _chunk(self, *choices: Json) -> Json:
        return {**self._head, "object": "chat.completion.chunk", "choices": list(choices)}

"""Turn an upstream's chunks into the guarded chunks that the caller gets."""

from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence

from application.gateway.exchange import Exchange, ExchangeRecorder, refuses_blind
from application.gateway.judgement import Judgement
from application.gateway.stream_assembly import StreamAssembly
from application.gateway.stream_guard import LaneKey, Released, StreamBlocked, StreamGuard
from application.ports.model_provider import UpstreamUnavailable
from domain.chat import TextPart
from domain.policy.evaluation import Decision, Verdict, conclude
from domain.policy.rule import Direction, Effect

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
        self._assembly = StreamAssembly()
        self._is_stopped = False

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
            self._is_stopped = True
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
        if refuses_blind(self._exchange, judgement):
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
        judgement = Judgement(
            parts=parts,
            decision=conclude(self._exchange.policy.mode, verdicts),
            missing=tuple(sorted(self._missing)),
        )
        return judgement.stopped() if self._is_stopped else judgement

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
            rest = self._assembly.take_choice(choice, self._guard.push)
            if choice.get("finish_reason") is not None:
                ending.append({**rest, "delta": {}})
            if rest["delta"]:
                # What opens a tool call goes out before its arguments do.
                left.append({**rest, "finish_reason": None})
        if left:
            yield {**self._renamed(chunk), "choices": left}
        if ending:
            tail.append({**self._renamed(chunk), "choices": ending})

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

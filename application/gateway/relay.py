"""Relay a chat completion: from the caller's bytes to an answer under the tenant's policy."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime

from application.gateway.authenticate import Authenticate
from application.gateway.exchange import Exchange, ExchangeRecorder, refuses_blind
from application.gateway.stream import GuardedStream
from application.gateway.upstream_calls import UpstreamCalls
from application.ports.limits import (
    AdmissionRefused,
    LimitMode,
    LimitsUndecided,
    RateLimiter,
    Reservation,
    Windows,
)
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from application.ports.readers import Principal
from application.ports.system import Clock
from application.ports.telemetry import Metric, Telemetry
from domain.api_key import Scope
from domain.chat import ChatRequest, replace_texts, request_parts, response_parts
from domain.errors import DomainError, Unavailable
from domain.identifiers import RecordId, RequestId, ViolationId
from domain.policy.rule import Effect
from domain.routing import Route
from domain.subscription import QuotaUsedUp
from domain.usage import Tokens, estimate_tokens

_DEFAULT_ANSWER_TOKENS = 256
"""Reserved for an answer whose length the caller did not bound; settled afterwards."""

_FORBIDDEN = 403
_UNAVAILABLE = 503

Json = Mapping[str, object]


class ContentBlocked(DomainError):
    """The policy stops a request; nothing of it reached a model."""

    code = "content_blocked"

    def __init__(
        self, *, rules: tuple[str, ...], violations: tuple[ViolationId, ...], request_id: str
    ) -> None:
        named = f" (violation {violations[0]})" if violations else ""
        super().__init__(
            f"this request was blocked by the policy: {', '.join(rules)}{named}. "
            "Take out what the rules name, or ask your administrator about them."
        )
        self.rules = rules
        self.violations = violations
        self.request_id = request_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayChatCommand:
    """A chat completion as it came in: its id, the Authorization header and the parsed body."""

    request_id: RequestId
    authorization: str | None
    body: Json
    route: str = "/v1/chat/completions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What every answer carries: the request's id and decision, and how the limits stand.

    `provider` is the kind of the upstream that answers.
    """

    request_id: str
    decision: Effect
    provider: str
    windows: Windows = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedChat:
    """A whole answer; `response_decision` is what the policy did to it."""

    passed: Passed
    body: Json
    response_decision: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedChat:
    """A running answer: neutral chunks; its audit record is durable before the last one.

    It must be closed, whether it was read to its end or not: that cancels the upstream and records
    what was streamed.
    """

    passed: Passed
    chunks: AsyncGenerator[Json, None]
    guarded: GuardedStream
    resources: AsyncExitStack

    async def aclose(self) -> None:
        """Free the upstream, and record the exchange if its caller went away early."""
        try:
            await self.chunks.aclose()
            await self.guarded.settle(is_abandoned=True)
        finally:
            await self.resources.aclose()


class RelayChat:
    """Serve one chat completion."""

    def __init__(
        self,
        *,
        authenticate: Authenticate,
        limiter: RateLimiter,
        recorder: ExchangeRecorder,
        calls: UpstreamCalls,
        clock: Clock,
        telemetry: Telemetry,
        stream_window: int,
    ) -> None:
        self._authenticate = authenticate
        self._limiter = limiter
        self._recorder = recorder
        self._calls = calls
        self._clock = clock
        self._telemetry = telemetry
        self._stream_window = stream_window

    async def __call__(self, command: RelayChatCommand) -> CompletedChat | StreamedChat:
        """Return the answer, whole or as a stream as the caller asked.

        Raises:
            Unauthenticated, Refused: the key.
            InvalidValue: the body.
            NotFound: no upstream serves the model.
            AdmissionRefused: a limit.
            QuotaUsedUp: the requests that the plan includes for the month.
            ContentBlocked: the policy.
            UpstreamRefused, UpstreamUnavailable: the upstreams.
            Unavailable: a detector is away and the policy refuses then; or the journal is.
        """
        principal = await self._authenticate(command.authorization, scope=Scope.CHAT)
        request = ChatRequest.parse(command.body)
        principal.key.authorise(at=self._clock.now(), scope=Scope.CHAT, model=request.model)
        routes = self._calls.routes(principal, request.model)
        exchange = await self._admit(command, principal, request, routes)
        try:
            body = await self._inspect_request(exchange)
            if request.stream:
                return await self._stream(exchange, routes, body)
            return await self._complete(exchange, routes, body)
        except DomainError as error:
            exchange.status = _status_of(error)
            await self._recorder.record(exchange)
            raise
        except BaseException:
            # The caller went away or the server stops: give the reservation back.
            if not exchange.is_recorded:
                await self._limiter.settle(exchange.admission, tokens=0, cost_nano=0)
            raise

    async def _admit(
        self,
        command: RelayChatCommand,
        principal: Principal,
        request: ChatRequest,
        routes: tuple[Route, ...],
    ) -> Exchange:
        reservation = _reservation(principal, request, routes, at=self._clock.now())
        try:
            admission = await self._limiter.acquire(principal.tenant.id, reservation)
        except AdmissionRefused as refusal:
            self._decided("refused", refusal.mode, limit=refusal.kind.value)
            raise
        except QuotaUsedUp:
            self._decided("refused", LimitMode.EXACT, limit="plan")
            raise
        except LimitsUndecided:
            self._decided("refused", LimitMode.CLOSED)
            raise
        self._decided("admitted", admission.mode)
        return Exchange(
            record_id=RecordId(command.request_id),
            principal=principal,
            route_name=command.route,
            body=request.body,
            model=request.model,
            user=request.user,
            started_at=reservation.at,
            started=self._clock.monotonic(),
            redactor=self._recorder.redactor(principal),
            admission=admission,
        )

    def _decided(self, result: str, mode: LimitMode, *, limit: str = "") -> None:
        self._telemetry.count(
            Metric.RATE_LIMIT_DECISIONS, limit=limit, result=result, mode=mode.value
        )

    async def _inspect_request(self, exchange: Exchange) -> Json:
        """Return the body to send on: as it came, or masked.

        Raises:
            ContentBlocked: the policy stops it.
            Unavailable: a detector is away and the policy refuses then.
        """
        exchange.request = await self._recorder.judge(
            exchange.principal, exchange.model, request_parts(exchange.body)
        )
        if exchange.request.is_blocked:
            raise ContentBlocked(
                rules=exchange.request.decision.blocking_rules(),
                violations=exchange.violation_ids(),
                request_id=exchange.record_id,
            )
        if refuses_blind(exchange, exchange.request):
            raise Unavailable(
                "detector",
                "a detector is away and the policy refuses what it cannot inspect",
                retry_after=5.0,
                code="detector.unavailable",
            )
        if exchange.request.decision.enforced is Effect.MASK:
            return exchange.redactor.masked(exchange.body, exchange.request)
        return exchange.body

    def _passed(self, exchange: Exchange) -> Passed:
        return Passed(
            request_id=exchange.record_id,
            decision=exchange.request.decision.enforced,
            provider=exchange.route.upstream.kind.value if exchange.route else "",
            windows=exchange.admission.windows,
        )

    async def _complete(
        self, exchange: Exchange, routes: tuple[Route, ...], body: Json
    ) -> CompletedChat:
        started = self._clock.monotonic()
        answer = await self._calls.complete(routes, body, request_id=exchange.record_id)
        exchange.upstream_seconds = self._clock.monotonic() - started
        exchange.route = answer.route
        exchange.response_body = answer.body
        exchange.tokens = Tokens.reported(answer.body.get("usage"))
        exchange.response = await self._recorder.judge(
            exchange.principal, exchange.model, response_parts(answer.body)
        )
        if refuses_blind(exchange, exchange.response):
            exchange.response = exchange.response.stopped()
        enforced = exchange.response.decision.enforced
        delivered: Json = {**answer.body, "model": exchange.model}
        if enforced is Effect.BLOCK:
            delivered = _filtered(delivered)
        elif enforced is Effect.MASK:
            delivered = _unspelled(exchange.redactor.masked(delivered, exchange.response))
        await self._recorder.record(exchange)
        return CompletedChat(
            passed=self._passed(exchange), body=delivered, response_decision=enforced
        )

    async def _stream(
        self, exchange: Exchange, routes: tuple[Route, ...], body: Json
    ) -> StreamedChat:
        async with AsyncExitStack() as stack:
            answer = await stack.enter_async_context(
                self._calls.stream(routes, body, request_id=exchange.record_id)
            )
            exchange.route = answer.route
            self._telemetry.observe(Metric.TTFT_SECONDS, self._clock.monotonic() - exchange.started)
            guarded = GuardedStream(
                exchange=exchange, recorder=self._recorder, window=self._stream_window
            )
            return StreamedChat(
                passed=self._passed(exchange),
                chunks=guarded.relay(answer.chunks),
                guarded=guarded,
                resources=stack.pop_all(),
            )
        raise AssertionError("an exit stack does not swallow errors")


def _reservation(
    principal: Principal, request: ChatRequest, routes: tuple[Route, ...], *, at: datetime
) -> Reservation:
    """Return what a request may need at the most, as far as that can be told beforehand."""
    tokens = Tokens(
        input=estimate_tokens(sum(len(part.text) for part in request_parts(request.body))),
        output=request.max_tokens or _DEFAULT_ANSWER_TOKENS,
    )
    price = routes[0].model.price
    cost = price and price.cost(input_tokens=tokens.input, output_tokens=tokens.output)
    return Reservation(
        key_id=principal.key.id,
        limits=principal.key.limits,
        tokens=tokens.total,
        cost_nano=cost.nano if cost else 0,
        at=at,
        fail_modes=principal.tenant.fail_modes,
        entitlements=principal.tenant.entitlements,
    )


def _filtered(body: Json) -> Json:
    """Return an answer whose choices were taken out by the policy, in OpenAI's own form."""
    texts = {part.path: "" for part in response_parts(body)}
    emptied = _unspelled(replace_texts(body, texts))
    choices = emptied.get("choices")
    emptied["choices"] = [
        {**choice, "finish_reason": "content_filter"}
        for choice in (choices if isinstance(choices, list) else ())
        if isinstance(choice, Mapping)
    ]
    return emptied


def _unspelled(body: Json) -> dict[str, object]:
    """Return an answer without log probabilities: they spell out its texts token by token."""
    choices = body.get("choices")
    if not isinstance(choices, list):
        return dict(body)
    return {
        **body,
        "choices": [
            {**choice, "logprobs": None}
            if isinstance(choice, Mapping) and "logprobs" in choice
            else choice
            for choice in choices
        ],
    }


def _status_of(error: DomainError) -> int:
    """Return the status that the caller sees, for the record."""
    if isinstance(error, ContentBlocked):
        return _FORBIDDEN
    if isinstance(error, UpstreamRefused):
        return error.status
    if isinstance(error, UpstreamUnavailable):
        return error.answer_status
    return _UNAVAILABLE

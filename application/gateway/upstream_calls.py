"""Call a model: every route in its order, past open breakers and failing upstreams."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from application.gateway.upstreams import credential_context
from application.ports.credentials import CredentialCipher
from application.ports.limits import CallOutcome, CircuitBreakers
from application.ports.model_provider import (
    ModelCall,
    ModelProvider,
    ModelProviders,
    UpstreamRefused,
    UpstreamUnavailable,
)
from application.ports.readers import Principal
from application.ports.system import Randomness
from domain.errors import InvalidValue
from domain.routing import Route, Upstream, plan_routes

_TOO_MANY_REQUESTS = 429

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer and the route that gave it."""

    route: Route
    body: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerStream:
    """A running answer and the route that gives it."""

    route: Route
    chunks: AsyncIterator[Json]


@dataclass(slots=True, kw_only=True)
class _Attempt:
    """A permitted call, and how it went as far as is known: nothing yet, so no verdict."""

    provider: ModelProvider
    call: ModelCall
    outcome: CallOutcome = CallOutcome.ABANDONED


class UpstreamCalls:
    """Try the routes of a model until one answers.

    A 5xx, silence or a broken connection tries the next route, and so does a 429 where there is
    a next one; any other 4xx is the caller's answer. A stream changes its route only before its
    first chunk.
    """

    def __init__(
        self,
        *,
        providers: ModelProviders,
        breakers: CircuitBreakers,
        cipher: CredentialCipher,
        randomness: Randomness,
    ) -> None:
        self._providers = providers
        self._breakers = breakers
        self._cipher = cipher
        self._randomness = randomness

    def routes(self, principal: Principal, model: str) -> tuple[Route, ...]:
        """Return the ways to serve a model, in the order to try them.

        Raises:
            NotFound: no upstream serves it.
        """
        draws = {upstream.id: self._randomness.fraction() for upstream in principal.upstreams}
        return plan_routes(principal.upstreams, model=model, draws=draws)

    async def complete(self, routes: tuple[Route, ...], body: Json, *, request_id: str) -> Answer:
        """Return the first answer.

        Raises:
            UpstreamRefused: an upstream said no.
            UpstreamUnavailable: none answered; the last one's trouble.
        """
        trouble: UpstreamUnavailable | UpstreamRefused | None = None
        for index, route in enumerate(routes):
            try:
                async with self._attempt(route, body, request_id) as attempt:
                    answer = await attempt.provider.complete(attempt.call)
                    attempt.outcome = CallOutcome.SUCCEEDED
                    return Answer(route=route, body=answer)
            except (UpstreamUnavailable, UpstreamRefused) as error:
                trouble = _worth_another(error, is_last=index == len(routes) - 1)
        raise trouble or _no_route()

    @asynccontextmanager
    async def stream(
        self, routes: tuple[Route, ...], body: Json, *, request_id: str
    ) -> AsyncIterator[AnswerStream]:
        """Open the first stream that begins; leaving the context cancels it.

        Raises:
            UpstreamRefused: an upstream said no.
            UpstreamUnavailable: none began; or, while reading, the stream broke off.
        """
        trouble: UpstreamUnavailable | UpstreamRefused | None = None
        for index, route in enumerate(routes):
            began = False
            try:
                async with (
                    self._attempt(route, body, request_id) as attempt,
                    attempt.provider.stream(attempt.call) as chunks,
                ):
                    first = await anext(chunks, None)
                    began = True
                    yield AnswerStream(route=route, chunks=_watched(first, chunks, attempt))
                    return
            except (UpstreamUnavailable, UpstreamRefused) as error:
                if began:
                    raise
                trouble = _worth_another(error, is_last=index == len(routes) - 1)
        raise trouble or _no_route()

    @asynccontextmanager
    async def _attempt(self, route: Route, body: Json, request_id: str) -> AsyncIterator[_Attempt]:
        upstream = route.upstream
        permit = await self._breakers.request(upstream.tenant_id, upstream.id)
        if not permit.allowed:
            raise UpstreamUnavailable(
                upstream.name,
                f"the upstream {upstream.name!r} is set aside after repeated failures",
                retry_after=permit.retry_after,
            )
        attempt: _Attempt | None = None
        outcome: CallOutcome | None = None
        try:
            attempt = _Attempt(
                provider=self._providers.of(upstream.kind),
                call=ModelCall(
                    upstream=upstream,
                    body={**body, "model": route.model.upstream_name},
                    request_id=request_id,
                    credential=self._credential(upstream),
                ),
            )
            yield attempt
        except UpstreamRefused:
            outcome = CallOutcome.SUCCEEDED
            raise
        except UpstreamUnavailable:
            outcome = CallOutcome.FAILED
            raise
        finally:
            said = CallOutcome.ABANDONED if attempt is None else attempt.outcome
            await asyncio.shield(
                self._breakers.report(upstream.tenant_id, upstream.id, permit, outcome or said)
            )

    def _credential(self, upstream: Upstream) -> str | None:
        if upstream.credential is None:
            return None
        try:
            return self._cipher.decrypt(
                upstream.credential, context=credential_context(upstream.tenant_id, upstream.id)
            )
        except InvalidValue as error:
            # Nothing that the caller sent is wrong, and another upstream may do.
            raise UpstreamUnavailable(
                upstream.name, f"the credential of the upstream {upstream.name!r} cannot be read"
            ) from error


def _worth_another(
    error: UpstreamUnavailable | UpstreamRefused, *, is_last: bool
) -> UpstreamUnavailable | UpstreamRefused:
    """Return the trouble to remember while another route is tried, or raise it."""
    may_go_on = isinstance(error, UpstreamUnavailable) or error.status == _TOO_MANY_REQUESTS
    if is_last or not may_go_on:
        raise error
    return error


def _no_route() -> UpstreamUnavailable:
    return UpstreamUnavailable("upstream", "no upstream serves this model")


async def _watched(
    first: Json | None, rest: AsyncIterator[Json], attempt: _Attempt
) -> AsyncIterator[Json]:
    """Yield every chunk and note how the stream ended: its reader leaves no error behind."""
    try:
        if first is not None:
            yield first
        async for chunk in rest:
            yield chunk
    except UpstreamUnavailable:
        attempt.outcome = CallOutcome.FAILED
        raise
    attempt.outcome = CallOutcome.SUCCEEDED

"""Try whether an upstream answers, before traffic depends on it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

from application.deeds import Deeds
from application.gateway.upstreams import credential_context
from application.ports.credentials import CredentialCipher
from application.ports.model_provider import (
    ModelCall,
    ModelProviders,
    UpstreamRefused,
    UpstreamUnavailable,
)
from application.ports.system import Clock, IdFactory
from domain.authorisation import Action, Caller
from domain.errors import InvalidValue
from domain.identifiers import UpstreamId
from domain.routing import ServedModel, Upstream
from domain.tenant import Slug

SECONDS = 20.0
"""How long a test may take: a person waits for it."""

_QUESTION = "Reply with the single word: ok"
_LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamTrial:
    """How a call fared: `error` is None for a success, `status` what the provider answered."""

    model: str
    latency_ms: int
    status: int | None
    error: str | None


class TryUpstream:
    """Ask one model of an upstream one short question, past limits, breakers and the audit log."""

    def __init__(
        self,
        *,
        deeds: Deeds,
        providers: ModelProviders,
        cipher: CredentialCipher,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._deeds = deeds
        self._providers = providers
        self._cipher = cipher
        self._clock = clock
        self._ids = ids

    async def __call__(
        self, caller: Caller, slug: Slug, upstream_id: UpstreamId, *, model: str | None = None
    ) -> UpstreamTrial:
        """Return how it fared; the first model is asked where none is named.

        Raises:
            InvalidValue: the upstream does not serve this model.
            Unauthenticated, NotFound, Refused: no such upstream, or the caller may not do this.
        """
        async with self._deeds.begin(caller, slug, Action.TEST_UPSTREAM) as deed:
            upstream = await deed.uow.upstreams.get(deed.tenant_id, upstream_id)
            served = upstream.models[0] if model is None else upstream.serves(model)
            if served is None:
                raise InvalidValue("this upstream does not serve this model", field="model")
            # A call with the tenant's credential is a deed, and one that costs.
            await deed.commit(target=upstream_id)
        return await self._asked(upstream, served)

    async def _asked(self, upstream: Upstream, served: ServedModel) -> UpstreamTrial:
        started = self._clock.monotonic()
        status: int | None = 200
        error: str | None = None
        credential: str | None = None
        try:
            credential = self._credential(upstream)
            async with asyncio.timeout(SECONDS):
                await self._providers.of(upstream.kind).complete(
                    ModelCall(
                        upstream=_hurried(upstream),
                        body={
                            "model": served.upstream_name,
                            "messages": [{"role": "user", "content": _QUESTION}],
                        },
                        request_id=self._ids.new("req"),
                        credential=credential,
                    )
                )
        except UpstreamRefused as refused:
            status, error = refused.status, _said(refused.body) or refused.message
        except UpstreamUnavailable as trouble:
            status, error = trouble.status, _said(trouble.body) or trouble.message
        except InvalidValue as unreadable:
            status, error = None, unreadable.message
        except TimeoutError:
            status, error = None, f"no answer within {SECONDS:.0f} seconds"
        if error is not None and credential is not None:
            # Some providers say the credential again when they refuse it.
            error = error.replace(credential, "[credential]")
        return UpstreamTrial(
            model=served.name,
            latency_ms=round((self._clock.monotonic() - started) * 1000),
            status=status,
            error=error,
        )

    def _credential(self, upstream: Upstream) -> str | None:
        if upstream.credential is None:
            return None
        return self._cipher.decrypt(
            upstream.credential, context=credential_context(upstream.tenant_id, upstream.id)
        )


def _hurried(upstream: Upstream) -> Upstream:
    timeouts = upstream.timeouts
    return replace(upstream, timeouts=replace(timeouts, total=min(timeouts.total, SECONDS)))


def _said(body: Mapping[str, object] | None) -> str | None:
    """Return the message of an error as most providers shape it."""
    error = None if body is None else body.get("error")
    message = error.get("message") if isinstance(error, Mapping) else error
    return message[:_LONGEST] if isinstance(message, str) and message else None

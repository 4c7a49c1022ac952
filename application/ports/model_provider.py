"""The conversation with a model provider, in the neutral form of `domain.chat`."""

from abc import abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from domain.errors import DomainError, Unavailable
from domain.routing import Upstream, UpstreamKind

_SERVER_ERROR = 500
_BAD_GATEWAY = 502
_GATEWAY_TIMEOUT = 504


class UpstreamRefused(DomainError):
    """The provider answered, and said no (a 4xx): the caller gets its status and body unchanged.

    `retry_after` is in seconds where the provider named it; `body` is None when it was no JSON.
    """

    code = "upstream.refused"

    def __init__(
        self, *, status: int, body: Mapping[str, object] | None, retry_after: float | None
    ) -> None:
        super().__init__(f"the upstream answered with status {status}")
        self.status = status
        self.body = body
        self.retry_after = retry_after


class UpstreamUnavailable(Unavailable):
    """The provider did not answer, not in time, or with a 5xx: another upstream may be tried.

    `status` is the provider's where there was one. `is_timeout` tells silence from failure.
    """

    code = "upstream.unavailable"

    def __init__(
        self,
        upstream: str,
        message: str,
        *,
        status: int | None = None,
        body: Mapping[str, object] | None = None,
        retry_after: float | None = None,
        is_timeout: bool = False,
    ) -> None:
        super().__init__(upstream, message, retry_after=retry_after)
        self.status = status
        self.body = body
        self.is_timeout = is_timeout

    @property
    def answer_status(self) -> int:
        """Return the HTTP status that tells a caller so: the provider's own where it is a 5xx."""
        if self.status is not None and self.status >= _SERVER_ERROR:
            return self.status
        return _GATEWAY_TIMEOUT if self.is_timeout else _BAD_GATEWAY


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCall:
    """One call: `body` is the neutral request with the upstream's own model name in it."""

    upstream: Upstream
    body: Mapping[str, object]
    request_id: str
    credential: str | None = field(default=None, repr=False)


class ModelProvider(Protocol):
    """Call a provider of one kind; time-outs are the upstream's own. Nothing is retried inside."""

    @abstractmethod
    async def complete(self, call: ModelCall) -> Mapping[str, object]:
        """Return the whole answer (`chat.completion`).

        Raises:
            UpstreamRefused: a 4xx.
            UpstreamUnavailable: no answer, a late one, a 5xx, or one that is no JSON object.
        """

    @abstractmethod
    def stream(
        self, call: ModelCall
    ) -> AbstractAsyncContextManager[AsyncIterator[Mapping[str, object]]]:
        """Open a stream of chunks (`chat.completion.chunk`); leaving the context cancels the call.

        Entering raises as `complete` does, once the provider's status is known. The iterator raises
        `UpstreamUnavailable` when the stream breaks off or stalls; it ends only after the
        provider's own end mark.
        """

    @abstractmethod
    async def close(self) -> None:
        """Close connections."""


class ModelProviders(Protocol):
    """Give the provider that speaks an upstream's dialect."""

    @abstractmethod
    def of(self, kind: UpstreamKind) -> ModelProvider:
        """Return the provider for this kind."""

    @abstractmethod
    async def close(self) -> None:
        """Close every provider."""

"""The HTTP client of outgoing calls: deadlines, size limits, and one pool for each upstream.

It speaks to the pool of httpx2 (`httpcore2`) directly, since that is where a network may be given.
"""

import asyncio
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass

import httpcore2

from adapters.model_providers.proxies import parse_proxy, proxy_for
from application.ports.model_provider import UpstreamUnavailable
from domain.identifiers import UpstreamId
from domain.network_address import AddressRefused
from domain.routing import Timeouts, Upstream
from domain.web_address import Target, parse_target

MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_CONNECTIONS = 64
MAX_POOLS = 512
KEEP_ALIVE = 30.0
"""Seconds that an idle connection is kept; load balancers in front of providers wait 60 or more."""

_DRAIN_BYTES = 4096
_DRAIN_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deadlines:
    """When a call must have got how far, on the clock of the event loop."""

    timeouts: Timeouts
    started: float

    def of_headers(self) -> float:
        """Return when the headers must be there; connecting has its own bound inside of it."""
        timeouts = self.timeouts
        return self.started + min(timeouts.connect + timeouts.first_byte, timeouts.total)

    def of_read(self, *, is_first: bool) -> float:
        """Return when the next piece of the body must be there.

        Some providers send headers at once and think afterwards: the first piece has the time that
        the headers left over.
        """
        timeouts = self.timeouts
        at = asyncio.get_running_loop().time() + timeouts.idle
        if is_first:
            at = max(at, self.of_headers())
        return min(at, self.started + timeouts.total)


class Answer:
    """The answer of an upstream, whose body is still to be read.

    A reader that finds the dialect's own end mark before the end of the body sets `has_ended`.
    """

    def __init__(
        self,
        response: httpcore2.Response,
        *,
        deadlines: _Deadlines,
        upstream: Upstream,
        max_bytes: int,
    ) -> None:
        self.status = response.status
        self.has_ended = False
        self._headers = {name.lower(): value for name, value in response.headers}
        self._upstream = upstream
        self._deadlines = deadlines
        self._max_bytes = max_bytes
        self._response = response
        self._body = response.aiter_stream()
        self._is_complete = False

    def header(self, name: str) -> str | None:
        """Return a header by its lower-case name; of repeated ones, the last."""
        value = self._headers.get(name.encode())
        return None if value is None else value.decode("latin-1")

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            UpstreamUnavailable: it breaks off, stalls, or is larger than the limit.
        """
        body = bytearray()
        async with aclosing(self.pieces()) as pieces:
            async for piece in pieces:
                body += piece
                if len(body) > self._max_bytes:
                    raise UpstreamUnavailable(
                        self._upstream.name,
                        f"the answer of the upstream is larger than {self._max_bytes} bytes",
                        status=self.status,
                    )
        return bytes(body)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the body as it arrives; the time that the reader takes for a piece is its own.

        Raises:
            UpstreamUnavailable: it breaks off or stalls.
        """
        is_first = True
        while True:
            with _translated(self._upstream):
                async with asyncio.timeout_at(self._deadlines.of_read(is_first=is_first)):
                    piece = await anext(self._body, None)
            if piece is None:
                self._is_complete = True
                return
            is_first = False
            yield piece

    async def close(self) -> None:
        """Give the connection back, or close it when the body was not read to its end."""
        try:
            if self.has_ended:
                await self._drain()
        finally:
            await self._body.aclose()
            await self._response.aclose()

    async def _drain(self) -> None:
        # Little follows an end mark; with that read as well, the connection can be used again.
        size = 0
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while not self._is_complete and size < _DRAIN_BYTES:
                    piece = await anext(self._body, None)
                    self._is_complete = piece is None
                    size += len(piece or b"")
        except (OSError, httpcore2.NetworkError, httpcore2.ProtocolError):
            return


class HttpTransport:
    """Post to upstreams, without redirects, retries or cookies.

    Connections are made through `network`, which checks where a name leads to. `allow_private`
    admits http and names of the operator's own network, as the network then should. With
    `trust_env`, the proxies that the environment names are used: they look names up themselves, so
    only names and literal addresses are checked then.
    """

    def __init__(
        self,
        *,
        network: httpcore2.AsyncNetworkBackend,
        allow_private: bool = False,
        trust_env: bool = False,
        max_answer_bytes: int = MAX_ANSWER_BYTES,
        max_connections: int = MAX_CONNECTIONS,
        max_pools: int = MAX_POOLS,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._allow_private = allow_private
        self._trust_env = trust_env
        self._max_answer_bytes = max_answer_bytes
        self._max_connections = max_connections
        self._max_pools = max_pools
        self._network = network
        self._ssl_context = ssl_context
        self._pools: OrderedDict[tuple[UpstreamId, str, str], httpcore2.AsyncConnectionPool]
        self._pools = OrderedDict()

    @asynccontextmanager
    async def post(
        self, upstream: Upstream, *, path: str, headers: Mapping[str, str], content: bytes
    ) -> AsyncIterator[Answer]:
        """Post to `path` under the upstream's address; leaving the context cancels the call.

        Raises:
            UpstreamUnavailable: no connection, no answer, or not in time.
        """
        deadlines = _Deadlines(
            timeouts=upstream.timeouts, started=asyncio.get_running_loop().time()
        )
        try:
            target = parse_target(upstream.base_url, allow_private=self._allow_private)
        except AddressRefused as error:
            raise UpstreamUnavailable(
                upstream.name, f"the upstream is not called: {error}"
            ) from None
        request = _request(target, path=path, headers=headers, content=content, upstream=upstream)
        pool = await self._pool(upstream, target)
        with _translated(upstream):
            async with asyncio.timeout_at(deadlines.of_headers()):
                response = await pool.handle_async_request(request)
        answer = Answer(
            response, deadlines=deadlines, upstream=upstream, max_bytes=self._max_answer_bytes
        )
        try:
            yield answer
        finally:
            await answer.close()

    async def close(self) -> None:
        """Close all connections."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()

    async def _pool(self, upstream: Upstream, target: Target) -> httpcore2.AsyncConnectionPool:
        proxy = proxy_for(target) if self._trust_env else None
        key = (upstream.id, target.scheme, proxy or "")
        pool = self._pools.get(key)
        if pool is None:
            pool = self._pools[key] = self._new_pool(target.scheme, proxy)
        self._pools.move_to_end(key)
        if len(self._pools) > self._max_pools:
            await self._close_idle()
        return pool

    async def _close_idle(self) -> None:
        for key, pool in list(self._pools.items())[: -self._max_pools]:
            if all(connection.is_idle() for connection in pool.connections):
                del self._pools[key]
                await pool.aclose()

    def _new_pool(self, scheme: str, proxy: str | None) -> httpcore2.AsyncConnectionPool:
        if scheme == "https" and self._ssl_context is None:
            self._ssl_context = httpcore2.default_ssl_context()
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            proxy=parse_proxy(proxy) if proxy else None,
            max_connections=self._max_connections,
            max_keepalive_connections=self._max_connections,
            keepalive_expiry=KEEP_ALIVE,
            network_backend=None if proxy else self._network,
        )


def _request(
    target: Target,
    *,
    path: str,
    headers: Mapping[str, str],
    content: bytes,
    upstream: Upstream,
) -> httpcore2.Request:
    # Plain bodies only: a limit on bytes means nothing for compressed ones.
    fixed = {"host": target.authority, "accept-encoding": "identity"}
    fixed["content-length"] = str(len(content))
    connect = min(upstream.timeouts.connect, upstream.timeouts.total)
    return httpcore2.Request(
        "POST",
        httpcore2.URL(
            scheme=target.scheme, host=target.host, port=target.port, target=target.path + path
        ),
        headers=[*fixed.items(), *headers.items()],
        content=content,
        extensions={"timeout": {"connect": connect, "pool": connect}},
    )


@contextmanager
def _translated(upstream: Upstream) -> Iterator[None]:
    """Turn what the pool raises into the port's error, whose words name no address and no text."""
    try:
        yield
    except (TimeoutError, httpcore2.ConnectTimeout, httpcore2.ReadTimeout, httpcore2.WriteTimeout):
        raise UpstreamUnavailable(
            upstream.name, "the upstream did not answer in time", is_timeout=True
        ) from None
    except AddressRefused as error:
        raise UpstreamUnavailable(upstream.name, f"the upstream is not called: {error}") from None
    except httpcore2.PoolTimeout:
        message = "all connections to the upstream are busy"
        raise UpstreamUnavailable(upstream.name, message) from None
    except httpcore2.ConnectError as error:
        reason = "TLS failed" if isinstance(error.__context__, ssl.SSLError) else "no connection"
        message = f"the upstream could not be reached ({reason})"
        raise UpstreamUnavailable(upstream.name, message) from None
    except (httpcore2.NetworkError, httpcore2.RemoteProtocolError, OSError):
        message = "the upstream broke off its answer"
        raise UpstreamUnavailable(upstream.name, message) from None
    except (httpcore2.ProtocolError, httpcore2.ProxyError):
        # The pool quotes the header that it refuses, credential and all: nothing of it goes on.
        message = "the upstream could not be called over HTTP"
        raise UpstreamUnavailable(upstream.name, message) from None

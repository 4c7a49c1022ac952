"""Posts to receivers of alerts over HTTP: one connection each, no redirects, no proxies.

It speaks to the pool of httpx2 (`httpcore2`) directly, since that is where a network may be given.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import aclosing, contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpcore2

from application.ports.system import Clock
from application.ports.webhooks import WebhookAnswer, WebhookSender
from domain.errors import Unavailable
from domain.network_address import AddressRefused
from domain.web_address import Target, parse_target

SERVICE = "webhook"
MAX_READ_BYTES = 4096
"""What is read of an answer, and forgotten; a connection with more of it is closed."""

_READ_SECONDS = 1.0
_USER_AGENT = "TruePort-Webhooks/1"
_LONGEST_NUMBER = 9


class HttpWebhookSender(WebhookSender):
    """Post within `seconds` all in all, connections made through `network`.

    The network checks where a name leads to, once for each post, and connects to exactly that; TLS
    certificates are checked against the name. `allow_private` admits http and names of the
    operator's own network, as the network then should.
    """

    def __init__(
        self,
        *,
        network: httpcore2.AsyncNetworkBackend,
        clock: Clock,
        seconds: float = 10.0,
        allow_private: bool = False,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self._network = network
        self._clock = clock
        self._seconds = seconds
        self._allow_private = allow_private
        self._ssl_context = ssl_context

    def check(self, url: str) -> None:
        """Accept the address of a receiver, without looking its name up."""
        self._target(url)

    async def post(self, url: str, *, headers: Mapping[str, str], body: bytes) -> WebhookAnswer:
        """Post JSON and return the answer, whatever its status; its body is not kept."""
        request = _request(self._target(url), headers=headers, body=body, seconds=self._seconds)
        async with self._pool() as pool:
            with _translated():
                async with asyncio.timeout(self._seconds):
                    response = await pool.handle_async_request(request)
            try:
                await _drained(response)
            finally:
                await response.aclose()
        return WebhookAnswer(status=response.status, retry_after=self._retry_after(response))

    def _target(self, url: str) -> Target:
        return parse_target(url, allow_private=self._allow_private, is_exact=True)

    def _pool(self) -> httpcore2.AsyncConnectionPool:
        # One for each post: what was checked for one is never used for another.
        if self._ssl_context is None:
            self._ssl_context = httpcore2.default_ssl_context()
        return httpcore2.AsyncConnectionPool(
            ssl_context=self._ssl_context,
            max_connections=1,
            max_keepalive_connections=0,
            network_backend=self._network,
        )

    def _retry_after(self, response: httpcore2.Response) -> timedelta | None:
        """Return what `Retry-After` says (RFC 9110, 10.2.3), None where that is nothing."""
        text = next(
            (
                value.decode("latin-1").strip()
                for name, value in response.headers
                if name.lower() == b"retry-after"
            ),
            "",
        )
        if text.isascii() and text.isdigit():
            return timedelta(seconds=int(text[:_LONGEST_NUMBER]))
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        # A date without a zone says nothing about when.
        return None if at.tzinfo is None else max(at - self._clock.now(), timedelta(0))


def _request(
    target: Target, *, headers: Mapping[str, str], body: bytes, seconds: float
) -> httpcore2.Request:
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    fixed = {
        "host": target.authority,
        "content-type": "application/json",
        "content-length": str(len(body)),
        "accept": "*/*",
        "accept-encoding": "identity",
        "connection": "close",
        "user-agent": _USER_AGENT,
    }
    return httpcore2.Request(
        "POST",
        httpcore2.URL(scheme=target.scheme, host=target.host, port=target.port, target=path),
        headers=[*fixed.items(), *headers.items()],
        content=body,
        extensions={"timeout": {"connect": seconds, "pool": seconds}},
    )


async def _drained(response: httpcore2.Response) -> None:
    """Read a little of what the receiver says: some take a connection cut short for a failure."""
    size = 0
    try:
        async with asyncio.timeout(_READ_SECONDS), aclosing(response.aiter_stream()) as body:
            async for piece in body:
                size += len(piece)
                if size >= MAX_READ_BYTES:
                    return
    except (OSError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.TimeoutException):
        # The status says it all, and is there.
        return


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the pool raises into errors whose words name no address and no text."""
    try:
        yield
    except AddressRefused:
        raise
    except (TimeoutError, httpcore2.TimeoutException):
        raise Unavailable(SERVICE, "it did not answer in time", code="webhook.timeout") from None
    except httpcore2.ConnectError as error:
        if isinstance(error.__context__, ssl.SSLError):
            raise Unavailable(
                SERVICE, "its TLS certificate is not good", code="webhook.tls"
            ) from None
        raise Unavailable(SERVICE, "it could not be reached", code="webhook.unreachable") from None
    except (OSError, httpcore2.NetworkError, httpcore2.ProtocolError):
        raise Unavailable(SERVICE, "it broke off its answer", code="webhook.unreachable") from None

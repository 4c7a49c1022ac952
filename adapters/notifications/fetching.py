"""Get the small public documents that signatures are checked against."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx2

from domain.errors import Unavailable

MAX_BYTES = 64 * 1024
TIMEOUT = 3.0
"""Seconds for one document, from looking up the name to its last byte."""

RETRY_AFTER = 15.0
"""Seconds after which a sender may try again what could not be checked."""

_OK = 200

Fetch = Callable[[str], Awaitable[bytes]]
"""Return the document at an address that the caller has checked.

Raises:
    Unavailable: there was no good answer in time.
"""


class DocumentFetcher:
    """Get a document over HTTP, without redirects, cookies or credentials.

    What an address may be is the caller's to decide. The proxies that the environment names are
    used: out of a closed network there often is no other way.
    """

    def __init__(
        self,
        *,
        timeout: float = TIMEOUT,
        max_bytes: int = MAX_BYTES,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._transport = transport

    async def __call__(self, url: str) -> bytes:
        """Return the document at `url`.

        Raises:
            Unavailable: no connection, any answer but 200, a large one, or none in time.
        """
        host = httpx2.URL(url).host
        try:
            async with asyncio.timeout(self._timeout):
                return await self._get(url, host)
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            raise _unavailable(host, "does not answer") from error

    async def _get(self, url: str, host: str) -> bytes:
        async with (
            httpx2.AsyncClient(
                follow_redirects=False, timeout=self._timeout, transport=self._transport
            ) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != _OK:
                raise _unavailable(host, f"answered {response.status_code}")
            body = bytearray()
            async for piece in response.aiter_bytes():
                body += piece
                if len(body) > self._max_bytes:
                    raise _unavailable(host, f"sent more than {self._max_bytes} bytes")
            return bytes(body)


def _unavailable(host: str, reason: str) -> Unavailable:
    return Unavailable(host, f"{host} {reason}", retry_after=RETRY_AFTER)

"""Connections that reach only the addresses that were checked.

Every adapter that calls an address which a tenant named is given such a network.
"""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterable, Sequence

import httpcore2

from domain.network_address import check_addresses

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""Looks up a name, in the order to be tried; raises OSError when there is nothing."""


async def resolve(host: str, port: int) -> Sequence[str]:
    """Look up a name as the system does."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Look a name up once, check all it leads to, and connect to exactly that.

    The connection pool keeps the name for TLS, so that certificates are still checked against it.
    The time to connect covers the look-up, all attempts and TLS together.
    """

    def __init__(self, *, allow_private: bool, resolver: Resolver = resolve) -> None:
        self._allow_private = allow_private
        self._resolver = resolver
        self._network = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the pool
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect to the first address of `host` that answers.

        Raises:
            AddressRefused: one of its addresses may not be reached.
            httpcore2.ConnectError: the name leads nowhere, or no address answers.
            httpcore2.ConnectTimeout: not within `timeout` seconds.
        """
        now = asyncio.get_running_loop().time
        deadline = None if timeout is None else now() + timeout
        try:
            async with asyncio.timeout_at(deadline):
                addresses = await self._resolver(host, port)
        except TimeoutError:
            raise httpcore2.ConnectTimeout("the look-up took too long") from None
        except (OSError, UnicodeError):
            raise httpcore2.ConnectError("the name leads nowhere") from None
        check_addresses(addresses, allow_private=self._allow_private)
        failure: httpcore2.TimeoutException | httpcore2.NetworkError
        failure = httpcore2.ConnectError("the name leads nowhere")
        for index, address in enumerate(addresses):
            # One silent address leaves time for the others.
            share = (
                None if deadline is None else max(deadline - now(), 0) / (len(addresses) - index)
            )
            try:
                stream = await self._network.connect_tcp(
                    address,
                    port,
                    timeout=share,
                    local_address=local_address,
                    socket_options=socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return _Connection(stream, deadline)
        raise failure

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the pool
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Refuse: nothing that a tenant named is reached through a socket of the file system."""
        raise httpcore2.ConnectError("sockets of the file system are not reached")

    async def sleep(self, seconds: float) -> None:
        """Wait between attempts."""
        await asyncio.sleep(seconds)


class _Connection(httpcore2.AsyncNetworkStream):
    """A connection whose TLS handshake has only what is left of the time to connect."""

    def __init__(self, stream: httpcore2.AsyncNetworkStream, deadline: float | None) -> None:
        self._stream = stream
        self._deadline = deadline

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature of the pool
    ) -> httpcore2.AsyncNetworkStream:
        if self._deadline is not None:
            timeout = max(self._deadline - asyncio.get_running_loop().time(), 0)
        return await self._stream.start_tls(ssl_context, server_hostname, timeout)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)

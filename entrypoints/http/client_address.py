"""Where a caller is: the network address that attempts are counted by and deeds are logged with."""

import ipaddress
from contextlib import suppress

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

_UNKNOWN = "unknown"
_IPV6_NETWORK = 64


class ClientFromHeader:
    """Believe a header about who the client is, since a proxy that we trust sets it.

    Of several values the last is the one that the nearest proxy wrote. A port behind the address
    is left off; what is no address leaves the peer of the connection in its place.
    """

    def __init__(self, app: ASGIApp, *, header: str) -> None:
        self._app = app
        self._header = header.lower().encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request as that client's."""
        if scope["type"] == "http":
            given = [value for name, value in scope["headers"] if name == self._header]
            address = _address(given[-1].decode("latin-1").split(",")[-1]) if given else None
            if address is not None:
                scope = {**scope, "client": (str(address), 0)}
        await self._app(scope, receive, send)


def client_address(request: Request) -> str:
    """Return the address of the client; of IPv6 the network of 64 bits, which is one customer's."""
    host = request.client.host if request.client is not None else ""
    address = _address(host)
    if address is None:
        return host or _UNKNOWN
    if isinstance(address, ipaddress.IPv6Address):
        network = ipaddress.IPv6Network((int(address), _IPV6_NETWORK), strict=False)
        return str(network)
    return str(address)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    text = text.strip()
    bracketed, closing, _ = text.removeprefix("[").partition("]")
    bare = bracketed if closing and text.startswith("[") else text
    for candidate in (bare, bare.rpartition(":")[0]):
        with suppress(ValueError):
            address = ipaddress.ip_address(candidate)
            mapped = getattr(address, "ipv4_mapped", None)
            return mapped or address
    return None

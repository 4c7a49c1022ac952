"""Where Triton servers are: what `TRITON_URL` says."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.errors import InvalidValue

_SCHEMES = ("grpc", "grpcs", "http", "https")
_HELP = "write grpc://HOST:8001 or http://HOST:8000 (grpcs and https for TLS), several with commas"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerAddress:
    """One server and the protocol to speak with it."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.scheme}://{self.target}"

    @property
    def is_grpc(self) -> bool:
        """Tell whether gRPC is spoken rather than HTTP."""
        return self.scheme.startswith("grpc")

    @property
    def is_encrypted(self) -> bool:
        """Tell whether TLS is spoken."""
        return self.scheme.endswith("s")

    @property
    def target(self) -> str:
        """Return `host:port`, with brackets where the host is an address of IPv6."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_addresses(urls: str) -> tuple[ServerAddress, ...]:
    """Return the servers of `TRITON_URL`, each once.

    Raises:
        InvalidValue: one of them is no address of a server.
    """
    found = [_address(url.strip()) for url in urls.split(",") if url.strip()]
    if not found:
        raise InvalidValue(f"names no server; {_HELP}", field="TRITON_URL")
    return tuple(dict.fromkeys(found))


def _address(url: str) -> ServerAddress:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidValue(
            f"has an entry that is no address; {_HELP}", field="TRITON_URL"
        ) from None
    if (
        parts.scheme not in _SCHEMES
        or not parts.hostname
        or not port
        or parts.path not in {"", "/"}
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise InvalidValue(f"has an entry that is no server; {_HELP}", field="TRITON_URL")
    return ServerAddress(scheme=parts.scheme, host=parts.hostname, port=port)

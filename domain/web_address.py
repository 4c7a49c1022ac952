"""Addresses of servers that tenants name, taken apart and judged before anybody looks them up."""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from domain.network_address import AddressRefused, check_addresses


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address: lower-case host in ASCII, without brackets; a query without its mark."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    @property
    def authority(self) -> str:
        """Return what the header `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")
_QUERY = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/?]*")
_MAX_HOST = 253

# Names that lead to a machine's own or an organisation's inner services (RFC 6761, 6762, 8375, and
# the private-use domain that ICANN reserved in 2024).
_INNER_DOMAINS = ("localhost", "local", "internal", "home.arpa")
_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "metadata"})


def parse_target(address: str, *, allow_private: bool, is_exact: bool = False) -> Target:
    """Return the parts of a server's address.

    `allow_private` also admits http and inner names. An address that is not exact is one that
    paths are put behind: it has no query, and its path loses the slashes at its end.

    Raises:
        AddressRefused: it is malformed, carries what an address must not, or names an inner host.
    """
    if not address.isascii() or not address.isprintable() or set(address) & set(' \\"<>^`{|}'):
        raise AddressRefused("its address holds a character that an address cannot have")
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise AddressRefused("its address is malformed") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("its address begins with neither https:// nor http://")
    if parts.scheme == "http" and not allow_private:
        raise AddressRefused("its address must begin with https://")
    has_query = "?" in address and not is_exact
    if "@" in parts.netloc or has_query or "#" in address or not _PATH.fullmatch(parts.path):
        raise AddressRefused("its address may hold only a host, a port and a path")
    if port == 0 or parts.netloc.endswith(":") or not _QUERY.fullmatch(parts.query):
        raise AddressRefused("its address is malformed")
    _check_host(host, is_bracketed="[" in parts.netloc, allow_private=allow_private)
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        path=parts.path if is_exact else parts.path.rstrip("/"),
        query=parts.query,
    )


def _check_host(host: str, *, is_bracketed: bool, allow_private: bool) -> None:
    labels = host.split(".")
    if is_bracketed or _NUMBER.fullmatch(labels[-1]):
        # Whatever ends in a number is an IPv4 address in one of its spellings (WHATWG URL, 3.5);
        # only the plain one is taken: resolvers read `127.1`, `0x7f.1` and `2130706433` as well.
        try:
            address = ip_address(host)
        except ValueError:
            raise AddressRefused("its address is malformed") from None
        check_addresses([str(address)], allow_private=allow_private)
        return
    if len(host) > _MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("its address is malformed")
    if host in _METADATA_NAMES:
        raise AddressRefused("its address is not allowed (metadata service)")
    if not allow_private and (
        len(labels) == 1
        or any(host == domain or host.endswith(f".{domain}") for domain in _INNER_DOMAINS)
    ):
        raise AddressRefused("its address is not allowed (inner name)")

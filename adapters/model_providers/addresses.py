"""Which addresses an outgoing call may reach: the guard against server-side request forgery.

A tenant names the address of an upstream, so it must not lead into the network that the gateway
stands in. Names are judged before they are looked up; the addresses they lead to are judged where
the connection is made (`network.py`), so that a name cannot change its meaning in between.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import (
    AddressValueError,
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class AddressRefused(Exception):
    """The address may not be called; the text says why, and is safe to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A checked address: lower-case host in ASCII, without brackets, and a path without its end."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Return what the header `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


_PORTS = {"https": 443, "http": 80}
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PATH = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*")
_MAX_HOST = 253

# Names that lead to a machine's own or an organisation's inner services (RFC 6761, 6762, 8375, and
# the private-use domain that ICANN reserved in 2024).
_INNER_DOMAINS = ("localhost", "local", "internal", "home.arpa")
_METADATA_NAMES = frozenset({"metadata.google.internal", "metadata.goog", "metadata"})


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# Instance metadata services answer anyone who can reach them with credentials: AWS and most others,
# AWS over IPv6, Alibaba, Oracle, and Azure's wire server, which has a public address.
_METADATA = _networks(
    "169.254.169.254/32",
    "169.254.170.2/32",
    "169.254.170.23/32",
    "fd00:ec2::254/128",
    "fd00:ec2::23/128",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "168.63.129.16/32",
)

# From the special-purpose address registries of IANA (RFC 6890 and later): never a model provider.
_NEVER: tuple[tuple[str, tuple[Network, ...]], ...] = (
    ("metadata service", _METADATA),
    ("link-local", _networks("169.254.0.0/16", "fe80::/10", "fec0::/10")),
    ("multicast", _networks("224.0.0.0/4", "ff00::/8")),
    ("unspecified", _networks("0.0.0.0/8", "::/128")),
    ("reserved", _networks("240.0.0.0/4")),
)

# Allowed only where the operator lets upstreams stand in the same network.
_INNER: tuple[tuple[str, tuple[Network, ...]], ...] = (
    ("loopback", _networks("127.0.0.0/8", "::1/128")),
    ("private", _networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")),
    ("shared", _networks("100.64.0.0/10")),
    (
        "special-purpose",
        _networks(
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "2001::/23",
            "2001:db8::/32",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    ),
)

_GLOBAL_UNICAST = IPv6Network("2000::/3")

# Prefixes whose addresses carry an IPv4 address: (network, bits to the right of it).
_CARRIERS = (
    (IPv6Network("::ffff:0:0/96"), 0),  # v4-mapped, RFC 4291
    (IPv6Network("::/96"), 0),  # v4-compatible, RFC 4291
    (IPv6Network("::ffff:0:0:0/96"), 0),  # v4-translated, RFC 2765
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("64:ff9b:1::/48"), 0),  # local NAT64, RFC 8215
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
_TEREDO = IPv6Network("2001::/32")
_IPV4_BITS = 0xFFFF_FFFF


def parse_target(base_url: str, *, allow_private: bool) -> Target:
    """Return the parts of an upstream's address.

    `allow_private` also admits http and inner names.

    Raises:
        AddressRefused: it is malformed, carries what an address must not, or names an inner host.
    """
    if not base_url.isascii() or not base_url.isprintable() or set(base_url) & set(' \\"<>^`{|}'):
        raise AddressRefused("its address holds a character that an address cannot have")
    try:
        parts = urlsplit(base_url)
        host, port = (parts.hostname or "").removesuffix("."), parts.port
    except ValueError:
        raise AddressRefused("its address is malformed") from None
    if parts.scheme not in _PORTS:
        raise AddressRefused("its address begins with neither https:// nor http://")
    if parts.scheme == "http" and not allow_private:
        raise AddressRefused("its address must begin with https://")
    if "@" in parts.netloc or "?" in base_url or "#" in base_url or not _PATH.fullmatch(parts.path):
        raise AddressRefused("its address may hold only a host, a port and a path")
    if port == 0 or parts.netloc.endswith(":"):
        raise AddressRefused("its address is malformed")
    _check_host(host, is_bracketed="[" in parts.netloc, allow_private=allow_private)
    return Target(
        scheme=parts.scheme,
        host=host,
        port=port or _PORTS[parts.scheme],
        path=parts.path.rstrip("/"),
    )


def _check_host(host: str, *, is_bracketed: bool, allow_private: bool) -> None:
    labels = host.split(".")
    if is_bracketed or _NUMBER.fullmatch(labels[-1]):
        # Whatever ends in a number is an IPv4 address in one of its spellings (WHATWG URL, 3.5);
        # only the plain one is taken: resolvers read `127.1`, `0x7f.1` and `2130706433` as well.
        try:
            address = ip_address(host)
        except (AddressValueError, ValueError):
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


def check_addresses(addresses: Iterable[str], *, allow_private: bool) -> None:
    """Check every address that a name leads to: one bad one spoils the name.

    Raises:
        AddressRefused: one of them may not be reached; the text says its kind, not the address.
    """
    for text in addresses:
        try:
            # Scoped addresses, `fe80::1%eth0`, are link-local by definition.
            kind = "link-local" if "%" in text else kind_of(ip_address(text))
        except ValueError:
            raise AddressRefused("its address is malformed") from None
        if kind in _NEVER_KINDS or (kind is not None and not allow_private):
            raise AddressRefused(f"its address is not allowed ({kind})")


_NEVER_KINDS = frozenset(kind for kind, _ in _NEVER)


def kind_of(address: Address) -> str | None:
    """Return why an address is not on the public internet, None when it is."""
    carried = _carried(address)
    if carried is not None:
        kind = kind_of(carried)
        return kind if kind in _NEVER_KINDS else "translated"
    for kind, networks in (*_NEVER, *_INNER):
        if any(address in network for network in networks):
            return kind
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "reserved"
    return None


def _carried(address: Address) -> IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, or leads to through a translator."""
    if isinstance(address, IPv4Address) or int(address) <= 1:
        return None
    number = int(address)
    for network, shift in _CARRIERS:
        if address in network:
            return IPv4Address(number >> shift & _IPV4_BITS)
    if address in _TEREDO:
        return IPv4Address(~number & _IPV4_BITS)
    return None

"""Which network addresses are on the public internet: the guard against request forgery.

A tenant names the address of an upstream or of a webhook, so it must not lead into the network that
TruePort stands in. Names are judged by `domain.web_address`, the addresses that they lead to here,
where the connection is made, so that a name cannot change its meaning in between.
"""

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from domain.errors import InvalidValue

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class AddressRefused(InvalidValue):
    """The address may not be called; the message says why, and names neither it nor its host."""

    code = "address.refused"


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

# From the special-purpose address registries of IANA (RFC 6890 and later): never a server.
_NEVER: tuple[tuple[str, tuple[Network, ...]], ...] = (
    ("metadata service", _METADATA),
    ("link-local", _networks("169.254.0.0/16", "fe80::/10", "fec0::/10")),
    ("multicast", _networks("224.0.0.0/4", "ff00::/8")),
    ("unspecified", _networks("0.0.0.0/8", "::/128")),
    ("reserved", _networks("240.0.0.0/4")),
)

# Allowed only where the operator lets such servers stand in the same network.
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
_NEVER_KINDS = frozenset(kind for kind, _ in _NEVER)


def check_addresses(addresses: Iterable[str], *, allow_private: bool) -> None:
    """Check every address that a name leads to: one bad one spoils the name.

    `allow_private` admits addresses of an inner network; metadata services, link-local addresses
    and what is no server's address at all are refused all the same.

    Raises:
        AddressRefused: one of them may not be reached; the message says its kind.
    """
    for text in addresses:
        try:
            # Scoped addresses, `fe80::1%eth0`, are link-local by definition.
            kind = "link-local" if "%" in text else kind_of(ip_address(text))
        except ValueError:
            raise AddressRefused("its address is malformed") from None
        if kind in _NEVER_KINDS or (kind is not None and not allow_private):
            raise AddressRefused(f"its address is not allowed ({kind})")


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

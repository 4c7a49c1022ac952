"""Which network addresses are public, and which lead inside whatever they look like."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.network_address import AddressRefused, check_addresses, kind_of


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("169.254.169.254", "metadata service"),
        ("fd00:ec2::254", "metadata service"),
        ("::ffff:169.254.169.254", "metadata service"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("127.0.0.1", "loopback"),
        ("::1", "loopback"),
        ("10.0.0.1", "private"),
        ("fd12::1", "private"),
        ("100.64.0.1", "shared"),
        ("192.0.2.1", "special-purpose"),
        ("::ffff:8.8.8.8", "translated"),
        ("64:ff9b::808:808", "translated"),
        ("2002:808:808::1", "translated"),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", "translated"),
        ("240.0.0.1", "reserved"),
        ("4000::1", "reserved"),
        ("224.0.0.1", "multicast"),
        ("0.1.2.3", "unspecified"),
        ("8.8.8.8", None),
        ("2606:4700::1111", None),
    ],
)
def test_an_address_is_of_one_kind(address: str, kind: str | None) -> None:
    assert kind_of(ip_address(address)) == kind


@given(st.ip_addresses())
def test_allowing_the_own_network_refuses_nothing_more(
    address: IPv4Address | IPv6Address,
) -> None:
    try:
        check_addresses([str(address)], allow_private=False)
    except AddressRefused:
        return

    check_addresses([str(address)], allow_private=True)
    assert kind_of(address) is None


@given(st.ip_addresses(v=4))
def test_what_carries_an_address_that_is_never_called_is_never_called(
    address: IPv4Address,
) -> None:
    is_never = _is_refused(str(address))
    teredo = IPv6Address(0x2001 << 112 | ~int(address) & 0xFFFF_FFFF)
    sixtofour = IPv6Address(0x2002 << 112 | int(address) << 80)

    if is_never:
        assert _is_refused(str(teredo))
        assert _is_refused(str(sixtofour))


def _is_refused(address: str) -> bool:
    try:
        check_addresses([address], allow_private=True)
    except AddressRefused:
        return True
    return False


def test_the_reason_names_neither_the_address_nor_what_was_typed() -> None:
    with pytest.raises(AddressRefused) as refusal:
        check_addresses(["8.8.8.8", "10.1.2.3"], allow_private=False)

    assert str(refusal.value) == "its address is not allowed (private)"


@pytest.mark.parametrize("address", ["fe80::1%eth0", "nonsense", ""])
def test_what_a_resolver_should_not_answer_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        check_addresses([address], allow_private=True)


@given(st.ip_addresses())
def test_whatever_python_holds_for_private_is_refused(address: IPv4Address | IPv6Address) -> None:
    if address.is_private or address.is_multicast or address.is_reserved or address.is_link_local:
        assert kind_of(address) is not None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_no_better_inside_an_ipv6_address(address: IPv4Address) -> None:
    for prefix in ("::ffff:", "64:ff9b::", "::ffff:0:"):
        carrier = ip_address(f"{prefix}{address}")
        assert kind_of(carrier) is not None

"""Addresses that lead into the gateway's own network are refused before they are looked up."""

import pytest

from domain.network_address import AddressRefused
from domain.web_address import Target, parse_target

# Refused wherever the operator keeps upstreams out of the own network.
INNER = [
    "http://api.example.com/v1",
    "https://localhost/v1",
    "https://LOCALHOST./v1",
    "https://api.localhost/v1",
    "https://printer.local/v1",
    "https://db.internal/v1",
    "https://ip-10-0-0-1.ec2.internal/v1",
    "https://router.home.arpa/v1",
    "https://intranet/v1",
    "https://127.0.0.1/v1",
    "https://127.255.255.254/v1",
    "https://10.0.0.1/v1",
    "https://172.16.0.1/v1",
    "https://172.31.255.255/v1",
    "https://192.168.1.1/v1",
    "https://100.64.0.1/v1",
    "https://192.0.2.1/v1",
    "https://198.18.0.1/v1",
    "https://198.51.100.7/v1",
    "https://203.0.113.9/v1",
    "https://[::1]/v1",
    "https://[fd00::1]/v1",
    "https://[fc00::1]/v1",
    "https://[::ffff:127.0.0.1]/v1",
    "https://[::ffff:7f00:1]/v1",
    "https://[::ffff:8.8.8.8]/v1",
    "https://[::127.0.0.1]/v1",
    "https://[::ffff:0:127.0.0.1]/v1",
    "https://[64:ff9b::10.0.0.1]/v1",
    "https://[64:ff9b::808:808]/v1",
    "https://[64:ff9b:1::a00:1]/v1",
    "https://[2002:7f00:1::]/v1",
    "https://[2002:a00:1::1]/v1",
    "https://[2001:0:4136:e378:8000:63bf:80ff:fffe]/v1",
    "https://[2001:db8::1]/v1",
    "https://[3fff::1]/v1",
]

# Refused whatever the operator allows.
NEVER = [
    "https://169.254.169.254/latest/meta-data",
    "https://169.254.170.2/v2/credentials",
    "https://100.100.100.200/latest/meta-data",
    "https://168.63.129.16/machine",
    "https://192.0.0.192/opc/v2",
    "https://[fd00:ec2::254]/latest",
    "https://[::ffff:169.254.169.254]/latest",
    "https://[::ffff:a9fe:a9fe]/latest",
    "https://[64:ff9b::169.254.169.254]/latest",
    "https://[2002:a9fe:a9fe::1]/latest",
    "https://metadata.google.internal/computeMetadata/v1",
    "https://METADATA.google.internal./computeMetadata/v1",
    "https://metadata/computeMetadata/v1",
    "https://169.254.1.1/v1",
    "https://[fe80::1]/v1",
    "https://[fe80::1%25eth0]/v1",
    "https://[fec0::1]/v1",
    "https://0.0.0.0/v1",
    "https://0.1.2.3/v1",
    "https://[::]/v1",
    "https://224.0.0.1/v1",
    "https://[ff02::1]/v1",
    "https://255.255.255.255/v1",
    "https://240.0.0.1/v1",
    "https://[4000::1]/v1",
    "https://[100::1]/v1",
    "https://2130706433/v1",
    "https://0x7f000001/v1",
    "https://017700000001/v1",
    "https://127.1/v1",
    "https://0177.0.0.1/v1",
    "https://0x7f.0.0.1/v1",
    "https://127.0.0.1./v1#",
    "https://1.2.3.4.5/v1",
    "https://api.example.com.0x1/v1",
    "https://user:secret@api.example.com/v1",
    "https://api.example.com@127.0.0.1/v1",
    "https://127.0.0.1\\@api.example.com/v1",
    "https://api.example.com/v1?next=1",
    "https://api.example.com/v1#fragment",
    "https://api.example.com:0/v1",
    "https://api.example.com:65536/v1",
    "https://api.example.com:/v1",
    "https://api.example.com:٨٠/v1",
    "https://api.example.com/v1\r\nx-injected: 1",
    "https://api.example.com/v1 HTTP/1.1",
    "https://api.exam\tple.com/v1",
    "https://①②⑦.⓪.⓪.①/v1",
    "https://api。example。com/v1",
    "https://api%2eexample.com/v1",
    "https://-api.example.com/v1",
    "https://api..example.com/v1",
    "https://" + "a." * 130 + "com/v1",
    "https://" + "a" * 64 + ".com/v1",
    "https:///v1",
    "https://[::1/v1",
    "https://[not-an-address]/v1",
    "https://[127.0.0.1:80]/v1",
    "ftp://api.example.com/v1",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_INFO",
    "//api.example.com/v1",
    "api.example.com",
    "",
]


@pytest.mark.parametrize("address", [*INNER, *NEVER])
def test_a_hostile_address_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(address, allow_private=False)


@pytest.mark.parametrize("address", NEVER)
def test_no_setting_admits_malformed_addresses_and_metadata_services(address: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(address, allow_private=True)


@pytest.mark.parametrize("address", INNER)
def test_an_operator_can_admit_the_own_network(address: str) -> None:
    assert parse_target(address, allow_private=True).path == "/v1"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "https://api.example.com/v1/",
            Target(scheme="https", host="api.example.com", port=443, path="/v1"),
        ),
        (
            "HTTPS://API.Example.COM:8443",
            Target(scheme="https", host="api.example.com", port=8443, path=""),
        ),
        (
            "https://xn--bcher-kva.example/openai/deployments/gpt-4o",
            Target(
                scheme="https",
                host="xn--bcher-kva.example",
                port=443,
                path="/openai/deployments/gpt-4o",
            ),
        ),
        ("https://8.8.8.8/v1", Target(scheme="https", host="8.8.8.8", port=443, path="/v1")),
        (
            "https://[2606:4700::1111]:444/v1",
            Target(scheme="https", host="2606:4700::1111", port=444, path="/v1"),
        ),
    ],
)
def test_a_public_address_is_taken_apart(address: str, expected: Target) -> None:
    assert parse_target(address, allow_private=False) == expected


@pytest.mark.parametrize(
    ("address", "authority"),
    [
        ("https://api.example.com:443/v1", "api.example.com"),
        ("https://api.example.com:8443/v1", "api.example.com:8443"),
        ("https://[2606:4700::1111]/v1", "[2606:4700::1111]"),
        ("https://[2606:4700::1111]:444/v1", "[2606:4700::1111]:444"),
    ],
)
def test_the_host_header_names_the_port_only_where_it_is_unusual(
    address: str, authority: str
) -> None:
    assert parse_target(address, allow_private=False).authority == authority


def test_an_exact_address_keeps_its_path_and_its_query() -> None:
    address = "https://hooks.example.com/flow/?sig=a%2Bb/c?d"

    target = parse_target(address, allow_private=False, is_exact=True)

    assert (target.path, target.query) == ("/flow/", "sig=a%2Bb/c?d")
    with pytest.raises(AddressRefused):
        parse_target(address, allow_private=False)
    with pytest.raises(AddressRefused):
        parse_target(f"{address}#fragment", allow_private=False, is_exact=True)

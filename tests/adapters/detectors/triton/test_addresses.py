"""`TRITON_URL` says where servers are and how to speak with them."""

import pytest

from adapters.detectors.triton.addresses import parse_addresses
from domain.errors import InvalidValue


@pytest.mark.parametrize(
    ("url", "target", "is_grpc", "is_encrypted"),
    [
        ("grpc://triton:8001", "triton:8001", True, False),
        ("http://10.0.0.7:8000/", "10.0.0.7:8000", False, False),
        ("grpcs://triton.example:443", "triton.example:443", True, True),
        ("https://[::1]:8000", "[::1]:8000", False, True),
    ],
)
def test_scheme_chooses_the_protocol(
    url: str, target: str, is_grpc: bool, is_encrypted: bool
) -> None:
    (address,) = parse_addresses(url)

    assert (address.target, address.is_grpc, address.is_encrypted) == (
        target,
        is_grpc,
        is_encrypted,
    )
    assert str(address) == url.rstrip("/")


def test_several_servers_stand_with_commas_and_each_counts_once() -> None:
    addresses = parse_addresses("grpc://a:1, http://b:2 ,grpc://a:1")

    assert [str(address) for address in addresses] == ["grpc://a:1", "http://b:2"]


@pytest.mark.parametrize(
    "urls",
    [
        "",
        ",",
        "triton:8001",
        "grpc://triton",
        "grpc://:8001",
        "grpc://triton:0",
        "grpc://triton:99999",
        "ftp://triton:21",
        "http://user:word@triton:8000",
        "http://triton:8000/v2",
        "http://triton:8000?a=b",
        "http://[::1:8000",
        "grpc://a:1,b:2",
    ],
)
def test_anything_else_is_refused_with_what_to_write(urls: str) -> None:
    with pytest.raises(InvalidValue, match="write grpc://HOST:8001") as refused:
        parse_addresses(urls)

    assert refused.value.field == "TRITON_URL"

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection import checksums_crypto

BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_keccak_gives_the_published_digests(message: bytes, digest: str) -> None:
    assert checksums_crypto.keccak_256(message).hex() == digest


@given(size=st.sampled_from((135, 136, 137, 271, 272)))
def test_keccak_reads_messages_around_its_block_size(size: int) -> None:
    digests = {
        checksums_crypto.keccak_256(b"a" * size),
        checksums_crypto.keccak_256(b"a" * (size + 1)),
    }

    assert len(digests) == 2


def test_mixed_case_of_an_ethereum_address_is_checked() -> None:
    address = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"

    assert checksums_crypto.ethereum(address) is True
    assert checksums_crypto.ethereum(address.replace("BeAed", "Beaed")) is False
    assert checksums_crypto.ethereum(address.lower()) is None


def test_addresses_of_zeros_to_which_contracts_burn_are_nobodys() -> None:
    assert checksums_crypto.ethereum("0x" + "0" * 40) is False
    assert checksums_crypto.ethereum("0x" + "0" * 36 + "dEaD") is False


@pytest.mark.parametrize(
    "address",
    [
        "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    ],
)
def test_published_segwit_addresses_are_valid(address: str) -> None:
    assert checksums_crypto.bech32(address)
    assert not checksums_crypto.bech32(address[:-1] + ("q" if address[-1] != "q" else "p"))
    assert not checksums_crypto.bech32(address[:5] + address[5:].swapcase())


@given(at=st.integers(0, 33), other=st.sampled_from(BASE58))
def test_base58check_notices_a_wrong_character(at: int, other: str) -> None:
    address = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
    wrong = address[:at] + other + address[at + 1 :]

    assert checksums_crypto.bitcoin_base58(wrong) == (wrong == address)


def test_account_of_stellar_has_its_version_and_sum() -> None:
    account = "GA7QYNF7SOWQ3GLR2BGMZEHXAVIRZA4KVWLTJJFC7MGXUA74P7UJVSGZ"

    assert checksums_crypto.stellar(account)
    assert not checksums_crypto.stellar(account.replace("SGZ", "SHZ"))
    assert not checksums_crypto.stellar("S" + account[1:])
    assert not checksums_crypto.stellar("1")


def test_account_of_solana_is_thirty_two_bytes_of_mixed_characters() -> None:
    account = "7EcDhSYGxXyscszYEp35KHN8vvw3svAuLKTzXwCFLtV"

    assert checksums_crypto.solana(account)
    assert not checksums_crypto.solana(account[:-2])
    assert not checksums_crypto.solana("0" + account[1:])
    assert not checksums_crypto.solana("a" * 44)

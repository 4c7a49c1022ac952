"""Checks of blockchain addresses: Base58Check, Bech32 and the mixed-case sum of Ethereum."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

from base64 import b32decode
from binascii import crc_hqx
from hashlib import sha256

_BASE58 = {
    char: value
    for value, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
}
_BECH32 = {char: value for value, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANTS = {1, 0x2BC830A3}
_KECCAK_RATE = 136
_SHORTEST_ETHEREUM = 8
_LANE = (1 << 64) - 1


def base58check(value: str) -> bytes | None:
    """Return version and payload when the double SHA-256 sum fits, else None (Bitcoin wiki)."""
    number = 0
    for char in value:
        if char not in _BASE58:
            return None
        number = number * 58 + _BASE58[char]
    zeros = len(value) - len(value.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    payload, check = raw[:-4], raw[-4:]
    return payload if sha256(sha256(payload).digest()).digest()[:4] == check else None


def bitcoin_base58(value: str) -> bool:
    """Check a P2PKH or P2SH address: 21 bytes, version 0 or 5."""
    payload = base58check(value)
    return payload is not None and len(payload) == 21 and payload[0] in {0, 5}


def litecoin_base58(value: str) -> bool:
    """Check a Litecoin address: 21 bytes, version 48 or 50."""
    payload = base58check(value)
    return payload is not None and len(payload) == 21 and payload[0] in {48, 50}


def dogecoin_base58(value: str) -> bool:
    """Check a Dogecoin address: 21 bytes, version 30 or 22."""
    payload = base58check(value)
    return payload is not None and len(payload) == 21 and payload[0] in {22, 30}


def tron_base58(value: str) -> bool:
    """Check a Tron address: 21 bytes, version 65."""
    payload = base58check(value)
    return payload is not None and len(payload) == 21 and payload[0] == 65


def ripple_shape(value: str) -> bool:
    """Check an XRP account: Base58Check under Ripple's own alphabet (XRPL, Base58 Encodings)."""
    ripple = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
    if any(char not in ripple for char in value):
        return False
    plain = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
    payload = base58check(value.translate(str.maketrans(ripple, plain)))
    return payload is not None and len(payload) == 21 and payload[0] == 0


def solana(value: str) -> bool:
    """Check that a value is 32 bytes in base 58, the form of an account (Solana: Accounts)."""
    number = 0
    for char in value:
        if char not in _BASE58:
            return False
        number = number * 58 + _BASE58[char]
    zeros = len(value) - len(value.lstrip("1"))
    kinds = (str.islower, str.isupper, str.isdigit)
    mixed = all(any(map(kind, value)) for kind in kinds)
    return mixed and zeros + (number.bit_length() + 7) // 8 == 32


def stellar(value: str) -> bool:
    """Check a Stellar account: base 32 with version 48 and a CRC-16 behind it (SEP-23)."""
    try:
        raw = b32decode(value)
    except ValueError:
        return False
    crc = crc_hqx(raw[:-2], 0)
    return len(raw) == 35 and raw[0] == 48 and raw[-2:] == crc.to_bytes(2, "little")


def bech32(value: str) -> bool:
    """Check a segregated-witness address: Bech32 or Bech32m sum (BIP 173, BIP 350)."""
    if value.lower() != value and value.upper() != value:
        return False
    prefix, _, data = value.lower().rpartition("1")
    if not prefix or len(data) < 6 or any(char not in _BECH32 for char in data):
        return False
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    check = 1
    for symbol in expanded + [_BECH32[char] for char in data]:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ symbol
        for bit, generator in enumerate(_BECH32_GENERATOR):
            if top >> bit & 1:
                check ^= generator
    return check in _BECH32_CONSTANTS


def ethereum(value: str) -> bool | None:
    """Check `0x` and 40 hex digits: the mixed-case sum where there is one, else None (EIP-55).

    Nobody's are those of next to no digits but zeros, which contracts send to what they destroy.
    """
    digits = value[2:]
    if len(digits.lstrip("0")) <= _SHORTEST_ETHEREUM or len(set(digits)) == 1:
        return False
    if digits in {digits.lower(), digits.upper()}:
        return None
    sums = keccak_256(digits.lower().encode("ascii")).hex()
    return all(
        char.isdigit() or char.isupper() == (int(nibble, 16) > 7)
        for char, nibble in zip(digits, sums, strict=False)
    )


def keccak_256(message: bytes) -> bytes:
    """Return the original Keccak-256 digest, which Ethereum uses in place of SHA3-256.

    hashlib has only the padding of FIPS 202; this is the permutation of the Keccak reference.
    """
    padded = bytearray(message) + bytes(_KECCAK_RATE - len(message) % _KECCAK_RATE)
    padded[len(message)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for block in range(0, len(padded), _KECCAK_RATE):
        for lane in range(_KECCAK_RATE // 8):
            start = block + lane * 8
            lanes[lane] ^= int.from_bytes(padded[start : start + 8], "little")
        _keccak_f(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _keccak_f(lanes: list[int]) -> None:
    register = 1
    for _ in range(24):
        parity = [
            lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20]
            for x in range(5)
        ]
        for x in range(5):
            mixed = parity[x - 1] ^ _rotate(parity[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                lanes[x + y] ^= mixed
        x, y, current = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            at = x + 5 * y
            current, lanes[at] = lanes[at], _rotate(current, (step + 1) * (step + 2) // 2)
        for y in range(0, 25, 5):
            row = lanes[y : y + 5]
            for x in range(5):
                lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & _LANE & row[(x + 2) % 5])
        for power in range(7):
            if register & 1:
                lanes[0] ^= 1 << ((1 << power) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)


def _rotate(value: int, by: int) -> int:
    by %= 64
    return (value << by | value >> (64 - by)) & _LANE

"""What a key in the environment must be before a process starts with it."""

import base64
import binascii

MIN_SECRET_BYTES = 32

_LEAST_DIFFERENT_BYTES = 12
_PLACEHOLDERS = (
    b"changeme",
    b"changethis",
    b"replaceme",
    b"replacethis",
    b"placeholder",
    b"yoursecret",
    b"yourkey",
    b"secretkey",
    b"supersecret",
    b"insecure",
    b"mysecret",
    b"0123456789abcdef",
    b"abcdefghijklmnop",
)
"""What samples write where a secret belongs, without case and punctuation."""


def is_guessable(key: bytes) -> bool:
    """Tell whether somebody could try a signing key out: a sample's text, or a pattern.

    32 random bytes have fewer than 12 different ones, or as base64 fewer than 12 different
    letters, with a chance of less than 1 in 10**9.
    """
    letters = bytes(byte for byte in key.lower() if chr(byte).isalnum())
    return len(set(key)) < _LEAST_DIFFERENT_BYTES or any(word in letters for word in _PLACEHOLDERS)


def check_ring_entry(entry: str) -> None:
    """Refuse an entry of a ring that is not `kid:base64` of enough bytes; never shows it.

    Raises:
        ValueError: with what such an entry looks like.
    """
    kid, colon, encoded = entry.partition(":")
    try:
        key = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not colon or not kid or len(key) < MIN_SECRET_BYTES:
        raise ValueError(
            f"is not kid:base64,… of {MIN_SECRET_BYTES} bytes each; make one with: "
            'echo "k1:$(openssl rand -base64 32)"'
        )

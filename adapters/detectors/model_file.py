"""Files of small models: a header that says what it is, and compressed int8 weights.

Layout (`*.bin`), little endian:

    4 bytes   magic, one a kind of model
    1 byte    format version, 1
    4 bytes   length of the header in bytes, unsigned
    header    UTF-8 JSON
    rest      zlib stream of int8 weights
"""

import json
import zlib
from collections.abc import Mapping
from typing import Any

from domain.errors import Unavailable

FORMAT_VERSION = 1
BIAS = 128
"""What `unsigned` adds to each weight."""

_TO_UNSIGNED = bytes((value + BIAS) % 256 for value in range(256))


def packed(magic: bytes, header: Mapping[str, Any], weights: bytes) -> bytes:
    """Return the content of a model file; the same input gives the same bytes."""
    described = json.dumps(header, sort_keys=True, separators=(",", ":")).encode()
    prefix = magic + bytes([FORMAT_VERSION]) + len(described).to_bytes(4, "little")
    return prefix + described + zlib.compress(weights, 9)


def unpacked(magic: bytes, content: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the header and the int8 weights of a model file.

    Raises:
        Unavailable: it is no file of this kind and format version, or it is damaged.
    """
    if content[:4] != magic or content[4:5] != bytes([FORMAT_VERSION]):
        raise Unavailable("models", "not a linear model file of format 1")
    length = int.from_bytes(content[5:9], "little")
    try:
        return json.loads(content[9 : 9 + length]), zlib.decompress(content[9 + length :])
    except (ValueError, zlib.error) as error:
        raise Unavailable("models", "the linear model file is damaged") from error


def unsigned(weights: bytes) -> bytes:
    """Return int8 weights with `BIAS` added, so that none is negative and lanes can be packed."""
    return weights.translate(_TO_UNSIGNED)


def hashed_row(feature: str, bits: int) -> int:
    """Return the row of a feature in a table of `2 ** bits` rows, by CRC-32."""
    return zlib.crc32(feature.encode("utf-8", "replace")) & ((1 << bits) - 1)

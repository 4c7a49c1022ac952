"""Audit objects: compressed lines in a tenant's bucket, written once and read with bounds."""

import gzip
import json
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

from domain.audit import MAX_RECORD
from domain.errors import DomainError, InvalidValue

CONTENT_TYPE = "application/x-ndjson+gzip"
_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"


class UnreadableObject(DomainError):
    """An object that will never be readable: trying again does not help."""

    code = "object.unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackLimits:
    """What an object may unpack to: bytes in all, and as a multiple of what is stored."""

    size: int = 4 * 1024**3
    ratio: int = 200
    floor: int = 16 * 1024**2
    """Bytes below which the ratio is not looked at: small objects of like lines pack very well."""


def pack(lines: Sequence[bytes]) -> bytes:
    """Return the object that holds these lines; the same lines give the same bytes."""
    return gzip.compress(b"".join(line + b"\n" for line in lines), mtime=0)


async def unpack(
    pieces: AsyncIterator[bytes], limits: UnpackLimits | None = None
) -> AsyncIterator[bytes]:
    """Yield the lines of an object, gzip or plain, without their line breaks.

    Raises:
        UnreadableObject: damaged, cut off, or larger than the limits allow.
    """
    # A line grows in place: joining it anew with every piece would copy a long one over and over.
    begun = bytearray()
    async for piece in _decompressed(pieces, limits or UnpackLimits()):
        *lines, rest = piece.split(b"\n")
        if lines and begun:
            begun += lines[0]
            lines[0] = bytes(begun)
            begun.clear()
        lines.reverse()
        while lines:
            yield lines.pop()
        begun += rest
        if len(begun) > MAX_RECORD:
            raise UnreadableObject("a line is longer than 16 MiB")
    if begun:
        yield bytes(begun)


async def _decompressed(pieces: AsyncIterator[bytes], limits: UnpackLimits) -> AsyncIterator[bytes]:
    stored = made = 0
    engine = None
    is_first = True
    async for piece in pieces:
        if not piece:
            continue
        stored += len(piece)
        if is_first:
            engine = zlib.decompressobj(wbits=31) if piece.startswith(_GZIP) else None
            is_first = False
        if engine is None:
            made += len(piece)
            _check(made, stored, limits)
            yield piece
            continue
        data = piece
        while data:
            if engine.eof:
                engine = zlib.decompressobj(wbits=31)
            try:
                out = engine.decompress(data, _PIECE)
            except zlib.error as error:
                raise UnreadableObject("the compressed data is damaged") from error
            data = engine.unused_data if engine.eof else engine.unconsumed_tail
            made += len(out)
            _check(made, stored, limits)
            if out:
                yield out
    if engine is not None and not engine.eof:
        raise UnreadableObject("the compressed data is cut off")


def _check(made: int, stored: int, limits: UnpackLimits) -> None:
    if made > limits.size:
        raise UnreadableObject("the object unpacks to more than the limit")
    if made > limits.floor and made > stored * limits.ratio:
        raise UnreadableObject("the object unpacks to suspiciously much")


def parse_line(line: bytes) -> Mapping[str, object] | None:
    """Return the JSON object of a line, None when it is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, Mapping) else None


def require_object(value: Mapping[str, object] | None) -> Mapping[str, object]:
    """Return the value.

    Raises:
        InvalidValue: it is no JSON object.
    """
    if value is None:
        raise InvalidValue("the line is not a JSON object")
    return value

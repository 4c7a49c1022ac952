"""Read texts from JSON lines, plain or compressed, and say which lines are wrong."""

import io
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

MAX_LINE = 16 * 1024 * 1024
"""Bytes of one line, as of an audit record."""

_PIECE = 256 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_BITS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class InputText:
    """A text with the id that its line gave it, whatever JSON that is."""

    id: object
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadLine:
    """A line that is no text, numbered from 1; the message never repeats what stands there."""

    number: int
    message: str


def read_texts(file: BinaryIO) -> Iterator[InputText | BadLine]:
    """Yield each line as a text or as what is wrong with it; empty lines are passed over.

    Compressed input is recognised by its first bytes. Input that breaks off ends with a bad line.
    """
    number = 0
    try:
        for line in _lines(file):
            number += 1
            if line is None:
                yield BadLine(number=number, message="longer than 16 MiB")
            elif line.strip():
                yield _parsed(number, line)
    except (EOFError, zlib.error):
        yield BadLine(number=number + 1, message="the compressed input is cut off or damaged here")
    except OSError as error:
        message = f"the input cannot be read any further: {os.strerror(error.errno or 0)}"
        yield BadLine(number=number + 1, message=message)


def _lines(file: BinaryIO) -> Iterator[bytes | None]:
    """Yield the lines, None for one that is too long."""
    rest, is_skipping = b"", False
    for piece in _unpacked(file):
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            yield None if is_skipping or len(line) > MAX_LINE else line
            is_skipping = False
        if len(rest) > MAX_LINE:
            rest, is_skipping = b"", True
    if is_skipping:
        yield None
    elif rest:
        yield rest


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Yield the content in pieces of bounded size.

    Raises:
        EOFError, zlib.error: compressed content that is cut off, or damaged.
    """
    # What is there now, so that the first line need not wait for the next ones.
    read = file.read1 if isinstance(file, io.BufferedIOBase) else file.read
    piece = read(_PIECE)
    if not piece.startswith(_GZIP):
        while piece:
            yield piece
            piece = read(_PIECE)
        return
    engine = zlib.decompressobj(wbits=_GZIP_BITS)
    while piece:
        if engine.eof:
            # Compressed files may be joined end to end (RFC 1952, section 2.2).
            engine = zlib.decompressobj(wbits=_GZIP_BITS)
        yield engine.decompress(piece, _PIECE)
        piece = (engine.unused_data if engine.eof else engine.unconsumed_tail) or read(_PIECE)
    if not engine.eof:
        raise EOFError


def _parsed(number: int, line: bytes) -> InputText | BadLine:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return BadLine(number=number, message="this is no JSON")
    if not isinstance(document, dict):
        return BadLine(number=number, message='expected an object: {"id": …, "text": …}')
    if "id" not in document:
        return BadLine(number=number, message="it has no id")
    text = document.get("text")
    if not isinstance(text, str):
        return BadLine(number=number, message="its text is missing or no string")
    return InputText(id=document["id"], text=text)

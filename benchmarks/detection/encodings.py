"""Positive records once more, in an encoding that hides what is in them from plain patterns."""

import base64
import binascii
import codecs
import html
import random
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from benchmarks.detection.records import Gold

Encoder = Callable[[str], str]

_CARRIERS = (
    "Please look at this: {}",
    "payload={}",
    "The attachment says {} and nothing else.",
    '{{"data": "{}"}}',
    "<!-- {} -->",
    "see `{}` below",
)


def _wrapped(text: str) -> str:
    """Return base64 as mail programs break it (RFC 2045)."""
    whole = base64.b64encode(text.encode()).decode()
    return "\n".join(whole[at : at + 76] for at in range(0, len(whole), 76))


ENCODERS: Mapping[str, Encoder] = {
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": _wrapped,
    "url-safe base64": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "base64 twice": lambda text: base64.b64encode(base64.b64encode(text.encode())).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "hex": lambda text: binascii.hexlify(text.encode()).decode(),
    "percent": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent, as needed": lambda text: urllib.parse.quote(text, safe=""),
    "html": lambda text: "".join(f"&#{ord(one)};" for one in text),
    "html, as needed": html.escape,
    "unicode escapes": lambda text: "".join(
        f"\\u{ord(one):04x}" if ord(one) < 0x10000 else one for one in text
    ),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "full width": lambda text: "".join(
        chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text
    ),
    "zero width": "\u200b".join,
}


def encoded(gold: Sequence[Gold], seed: int) -> list[tuple[str, Gold]]:
    """Return each positive in an encoding and a carrier drawn at random, with the encoding's name.

    Spans are dropped: what is asked is whether the text is still reported.
    """
    chance = random.Random(seed)
    variants = []
    for record in gold:
        if record.label != 1:
            continue
        name = chance.choice(list(ENCODERS))
        text = chance.choice(_CARRIERS).format(ENCODERS[name](record.text))
        variants.append((name, replace(record, id=f"{record.id}-encoded", text=text, spans=None)))
    return variants

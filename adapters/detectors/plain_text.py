"""Texts for what speaks UTF-8, which has no bytes for a lone surrogate."""

import re

_SURROGATE = re.compile("[\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def without_surrogates(text: str) -> str:
    """Return the text with U+FFFD for each lone surrogate: every code point keeps its place."""
    return _SURROGATE.sub(_REPLACEMENT, text)

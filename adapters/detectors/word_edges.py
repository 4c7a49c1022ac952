"""Where words end, in scripts with blanks between words and in those without."""

_UNSPACED = (
    ("\u0e00", "\u0eff"),
    ("\u1100", "\u11ff"),
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uac00", "\ud7af"),
)
"""Thai and Lao, Hangul, Kana, Han."""


def is_whole(text: str, start: int, end: int) -> bool:
    """Tell whether no letter, digit or underscore touches the span."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    return not (continues_word(before) or continues_word(after))


def continues_word(char: str) -> bool:
    """Count letters of scripts without blanks between words as no part of a word beside them."""
    if char.isascii():
        return char.isalnum() or char == "_"
    return char.isalnum() and not any(first <= char <= last for first, last in _UNSPACED)

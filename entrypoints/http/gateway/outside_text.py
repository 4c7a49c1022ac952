"""Texts that came from outside, in answers: JSON in UTF-8 has no form for half a surrogate pair."""

from typing import Annotated, Any

from pydantic import BeforeValidator


def whole_characters(value: object) -> object:
    """Return plain data with U+FFFD in place of each half of a surrogate pair."""
    match value:
        case str():
            if value.isascii():
                return value
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {
                str(whole_characters(name)): whole_characters(one) for name, one in value.items()
            }
        case list() | tuple():
            return [whole_characters(one) for one in value]
    return value


OutsideText = Annotated[str, BeforeValidator(whole_characters)]
OutsideData = Annotated[Any, BeforeValidator(whole_characters)]

"""Names of people and places as word lists, loaded when they are first needed."""

from functools import cache
from importlib.resources import files

_FOLDER = files("adapters.detectors") / "word_data"


@cache
def given_names() -> frozenset[str]:
    """Return given names of some forty languages, case-folded, one word each."""
    return _read("given_names.txt")


@cache
def surnames() -> frozenset[str]:
    """Return surnames of some forty languages, case-folded, one word each."""
    return _read("surnames.txt")


@cache
def places() -> frozenset[str]:
    """Return countries in many languages, states, and cities above 150,000, case-folded."""
    return _read("places.txt")


@cache
def common_words() -> frozenset[str]:
    """Return words that are usually written in lower case in running text."""
    return _read("common_words.txt")


def _read(name: str) -> frozenset[str]:
    # The first line says where the words come from.
    return frozenset((_FOLDER / name).read_text("utf-8").rstrip("\n").split("\n")[1:])

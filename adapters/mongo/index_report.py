"""What became of indexes, for whoever asked for them; nothing of the driver is needed here."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexReport:
    """What a command found or made, by `collection.name`.

    A conflict goes on after a colon with what is wrong: a person has to resolve it.
    """

    made: Sequence[str] = ()
    present: Sequence[str] = ()
    missing: Sequence[str] = ()
    conflicts: Sequence[str] = ()

"""What the command line says about how much to measure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`is_tiny` proves in seconds that a benchmark runs; `is_full` measures what takes long."""

    is_tiny: bool = False
    is_full: bool = False

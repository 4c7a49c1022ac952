"""What the command line says about how much to measure."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`is_tiny` proves in seconds that a benchmark runs; `is_full` measures what takes long.

    `data` is the folder of labelled files, where there is one.
    """

    is_tiny: bool = False
    is_full: bool = False
    data: Path | None = None

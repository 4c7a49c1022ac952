"""Imported before everything else by a process that somebody waits for.

What modules make while they are imported stays: to look for garbage among it, again and again, is
a good part of what importing costs. `finished` turns the collector on again.
"""

import gc

gc.disable()


def finished() -> None:
    """Collect garbage from now on, and leave alone what is there already."""
    gc.freeze()
    gc.enable()

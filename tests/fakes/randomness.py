"""Chance that repeats itself."""

import random

from application.ports.system import Randomness


class SeededRandomness(Randomness):
    """Give the same sequence in every run."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def token(self, size: int) -> bytes:
        return self._random.randbytes(size)

    def fraction(self) -> float:
        return 1.0 - self._random.random()

"""What runs a model: windows of token ids in, logits out."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Logits = NDArray[np.float32]
"""`float32[labels]` for a model of texts, `float32[tokens, labels]` for one of tokens."""


class TokenRow(Protocol):
    """What a tokenizer made of a text, or of a window of it."""

    @property
    @abstractmethod
    def input_ids(self) -> tuple[int, ...]:
        """Return the ids of its tokens, special ones included."""


class Engine(Protocol):
    """Run one model."""

    @abstractmethod
    async def infer(self, windows: Sequence[TokenRow]) -> Sequence[Logits]:
        """Return the logits of each window, which depend on that window alone.

        Raises:
            Unavailable: the engine did not answer in time or not as it should.
        """

"""The conversation with one Triton server, whatever protocol carries it."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.detectors.triton.errors import (
    ModelMissing,
    RequestFailed,
    RequestRefused,
    ServerAway,
    ServerBusy,
    TransportError,
)
from adapters.detectors.triton.models import ServedModel

Tensors = Mapping[str, Any]
"""Arrays of numpy by their names; the first dimension of each counts the rows.

Nothing here imports numpy, so that whoever only may use Triton need not have it.
"""

_BUSY = ("Exceeds maximum queue size", "Request timeout expired")
_MISSING = "Request for unknown model"
_WORDS: Mapping[type[TransportError], str] = {
    ServerAway: "cannot be reached",
    RequestFailed: "failed over a request",
    RequestRefused: "does not take a request",
}


class Transport(Protocol):
    """Ask one server; every method raises a `TransportError`, and none has a deadline."""

    @abstractmethod
    async def is_ready(self) -> bool:
        """Tell whether the server and all its models are ready."""

    @abstractmethod
    async def describe(self, model: str) -> ServedModel:
        """Return what the server says about a model."""

    @abstractmethod
    async def infer(self, model: str, inputs: Tensors, outputs: Sequence[str]) -> Tensors:
        """Return the outputs of a model; texts are arrays of objects that are bytes."""

    @abstractmethod
    async def close(self) -> None:
        """Close the connections."""


def told_by(message: str, otherwise: type[TransportError] = RequestFailed) -> TransportError:
    """Return the error that a server's words mean; the words, which may hold a text, stay out."""
    if message.startswith(_MISSING):
        return ModelMissing("has no such model")
    if any(words in message for words in _BUSY):
        return ServerBusy("has no room in its queue")
    return otherwise(_WORDS[otherwise])

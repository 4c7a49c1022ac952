"""Speak HTTP with a Triton server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiohttp import ClientError
from tritonclient.http.aio import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

from adapters.detectors.triton.addresses import ServerAddress
from adapters.detectors.triton.errors import (
    ModelMissing,
    RequestRefused,
    ServerAway,
    TransportError,
)
from adapters.detectors.triton.models import ServedModel, TensorSpec
from adapters.detectors.triton.transport import Tensors, Transport, told_by

_AWAY = {"408", "502", "503", "504"}
_MISSING = "404"
_CLIENT_ERROR = "4"


class HttpTransport(Transport):
    """Ask over a pool of connections; belongs to the event loop that it is made in."""

    def __init__(self, address: ServerAddress) -> None:
        # Whoever asks has a deadline of its own.
        self._client: Any = InferenceServerClient(
            address.target, ssl=address.is_encrypted, conn_timeout=None
        )

    async def is_ready(self) -> bool:
        """Tell whether the server and all its models are ready."""
        with _translated():
            return bool(await self._client.is_server_ready())

    async def describe(self, model: str) -> ServedModel:
        """Return what the server says about a model."""
        with _translated():
            config = await self._client.get_model_config(model)
        return ServedModel(
            inputs=_specs(config.get("input", ())),
            outputs=_specs(config.get("output", ())),
            max_batch=int(config.get("max_batch_size", 0)),
            parameters={
                name: str(one.get("string_value", ""))
                for name, one in config.get("parameters", {}).items()
            },
        )

    async def infer(self, model: str, inputs: Tensors, outputs: Sequence[str]) -> Tensors:
        """Return the outputs of a model; texts are arrays of objects that are bytes."""
        tensors = []
        for name, array in inputs.items():
            tensor = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
            tensor.set_data_from_numpy(array, binary_data=True)
            tensors.append(tensor)
        wanted = [InferRequestedOutput(name, binary_data=True) for name in outputs]
        with _translated():
            answer = await self._client.infer(model, tensors, outputs=wanted)
        return {name: answer.as_numpy(name) for name in outputs}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _specs(tensors: Sequence[dict[str, Any]]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            name=str(tensor["name"]),
            datatype=_datatype(str(tensor["data_type"])),
            dims=tuple(int(size) for size in tensor["dims"]),
        )
        for tensor in tensors
    )


def _datatype(name: str) -> str:
    plain = name.removeprefix("TYPE_")
    return "BYTES" if plain == "STRING" else plain


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except InferenceServerException as error:
        raise _meaning(error.status() or "", error.message() or "") from error
    except (ClientError, OSError, TimeoutError) as error:
        raise ServerAway("cannot be reached") from error


def _meaning(status: str, message: str) -> TransportError:
    if status == _MISSING:
        return ModelMissing("has no such model")
    if status in _AWAY:
        return told_by(message, ServerAway)
    is_refused = status.startswith(_CLIENT_ERROR)
    return told_by(message, RequestRefused) if is_refused else told_by(message)

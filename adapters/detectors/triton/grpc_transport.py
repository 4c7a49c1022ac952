"""Speak gRPC with a Triton server."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from tritonclient.grpc.aio import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.grpc.model_config_pb2 import DataType
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

# A server that is restarted is found again within a second; a proxy of the environment is not
# asked; a connection that died without a word is noticed while calls wait for it.
_CHANNEL: Mapping[str, int] = {
    "grpc.max_send_message_length": -1,
    "grpc.max_receive_message_length": -1,
    "grpc.enable_http_proxy": 0,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.min_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 1000,
    "grpc.keepalive_time_ms": 10_000,
    "grpc.keepalive_timeout_ms": 5_000,
}
_AWAY = {"StatusCode.UNAVAILABLE", "StatusCode.DEADLINE_EXCEEDED", "StatusCode.CANCELLED"}
_REFUSED = {
    "StatusCode.INVALID_ARGUMENT",
    "StatusCode.UNIMPLEMENTED",
    "StatusCode.PERMISSION_DENIED",
    "StatusCode.UNAUTHENTICATED",
}


class GrpcTransport(Transport):
    """Ask over one channel; belongs to the event loop that it is made in."""

    def __init__(self, address: ServerAddress) -> None:
        self._client: Any = InferenceServerClient(
            address.target, ssl=address.is_encrypted, channel_args=list(_CHANNEL.items())
        )

    async def is_ready(self) -> bool:
        """Tell whether the server and all its models are ready."""
        with _translated():
            return bool(await self._client.is_server_ready())

    async def describe(self, model: str) -> ServedModel:
        """Return what the server says about a model."""
        with _translated():
            config = (await self._client.get_model_config(model)).config
        return ServedModel(
            inputs=_specs(config.input),
            outputs=_specs(config.output),
            max_batch=config.max_batch_size,
            parameters={name: one.string_value for name, one in config.parameters.items()},
        )

    async def infer(self, model: str, inputs: Tensors, outputs: Sequence[str]) -> Tensors:
        """Return the outputs of a model; texts are arrays of objects that are bytes."""
        tensors = []
        for name, array in inputs.items():
            tensor = InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
            tensor.set_data_from_numpy(array)
            tensors.append(tensor)
        with _translated():
            answer = await self._client.infer(
                model, tensors, outputs=[InferRequestedOutput(name) for name in outputs]
            )
        return {name: answer.as_numpy(name) for name in outputs}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def _specs(tensors: Any) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(
            name=tensor.name,
            datatype=_datatype(DataType.Name(tensor.data_type)),
            dims=tuple(tensor.dims),
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


def _meaning(status: str, message: str) -> TransportError:
    if status == "StatusCode.NOT_FOUND":
        return ModelMissing("has no such model")
    if status in _AWAY:
        return told_by(message, ServerAway)
    return told_by(message, RequestRefused) if status in _REFUSED else told_by(message)

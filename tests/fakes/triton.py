"""A Triton server without a server, and the toy model of `triton_models` for either."""

import asyncio
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from adapters.detectors.triton.addresses import ServerAddress
from adapters.detectors.triton.client import BatchedModel, ClientLimits, TritonClient
from adapters.detectors.triton.errors import ServerAway
from adapters.detectors.triton.models import ModelSpec, ServedModel, TensorSpec
from adapters.detectors.triton.transport import Tensors, Transport
from application.ports.telemetry import Telemetry
from tests.fakes.randomness import SeededRandomness

TOY = ModelSpec(
    name="toy",
    inputs=(TensorSpec(name="TEXT", datatype="BYTES", dims=(1,)),),
    outputs=(TensorSpec(name="ANSWER", datatype="BYTES", dims=(1,)),),
    max_batch=8,
    version="toy-1",
)


class ToyModel(BatchedModel[str, str]):
    """Texts in, the same in capitals out."""

    def __init__(self, spec: ModelSpec = TOY) -> None:
        self._spec = spec

    @property
    def spec(self) -> ModelSpec:
        return self._spec

    def kind(self, row: str) -> Hashable:
        return None

    def weight(self, row: str) -> int:
        return len(row)

    def collate(self, rows: Sequence[str]) -> Tensors:
        return {"TEXT": np.array([[row.encode()] for row in rows], dtype=np.object_)}

    def split(self, rows: Sequence[str], outputs: Tensors) -> Sequence[str]:
        return [answer.decode() for (answer,) in outputs["ANSWER"]]


@dataclass(eq=False)
class FakeTransport(Transport):
    """Answer as the toy model; `problems` are raised first, one a request."""

    problems: list[Exception] = field(default_factory=list)
    is_away: bool = False
    is_silent: bool = False
    served: ServedModel = field(
        default_factory=lambda: ServedModel(
            inputs=TOY.inputs,
            outputs=TOY.outputs,
            max_batch=TOY.max_batch,
            parameters={"trueport_version": "toy-1"},
        )
    )
    seconds: float = 0.0
    batches: list[list[str]] = field(default_factory=list)
    is_closed: bool = False

    async def is_ready(self) -> bool:
        await self._reached()
        return True

    async def describe(self, model: str) -> ServedModel:
        await self._reached()
        return self.served

    async def infer(self, model: str, inputs: Tensors, outputs: Sequence[str]) -> Tensors:
        await self._reached()
        texts = [text.decode() for (text,) in inputs["TEXT"]]
        self.batches.append(texts)
        if self.problems:
            raise self.problems.pop(0)
        await asyncio.sleep(self.seconds)
        await self._reached()
        answers: Any = np.array([[text.upper().encode()] for text in texts], dtype=np.object_)
        return {"ANSWER": answers}

    async def close(self) -> None:
        self.is_closed = True

    async def _reached(self) -> None:
        if self.is_silent:
            await asyncio.Event().wait()
        if self.is_away:
            raise ServerAway("cannot be reached")


FAST = ClientLimits(deadline=1.0, attempt=0.1, linger=0.0005)


def client_of(
    transports: Sequence[FakeTransport], *, telemetry: Telemetry, limits: ClientLimits = FAST
) -> TritonClient:
    """Return a client of servers that are not there."""
    addresses = [
        ServerAddress(scheme="grpc", host="triton", port=number)
        for number in range(1, len(transports) + 1)
    ]
    by_address: dict[ServerAddress, Transport] = dict(zip(addresses, transports, strict=True))
    make: Callable[[ServerAddress], Transport] = by_address.__getitem__
    return TritonClient(
        addresses,
        make_transport=make,
        randomness=SeededRandomness(1),
        telemetry=telemetry,
        limits=limits,
    )


def other_version(transport: FakeTransport, version: str) -> FakeTransport:
    """Let a server hold other weights."""
    transport.served = replace(transport.served, parameters={"trueport_version": version})
    return transport


def capitals(texts: Iterable[str]) -> list[str]:
    return [text.upper() for text in texts]

"""Ask models on Triton servers: batched, bounded, before a deadline, whatever a server does."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from adapters.detectors.triton.addresses import ServerAddress
from adapters.detectors.triton.attempts import (
    Attempts,
    Problem,
    is_about_model,
    is_about_server,
    reason_of,
)
from adapters.detectors.triton.batcher import Batcher, BatchLimits
from adapters.detectors.triton.errors import ModelMismatch, TransportError, TritonUnavailable
from adapters.detectors.triton.models import ModelSpec, difference
from adapters.detectors.triton.servers import Server, Servers, ready
from adapters.detectors.triton.transport import Tensors, Transport
from application.ports.system import Randomness
from application.ports.telemetry import Metric, Telemetry

R = TypeVar("R")
A = TypeVar("A")
R_contra = TypeVar("R_contra", contravariant=True)
A_co = TypeVar("A_co", covariant=True)

_keepers: set[asyncio.Future[None]] = set()
"""Held here, since an event loop itself forgets a task that nobody else holds."""

_PARALLEL = 4
"""Batches of one model under way at once, for each server."""


class BatchedModel(Protocol[R_contra, A_co]):
    """How rows of one model become tensors, and tensors answers."""

    @property
    @abstractmethod
    def spec(self) -> ModelSpec:
        """Return the model as it is expected."""

    @abstractmethod
    def kind(self, row: R_contra) -> Hashable:
        """Return what rows that go in one batch have in common, such as their length."""

    @abstractmethod
    def weight(self, row: R_contra) -> int:
        """Return about how many bytes a row has."""

    @abstractmethod
    def collate(self, rows: Sequence[R_contra]) -> Tensors:
        """Return the inputs of one batch."""

    @abstractmethod
    def split(self, rows: Sequence[R_contra], outputs: Tensors) -> Sequence[A_co]:
        """Return an answer a row out of the outputs of one batch.

        Raises:
            TritonUnavailable: the outputs are not what the model should give.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientLimits:
    """Time and room: `deadline` is in seconds for one call, `callers` is for each model.

    A server that is silent for `attempt` seconds is given up for another healthy one.
    """

    deadline: float = 10.0
    attempt: float = 3.0
    callers: int = 256
    linger: float = 0.001


class TritonClient:
    """Ask any of several servers.

    Connections belong to the event loop in which they are used, and are closed when it ends, at
    the latest: a process may run several loops one after the other.
    """

    def __init__(
        self,
        addresses: Sequence[ServerAddress],
        *,
        make_transport: Callable[[ServerAddress], Transport],
        randomness: Randomness,
        telemetry: Telemetry,
        limits: ClientLimits | None = None,
    ) -> None:
        self._addresses = tuple(addresses)
        self._make_transport = make_transport
        self._randomness = randomness
        self._telemetry = telemetry
        self._limits = limits or ClientLimits()
        self._connected: _Connected | None = None

    async def infer(self, model: BatchedModel[R, A], rows: Sequence[R]) -> list[A]:
        """Return an answer a row, in order.

        Raises:
            TritonUnavailable: no server answered in time, none has the model that is expected, or
                too many callers wait.
        """
        connected = self._here()
        batcher = connected.batcher(model)
        deadline = asyncio.get_running_loop().time() + self._limits.deadline
        return await batcher(rows, deadline)

    async def check(self, spec: ModelSpec) -> None:
        """Check that a server is there and has the model that is expected.

        Raises:
            ModelMismatch: it is another one.
            TritonUnavailable: no server answers, or none has the model.
        """
        connected = self._here()
        loop = asyncio.get_running_loop()
        await connected.ask(spec, None, loop.time() + self._limits.deadline, is_patient=False)

    async def states(self) -> Mapping[str, bool]:
        """Ask every server whether it is ready, at once; the names are their addresses."""
        servers = list(self._here().servers)
        answers = await asyncio.gather(*(ready(server) for server in servers))
        return {str(one.address): is_ready for one, is_ready in zip(servers, answers, strict=True)}

    async def close(self) -> None:
        """Close the connections; another call opens them again."""
        connected, self._connected = self._connected, None
        if connected is not None and connected.loop is asyncio.get_running_loop():
            await connected.close()

    def _here(self) -> "_Connected":
        loop = asyncio.get_running_loop()
        if self._connected is None or self._connected.loop is not loop or self._connected.is_closed:
            self._connected = _Connected(
                loop,
                [Server(address, self._make_transport(address)) for address in self._addresses],
                randomness=self._randomness,
                telemetry=self._telemetry,
                limits=self._limits,
            )
        return self._connected


class _Connected:
    """The connections, batches and probes of one event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        servers: Sequence[Server],
        *,
        randomness: Randomness,
        telemetry: Telemetry,
        limits: ClientLimits,
    ) -> None:
        self.loop = loop
        self.servers = Servers(servers, spawn=self._spawn, randomness=randomness)
        self._randomness = randomness
        self._telemetry = telemetry
        self._limits = limits
        self._parallel = _PARALLEL * len(servers)
        self._batchers: dict[str, Batcher[Any, Any]] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._is_shut = False
        # The end of a loop cancels its tasks: this one then closes what belongs to it.
        self._keeper = asyncio.ensure_future(self._keep())
        _keepers.add(self._keeper)
        self._keeper.add_done_callback(_keepers.discard)

    @property
    def is_closed(self) -> bool:
        """Tell whether nothing can be asked here any more."""
        return self._is_shut

    def batcher(self, model: BatchedModel[R, A]) -> Batcher[R, A]:
        """Return the batcher of a model; all who ask share it."""
        spec = model.spec
        if spec.name not in self._batchers:

            async def send(rows: Sequence[R], deadline: float) -> Sequence[A]:
                outputs = await self.ask(spec, model.collate(rows), deadline)
                return model.split(rows, outputs)

            self._batchers[spec.name] = Batcher[R, A](
                send,
                kind=model.kind,
                weight=model.weight,
                limits=BatchLimits(
                    rows=spec.max_batch,
                    linger=self._limits.linger,
                    parallel=self._parallel,
                    callers=self._limits.callers,
                ),
                spawn=self._spawn,
            )
        return self._batchers[spec.name]

    async def ask(
        self, spec: ModelSpec, inputs: Tensors | None, deadline: float, *, is_patient: bool = True
    ) -> Tensors:
        """Return the outputs for one batch, from whichever server answers; without inputs, check.

        Who is not patient hears at once when every server has failed.

        Raises:
            RequestRefused: a server will not take these inputs.
            ModelMismatch: no server has the model that is expected.
            TritonUnavailable: no server answered in time, or none has such a model.
        """
        attempts = Attempts(spec, len(self.servers))
        server: Server | None = None
        while True:
            server = self.servers.choose(spec.name, server)
            try:
                with server.asked():
                    async with asyncio.timeout(self._patience(server, spec, deadline)):
                        outputs = await self._asked(server, spec, inputs)
            except (TransportError, ModelMismatch, TimeoutError) as problem:
                self._count(spec, problem)
                attempts.note(server, problem)
                if is_about_model(problem):
                    server.checked.discard(spec)
                    self.servers.unfit(server, spec.name, reason_of(problem))
                elif is_about_server(problem):
                    self.servers.failed(server, reason_of(problem))
                if (verdict := attempts.verdict(is_patient=is_patient)) is not None:
                    raise verdict from problem
            else:
                self.servers.answered(server)
                return outputs
            pause = attempts.pause(
                self._randomness.fraction(), has_other=self.servers.has_other(server, spec.name)
            )
            if self.loop.time() + pause >= deadline:
                raise TritonUnavailable(f"triton did not answer in time: {attempts.message}")
            await asyncio.sleep(pause)

    async def close(self) -> None:
        """Close everything."""
        self._keeper.cancel()
        await asyncio.gather(self._keeper, return_exceptions=True)
        await self._shut()

    def _patience(self, server: Server, spec: ModelSpec, deadline: float) -> float:
        """Return for how many seconds this server is waited for."""
        left = deadline - self.loop.time()
        is_only_hope = server.is_healthy and not self.servers.has_other(server, spec.name)
        return left if is_only_hope or len(self.servers) == 1 else min(left, self._limits.attempt)

    def _count(self, spec: ModelSpec, problem: Problem) -> None:
        reason = reason_of(problem)
        self._telemetry.count(Metric.TRITON_ERRORS, model=spec.name, reason=reason)

    async def _asked(self, server: Server, spec: ModelSpec, inputs: Tensors | None) -> Tensors:
        if spec not in server.checked:
            served = await server.transport.describe(spec.name)
            found = difference(spec, served)
            if found is not None:
                raise ModelMismatch(f"triton at {server.address}: the model {spec.name} {found}")
            server.checked.add(spec)
            server.known.add(spec.name)
        if inputs is None:
            return {}
        names = [tensor.name for tensor in spec.outputs]
        return await server.transport.infer(spec.name, inputs, names)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _keep(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await self._shut()

    async def _shut(self) -> None:
        if self._is_shut:
            return
        self._is_shut = True
        for batcher in self._batchers.values():
            batcher.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for server in self.servers:
            await server.transport.close()

"""The servers of one installation: which of them is asked next, and which are left out."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager

from adapters.detectors.triton.addresses import ServerAddress
from adapters.detectors.triton.errors import TransportError
from adapters.detectors.triton.models import ModelSpec
from adapters.detectors.triton.transport import Transport
from application.ports.system import Randomness

_log = logging.getLogger(__name__)

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 10.0
"""Seconds that a server is left out after its first failure, and at most."""

UNFIT_PAUSE = 5.0
"""Seconds that a server is not asked for a model that it lacks."""

PROBE_SECONDS = 1.0

Spawn = Callable[[Coroutine[None, None, None]], object]
"""Run something beside the caller."""


class Server:
    """One server, as it was met so far.

    `checked` has the models that are as expected since it last failed, `known` those that ever
    were; `unfit` says until when a model is not asked for here, since it was missing or another.
    """

    def __init__(self, address: ServerAddress, transport: Transport) -> None:
        self.address = address
        self.transport = transport
        self.checked: set[ModelSpec] = set()
        self.known: set[str] = set()
        self.unfit: dict[str, float] = {}
        self.outstanding = 0
        self.last_asked = 0
        self.failures = 0
        self.retry_at = 0.0
        self.is_probed = False

    @property
    def is_healthy(self) -> bool:
        """Tell whether it answered when it was last asked."""
        return self.failures == 0

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Count a request while it is under way."""
        self.outstanding += 1
        try:
            yield
        finally:
            self.outstanding -= 1


class Servers:
    """Choose the healthy server with the least to do.

    A server that fails is left out for a while, which grows with each failure; then it is asked
    whether it is ready, beside the work that the others do. Where none is healthy the one that
    failed longest ago is tried with the request itself.
    """

    def __init__(self, servers: Sequence[Server], *, spawn: Spawn, randomness: Randomness) -> None:
        self._servers = tuple(servers)
        self._spawn = spawn
        self._randomness = randomness
        self._turns = 0

    def __iter__(self) -> Iterator[Server]:
        return iter(self._servers)

    def __len__(self) -> int:
        return len(self._servers)

    def choose(self, model: str, avoided: Server | None = None) -> Server:
        """Return the server to ask, another than the avoided one where that is no worse."""
        self._probe_those_due()
        usable = [server for server in self._servers if self._is_usable(server, model)]
        others = [server for server in usable or self._servers if server is not avoided]
        candidates = others or usable or self._servers
        if usable:
            chosen = min(candidates, key=lambda one: (one.outstanding, one.last_asked))
        else:
            chosen = min(candidates, key=lambda one: (one.retry_at, one.last_asked))
        self._turns += 1
        chosen.last_asked = self._turns
        return chosen

    def has_other(self, server: Server, model: str) -> bool:
        """Tell whether a server beside this one can be asked for the model."""
        return any(self._is_usable(one, model) for one in self._servers if one is not server)

    def unfit(self, server: Server, model: str, reason: str) -> None:
        """Do not ask a server for this model for a while."""
        _log.warning(
            "a Triton server lacks a model",
            extra={"server": str(server.address), "model": model, "reason": reason},
        )
        server.unfit[model] = asyncio.get_running_loop().time() + UNFIT_PAUSE

    def failed(self, server: Server, reason: str) -> None:
        """Leave a server out for a while."""
        now = asyncio.get_running_loop().time()
        if server.failures == 0:
            _log.warning(
                "a Triton server is left out",
                extra={"server": str(server.address), "reason": reason},
            )
        elif now < server.retry_at:
            return  # One failure, seen by several requests.
        server.failures += 1
        server.checked.clear()
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(server.failures - 1, 8)))
        server.retry_at = now + pause * (0.5 + self._randomness.fraction() / 2)

    def answered(self, server: Server) -> None:
        """Take a server back."""
        if server.failures:
            _log.info("a Triton server is back", extra={"server": str(server.address)})
        server.failures = 0

    def _is_usable(self, server: Server, model: str) -> bool:
        now = asyncio.get_running_loop().time()
        return server.is_healthy and server.unfit.get(model, now) <= now

    def _probe_those_due(self) -> None:
        now = asyncio.get_running_loop().time()
        for server in self._servers:
            if not server.is_healthy and not server.is_probed and now >= server.retry_at:
                server.is_probed = True
                self._spawn(self._probe(server))

    async def _probe(self, server: Server) -> None:
        try:
            is_ready = await ready(server)
        finally:
            server.is_probed = False
        if is_ready:
            self.answered(server)
        else:
            self.failed(server, "not ready")


async def ready(server: Server) -> bool:
    """Tell whether a server answers soon that it is ready."""
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            return await server.transport.is_ready()
    except (TimeoutError, TransportError):
        return False

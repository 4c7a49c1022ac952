"""Make the connection to Triton servers, and say how they are.

What speaks with a server is imported only where `TRITON_URL` names one.
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.detectors.neural.model_store import ModelStore
from adapters.detectors.triton.addresses import parse_addresses
from adapters.detectors.triton.client import ClientLimits, TritonClient
from adapters.detectors.triton.errors import ModelMismatch
from adapters.system import SystemRandomness
from adapters.telemetry.silent import SilentTelemetry
from application.ports.system import Randomness
from application.ports.telemetry import Telemetry
from domain.errors import Unavailable
from entrypoints.settings import Settings
from entrypoints.wiring.detectors import make_model_store, slots_with

_log = logging.getLogger(__name__)

_SHARE = 0.95
"""The part of a detector's time that the client takes, so that its own words are heard."""

_ATTEMPT = 3.0
"""Seconds after which a silent server is given up for another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TritonLink:
    """The connection to the servers of `TRITON_URL`; there is none where detection is local."""

    client: TritonClient | None = None

    async def close(self) -> None:
        """Close the connection."""
        if self.client is not None:
            await self.client.close()


def make_triton(settings: Settings, randomness: Randomness, telemetry: Telemetry) -> TritonLink:
    """Return the link to the servers of `TRITON_URL`; nothing is sent yet."""
    if settings.triton_url is None:
        return TritonLink()
    client = connect(
        settings.triton_url, settings.detector_seconds, randomness=randomness, telemetry=telemetry
    )
    return TritonLink(client=client)


def connect(
    urls: str, seconds: float, *, randomness: Randomness, telemetry: Telemetry
) -> TritonClient:
    """Return the connection to some servers, which have so many seconds for a call.

    Raises:
        Unavailable: the extra is not installed.
    """
    try:
        from adapters.detectors.triton.transports import (  # noqa: PLC0415 - needs an extra
            make_transport,
        )
    except (ImportError, RuntimeError):
        # tritonclient says by the second that one of its own extras is missing.
        raise Unavailable(
            "triton", 'TRITON_URL needs a library: pip install "trueport[triton]"'
        ) from None
    deadline = seconds * _SHARE
    return TritonClient(
        parse_addresses(urls),
        make_transport=make_transport,
        randomness=randomness,
        telemetry=telemetry,
        limits=ClientLimits(
            deadline=deadline, attempt=max(min(_ATTEMPT, deadline / 3), deadline / 10)
        ),
    )


async def check_models(client: TritonClient, store: ModelStore) -> None:
    """Check that a server is there and has each model as this installation expects it.

    Raises:
        ModelMismatch: a model is another one.
        Unavailable: no server answers, or none has a model.
    """
    from adapters.detectors.triton.engine import spec_of  # noqa: PLC0415 - needs an extra
    from adapters.detectors.triton.pattern_detector import SPEC  # noqa: PLC0415 - the same

    await client.check(SPEC)
    for slot in slots_with(store, client):
        if slot.model is not None:
            await client.check(spec_of(slot.model))


async def check_at_start(client: TritonClient, store: ModelStore) -> None:
    """Refuse to start beside servers with other models; servers that are away may come later.

    Raises:
        ModelMismatch: a server has another model than this installation.
    """
    try:
        await check_models(client, store)
    except ModelMismatch:
        raise
    except Unavailable as error:
        _log.warning("no Triton server is there yet", extra={"reason": error.message})


def check_now(client: TritonClient, store: ModelStore) -> Mapping[str, bool]:
    """Check, outside any event loop, that the models are there; return which servers are ready.

    Raises:
        Unavailable: no server answers, or none has a model as it is expected.
    """

    async def check() -> Mapping[str, bool]:
        try:
            await check_models(client, store)
            return await client.states()
        finally:
            await client.close()

    return asyncio.run(check())


@dataclass(frozen=True, slots=True, kw_only=True)
class TritonReport:
    """Which servers are ready, and which detectors run there and which do not."""

    servers: Mapping[str, bool]
    served: tuple[str, ...]
    in_process: tuple[str, ...]


def triton_report(settings: Settings) -> TritonReport:
    """Return how the servers of `TRITON_URL` are.

    Raises:
        Unavailable: no server answers, or none has a model as it is expected.
    """
    client = connect(
        settings.triton_url or "",
        settings.detector_seconds,
        randomness=SystemRandomness(),
        telemetry=SilentTelemetry(),
    )
    store = make_model_store(settings.model_store)
    slots = slots_with(store, client)
    return TritonReport(
        servers=check_now(client, store),
        served=tuple(slot.name for slot in slots if slot.is_on_triton),
        in_process=tuple(slot.name for slot in slots if not slot.is_on_triton),
    )


async def state_of(client: TritonClient, store: ModelStore) -> str:
    """Return `ok` and what runs where, or how many servers are away.

    Anybody may ask, so no server is named.
    """
    states = (await client.states()).values()
    away = sum(not is_ready for is_ready in states)
    if away == len(states):
        return "degraded: no server answers, its detectors are missing"
    if away:
        return f"degraded: {away} of {len(states)} servers do not answer"
    return f"ok: {', '.join(map(str, slots_with(store, client)))}"

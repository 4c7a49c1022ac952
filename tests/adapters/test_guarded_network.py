"""Connections go to the address that was checked, and to no other."""

import asyncio
from collections.abc import Sequence

import httpcore2
import pytest

from adapters.guarded_network import GuardedNetwork, resolve
from domain.network_address import AddressRefused
from tests.adapters.model_providers.local_server import Exchange, local_server


class _Rebinding:
    """A name that means something else at every look-up."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self._answers = list(answers)
        self.look_ups = 0

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.look_ups += 1
        return self._answers.pop(0)


async def _never(host: str, port: int) -> Sequence[str]:
    await asyncio.Event().wait()
    return []


async def _nowhere(host: str, port: int) -> Sequence[str]:
    raise OSError("no such name")


async def _ignore(exchange: Exchange) -> None:
    await exchange.respond({})


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["10.0.0.7"],
        ["169.254.169.254"],
        ["8.8.8.8", "127.0.0.1"],
        ["::1"],
        ["::ffff:10.0.0.7"],
        ["fd12::1"],
    ],
)
async def test_a_name_that_leads_inside_is_refused(addresses: list[str]) -> None:
    network = GuardedNetwork(allow_private=False, resolver=_Rebinding(addresses))

    with pytest.raises(AddressRefused):
        await network.connect_tcp("api.example.com", 443, timeout=5.0)


async def test_a_rebound_name_is_looked_up_once_for_each_connection_and_checked_each_time() -> None:
    resolver = _Rebinding(["127.0.0.1"], ["169.254.169.254"])
    network = GuardedNetwork(allow_private=True, resolver=resolver)
    async with local_server(_ignore) as server:
        stream = await network.connect_tcp("api.example.com", server.port, timeout=5.0)
        reached = stream.get_extra_info("server_addr")
        await stream.aclose()

        with pytest.raises(AddressRefused):
            await network.connect_tcp("api.example.com", server.port, timeout=5.0)

    assert reached == ("127.0.0.1", server.port)
    assert resolver.look_ups == 2


async def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    async with local_server(_ignore) as server:
        # Nothing listens on 127.0.0.2 at this port.
        resolver = _Rebinding(["127.0.0.2", "127.0.0.1"])
        network = GuardedNetwork(allow_private=True, resolver=resolver)

        stream = await network.connect_tcp("api.example.com", server.port, timeout=5.0)
        reached = stream.get_extra_info("server_addr")
        await stream.aclose()

    assert reached == ("127.0.0.1", server.port)


@pytest.mark.parametrize("addresses", [[], ["127.0.0.2"]])
async def test_a_name_that_nobody_answers_for_is_a_connection_error(addresses: list[str]) -> None:
    network = GuardedNetwork(allow_private=True, resolver=_Rebinding(addresses))

    with pytest.raises(httpcore2.ConnectError):
        await network.connect_tcp("api.example.com", 1, timeout=5.0)


async def test_a_name_that_does_not_exist_is_a_connection_error() -> None:
    network = GuardedNetwork(allow_private=True, resolver=_nowhere)

    with pytest.raises(httpcore2.ConnectError):
        await network.connect_tcp("api.example.com", 443, timeout=5.0)


async def test_a_slow_look_up_counts_against_the_time_to_connect() -> None:
    network = GuardedNetwork(allow_private=True, resolver=_never)

    with pytest.raises(httpcore2.ConnectTimeout):
        await network.connect_tcp("api.example.com", 443, timeout=0.02)


async def test_sockets_of_the_file_system_are_out_of_reach() -> None:
    network = GuardedNetwork(allow_private=True)

    with pytest.raises(httpcore2.ConnectError):
        await network.connect_unix_socket("/run/docker.sock")


async def test_the_system_resolver_reads_literal_addresses() -> None:
    assert list(await resolve("127.0.0.1", 80)) == ["127.0.0.1"]

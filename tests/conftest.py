"""Settings and fixtures that every test shares."""

import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.counterpart_servers import CounterpartServers
from tests.counterparts import COUNTERPARTS

# Deadlines and the speed of generators tell about the machine, not about the code.
settings.register_profile(
    "local", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, database=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(scope="session")
def counterpart() -> Callable[[str], str]:
    """Return a function that locates a counterpart by name, or skips or fails the test."""
    return lambda name: COUNTERPARTS[name].locate(os.environ)


@pytest.fixture(scope="session")
def counterpart_server(counterpart: Callable[[str], str]) -> Iterator[Callable[[str], str]]:
    """Return a function that gives a counterpart's address, started at its first use."""
    with CounterpartServers(counterpart) as servers:
        yield servers.address

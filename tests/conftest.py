"""Settings and fixtures that every test shares."""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from scripts.model_store import RULES, STORE
from tests.counterpart_servers import CounterpartServers
from tests.counterparts import COUNTERPARTS
from tests.triton_server import TritonServer

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


@pytest.fixture(scope="session")
def triton_servers(
    counterpart: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], TritonServer]]:
    """Return a function that gives the tritonserver of a name, started at its first use."""
    repository = tmp_path_factory.mktemp("triton") / "models"
    fakes = Path(__file__).parent / "fakes" / "triton_models"
    for config in (STORE / RULES / "config.pbtxt", *fakes.glob("*/config.pbtxt")):
        shutil.copytree(config.parent, repository / config.parent.name)
    with ExitStack() as stack:
        started: dict[str, TritonServer] = {}

        def server(name: str) -> TritonServer:
            if name not in started:
                folder = tmp_path_factory.mktemp(name)
                started[name] = stack.enter_context(
                    TritonServer(counterpart("triton"), repository=repository, folder=folder)
                )
            return started[name]

        yield server


@pytest.fixture(scope="session")
def built_models(
    counterpart: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a model store in which all three neural slots have a small model."""
    counterpart("torch")
    root = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        # Built once for all workers, whose folders lie side by side.
        root = root.parent
    folder = root / "built"
    with (root / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            from tests.fakes.built_models import build_all  # noqa: PLC0415 - needs PyTorch

            work = tmp_path_factory.mktemp("built")
            build_all(work).rename(folder)
    return folder


@pytest.fixture
def triton(triton_servers: Callable[[str], TritonServer]) -> Iterator[TritonServer]:
    """Return a running tritonserver, which the test may freeze and kill."""
    server = triton_servers("first")
    yield server
    server.revive()


@pytest.fixture
def other_triton(triton_servers: Callable[[str], TritonServer]) -> Iterator[TritonServer]:
    """Return a second one."""
    server = triton_servers("second")
    yield server
    server.revive()

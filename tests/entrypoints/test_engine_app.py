"""The analytics engine as an application of its own, and how it behaves while its process ends."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from entrypoints.settings import load_settings
from entrypoints.wiring.applications import make_engine_app
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.lifespan import opened

TOKEN = "admin-token-of-the-tests"
OPERATOR = {"authorization": f"Bearer {TOKEN}"}


class Engine:
    """The application, and a switch that says that its process is ending."""

    def __init__(self, client: httpx2.AsyncClient) -> None:
        self.client = client
        self.is_ending = False

    @contextmanager
    def ending(self) -> Iterator[None]:
        self.is_ending = True
        yield
        self.is_ending = False


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    container = make_container(
        load_settings({"TRUEPORT_HOME": str(tmp_path), "TRUEPORT_ADMIN_TOKEN": TOKEN})
    )
    async with opened(container):
        app = make_engine_app(container, is_ending=lambda: one.is_ending)
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app), base_url="http://engine.example.com"
        ) as client:
            one = Engine(client)
            yield one


@pytest.mark.parametrize("prefix", ["", "/analytics"])
async def test_engine_answers_at_the_root_and_under_its_prefix(engine: Engine, prefix: str) -> None:
    jobs = await engine.client.get(f"{prefix}/jobs", headers=OPERATOR)
    dead = await engine.client.get(f"{prefix}/dead-letters", headers=OPERATOR)
    ready = await engine.client.get(f"{prefix}/readyz")
    event = await engine.client.post(f"{prefix}/events/local", content=b"{}")

    assert [jobs.status_code, dead.status_code, ready.status_code] == [200, 200, 200]
    assert event.status_code == 403


async def test_engine_has_metrics_and_no_gateway(engine: Engine) -> None:
    metrics = await engine.client.get("/metrics")
    gateway = await engine.client.get("/v1/models")

    numbers = [line for line in metrics.text.splitlines() if not line.startswith("#")]
    assert numbers[0] == "trueport_queue_depth 0.0"
    assert gateway.status_code == 404


@pytest.mark.parametrize("path", ["/events/local", "/analytics/events/s3"])
async def test_ending_engine_takes_no_event_and_says_when_to_come_again(
    engine: Engine, path: str
) -> None:
    with engine.ending():
        answer = await engine.client.post(path, content=b"{}")
    afterwards = await engine.client.post(path, content=b"{}")

    assert (answer.status_code, answer.json()["code"]) == (503, "server.ending")
    assert int(answer.headers["retry-after"]) > 0
    assert afterwards.status_code == 403


async def test_ending_engine_lives_and_is_not_ready(engine: Engine) -> None:
    with engine.ending():
        alive = await engine.client.get("/healthz")
        ready = await engine.client.get("/readyz")
        metrics = await engine.client.get("/metrics")

    assert [alive.status_code, ready.status_code, metrics.status_code] == [200, 503, 200]
    assert ready.json()["checks"]["process"] == "ending"

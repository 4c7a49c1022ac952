"""TruePort with `TRITON_URL`: detection over there, and what is seen when nobody answers there."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest

from application.ports.detector import DetectorText
from entrypoints.settings import SettingsError, load_settings
from entrypoints.wiring.applications import make_server_app
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import running
from tests.counterpart_servers import free_port
from tests.fakes.detectors import CARD, MAIL
from tests.triton_server import TritonServer

TEXT = f"my card is {CARD} and my mail is {MAIL}"
IN_PROCESS = ("pii-ner-roberta", "bias-deberta-v3", "injection-distilbert")


@pytest.fixture
def nobody() -> str:
    return f"grpc://127.0.0.1:{free_port()}"


@asynccontextmanager
async def a_server(home: Path, urls: str) -> AsyncIterator[tuple[Container, httpx2.AsyncClient]]:
    """Run a server with its own detectors."""
    container = make_container(
        load_settings(
            {
                "TRUEPORT_HOME": str(home),
                "TRITON_URL": urls,
                "TRUEPORT_DETECTOR_SECONDS": "2",
                "TRUEPORT_WORKERS": "1",
            }
        )
    )
    async with running(container):
        transport = httpx2.ASGITransport(app=make_server_app(container))
        async with httpx2.AsyncClient(transport=transport, base_url="http://server") as client:
            yield container, client


async def readiness(client: httpx2.AsyncClient) -> tuple[int, str, str]:
    answer = await client.get("/readyz")
    body: Mapping[str, Mapping[str, str]] = answer.json()
    return answer.status_code, str(body["status"]), body["checks"]["triton"]


@pytest.mark.parametrize(
    "url",
    ["triton:8001", "grpc://triton", "ftp://triton:80", "grpc://triton:65536", "grpc://a:1,b"],
)
def test_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="TRITON_URL: must be grpc://HOST:8001 or http://"):
        load_settings({"TRITON_URL": url})


def test_several_servers_are_accepted() -> None:
    settings = load_settings({"TRITON_URL": "grpc://a:8001, https://[::1]:8000/"})

    assert settings.triton_url == "grpc://a:8001, https://[::1]:8000/"


async def test_texts_are_read_on_triton_and_the_rest_in_process(
    triton: TritonServer, tmp_path: Path
) -> None:
    async with a_server(tmp_path, triton.grpc_url) as (container, client):
        before = triton.statistics("exfil-regex-entropy")
        outcome = await container.pipeline()([DetectorText(text=TEXT)])
        state = await readiness(client)

    told = ", ".join([*(f"{name} in process" for name in IN_PROCESS), "exfil-regex-entropy triton"])
    assert outcome.missing == ()
    assert {one.type for one in outcome.detections[0].at_least(None)} >= {"CREDIT_CARD", "EMAIL"}
    assert triton.statistics("exfil-regex-entropy") != before
    assert state == (200, "ready", f"ok: {told}")


async def test_server_without_any_triton_is_ready_but_degraded_and_misses_a_detector(
    nobody: str, tmp_path: Path
) -> None:
    async with a_server(tmp_path, nobody) as (container, client):
        outcome = await container.pipeline()([DetectorText(text=TEXT)])
        state = await readiness(client)
        metrics = (await client.get("/metrics")).text

    assert outcome.missing == ("exfil-regex-entropy",)
    assert state == (200, "degraded", "degraded: no server answers, its detectors are missing")
    assert 'trueport_triton_errors_total{model="exfil-regex-entropy",reason="away"}' in metrics
    assert nobody not in metrics


async def test_one_of_two_servers_does_the_work(
    nobody: str, triton: TritonServer, tmp_path: Path
) -> None:
    async with a_server(tmp_path, f"{nobody},{triton.http_url}") as (container, client):
        outcome = await container.pipeline()([DetectorText(text=TEXT)])
        state = await readiness(client)

    assert outcome.missing == ()
    assert state == (200, "degraded", "degraded: 1 of 2 servers do not answer")

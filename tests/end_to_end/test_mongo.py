"""Servers and commands on MongoDB: several processes on one store, and a store that goes away."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx2
import pytest

from application.ports.readers import Page, ViolationFilter
from domain.identifiers import TenantId
from domain.job import JobState
from entrypoints.demo import Demo, DemoState
from entrypoints.settings import load_settings
from entrypoints.wiring.containers import Container, make_container
from entrypoints.wiring.lifespan import opened
from tests.counterpart_servers import free_port
from tests.end_to_end.onboarding.outside_stores import mongo_databases
from tests.end_to_end.server import Server

ROOT = Path(__file__).resolve().parents[2]
SSN = "her SSN is 536-22-1234"
Environment = Mapping[str, str]


@pytest.fixture
def environment(
    tmp_path: Path, counterpart_server: Callable[[str], str]
) -> Iterator[dict[str, str]]:
    """Return what names a MongoDB, and two databases in it that are gone afterwards."""
    with mongo_databases(tmp_path, counterpart_server) as named:
        yield named


def container_of(home: Path, environment: Environment) -> Container:
    return make_container(load_settings({"TRUEPORT_HOME": str(home), **environment}))


async def seed(home: Path, environment: Environment) -> DemoState:
    """Make a tenant with an upstream, a policy and a key, as another process would."""
    container = container_of(home, environment)
    async with opened(container):
        return await Demo(container, address="").seed(limits=None)


def ask(server: Server, state: DemoState, text: str) -> httpx2.Response:
    return httpx2.post(
        f"{server.url}/v1/chat/completions",
        headers={"authorization": f"Bearer {state.api_key}"},
        json={"model": "echo", "messages": [{"role": "user", "content": text}]},
        timeout=60,
        trust_env=False,
    )


def trueport(home: Path, environment: Environment, *arguments: str) -> tuple[int, str, str]:
    ended = subprocess.run(
        [sys.executable, "-m", "entrypoints.cli.main", *arguments],
        env={"PATH": "", "TRUEPORT_HOME": str(home), **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return ended.returncode, ended.stdout, ended.stderr


async def violations_of(home: Path, environment: Environment, tenant_id: TenantId) -> set[str]:
    """Return the types of what was found once every job is done."""
    container = container_of(home, environment)
    async with opened(container):
        async with asyncio.timeout(60):
            while True:
                counts = await container.job_records().counts()
                if counts[JobState.DONE] and not counts[JobState.NEW] + counts[JobState.LEASED]:
                    break
                await asyncio.sleep(0.1)
        page = await container.violation_reader().violations(
            tenant_id, ViolationFilter(), Page(limit=50)
        )
    return {one.type for one in page.items}


async def test_server_and_engine_share_a_store(tmp_path: Path, environment: dict[str, str]) -> None:
    state = await seed(tmp_path, environment)
    server = Server(tmp_path, environment=environment)
    engine = Server(tmp_path, command="webhook", environment=environment)
    try:
        engine.start()
        server.start()

        answer = await asyncio.to_thread(ask, server, state, SSN)
        found = await violations_of(tmp_path, environment, state.tenant_id)
        ready = httpx2.get(f"{engine.url}/readyz", timeout=10, trust_env=False)
        status = server.stop(), engine.stop()
    finally:
        server.kill()
        engine.kill()

    assert answer.status_code == 200
    assert "536-22-1234" not in answer.text
    assert found == {"SSN"}
    assert ready.status_code == 200
    assert status == (0, 0)
    assert trueport(tmp_path, environment, "audit", "verify")[0] == 0


def test_commands_make_and_look_at_the_indexes(tmp_path: Path, environment: dict[str, str]) -> None:
    missing = trueport(tmp_path, environment, "db", "check", "--format", "json")
    engine = trueport(tmp_path, environment, "worker")
    made = trueport(tmp_path, environment, "db", "init", "--format", "json")
    again = trueport(tmp_path, environment, "db", "init", "--format", "json")
    doctor = trueport(tmp_path, environment, "doctor", "--json")

    def states(ended: tuple[int, str, str]) -> set[str]:
        return {part["state"] for part in json.loads(ended[1])["items"]}

    assert (missing[0], states(missing)) == (1, {"missing"})
    assert "trueport db init" in missing[2]
    assert engine[0] != 0
    assert "run `trueport db init` once" in engine[2]
    assert (made[0], states(made)) == (0, {"made"})
    assert (again[0], states(again)) == (0, {"present"})
    checks = {check["name"]: check for check in json.loads(doctor[1])["checks"]}
    assert checks["mongo"]["state"] == "ok"
    assert "store" not in checks


def test_address_of_nobody_ends_a_command_with_one_line(tmp_path: Path) -> None:
    gone = {
        "MONGO_URI": f"mongodb://user:hush@127.0.0.1:{free_port()}/?serverSelectionTimeoutMS=300"
    }

    status, _, said = trueport(tmp_path, gone, "tenants", "list")
    checked = trueport(tmp_path, gone, "doctor")

    assert status == 4
    assert said.strip() == "Error: MongoDB cannot be reached"
    assert checked[0] == 4
    assert "hush" not in said + checked[1] + checked[2]


async def test_gateway_serves_known_keys_while_mongodb_is_away(
    tmp_path: Path, counterpart: Callable[[str], str]
) -> None:
    program = counterpart("mongo")
    if "://" in program:
        pytest.skip("a MongoDB that somebody else runs is not ended by a test")
    port = free_port()
    environment = {
        "MONGO_URI": f"mongodb://127.0.0.1:{port}/?directConnection=true&timeoutMS=1500"
        "&serverSelectionTimeoutMS=1000"
    }
    mongo = a_mongo(program, port)
    server = Server(tmp_path, environment=environment)
    try:
        await answers(port)
        state = await seed(tmp_path, environment)
        server.start()
        first = await asyncio.to_thread(ask, server, state, "hello")

        mongo.kill()
        mongo.wait()
        await asyncio.sleep(5.5)  # what a key stands for is fresh for five seconds
        started = time.monotonic()
        during = await asyncio.to_thread(ask, server, state, SSN)
        took = time.monotonic() - started
        ready = httpx2.get(f"{server.url}/readyz", timeout=20, trust_env=False)
        status = server.stop()
    finally:
        server.kill()
        mongo.kill()
        mongo.wait()

    assert (first.status_code, during.status_code) == (200, 200)
    assert "536-22-1234" not in during.text
    assert took < 10
    assert ready.status_code == 503
    assert "MongoDB cannot be reached" in ready.text
    assert status == 0


def a_mongo(program: str, port: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([program, str(ROOT / "tests" / "mongo_server.py"), str(port)])


async def answers(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return

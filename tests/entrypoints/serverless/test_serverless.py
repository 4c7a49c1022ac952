"""One service and its events, in the process of the test: its loop, and what is left running."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from entrypoints.demo import SLUG
from entrypoints.settings import load_settings
from entrypoints.wiring.applications import GATEWAY_PREFIX, make_gateway_app
from entrypoints.wiring.containers import make_container
from entrypoints.wiring.lifespan import opened
from entrypoints.wiring.serverless import Serverless
from entrypoints.wiring.store import Service
from tests.entrypoints.serverless.deployments import Deployment, deployed
from tests.fakes.http_api_events import SCHEDULE, http_event, json_event

CHAT = f"{GATEWAY_PREFIX}/v1/chat/completions"
BODY = {"model": "echo", "messages": [{"role": "user", "content": "pay 4111 1111 1111 1111"}]}


class Invocation:
    """What Lambda tells of an invocation that has time."""

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return asyncio.run(deployed(tmp_path))


@contextmanager
def a_function(deployment: Deployment, *, anchor_every: float = 3600.0) -> Iterator[Serverless]:
    yield Serverless(
        settings=load_settings(deployment.environment),
        service=Service.GATEWAY,
        make_app=make_gateway_app,
        prefix=GATEWAY_PREFIX,
        anchor_every=anchor_every,
    )
    asyncio.get_event_loop_policy().get_event_loop().close()
    asyncio.set_event_loop(None)


@pytest.fixture
def function(deployment: Deployment) -> Iterator[Serverless]:
    with a_function(deployment) as made:
        yield made


async def deleted_long_ago(deployment: Deployment) -> None:
    """Delete the tenant as of a time after which its retention has ended."""
    container = make_container(load_settings(deployment.environment))
    async with opened(container), container.transactions()() as uow:
        tenant = await uow.tenants.by_slug(SLUG)
        at = container.clock().now() - tenant.retention
        await uow.tenants.save(tenant.delete(at=at))
        await uow.commit()


def ask(function: Serverless, deployment: Deployment) -> int:
    answer = function(json_event("POST", CHAT, BODY, key=deployment.key), Invocation())
    return int(str(answer["statusCode"]))


def test_events_share_one_loop_and_leave_nothing_running(
    function: Serverless, deployment: Deployment
) -> None:
    statuses = [ask(function, deployment) for _ in range(3)]
    loop = asyncio.get_event_loop_policy().get_event_loop()

    assert statuses == [200, 200, 200]
    assert asyncio.all_tasks(loop) == set()
    assert deployment.count("outbox", "is_buried = 0") == 0
    assert len(deployment.objects()) == 3


def test_another_loop_gets_clients_of_its_own(function: Serverless, deployment: Deployment) -> None:
    before = ask(function, deployment)
    asyncio.get_event_loop_policy().get_event_loop().close()
    closed = ask(function, deployment)
    # Somebody runs a loop of their own: none is current afterwards.
    asyncio.run(asyncio.sleep(0))
    after = ask(function, deployment)

    assert (before, closed, after) == (200, 200, 200)


def test_reading_relays_nothing_and_a_schedule_relays_what_waits(
    function: Serverless, deployment: Deployment
) -> None:
    waiting = deployment.count("outbox", "is_buried = 0")

    read = function(http_event("GET", f"{GATEWAY_PREFIX}/healthz"), Invocation())
    left = deployment.count("outbox", "is_buried = 0")
    done = function(dict(SCHEDULE), Invocation())

    assert read["statusCode"] == 200
    assert left == waiting > 0
    assert done["relayed"] == waiting
    assert deployment.count("outbox", "is_buried = 0") == 0


def test_schedule_purges_a_tenant_whose_retention_has_ended(
    function: Serverless, deployment: Deployment
) -> None:
    ask(function, deployment)
    before = deployment.count("api_keys"), deployment.count("usage_entries")
    asyncio.run(deleted_long_ago(deployment))

    function(dict(SCHEDULE), Invocation())

    assert min(before) > 0
    assert (deployment.count("api_keys"), deployment.count("usage_entries")) == (0, 0)
    assert deployment.count("tenants") == 1


@pytest.mark.parametrize(("every", "count"), [(3600.0, 0), (0.0, 3)])
def test_chains_are_anchored_when_it_is_time(
    deployment: Deployment, every: float, count: int
) -> None:
    with a_function(deployment, anchor_every=every) as function:
        for _ in range(3):
            ask(function, deployment)

    anchors = list((deployment.home / "storage").rglob("anchors/**/*.json"))
    assert len(anchors) == count


def test_metrics_stand_in_the_log_behind_each_event(
    function: Serverless, deployment: Deployment, capsys: pytest.CaptureFixture[str]
) -> None:
    cold, warm = (
        (ask(function, deployment), capsys.readouterr().out.splitlines())[1] for _ in range(2)
    )

    first, second = (
        {name for line in lines for name in json.loads(line) if name.endswith("_total")}
        for lines in (cold, warm)
    )
    assert "cold_start_total" in first
    assert "cold_start_total" not in second
    assert first & second >= {"gateway_requests_total", "policy_decisions_total", "tokens_total"}
    # All of the card: four digits of it stand in a time by chance.
    assert not any(deployment.key[:12] in line or "4111 1111" in line for line in (*cold, *warm))

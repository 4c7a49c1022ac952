"""The functions in processes of AWS' own runtime client, event by event."""

import asyncio
import gzip
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from domain.audit_chain import verify_chain
from entrypoints.http.invocation import LARGEST_BODY
from tests.entrypoints.serverless.deployments import MODELS, Deployment, deployed
from tests.fakes.http_api_events import SCHEDULE, body_of, http_event, json_event
from tests.fakes.lambda_runtime import FunctionFailed, LambdaFunction

CHAT = "/trueportai-services/v1/chat/completions"


@pytest.fixture
async def deployment(tmp_path: Path) -> Deployment:
    return await deployed(tmp_path)


@pytest.fixture
def gateway(deployment: Deployment) -> Iterator[LambdaFunction]:
    with LambdaFunction(
        "entrypoints.lambda_gateway.handler", environment=deployment.environment
    ) as function:
        yield function


@pytest.fixture
def platform(deployment: Deployment) -> Iterator[LambdaFunction]:
    with LambdaFunction(
        "entrypoints.lambda_platform.handler", environment=deployment.environment
    ) as function:
        yield function


def chat(text: str, *, model: str = "echo", stream: bool = False) -> dict[str, object]:
    return {
        "model": model,
        "stream": stream,
        "messages": [{"role": "user", "content": text}],
    }


def error_of(answer: dict[str, Any]) -> dict[str, Any]:
    error: dict[str, Any] = json.loads(body_of(answer))["error"]
    return error


def test_chat_is_answered_and_its_record_is_stored_before_the_answer(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    answers = [
        gateway.invoke(json_event("POST", CHAT, chat(f"hello {number}"), key=deployment.key))
        for number in range(3)
    ]
    # Nothing runs any more: what is stored now was stored before each answer.
    records = [
        json.loads(line)
        for path in deployment.objects()
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]

    assert [answer["statusCode"] for answer in answers] == [200, 200, 200]
    ids = [answer["headers"]["x-trueport-request-id"] for answer in answers]
    assert sorted(record["record_id"] for record in records) == sorted(ids)
    assert deployment.count("usage_entries") == 3
    content = json.loads(body_of(answers[2]))["choices"][0]["message"]["content"]
    assert content == "hello 2"


def test_record_that_storage_does_not_take_is_told_and_kept_for_the_next(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    gateway.invoke(json_event("POST", CHAT, chat("one"), key=deployment.key))
    storage = deployment.home / "storage"
    storage.rename(deployment.home / "elsewhere")
    storage.write_text("no folder")

    refused = gateway.invoke(json_event("POST", CHAT, chat("two"), key=deployment.key))
    storage.unlink()
    (deployment.home / "elsewhere").rename(storage)
    served = gateway.invoke(json_event("POST", CHAT, chat("three"), key=deployment.key))

    assert refused["statusCode"] == 503
    assert served["statusCode"] == 200
    assert deployment.count("usage_entries") == 3
    lines = [
        json.loads(line)
        for path in sorted(deployment.objects(), key=lambda one: one.name)
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    assert verify_chain(lines).breaks == ()


def test_record_is_put_into_the_tenants_bucket(
    tmp_path: Path, counterpart_server: Callable[[str], str]
) -> None:
    variables = {
        "STORAGE_PROVIDER": "S3",
        "AWS_ENDPOINT_URL": counterpart_server("moto"),
        "AWS_REGION": "us-east-1",
        "TRUEPORT_BUCKET_TEMPLATE": f"{{slug}}-{abs(hash(tmp_path)) % 10**8}-audit-logs",
    }
    keys = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "example"}
    deployment = asyncio.run(deployed(tmp_path, {**variables, **keys}))
    # As a role's keys come in Lambda: with a token, and not to be taken apart from it.
    environment = {**deployment.environment, "AWS_SESSION_TOKEN": "token"}

    with LambdaFunction("entrypoints.lambda_gateway.handler", environment=environment) as function:
        answer = function.invoke(json_event("POST", CHAT, chat("hello"), key=deployment.key))

    client = boto3.client(
        "s3",
        endpoint_url=variables["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    bucket = variables["TRUEPORT_BUCKET_TEMPLATE"].replace("{slug}", "demo")
    (item,) = client.list_objects_v2(Bucket=bucket, Prefix="audit/v1/dt=")["Contents"]
    content = client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()
    client.close()
    record = json.loads(gzip.decompress(content))
    assert answer["statusCode"] == 200
    assert record["record_id"] == answer["headers"]["x-trueport-request-id"]


def test_violation_is_mailed_before_the_answer(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    text = "pay with 4111 1111 1111 1111 please"

    answer = gateway.invoke(json_event("POST", CHAT, chat(text), key=deployment.key))

    assert answer["headers"]["x-trueport-decision"] == "mask"
    (mail,) = (deployment.home / "outbox").glob("*.eml")
    assert "CREDIT_CARD" in mail.read_text()


def test_body_in_base64_and_a_plain_path_are_the_same_request(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    headers = {
        "authorization": f"Bearer {deployment.key}",
        "content-type": "application/json",
    }
    body = json.dumps(chat("grüße")).encode()

    answer = gateway.invoke(http_event("POST", CHAT, body=body, headers=headers))
    plain = gateway.invoke(
        http_event("POST", CHAT.removeprefix("/trueportai-services"), body=body, headers=headers)
    )

    assert answer["statusCode"] == plain["statusCode"] == 200
    assert "grüße" in body_of(answer).decode()


def test_stream_comes_as_one_body_of_events(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    answer = gateway.invoke(
        json_event("POST", CHAT, chat("one two three", stream=True), key=deployment.key)
    )

    assert answer["statusCode"] == 200
    assert answer["headers"]["x-trueport-stream"] == "buffered"
    assert answer["headers"]["content-type"].startswith("text/event-stream")
    events = body_of(answer).decode().split("\n\n")
    chunks = [
        json.loads(event.removeprefix("data: ")) for event in events if event.startswith("data: {")
    ]
    text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in chunks)
    assert text == "one two three"
    assert "data: [DONE]" in events
    assert len(deployment.objects()) == 1


def test_request_that_is_too_large_is_told_so(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    fits = json.dumps(chat("")).encode()
    at_limit = fits + b" " * (LARGEST_BODY - len(fits))
    headers = {"authorization": f"Bearer {deployment.key}", "content-type": "application/json"}

    just = gateway.invoke(http_event("POST", CHAT, body=at_limit, headers=headers))
    over = gateway.invoke(http_event("POST", CHAT, body=at_limit + b" ", headers=headers))

    assert just["statusCode"] == 200
    assert over["statusCode"] == 413
    assert error_of(over)["code"] == "body_too_large"


def test_platform_refuses_what_is_too_large_in_its_own_dialect(platform: LambdaFunction) -> None:
    path = "/platform/api/v1/auth/signup"

    over = platform.invoke(http_event("POST", path, body=b" " * (LARGEST_BODY + 1)))

    assert over["statusCode"] == 413
    assert over["headers"]["content-type"] == "application/problem+json"
    assert json.loads(body_of(over))["instance"] == path


def test_answer_that_is_too_large_is_a_clear_problem(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    # Two bytes each in the request; six in what the runtime sends, which knows ASCII only.
    body = json.dumps(chat("é" * 1_100_000), ensure_ascii=False).encode()
    headers = {"authorization": f"Bearer {deployment.key}"}

    answer = gateway.invoke(http_event("POST", CHAT, body=body, headers=headers), seconds=120)

    assert answer["statusCode"] == 502
    assert error_of(answer)["code"] == "answer_too_large"
    assert len(deployment.objects()) == 1


def test_slow_upstream_is_given_up_before_lambda_ends_the_function(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    gateway.invoke(json_event("POST", CHAT, chat("warm"), key=deployment.key))
    started = time.monotonic()

    answer = gateway.invoke(
        json_event("POST", CHAT, chat("hello", model=MODELS[0]), key=deployment.key), seconds=5
    )

    assert time.monotonic() - started < 5
    assert answer["statusCode"] == 504
    assert error_of(answer)["code"] == "upstream.unavailable"
    # The exchange is in the audit log, as one that failed.
    assert len(deployment.objects()) == 2
    again = gateway.invoke(json_event("POST", CHAT, chat("again"), key=deployment.key))
    assert again["statusCode"] == 200


def test_slow_stream_ends_with_an_error_before_lambda_ends_the_function(
    gateway: LambdaFunction, deployment: Deployment
) -> None:
    gateway.invoke(json_event("POST", CHAT, chat("warm"), key=deployment.key))

    answer = gateway.invoke(
        json_event("POST", CHAT, chat("hello", model=MODELS[0], stream=True), key=deployment.key),
        seconds=5,
    )

    if answer["statusCode"] == 200:
        assert '"error"' in body_of(answer).decode()
        assert "[DONE]" not in body_of(answer).decode()
    else:
        assert answer["statusCode"] == 504
        assert error_of(answer)["code"] == "upstream.unavailable"


def test_no_time_at_all_is_told_in_the_callers_dialect(
    gateway: LambdaFunction, platform: LambdaFunction, deployment: Deployment
) -> None:
    gateway.invoke(http_event("GET", "/trueportai-services/healthz"))
    platform.invoke(http_event("GET", "/platform/api/healthz"))

    openai = gateway.invoke(
        json_event("POST", CHAT, chat("hello"), key=deployment.key), seconds=0.7
    )
    problem = platform.invoke(http_event("GET", "/platform/api/readyz"), seconds=0.7)

    assert openai["statusCode"] == problem["statusCode"] == 504
    assert error_of(openai)["code"] == "deadline_passed"
    assert problem["headers"]["content-type"] == "application/problem+json"
    assert json.loads(body_of(problem))["code"] == "deadline_passed"


def test_failing_requests_have_the_shape_of_their_service(
    gateway: LambdaFunction, platform: LambdaFunction, deployment: Deployment
) -> None:
    no_key = gateway.invoke(json_event("POST", CHAT, chat("hello")))
    failing = gateway.invoke(
        json_event("POST", CHAT, chat("hello", model="echo-fail-503"), key=deployment.key)
    )
    no_route = platform.invoke(http_event("GET", "/platform/api/nothing"))

    assert no_key["statusCode"] == 401
    assert error_of(no_key)["code"] == "invalid_api_key"
    assert failing["statusCode"] == 503
    assert no_route["statusCode"] == 404
    assert json.loads(body_of(no_route))["status"] == 404


@pytest.mark.parametrize("service", ["gateway", "platform"])
def test_schedule_relays_what_was_left(
    service: str, request: pytest.FixtureRequest, deployment: Deployment
) -> None:
    waiting = deployment.count("outbox", "is_buried = 0")

    done = request.getfixturevalue(service).invoke(SCHEDULE)

    assert done == {"digests": 0, "relayed": waiting, "webhooks": 0}
    assert deployment.count("outbox", "is_buried = 0") == 0


def test_event_of_another_kind_is_an_error(gateway: LambdaFunction) -> None:
    with pytest.raises(FunctionFailed, match=r"payload format 2\.0"):
        gateway.invoke({"Records": []})


def test_missing_secrets_are_named_with_the_command_that_makes_them(tmp_path: Path) -> None:
    with LambdaFunction(
        "entrypoints.lambda_gateway.handler", environment={"TRUEPORT_HOME": str(tmp_path)}
    ) as function:
        said = function.wait_for_init_error()

    assert "TRUEPORT_MASTER_KEYS" in said
    assert "openssl rand" in said
    assert "SECRET_KEY" in said

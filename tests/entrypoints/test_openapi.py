"""The OpenAPI documents: well formed, complete, and what the routes really do."""

from typing import Any

import jsonschema
import pytest

from entrypoints.http.described_errors import TABLE
from entrypoints.http.problems import STATUS
from tests.entrypoints.conftest import ADMIN_TOKEN, Site
from tests.fakes.detectors import AWS_KEY, CARD

DOCUMENTS = [
    "/platform/api/openapi.json",
    "/trueportai-services/openapi.json",
    "/analytics/openapi.json",
]
CHAT = "/v1/chat/completions"
SAMPLES: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        "/trueportai-services",
        "POST",
        CHAT,
        {"json": {"model": "echo", "messages": [{"role": "user", "content": "x"}]}},
    ),
    (
        "/trueportai-services",
        "POST",
        CHAT,
        {"json": {"model": "echo", "messages": [{"role": "user", "content": AWS_KEY}]}},
    ),
    (
        "/trueportai-services",
        "POST",
        CHAT,
        {"json": {"model": "nope", "messages": [{"role": "user", "content": "x"}]}},
    ),
    (
        "/trueportai-services",
        "POST",
        CHAT,
        {"json": {"model": "echo-fail-503", "messages": [{"role": "user", "content": "x"}]}},
    ),
    ("/trueportai-services", "POST", CHAT, {"content": b"{"}),
    ("/trueportai-services", "POST", CHAT, {"headers": {"authorization": ""}, "json": {}}),
    ("/trueportai-services", "GET", "/v1/models", {}),
    ("/trueportai-services", "GET", "/v1/models", {"headers": {"authorization": ""}}),
    ("/trueportai-services", "POST", "/v1/detect", {"json": {"input": CARD}}),
    ("/trueportai-services", "POST", "/v1/detect", {"json": {"input": 7}}),
    ("/trueportai-services", "POST", "/v1/moderations", {"json": {"input": ["x"]}}),
    ("/trueportai-services", "POST", "/v1/moderations", {"json": {}}),
    ("/trueportai-services", "GET", "/healthz", {}),
    ("/trueportai-services", "GET", "/readyz", {}),
    ("/analytics", "GET", "/jobs", {}),
    ("/analytics", "GET", "/jobs", {"headers": {"authorization": f"Bearer {ADMIN_TOKEN}"}}),
    ("/analytics", "GET", "/jobs?limit=x", {"headers": {"authorization": f"Bearer {ADMIN_TOKEN}"}}),
    ("/analytics", "GET", "/jobs/job_1", {"headers": {"authorization": f"Bearer {ADMIN_TOKEN}"}}),
    ("/analytics", "POST", "/events/local", {"content": b"{}"}),
    ("/platform/api", "GET", "/readyz", {}),
]


async def document_of(site: Site, path: str) -> dict[str, Any]:
    answer = await site.client.get(path, headers={"authorization": ""})
    document = answer.json()
    assert isinstance(document, dict)
    return document


def references(node: object) -> set[str]:
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*(references(child) for child in node.values()))
    if isinstance(node, list):
        return set().union(*(references(child) for child in node))
    return set()


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_document_is_well_formed(site: Site, path: str) -> None:
    document = await document_of(site, path)

    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": path.removesuffix("/openapi.json")}]
    assert document["paths"]
    for reference in references(document):
        node: Any = document
        for step in reference.removeprefix("#/").split("/"):
            node = node[step]
    for schema in document.get("components", {}).get("schemas", {}).values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_every_operation_says_what_it_does_and_how_it_is_named(site: Site, path: str) -> None:
    document = await document_of(site, path)

    operations = [operation for item in document["paths"].values() for operation in item.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    for operation in operations:
        assert operation["summary"]
        assert operation["tags"]
        assert "422" not in operation["responses"], operation["operationId"]


OPEN = ("/v1/auth/", "/events/", "/healthz", "/readyz", "/v1/billing/stripe-webhook")


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_every_operation_says_what_it_asks_of_its_caller(site: Site, path: str) -> None:
    document = await document_of(site, path)

    for address, item in document["paths"].items():
        for operation in item.values():
            names = {name for one in operation.get("security", ()) for name in one}
            if address.startswith("/v1/") and "trueportai" in path:
                assert names == {"gatewayKey"}
            elif path.startswith("/analytics") and "jobs" in operation["tags"]:
                assert names == {"operatorToken", "accessToken"}
            elif address.startswith(OPEN):
                assert names == set(), address
            else:
                assert names == {"accessToken"}, address


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_no_two_schemas_get_one_name_in_a_client(site: Site, path: str) -> None:
    schemas = (await document_of(site, path)).get("components", {}).get("schemas", {})

    # A client generator names a class after the title; FastAPI prefixes names that meet with
    # their modules, and those that differ on the way in and out with `-Input` and `-Output`.
    assert [name for name in schemas if "__" in name or "-" in name] == []


SDK_ERRORS = {"400", "401", "403", "404", "413", "429", "500", "502", "503", "504"}


async def test_operations_that_take_a_key_say_which_errors_they_answer(site: Site) -> None:
    document = await document_of(site, "/trueportai-services/openapi.json")

    for path, item in document["paths"].items():
        for operation in item.values():
            if path.startswith("/v1/"):
                takes_body = "requestBody" in operation
                expected = SDK_ERRORS if takes_body else SDK_ERRORS - {"400", "413"}
                assert expected <= set(operation["responses"]), path


@pytest.mark.parametrize("path", DOCUMENTS)
async def test_only_a_chat_answers_what_nobody_can_list(site: Site, path: str) -> None:
    document = await document_of(site, path)

    ranges = {
        address
        for address, item in document["paths"].items()
        for operation in item.values()
        if {"4XX", "5XX"} & set(operation["responses"])
    }
    assert ranges <= {CHAT}


def test_every_status_of_an_error_is_described_somewhere() -> None:
    described = {status for status, _, _ in TABLE}

    # An object that cannot be read is named in an answer, or ends a job; no route fails by it.
    assert {str(status) for _, status, _ in STATUS} - {"422"} <= described


@pytest.mark.parametrize(("prefix", "method", "path", "request_of"), SAMPLES)
async def test_route_answers_what_its_document_says(
    site: Site, prefix: str, method: str, path: str, request_of: dict[str, Any]
) -> None:
    document = await document_of(site, f"{prefix}/openapi.json")
    template = "/jobs/{job_id}" if path.startswith("/jobs/") else path.partition("?")[0]
    responses = document["paths"][template][method.lower()]["responses"]

    answer = await site.client.request(method, f"{prefix}{path}", **request_of)

    status = str(answer.status_code)
    said = responses.get(status) or responses.get(f"{status[0]}XX")
    assert said is not None, f"{status} is not documented"
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in said["content"]
    schema = said["content"][media_type].get("schema")
    if schema:
        jsonschema.validate(answer.json(), {**schema, "components": document.get("components", {})})

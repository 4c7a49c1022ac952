"""The data plane over HTTP: answers, headers and the shape of every error."""

import json
from typing import Any

import pytest

from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from domain.api_key import KeyLimits, Scope
from domain.errors import DomainError
from tests.entrypoints.conftest import Site
from tests.fakes.detectors import AWS_KEY, CARD, INSULT
from tests.fakes.model_providers import text_chunks

CHAT = "/v1/chat/completions"


def body_of(text: str, **fields: object) -> dict[str, object]:
    return {"model": "echo", "messages": [{"role": "user", "content": text}], **fields}


def assert_openai_error(answer: Any, status: int, code: str | None) -> dict[str, Any]:
    error = answer.json()["error"]
    assert answer.status_code == status, answer.text
    assert set(error) == {"message", "type", "param", "code"}
    assert error["code"] == code
    assert answer.headers["x-trueport-request-id"].startswith("req_")
    assert isinstance(error, dict)
    return error


@pytest.mark.parametrize("prefix", ["", "/trueportai-services"])
async def test_chat_answers_under_both_addresses(site: Site, prefix: str) -> None:
    answer = await site.client.post(f"{prefix}{CHAT}", json=body_of("hello"))

    assert answer.status_code == 200
    assert answer.json()["choices"][0]["message"]["content"] == "hello"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-trueport-decision"] == "allow"
    assert answer.headers["x-trueport-response-decision"] == "allow"
    assert answer.headers["x-trueport-request-id"].startswith("req_")


async def test_request_ids_differ_and_name_the_record(site: Site) -> None:
    answers = [await site.client.post(CHAT, json=body_of(CARD)) for _ in range(2)]

    await site.settled()

    ids = {answer.headers["x-trueport-request-id"] for answer in answers}
    assert len(ids) == 2
    assert {one.record_id for one in await site.violations()} == ids


async def test_stream_is_server_sent_events_with_the_final_decision(site: Site) -> None:
    site.provider.chunks = text_chunks(f"card {CARD}")

    answer = await site.client.post(CHAT, json=body_of("hello", model="scripted", stream=True))

    lines = answer.text.strip().split("\n\n")
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines[:-2]]
    said = "".join(one["choices"][0]["delta"].get("content") or "" for one in chunks)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-trueport-decision"] == "allow"
    assert "content-length" not in answer.headers
    assert said == "card [CREDIT_CARD]"
    assert lines[-2:] == [": x-trueport-decision: mask", "data: [DONE]"]
    assert site.provider.closed == 1


async def test_stream_that_breaks_off_says_so_and_does_not_end_well(site: Site) -> None:
    answer = await site.client.post(
        CHAT, json=body_of("one two three four five six", model="echo-break-3", stream=True)
    )

    last = answer.text.strip().split("\n\n")[-1]
    assert answer.status_code == 200
    assert "error" in json.loads(last.removeprefix("data: "))
    assert "[DONE]" not in answer.text


async def test_blocked_request_is_403_with_rule_and_violation(site: Site) -> None:
    answer = await site.client.post(CHAT, json=body_of(f"use {AWS_KEY}"))

    error = assert_openai_error(answer, 403, "content_blocked")
    assert error["type"] == "policy_violation"
    assert error["param"] == "block-secrets"
    assert "vio_" in error["message"]
    assert AWS_KEY not in answer.text
    assert answer.headers["x-trueport-decision"] == "block"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"authorization": ""}, "invalid_api_key"),
        ({"authorization": "Bearer sk-x"}, "invalid_api_key"),
        ({"authorization": "Basic x"}, "invalid_api_key"),
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", CHAT), ("GET", "/v1/models"), ("POST", "/v1/detect"), ("POST", "/v1/moderations")],
)
async def test_request_without_a_sound_key_is_401(
    site: Site, headers: dict[str, str], code: str, method: str, path: str
) -> None:
    body = body_of("hello") if path == CHAT else {"input": "x"}

    answer = await site.client.request(
        method, path, headers=headers, json=None if method == "GET" else body
    )

    error = assert_openai_error(answer, 401, code)
    assert error["type"] == "authentication_error"
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "sk-x" not in answer.text


async def test_unknown_model_is_404(site: Site) -> None:
    answer = await site.client.post(CHAT, json=body_of("hello", model="nope"))

    assert_openai_error(answer, 404, "model_not_found")


async def test_key_without_the_scope_is_403(site: Site) -> None:
    headers = await site.issue(scopes=frozenset({Scope.DETECT}))

    answer = await site.client.post(CHAT, json=body_of("hello"), headers=headers)

    error = assert_openai_error(answer, 403, "key.scope")
    assert error["type"] == "permission_error"


async def test_limit_is_429_with_its_windows(site: Site) -> None:
    headers = await site.issue(limits=KeyLimits(requests_per_minute=1, tokens_per_minute=10_000))
    first = await site.client.post(CHAT, json=body_of("hello"), headers=headers)

    second = await site.client.post(CHAT, json=body_of("hello"), headers=headers)

    error = assert_openai_error(second, 429, "rate_limit_exceeded")
    assert error["type"] == "rate_limit_error"
    assert first.headers["x-ratelimit-limit-requests"] == "1"
    assert first.headers["x-ratelimit-remaining-requests"] == "0"
    assert first.headers["x-ratelimit-limit-tokens"] == "10000"
    assert second.headers["x-ratelimit-remaining-requests"] == "0"
    assert 1 <= int(second.headers["retry-after"]) <= 60
    assert second.headers["x-ratelimit-reset-requests"].endswith("s")


async def test_used_up_budget_is_insufficient_quota(site: Site) -> None:
    headers = await site.issue(limits=KeyLimits(budget_per_day_nano=1))

    answer = await site.client.post(CHAT, json=body_of("hello", model="scripted"), headers=headers)

    error = assert_openai_error(answer, 429, "insufficient_quota")
    assert error["type"] == "insufficient_quota"
    assert int(answer.headers["retry-after"]) > 1


@pytest.mark.parametrize(
    ("trouble", "status"),
    [
        (UpstreamUnavailable("scripted", "silent", is_timeout=True), 504),
        (UpstreamUnavailable("scripted", "no connection"), 502),
        (UpstreamUnavailable("scripted", "no JSON object", status=200), 502),
        (UpstreamUnavailable("scripted", "moved", status=302), 502),
        (UpstreamUnavailable("scripted", "failed", status=500), 500),
        (UpstreamRefused(status=404, body=None, retry_after=None), 404),
    ],
)
async def test_trouble_of_the_upstream_has_a_status_that_says_so(
    site: Site, trouble: DomainError, status: int
) -> None:
    site.provider.answer = trouble

    answer = await site.client.post(CHAT, json=body_of("hello", model="scripted"))

    error = assert_openai_error(answer, status, trouble.code)
    assert error["type"] == "upstream_error"


@pytest.mark.parametrize(
    ("model", "status"), [("echo-fail-503", 503), ("echo-fail-429", 429), ("echo-fail-400", 400)]
)
async def test_error_of_the_upstream_arrives_as_it_was_said(
    site: Site, model: str, status: int
) -> None:
    answer = await site.client.post(CHAT, json=body_of("hello", model=model))

    error = assert_openai_error(answer, status, f"echo_{status}")
    assert error["type"] == "echo_error"
    assert ("retry-after" in answer.headers) is (status != 400)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"  ",
        b"{bad",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"model": NaN}',
        b'{"model":"echo","messages":[{"role":"user","content":"x"}],"top_p":1e999}',
        b'{"model":"echo"}',
        b'{"model":"echo","messages":{}}',
        b'{"a":' * 70 + b"1" + b"}" * 70,
        b"[" * 100_000,
    ],
)
async def test_body_that_is_no_chat_is_400(site: Site, raw: bytes) -> None:
    answer = await site.client.post(CHAT, content=raw)

    error = assert_openai_error(answer, 400, "invalid_value")
    assert error["type"] == "invalid_request_error"


@pytest.mark.parametrize("path", [CHAT, "/v1/detect", "/v1/moderations"])
@pytest.mark.parametrize("is_declared", [True, False])
async def test_body_that_is_too_large_is_413(site: Site, path: str, is_declared: bool) -> None:
    size = site.container.settings().max_body_bytes
    text = b'{"input": "' + b"x" * size + b'"}'

    async def pieces() -> Any:
        for start in range(0, len(text), 1 << 20):
            yield text[start : start + (1 << 20)]

    answer = await site.client.post(path, content=text if is_declared else pieces())

    error = assert_openai_error(answer, 413, "body_too_large")
    assert error["type"] == "invalid_request_error"


async def test_text_with_half_a_surrogate_pair_comes_back_escaped(site: Site) -> None:
    raw = b'{"model":"echo","messages":[{"role":"user","content":"a\\ud83d b"}]}'

    whole = await site.client.post(CHAT, content=raw)
    streamed = await site.client.post(CHAT, content=raw[:-1] + b',"stream":true}')

    assert whole.status_code == 200
    assert b"a\\ud83d b" in whole.content
    assert b"a\\ud83d b" in streamed.content
    assert b"[DONE]" in streamed.content


async def test_field_with_half_a_surrogate_pair_is_refused_all_the_same(site: Site) -> None:
    answer = await site.client.post(
        "/v1/detect",
        content=b'{"input":"x","\\ud83d":1}',
        headers={"content-type": "application/json"},
    )

    assert_openai_error(answer, 400, "invalid_value")


async def test_models_are_those_of_the_key(site: Site) -> None:
    headers = await site.issue(models=frozenset({"echo"}))

    everything = (await site.client.get("/v1/models")).json()
    one = (await site.client.get("/v1/models", headers=headers)).json()

    assert everything["object"] == "list"
    assert "scripted" in [model["id"] for model in everything["data"]]
    assert [model["id"] for model in one["data"]] == ["echo"]
    assert one["data"][0]["owned_by"] == "echo"


async def test_detect_answers_one_result_a_text_with_explanations(site: Site) -> None:
    answer = await site.client.post(
        "/v1/detect", json={"input": [f"é {CARD}", "clean", ""], "detectors": ["pii"]}
    )

    results = answer.json()["results"]
    finding = results[0]["findings"][0]
    assert answer.status_code == 200
    assert (finding["type"], finding["start"], finding["end"]) == ("CREDIT_CARD", 2, 21)
    assert finding["explanation"]["source"] == "flaky@1"
    assert [len(result["findings"]) for result in results] == [1, 0, 0]
    assert set(results[1]["scores"]) == {"pii"}
    assert CARD not in answer.text


async def test_detect_takes_a_lowest_score(site: Site) -> None:
    high = await site.client.post("/v1/detect", json={"input": CARD, "min_score": 0.99})
    low = await site.client.post("/v1/detect", json={"input": CARD, "min_score": 0.5})

    assert high.json()["results"][0]["findings"] == []
    assert len(low.json()["results"][0]["findings"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"input": 7},
        {"input": []},
        {"input": ["x"] * 129},
        {"input": "x", "detectors": ["astrology"]},
        {"input": "x", "min_score": 2},
        {"inpt": "x"},
    ],
)
async def test_detect_with_a_wrong_body_is_400_and_names_the_field(
    site: Site, body: dict[str, object]
) -> None:
    answer = await site.client.post("/v1/detect", json=body)

    error = assert_openai_error(answer, 400, "invalid_value")
    assert error["param"]


@pytest.mark.parametrize("path", ["/v1/detect", "/v1/moderations"])
async def test_detection_without_a_detector_is_503(site: Site, path: str) -> None:
    site.detector.is_away = True

    answer = await site.client.post(path, json={"input": INSULT})

    assert_openai_error(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "5"


async def test_moderation_speaks_openais_categories(site: Site) -> None:
    answer = await site.client.post("/v1/moderations", json={"input": [INSULT, "fine"]})

    first, second = answer.json()["results"]
    assert (first["flagged"], second["flagged"]) == (True, False)
    assert first["categories"]["harassment"] is True
    assert first["category_scores"]["harassment"] == 0.95
    assert set(first["categories"]) == set(second["category_scores"])


async def test_unknown_route_and_wrong_method_have_openais_shape(site: Site) -> None:
    missing = await site.client.get("/v1/nope")
    wrong = await site.client.get(CHAT)

    assert_openai_error(missing, 404, "unknown_url")
    assert_openai_error(wrong, 405, "unknown_url")
    assert wrong.headers["allow"] == "POST"


@pytest.mark.parametrize("path", [CHAT, "/v1/detect"])
async def test_error_that_nobody_foresaw_is_500_without_its_words(
    site: Site, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Exception):
        pass

    async def detect(_: object) -> Any:
        raise Broken(f"it was {CARD}")

    site.detector.detect = detect  # type: ignore[method-assign, assignment]
    body = body_of(CARD) if path == CHAT else {"input": CARD}

    answer = await site.client.post(path, json=body)

    error = assert_openai_error(answer, 500, "internal_error")
    assert answer.headers["x-trueport-request-id"] in error["message"]
    assert CARD not in answer.text
    assert "request failed unexpectedly" in caplog.text
    assert CARD not in caplog.text


async def test_route_without_an_openai_shape_answers_problem_details(site: Site) -> None:
    for path in ("/nope", "/platform/api/nope", "/analytics/nope", "/analytics/jobs"):
        answer = await site.client.get(path)

        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.status_code in (401, 404)
        assert problem["status"] == answer.status_code
        assert problem["instance"] == path
        assert set(problem) >= {"type", "title", "status", "detail", "instance", "code"}

"""What a policy does to a whole exchange, and what the audit record says of it."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from application.gateway.relay import CompletedChat, ContentBlocked
from application.ports.detector import Channel
from domain.chat import parse_json_object
from domain.errors import InvalidValue, NotFound, Refused
from domain.policy.rule import (
    Direction,
    Effect,
    FailureEffect,
    Mode,
    Policy,
    Replacement,
)
from tests.fakes.deployment import Customer, Deployment
from tests.fakes.detectors import (
    AWS_KEY,
    CARD,
    INJECTION,
    INSULT,
    MAIL,
    FlakyDetector,
    KeywordDetector,
)
from tests.fakes.model_providers import completion
from tests.fakes.policies import blocking, masking, policy, rule

Json = Mapping[str, Any]


def text_of(answer: CompletedChat) -> str:
    body: Any = answer.body
    content = body["choices"][0]["message"]["content"]
    assert isinstance(content, str)
    return content


def sent(deployment: Deployment) -> Any:
    """Return the body that reached the scripted upstream."""
    return deployment.provider.calls[-1].body


async def only_record(deployment: Deployment) -> Any:
    (record,) = await deployment.records()
    return record


async def test_clean_request_passes_and_is_recorded(deployment: Deployment, acme: Customer) -> None:
    answer = await acme.chat("hello")

    record = await only_record(deployment)
    assert text_of(answer) == "hello"
    assert (answer.passed.decision, answer.response_decision) == (Effect.ALLOW, Effect.ALLOW)
    assert record["record_id"] == answer.passed.request_id
    assert record["status"] == 200
    assert record["request"]["messages"][0]["content"] == "hello"
    assert record["response"]["choices"][0]["message"]["content"] == "hello"
    assert record["findings"] == []


async def test_flagged_request_passes_unchanged(deployment: Deployment, acme: Customer) -> None:
    answer = await acme.chat(f"hello {INSULT}", model="scripted")

    record = await only_record(deployment)
    assert answer.passed.decision is Effect.FLAG
    assert sent(deployment)["messages"][0]["content"] == f"hello {INSULT}"
    assert [finding["type"] for finding in record["findings"]] == ["INSULT"]


async def test_masked_request_reaches_the_model_masked_and_the_record_in_full(
    deployment: Deployment, acme: Customer
) -> None:
    answer = await acme.chat(f"card {CARD}, mail {MAIL}", model="scripted")

    record = await only_record(deployment)
    assert answer.passed.decision is Effect.MASK
    assert sent(deployment)["messages"][0]["content"] == "card [CREDIT_CARD], mail [EMAIL]"
    assert record["request"]["messages"][0]["content"] == f"card {CARD}, mail {MAIL}"
    assert CARD not in json.dumps(record["findings"])
    assert MAIL not in json.dumps(record["findings"])


async def test_blocked_request_reaches_no_model_and_is_recorded(
    deployment: Deployment, acme: Customer
) -> None:
    with pytest.raises(ContentBlocked) as blocked:
        await acme.chat(f"use {AWS_KEY}", model="scripted")

    record = await only_record(deployment)
    assert deployment.provider.calls == []
    assert blocked.value.rules == ("block-secrets",)
    assert blocked.value.violations == tuple(record["decision"]["violations"])
    assert AWS_KEY not in str(blocked.value)
    assert (record["status"], record["upstream"], record["response"]) == (403, None, None)
    assert record["decision"]["request_enforced"] == "block"
    assert record["tokens"]["output"] == 0


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        (Replacement.REPLACE, "[EMAIL] and [EMAIL] and [CREDIT_CARD]"),
        (Replacement.PSEUDONYM, "[EMAIL_1] and [EMAIL_1] and [CREDIT_CARD_1]"),
    ],
)
async def test_mask_replaces_as_the_rule_says(
    deployment: Deployment, replacement: Replacement, expected: str
) -> None:
    customer = await deployment.customer(policy=masking(replacement=replacement))

    await customer.chat(f"{MAIL} and {MAIL} and {CARD}", model="scripted")

    assert sent(deployment)["messages"][0]["content"] == expected


async def test_hash_mask_is_equal_for_equal_values_of_one_tenant_alone(
    deployment: Deployment,
) -> None:
    rules = masking(replacement=Replacement.HASH)
    acme = await deployment.customer("acme", policy=rules)
    globex = await deployment.customer("globex", policy=rules)
    texts = []

    for customer in (acme, acme, globex):
        await customer.chat(MAIL, model="scripted")
        texts.append(sent(deployment)["messages"][0]["content"])

    assert texts[0] == texts[1] != texts[2]
    assert all(text.startswith("[EMAIL:") and MAIL not in text for text in texts)


async def test_pseudonyms_hold_from_the_request_to_the_answer(deployment: Deployment) -> None:
    customer = await deployment.customer(policy=masking(replacement=Replacement.PSEUDONYM))
    deployment.provider.answer = completion(f"{CARD} belongs to {MAIL}")

    answer = await customer.chat(f"who has {MAIL}?", model="scripted")

    assert sent(deployment)["messages"][0]["content"] == "who has [EMAIL_1]?"
    assert text_of(answer) == "[CREDIT_CARD_1] belongs to [EMAIL_1]"


async def test_observe_mode_changes_nothing_and_records_everything(
    deployment: Deployment,
) -> None:
    customer = await deployment.customer(policy=blocking(mode=Mode.OBSERVE))
    deployment.provider.answer = completion(f"say {AWS_KEY}")

    answer = await customer.chat(f"use {AWS_KEY}", model="scripted")

    record = await only_record(deployment)
    assert sent(deployment)["messages"][0]["content"] == f"use {AWS_KEY}"
    assert text_of(answer) == f"say {AWS_KEY}"
    assert (answer.passed.decision, answer.response_decision) == (Effect.FLAG, Effect.FLAG)
    assert record["decision"]["request"] == record["decision"]["response"] == "block"
    assert record["decision"]["request_enforced"] == "flag"
    assert len(record["decision"]["violations"]) == 2


@pytest.mark.parametrize(
    ("policy", "kind"),
    [
        (None, "starter"),
        (blocking("SSN"), "enforce"),
        (blocking("SSN", mode=Mode.OBSERVE), "observe"),
    ],
)
async def test_decisions_are_counted_by_kind_of_policy_and_not_by_its_name(
    deployment: Deployment, policy: Policy | None, kind: str
) -> None:
    customer = await deployment.customer(policy=policy)

    await customer.chat("hello")

    page = deployment.telemetry.render().decode()
    assert f'policy_decisions_total{{action="allow",policy="{kind}"}} 1.0' in page
    assert 'policy="test"' not in page


async def test_observe_mode_refuses_nothing_when_a_detector_is_away(
    deployment: Deployment,
) -> None:
    deployment.detectors = [FlakyDetector(is_away=True)]
    customer = await deployment.customer(
        policy=blocking(mode=Mode.OBSERVE, on_detector_failure=FailureEffect.BLOCK)
    )

    answer = await customer.chat("hello", model="scripted")

    record = await only_record(deployment)
    assert text_of(answer) == "fine"
    assert answer.response_decision is Effect.ALLOW
    assert record["decision"]["missing_detectors"] == ["flaky"]


async def test_answer_is_masked(deployment: Deployment, acme: Customer) -> None:
    deployment.provider.answer = completion(f"your card is {CARD}")

    answer = await acme.chat("hello", model="scripted")

    record = await only_record(deployment)
    assert text_of(answer) == "your card is [CREDIT_CARD]"
    assert answer.response_decision is Effect.MASK
    assert record["response"]["choices"][0]["message"]["content"] == f"your card is {CARD}"


async def test_blocked_answer_ends_in_content_filter_without_any_text(
    deployment: Deployment, acme: Customer
) -> None:
    deployment.provider.answer = completion(f"here: {AWS_KEY}")

    answer = await acme.chat("hello", model="scripted")

    body: Any = answer.body
    record = await only_record(deployment)
    assert answer.response_decision is Effect.BLOCK
    assert body["choices"][0]["finish_reason"] == "content_filter"
    assert body["choices"][0]["message"]["content"] == ""
    assert AWS_KEY not in json.dumps(body)
    assert record["status"] == 200
    assert record["decision"]["response_enforced"] == "block"


@pytest.mark.parametrize("text", [f"your card is {CARD}", f"here: {AWS_KEY}"])
async def test_token_log_probabilities_do_not_spell_out_what_is_hidden(
    deployment: Deployment, acme: Customer, text: str
) -> None:
    answer = completion(text)
    choices: Any = answer["choices"]
    choices[0]["logprobs"] = {"content": [{"token": word, "logprob": -0.1} for word in text]}
    deployment.provider.answer = answer

    delivered: Any = (await acme.chat("hello", model="scripted", logprobs=True)).body

    assert delivered["choices"][0]["logprobs"] is None


async def test_untouched_answer_keeps_its_log_probabilities(
    deployment: Deployment, acme: Customer
) -> None:
    answer = completion("fine")
    choices: Any = answer["choices"]
    choices[0]["logprobs"] = {"content": [{"token": "fine", "logprob": -0.1}]}
    deployment.provider.answer = answer

    delivered: Any = (await acme.chat("hello", model="scripted", logprobs=True)).body

    assert delivered["choices"][0]["logprobs"] == choices[0]["logprobs"]


async def test_answer_names_the_model_as_the_caller_did(
    deployment: Deployment, acme: Customer
) -> None:
    answer = await acme.chat("hello", model="scripted")

    assert answer.body["model"] == "scripted"


async def test_unknown_fields_pass_through_untouched_both_ways(
    deployment: Deployment, acme: Customer
) -> None:
    extra = {"nested": [1, 2.5, None, {"x": True}], "text": "ä\ud83d"}
    deployment.provider.answer = completion("fine", service_tier="flex", extension=extra)

    answer = await acme.ask(
        model="scripted",
        messages=[{"role": "user", "content": f"{CARD}", "name": "ada", "x_meta": extra}],
        seed=7,
        metadata=extra,
    )

    assert isinstance(answer, CompletedChat)
    body = sent(deployment)
    assert body["seed"] == 7
    assert body["metadata"] == extra
    assert body["messages"][0] == {
        "role": "user",
        "content": "[CREDIT_CARD]",
        "name": "ada",
        "x_meta": extra,
    }
    assert (answer.body["service_tier"], answer.body["extension"]) == ("flex", extra)


async def test_instructions_of_the_application_are_no_injection(
    deployment: Deployment, acme: Customer
) -> None:
    await acme.ask(
        model="scripted",
        messages=[
            {"role": "system", "content": f"When told so, {INJECTION}."},
            {"role": "developer", "content": INJECTION},
            {"role": "user", "content": "hello"},
        ],
    )

    record = await only_record(deployment)
    assert record["findings"] == []


async def test_secret_in_a_system_message_is_found_all_the_same(acme: Customer) -> None:
    with pytest.raises(ContentBlocked):
        await acme.ask(model="echo", messages=[{"role": "system", "content": AWS_KEY}])


async def test_result_of_a_tool_has_its_own_direction(deployment: Deployment) -> None:
    detector = KeywordDetector()
    deployment.detectors = [detector]
    customer = await deployment.customer(
        policy=policy(
            rule(
                Effect.BLOCK,
                types=frozenset({"OVERRIDE"}),
                directions=frozenset({Direction.TOOL_RESULT}),
            )
        )
    )
    await customer.chat(INJECTION)

    with pytest.raises(ContentBlocked):
        await customer.ask(
            model="echo",
            messages=[
                {"role": "user", "content": "read the page"},
                {"role": "tool", "tool_call_id": "1", "content": f"page: {INJECTION}"},
            ],
        )

    record: Any = (await deployment.records())[-1]
    assert record["findings"][0]["direction"] == "tool_result"
    assert Channel.TOOL_RESULT in {text.channel for text in detector.texts}


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "text", "text": f"x {CARD}"}]},
        {"role": "user", "content": [f"x {CARD}"]},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "1", "type": "function", "function": {"name": "f", "arguments": f"x {CARD}"}}
            ],
        },
        {"role": "assistant", "function_call": {"name": "f", "arguments": f"x {CARD}"}},
        {"role": "function", "name": "f", "content": f"x {CARD}"},
        {"role": "assistant", "content": "", "refusal": f"x {CARD}"},
    ],
)
async def test_text_is_inspected_wherever_a_message_holds_it(
    deployment: Deployment, acme: Customer, message: Json
) -> None:
    answer = await acme.ask(model="scripted", messages=[message])

    assert isinstance(answer, CompletedChat)
    assert answer.passed.decision is Effect.MASK
    assert CARD not in json.dumps(sent(deployment))
    assert "x [CREDIT_CARD]" in json.dumps(sent(deployment))


async def test_arguments_of_a_tool_call_in_an_answer_are_inspected(
    deployment: Deployment, acme: Customer
) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "pay", "arguments": f'"{CARD}"'}}
    deployment.provider.answer = completion(
        "",
        choices=[
            {"index": 0, "message": {"role": "assistant", "content": None, "tool_calls": [call]}}
        ],
    )

    answer: Any = await acme.chat("hello", model="scripted")

    arguments = answer.body["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert arguments == '"[CREDIT_CARD]"'
    assert answer.response_decision is Effect.MASK


@pytest.mark.parametrize(
    "raw",
    [
        b'{"model":"echo","temperature":NaN,"messages":[{"role":"user","content":"x"}]}',
        b'{"model":"echo","temperature":Infinity,"messages":[{"role":"user","content":"x"}]}',
        b'{"model":"echo","temperature":1e999,"messages":[{"role":"user","content":"x"}]}',
        b'{"model":"echo","seed":' + b"9" * 5000 + b"}",
        b'{"model":"echo","a":' + b"[" * 100 + b"]" * 100 + b"}",
        b"[1]",
        b"",
        b"\xff",
    ],
)
def test_body_that_is_no_strict_json_object_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidValue):
        parse_json_object(raw)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": 7, "messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": "echo"}, "messages"),
        ({"model": "echo", "messages": []}, "messages"),
        ({"model": "echo", "messages": ["hello"]}, "messages[0]"),
        ({"model": "echo", "messages": [{"role": "user"}, {"content": "x"}]}, "messages[1]"),
        ({"model": "echo", "messages": [{"role": "user"}], "stream": "yes"}, "stream"),
        ({"model": "echo", "messages": [{"role": "user"}], "user": 7}, "user"),
        ({"model": "echo", "messages": [{"role": "user"}], "max_tokens": -1}, "max_tokens"),
        ({"model": "echo", "messages": [{"role": "user"}], "max_tokens": True}, "max_tokens"),
    ],
)
async def test_body_that_the_gateway_cannot_rely_on_is_refused(
    acme: Customer, body: Json, field: str
) -> None:
    with pytest.raises(InvalidValue) as refusal:
        await acme.ask(**body)

    assert refusal.value.field == field


async def test_unknown_model_is_refused(deployment: Deployment, acme: Customer) -> None:
    with pytest.raises(NotFound) as refusal:
        await acme.chat("hello", model="nope")

    assert refusal.value.code == "model_not_found"


async def test_model_outside_of_the_key_is_refused(deployment: Deployment) -> None:
    customer = await deployment.customer(models=frozenset({"echo"}))

    with pytest.raises(Refused) as refusal:
        await customer.chat("hello", model="scripted")

    assert refusal.value.code == "key.model"
    assert [model.name for model in await deployment.list_models(customer.authorization)] == [
        "echo"
    ]

"""What a tenant's policy describes is found on every way that a text takes."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from application.gateway.audit_log import RecordQuery
from application.gateway.detect import DetectCommand
from application.gateway.policy_trial import Trial
from application.gateway.relay import ContentBlocked
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import Detector
from domain.chat import TextPart
from domain.detection.taxonomy import Category
from domain.errors import InvalidValue, Unavailable
from domain.identifiers import TenantId
from domain.policy.custom_detector import Examples
from domain.policy.rule import (
    Condition,
    Direction,
    Effect,
    FailureEffect,
    Policy,
    PolicyException,
    Replacement,
    Rule,
)
from tests.application.test_foreign_analysis import chat_line, put
from tests.application.test_relay_stream import read, text_of
from tests.fakes.clock import START
from tests.fakes.deployment import CUSTOM, Deployment
from tests.fakes.detectors import AWS_KEY, CARD, MAIL
from tests.fakes.model_providers import completion, text_chunks
from tests.fakes.policies import blocking, deny_list, masking, policy, rule, staff_number

STAFF = "EMP-123456"
LABELLED = staff_number(label="STAFF_NUMBER")
MASKED = masking("NATIONAL_ID", detectors=(LABELLED,))


def sent(deployment: Deployment) -> str:
    """Return what reached the upstream last."""
    body: Any = deployment.provider.calls[-1].body
    text = body["messages"][0]["content"]
    assert isinstance(text, str)
    return text


async def only_record(deployment: Deployment) -> Any:
    (record,) = await deployment.records()
    return record


# ---- the gateway


async def test_request_is_masked_under_the_label_of_the_policy(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=MASKED)

    await acme.chat(f"I am {STAFF}, not XEMP-999999", model="scripted")

    (finding,) = (await only_record(deployment))["findings"]
    assert sent(deployment) == "I am [STAFF_NUMBER], not XEMP-999999"
    assert (finding["type"], finding["rule"]) == ("NATIONAL_ID", "custom/staff-number")
    assert finding["detector"] == "custom"
    assert finding["source"] == f"custom/staff-number@{LABELLED.digest}"
    assert finding["evidence"] == "I am [STAFF_NUMBER], not XEMP-999999"


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [
        (Replacement.PSEUDONYM, r"[STAFF_NUMBER_1] and [STAFF_NUMBER_2] and [STAFF_NUMBER_1]"),
        (Replacement.REPLACE, r"[STAFF_NUMBER] and [STAFF_NUMBER] and [STAFF_NUMBER]"),
    ],
)
async def test_label_stands_in_every_kind_of_mask(
    deployment: Deployment, replacement: Replacement, expected: str
) -> None:
    acme = await deployment.customer(
        policy=masking("NATIONAL_ID", replacement=replacement, detectors=(LABELLED,))
    )

    await acme.chat(f"{STAFF} and EMP-654321 and {STAFF}", model="scripted")

    assert sent(deployment) == expected


async def test_hash_is_the_fingerprint_that_violations_show(deployment: Deployment) -> None:
    acme = await deployment.customer(
        policy=masking("NATIONAL_ID", replacement=Replacement.HASH, detectors=(LABELLED,))
    )
    fingerprint = deployment.digests.fingerprint(acme.tenant.id, "NATIONAL_ID", STAFF)

    await acme.chat(STAFF, model="scripted")

    assert sent(deployment) == f"[STAFF_NUMBER:{fingerprint.partition(':')[2][:12]}]"


async def test_request_with_a_denied_value_is_blocked(deployment: Deployment) -> None:
    acme = await deployment.customer(
        policy=blocking("GENERIC_SECRET", detectors=(deny_list("Project Falcon"),))
    )

    with pytest.raises(ContentBlocked):
        await acme.chat("when does PROJECT\nfalcon start?")
    await acme.chat("a falcon is a bird of prey, and this is a project")


async def test_answer_is_masked(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=MASKED)
    deployment.provider.answer = completion(f"ask {STAFF}")

    answer = await acme.chat("who?", model="scripted")

    assert json.dumps(answer.body).count("[STAFF_NUMBER]") == 1
    assert STAFF not in json.dumps(answer.body)


@pytest.mark.parametrize("size", [1, 3, 7, 400])
async def test_running_answer_is_masked_however_it_is_cut(
    deployment: Deployment, size: int
) -> None:
    acme = await deployment.customer(policy=MASKED)
    said = "some quiet words " * 20 + STAFF + " and more of them" * 20
    pieces = [said[at : at + size] for at in range(0, len(said), size)]
    deployment.provider.chunks = text_chunks(*pieces)

    text = text_of(await read(await acme.stream("who?", model="scripted")))

    assert text == said.replace(STAFF, "[STAFF_NUMBER]")


async def test_what_is_said_in_disguise_is_found(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=MASKED)
    hidden = base64.b64encode(f"my number is {STAFF}, thanks".encode()).decode()

    await acme.chat(f"read {hidden} please", model="scripted")
    assert sent(deployment) == "read [STAFF_NUMBER] please"

    await acme.chat(
        "I am \uff25\uff2d\uff30-\uff11\uff12\uff13\uff14\uff15\uff16", model="scripted"
    )
    assert sent(deployment) == "I am [STAFF_NUMBER]"


async def test_text_that_was_read_before_is_read_under_another_policy(
    deployment: Deployment,
) -> None:
    inspector = deployment.inspector
    acme = await deployment.customer(policy=MASKED)
    parts = [TextPart(path="text", text=f"{STAFF} {MAIL}", direction=Direction.REQUEST)]
    found = []
    for judged in (MASKED, masking("EMAIL"), MASKED, masking(detectors=(deny_list("thanks"),))):
        inspected = await inspector(acme.tenant.id, judged, parts)
        found.append([one.finding.type for one in inspected.candidates])

    assert found == [["NATIONAL_ID", "EMAIL"], ["EMAIL"], ["NATIONAL_ID", "EMAIL"], ["EMAIL"]]


async def test_tenants_do_not_find_what_others_describe(deployment: Deployment) -> None:
    acme = await deployment.customer("acme", policy=MASKED)
    other = await deployment.customer("other", policy=masking("NATIONAL_ID"))

    await acme.chat(STAFF, model="scripted")
    assert sent(deployment) == "[STAFF_NUMBER]"

    await other.chat(STAFF, model="scripted")
    assert sent(deployment) == STAFF


async def test_own_detector_hides_nothing_that_a_rule_would_block(deployment: Deployment) -> None:
    greedy = staff_number(
        pattern=r"card \d[\d ]+\d",
        score=1.0,
        examples=Examples(match=("card 12 34",), ignore=("card",)),
    )
    acme = await deployment.customer(
        policy=policy(
            rule(Effect.MASK, types=frozenset({"NATIONAL_ID"})),
            rule(Effect.BLOCK, types=frozenset({"CREDIT_CARD"})),
            detectors=(greedy,),
        )
    )

    with pytest.raises(ContentBlocked):
        await acme.chat(f"card {CARD}")


async def test_rule_may_be_about_one_detector_alone(deployment: Deployment) -> None:
    stop = Rule(
        id="stop-code-names",
        when=Condition(detector_rules=frozenset({"custom/code-names"})),
        effect=Effect.BLOCK,
        severity=rule(Effect.BLOCK).severity,
    )
    acme = await deployment.customer(policy=policy(stop, detectors=(deny_list("falcon"),)))

    await acme.chat(f"{AWS_KEY} {MAIL}", model="scripted")
    with pytest.raises(ContentBlocked) as refusal:
        await acme.chat("falcon")

    assert refusal.value.rules == ("stop-code-names",)


class BrokenDetectors(CustomDetectors):
    """What another version took and this one cannot run."""

    def check(self, detectors: Any) -> None:
        CUSTOM.check(detectors)

    def detector(self, detectors: Any) -> Detector:
        return CUSTOM.detector([replace(one, pattern="(") for one in detectors])


async def test_detector_that_cannot_be_run_counts_as_one_that_is_away(
    deployment: Deployment,
) -> None:
    stored = masking("NATIONAL_ID", on_detector_failure=FailureEffect.BLOCK, detectors=(LABELLED,))
    acme = await deployment.customer(policy=stored)
    deployment.custom = BrokenDetectors()

    with pytest.raises(Unavailable):
        await acme.chat(STAFF)

    assert (await only_record(deployment))["decision"]["missing_detectors"] == ["custom"]


# ---- after the fact, drafts, and the detectors alone


async def test_violation_is_the_same_in_line_and_after_the_fact(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=MASKED)
    await acme.chat(f"I am {STAFF}", model="scripted")
    record = await only_record(deployment)

    await deployment.ship()
    (before,) = await acme.violations()
    await deployment.analyse_all()

    (violation,) = await acme.violations()
    assert before.id == violation.id
    assert violation.id in record["decision"]["violations"]
    assert (violation.rule, violation.detector) == ("custom/staff-number", "custom")
    assert STAFF not in violation.evidence


@pytest.mark.parametrize("entity_type", ["NATIONAL_ID", "EMAIL"])
async def test_what_could_not_be_found_in_line_is_found_afterwards(
    deployment: Deployment, entity_type: str
) -> None:
    own = staff_number(
        pattern=r"[a-z]+@example\.org(?: of ACME)?",
        type=entity_type,
        examples=Examples(match=(f"{MAIL} of ACME",), ignore=("x",)),
    )
    acme = await deployment.customer(policy=masking("EMAIL", "NATIONAL_ID", detectors=(own,)))
    deployment.custom = BrokenDetectors()
    await acme.chat(f"{MAIL}, {MAIL} of ACME", model="scripted")

    deployment.custom = CUSTOM
    await deployment.ship()
    await deployment.analyse_all()

    end = len(MAIL)
    found = {(one.rule, one.span.start, one.span.end) for one in await acme.violations()}
    wider = ("custom/staff-number", end + 2, 2 * end + 2 + len(" of ACME"))
    same = {("custom/staff-number", 0, end)} if entity_type == "NATIONAL_ID" else set()
    assert found == {
        ("word-email", 0, end), ("word-email", end + 2, 2 * end + 2), wider, *same
    }  # fmt: skip


async def test_log_of_somebody_else_is_read_for_it(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=MASKED)

    await put(acme, "a.jsonl", chat_line(f"I am {STAFF} and {MAIL}"))
    await deployment.analyse_all()

    (violation,) = await acme.violations()
    assert (violation.type, violation.rule) == ("NATIONAL_ID", "custom/staff-number")
    assert violation.evidence == "I am [STAFF_NUMBER] and [EMAIL]"


async def test_draft_is_tried_with_its_own_detectors(deployment: Deployment) -> None:
    acme = await deployment.customer()

    found, passed = await deployment.policy_trial(
        acme.tenant.id, MASKED, Trial(texts=(STAFF, "EMP-1"))
    )

    assert (found.passed, passed.passed) == ("[STAFF_NUMBER]", "EMP-1")


@pytest.mark.usefixtures("timely_ids")
async def test_draft_is_replayed_with_its_own_detectors(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=masking("NATIONAL_ID"))
    await acme.chat(STAFF)
    await acme.chat("hello")
    await deployment.ship()
    day = RecordQuery(since=START - timedelta(hours=1), until=START + timedelta(hours=1))

    report = await deployment.policy_replay(acme.tenant, MASKED, day, limit=10)

    assert report.comparison.effects == {
        (Effect.ALLOW, Effect.MASK): 1,
        (Effect.ALLOW, Effect.ALLOW): 1,
    }


async def test_texts_are_read_with_the_active_policys_detectors(deployment: Deployment) -> None:
    acme = await deployment.customer(policy=policy(detectors=(LABELLED, deny_list("falcon"))))

    async def detect(*categories: Category) -> list[str]:
        asked: Mapping[str, Any] = {"categories": frozenset(categories)} if categories else {}
        result = await deployment.detect(
            DetectCommand(
                authorization=acme.authorization, texts=[f"{STAFF} {MAIL} falcon"], **asked
            )
        )
        return [finding.rule for finding in result.detections[0].findings]

    assert await detect() == ["custom/staff-number", "word-email", "custom/code-names"]
    assert await detect(Category.SECRETS) == ["custom/code-names"]


async def test_draft_whose_detector_misses_its_example_is_refused_with_the_place(
    deployment: Deployment,
) -> None:
    acme = await deployment.customer()
    wrong = staff_number(examples=Examples(match=("EMP-123456", "EMP-9"), ignore=("x",)))
    draft = policy(detectors=(deny_list("falcon"), wrong))

    for refused in (
        acme.add_policy(draft),
        deployment.policy_trial(acme.tenant.id, draft, Trial(texts=("x",))),
    ):
        with pytest.raises(InvalidValue, match="nothing in it matches") as refusal:
            await refused
        assert refusal.value.field == "policy.detectors[1].examples.match[1]"


# ---- to silence


def excused(**what: Any) -> PolicyException:
    return PolicyException(id="known", reason="agreed", expires=START + timedelta(days=1), **what)


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ({"values": (MAIL,), "types": frozenset({"EMAIL"})}, f"{MAIL} [CREDIT_CARD]"),
        (
            {"values": (CARD, "4"), "types": frozenset({"CREDIT_CARD"})},
            f"[EMAIL] {CARD}",
        ),
        ({"values": (MAIL,), "types": frozenset({"CREDIT_CARD"})}, "[EMAIL] [CREDIT_CARD]"),
        ({"pattern": r"ada@.*"}, f"{MAIL} [CREDIT_CARD]"),
        ({"domains": frozenset({"example.org"})}, f"{MAIL} [CREDIT_CARD]"),
        ({"detector_rules": frozenset({"word-credit_card"})}, f"[EMAIL] {CARD}"),
    ],
)
async def test_one_value_pattern_domain_or_rule_is_silenced(
    deployment: Deployment, what: Any, expected: str
) -> None:
    acme = await deployment.customer(policy=masking(exceptions=(excused(**what),)))

    await acme.chat(f"{MAIL} {CARD}", model="scripted")

    assert sent(deployment) == expected


@pytest.mark.parametrize(
    "domain", ["https://example.com", "*.example.com", "example.com/x", "@example.com", "ex ample"]
)
async def test_domain_that_could_never_match_is_refused(
    deployment: Deployment, domain: str
) -> None:
    acme = await deployment.customer()

    with pytest.raises(InvalidValue, match="no host name such as") as refusal:
        await acme.add_policy(masking(exceptions=(excused(domains=frozenset({domain})),)))

    assert refusal.value.field == "policy.exceptions[0].domains"


async def test_values_are_stored_as_fingerprints(deployment: Deployment) -> None:
    acme = await deployment.customer()
    await acme.add_policy(
        masking(exceptions=(excused(values=(MAIL,), types=frozenset({"EMAIL"})),))
    )

    async with deployment.transactions() as uow:
        stored = await uow.policies.active(acme.tenant.id, at=deployment.clock.now())

    assert stored is not None
    (exception,) = stored.policy.exceptions
    assert exception.values == ()
    assert exception.fingerprints == {deployment.digests.fingerprint(acme.tenant.id, "EMAIL", MAIL)}


async def test_own_detector_is_silenced_like_any_other(deployment: Deployment) -> None:
    quiet = excused(detector_rules=frozenset({"custom/staff-number"}))
    acme = await deployment.customer(
        policy=masking("NATIONAL_ID", exceptions=(quiet,), detectors=(LABELLED,))
    )

    await acme.chat(STAFF, model="scripted")

    assert sent(deployment) == STAFF


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (
            policy(exceptions=(excused(detector_rules=frozenset({"word-emial"})),)),
            "policy.exceptions[0].detector_rules",
        ),
        (
            policy(
                Rule(
                    id="r",
                    when=Condition(detector_rules=frozenset({"custom/nothing"})),
                    effect=Effect.BLOCK,
                    severity=rule(Effect.BLOCK).severity,
                )
            ),
            "policy.rules[0].when.detector_rules",
        ),
    ],
)
async def test_rule_that_no_detector_has_is_refused(
    deployment: Deployment, draft: Policy, field: str
) -> None:
    acme = await deployment.customer()

    with pytest.raises(InvalidValue, match="no detector has the rule") as refusal:
        await acme.add_policy(draft)

    assert refusal.value.field == field


# ---- a law


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    value=st.from_regex(r"[A-Z]{2,4}[0-9]{3,6}", fullmatch=True),
    before=st.text("xyz .,-\n\u00e9\u4e2d", max_size=20),
    behind=st.text("xyz .,-\n\u00e9\u4e2d", max_size=20),
)
async def test_masked_text_never_holds_the_value(
    deployment: Deployment, value: str, before: str, behind: str
) -> None:
    draft = masking("GENERIC_SECRET", detectors=(deny_list(value),))
    text = f"{before} {value} {behind} {value}"

    (tried,) = await deployment.policy_trial(TenantId("ten_1"), draft, Trial(texts=(text,)))

    assert tried.passed is not None
    assert value not in tried.passed
    assert tried.passed.count("[GENERIC_SECRET]") == 2

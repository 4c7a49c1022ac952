"""The contract of `MailTemplates`: what mails say, whatever engine writes them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.mail.jinja_templates import JinjaTemplates
from application.ports.mailer import MailTemplates
from domain.errors import NotFound

TEMPLATES: Mapping[str, Callable[[], MailTemplates]] = {"jinja": JinjaTemplates}

FACTS: dict[str, object] = {
    "tenant_name": "Acme Health",
    "tenant_slug": "acme-health",
    "count": 3,
    "highest": "critical",
    "violations": [],
    "more": 0,
    "url": None,
}


@pytest.fixture(params=TEMPLATES, scope="module")
def templates(request: pytest.FixtureRequest) -> MailTemplates:
    return TEMPLATES[request.param]()


def facts_of_a_violation(**changes: object) -> dict[str, object]:
    return {
        "id": "vio_01jdz3v5m8q2w7x9k4n6p0r1t3",
        "severity": "critical",
        "category": "secrets",
        "type": "CLOUD_KEY",
        "part": "messages/1/content",
        "direction": "request",
        "effect": "block",
        "evidence": "deploy with [CLOUD_KEY] please",
        "occurred_at": datetime(2026, 11, 24, 2, 44, tzinfo=UTC),
        "key_name_or_id": "ci-runner",
        "model": "gpt-4o",
        "policy_rules": ["block-secrets"],
    } | changes


def alert(
    templates: MailTemplates, *violations: dict[str, object], **facts: object
) -> tuple[str, str, str]:
    listed = list(violations) or [facts_of_a_violation()]
    return templates.render("alert", FACTS | {"violations": listed} | facts)


def test_alert_says_what_happened_what_was_done_and_what_to_do(templates: MailTemplates) -> None:
    subject, text, html = alert(templates, more=2, url="https://trueport.example.com/")

    assert subject == "[TruePort] critical: 3 violations in Acme Health"
    for part in (text, html):
        assert "3 violations in Acme Health" in part
        assert "ecret: cloud key" in part
        assert "in a request to gpt-4o" in part
        assert "Blocked. It did not reach the model." in part
        assert "deploy with [CLOUD_KEY] please" in part
        assert "2026-11-24 02:44:00 UTC" in part
        assert "ci-runner" in part
        assert "block-secrets" in part
        assert "vio_01jdz3v5m8q2w7x9k4n6p0r1t3" in part
        assert "2 more that this mail does not list" in part
        assert "https://trueport.example.com/" in part
        assert "Revoke it" in part


@pytest.mark.parametrize(
    ("effect", "direction", "said"),
    [
        ("block", "request", "Blocked. It did not reach the model."),
        ("block", "response", "Blocked. The answer was stopped there."),
        ("block", "tool_result", "Blocked. It did not reach the model."),
        ("mask", "request", "Masked before the model saw it."),
        ("mask", "response", "Masked in the answer."),
        ("flag", "request", "Let it pass and recorded it."),
    ],
)
def test_alert_says_what_was_done(
    templates: MailTemplates, effect: str, direction: str, said: str
) -> None:
    _, text, html = alert(templates, facts_of_a_violation(effect=effect, direction=direction))

    assert said in text
    assert said in html


def test_what_was_enforced_counts_where_it_is_known(templates: MailTemplates) -> None:
    _, text, _ = alert(templates, facts_of_a_violation(effect="block", enforced="flag"))

    assert "Let it pass and recorded it." in text
    assert "Blocked" not in text


@pytest.mark.parametrize(
    ("occurred_at", "told"),
    [
        ("2026-11-24T02:44:00.123Z", "2026-11-24 02:44:00 UTC"),
        ("2026-11-24T03:44:00+01:00", "2026-11-24 02:44:00 UTC"),
        ("yesterday", "yesterday"),
    ],
)
def test_time_is_told_in_utc(templates: MailTemplates, occurred_at: str, told: str) -> None:
    _, text, html = alert(templates, facts_of_a_violation(occurred_at=occurred_at))

    assert told in text
    assert told in html


def test_plain_text_fits_a_terminal(templates: MailTemplates) -> None:
    long = facts_of_a_violation(evidence="word " * 100)
    _, text, _ = alert(templates, long, facts_of_a_violation(category="injection", type="OVERRIDE"))

    assert max(len(line) for line in text.splitlines()) <= 78
    assert "\n\n\n" not in text


@pytest.mark.parametrize(
    "category", ["pii", "secrets", "injection", "exfil", "toxicity", "bias", "?"]
)
def test_every_category_has_its_advice_once(templates: MailTemplates, category: str) -> None:
    violation = facts_of_a_violation(category=category)

    _, text, _ = alert(templates, violation, violation)

    assert text.partition("WHAT TO DO NEXT")[2].count("  * ") == 2


def test_facts_are_escaped_in_html(templates: MailTemplates) -> None:
    attack = "<script>alert('x')</script><img src=x onerror=y>\"'&"
    violation = facts_of_a_violation(
        **dict.fromkeys(["part", "evidence", "key_name_or_id", "model", "type", "id"], attack),
        policy_rules=[attack],
    )

    _, _, html = alert(templates, violation, tenant_name=attack, tenant_slug=attack)

    assert "<script" not in html
    assert "<img" not in html


def test_link_that_is_no_web_address_is_no_link(templates: MailTemplates) -> None:
    _, _, html = alert(templates, url="javascript:alert(1)")

    assert "<a " not in html


@given(text=st.text(st.characters(codec="utf-8")))
def test_no_fact_can_begin_a_line_or_reach_the_terminal(
    templates: MailTemplates, text: str
) -> None:
    violation = facts_of_a_violation(evidence="", part=text, key_name_or_id="x")
    usual = alert(templates, facts_of_a_violation(evidence="", part="", key_name_or_id="x"))

    subject, plain, _ = alert(templates, violation, tenant_name=f"a{text}")

    assert len(plain.splitlines()) == len(usual[1].splitlines())
    assert subject.isprintable() or not any(c < " " or "\x7f" <= c <= "\x9f" for c in subject)
    assert "\n" not in subject
    assert "\x1b" not in plain


def test_missing_template_is_not_found(templates: MailTemplates) -> None:
    with pytest.raises(NotFound):
        templates.render("nothing-of-this-name", {})


@pytest.mark.parametrize("name", ["../alert", "/etc/passwd", "alert/../alert"])
def test_template_outside_the_folder_is_not_found(templates: MailTemplates, name: str) -> None:
    with pytest.raises(NotFound):
        templates.render(name, dict(FACTS))


def test_test_alert_says_that_nothing_happened(templates: MailTemplates) -> None:
    attack = "<script>alert('x')</script>"
    facts: dict[str, object] = {
        "tenant_name": attack,
        "tenant_slug": "acme-health",
        "url": "https://trueport.example.com",
        "at": "2026-11-24T02:44:00.123Z",
    }

    subject, text, html = templates.render("test_alert", facts)

    assert subject.startswith("[TruePort] test: ")
    for part in (text, html):
        assert "Nothing happened. It was asked for at 2026-11-24 02:44:00 UTC." in part
        assert "trueport alerts show acme-health" in part
    assert "<script" not in html


INVITATION: dict[str, object] = {
    "tenant_name": "Acme Health",
    "tenant_slug": "acme-health",
    "inviter": "Ada Lovelace",
    "role": "analyst",
    "token": "tpi_3f9c0b7e51",
    "link": "https://trueport.example.com/platform/app/invitations/accept#token=tpi_3f9c0b7e51",
    "expires_at": datetime(2026, 12, 1, 9, 30, tzinfo=UTC),
}


def test_code_is_in_both_bodies_and_not_in_the_subject(templates: MailTemplates) -> None:
    facts: dict[str, object] = {"code": "048213", "minutes": 10, "url": None}

    subject, text, html = templates.render("one_time_code", facts)

    assert subject == "[TruePort] your sign-in code"
    for part in (text, html):
        assert "048213" in part
        assert "10 minutes" in part
    # The code alone on its line: nothing to cut away when it is copied.
    assert "    048213" in text.splitlines()


def test_invitation_says_who_invites_where_to_and_how_to_accept(templates: MailTemplates) -> None:
    subject, text, html = templates.render("invitation", INVITATION)

    assert subject == "[TruePort] Ada Lovelace invites you to Acme Health"
    for part in (text, html):
        assert "Ada Lovelace" in part
        assert "Acme Health" in part
        assert "analyst" in part
        assert "triage" in part
        assert "tpi_3f9c0b7e51" in part
        assert str(INVITATION["link"]) in part
        assert "2026-12-01 09:30:00 UTC" in part


def test_invitation_without_a_public_address_goes_by_its_token(templates: MailTemplates) -> None:
    _, text, html = templates.render("invitation", INVITATION | {"link": None})

    for part in (text, html):
        assert "Accept it with this token" in part
        assert "http" not in part.partition("<body")[2]
    assert "tpi_3f9c0b7e51" in text


def test_invitation_escapes_what_others_chose(templates: MailTemplates) -> None:
    attack = "<script>alert('x')</script><a href='https://evil.example'>"

    _, text, html = templates.render(
        "invitation", INVITATION | {"tenant_name": attack, "inviter": attack, "link": None}
    )

    assert "<script" not in html
    assert "<a " not in html
    assert max(len(line) for line in text.splitlines()) <= 240


PAYMENT: dict[str, object] = {
    "tenant_name": "Acme Health",
    "tenant_slug": "acme-health",
    "plan": "team",
    "is_over": False,
    "requests": 10_000,
    "keys": 3,
    "members": 3,
    "link": "https://trueport.example.com/platform/app/billing?tenant=acme-health",
}


@pytest.mark.parametrize(
    ("is_over", "said"), [(False, "the plan stays until then"), (True, "is on the free plan now")]
)
def test_payment_problem_says_what_follows_and_what_to_do(
    templates: MailTemplates, is_over: bool, said: str
) -> None:
    subject, text, html = templates.render("payment_problem", PAYMENT | {"is_over": is_over})

    assert subject == "[TruePort] a payment for Acme Health failed"
    for part in (text, html):
        assert said in " ".join(part.split())
        assert "10,000 requests a month" in part
        assert "Nothing is deleted" in part
        assert str(PAYMENT["link"]) in part
    assert max(len(line) for line in text.splitlines()) <= 80

"""How a company comes on board, told by people and SDKs alone: the same story everywhere."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from adapters.system import SystemClock
from tests.end_to_end.onboarding.deployment import Reachable, eventually
from tests.end_to_end.onboarding.embedded import embedded
from tests.end_to_end.onboarding.functions import functions
from tests.end_to_end.onboarding.person import Json, Person, people
from tests.end_to_end.onboarding.production import production
from tests.fakes.stripe_server import signed

CARD = "4111 1111 1111 1111"
MAIL = "carol.jones@example.net"
GRACE_SECONDS = 6
POLICY = {
    "schema_version": 1,
    "name": "house rules",
    "rules": [
        {
            "id": "no-cards",
            "when": {"types": ["CREDIT_CARD"]},
            "effect": "block",
            "severity": "critical",
        },
        {"id": "no-addresses", "when": {"types": ["EMAIL"]}, "effect": "mask"},
    ],
}


@pytest.fixture(params=[embedded, production, functions], ids=lambda one: str(one.__name__))
def deployment(
    request: pytest.FixtureRequest, tmp_path: Path, counterpart_server: Callable[[str], str]
) -> Iterator[Reachable]:
    with request.param(tmp_path, counterpart_server) as running:
        yield running


@pytest.fixture
def slug(tmp_path: Path) -> str:
    """A name that no other run has used: buckets are everybody's."""
    return f"acme-{abs(hash(tmp_path)) % 10**10}"


def test_company_comes_on_board_uses_the_gateway_pays_and_leaves(
    deployment: Reachable, slug: str
) -> None:
    with people(deployment, "ada@example.org", "bob@example.org") as (ada, bob):
        ada.sign_up("Ada")
        make_the_tenant(deployment, ada, slug)
        invite(ada, bob, slug)
        connect_the_echo(ada, slug)
        publish_the_policy(ada, slug)
        key = ada.services("POST", f"/tenants/{slug}/keys", {"name": "app"}, status=201)
        bob.services("POST", f"/tenants/{slug}/keys", {"name": "mine"}, status=403)
        refusal = use_the_gateway(deployment, key["secret"])
        see_the_violations(bob, slug, refusal)
        rotate(deployment, ada, slug, key)
        subscribe_and_cancel(deployment, ada, slug)


def make_the_tenant(deployment: Reachable, owner: Person, slug: str) -> None:
    bucket = f"{slug}-audit-logs"
    assert not deployment.has_bucket(bucket)

    made = owner.platform("POST", "/v1/tenants", {"slug": slug, "name": "Acme"}, status=201)

    assert (made["slug"], made["role"]) == (slug, "owner")
    assert deployment.has_bucket(bucket)


def invite(owner: Person, guest: Person, slug: str) -> None:
    asked = {"email": guest.address, "role": "analyst"}
    owner.platform("POST", f"/v1/tenants/{slug}/invitations", asked, status=201)
    guest.sign_up("Bob")
    guest.platform("GET", f"/v1/tenants/{slug}", status=404)

    joined = guest.accept_invitation()

    assert (joined["slug"], joined["role"]) == (slug, "analyst")
    members = owner.platform("GET", f"/v1/tenants/{slug}/members")["items"]
    assert {(one["email"], one["role"]) for one in members} == {
        (owner.address, "owner"),
        (guest.address, "analyst"),
    }


def connect_the_echo(owner: Person, slug: str) -> None:
    path = f"/tenants/{slug}/upstreams"
    asked = {"name": "echo", "kind": "echo", "models": [{"name": "echo"}]}

    connected = owner.services("POST", path, asked, status=201)
    trial = owner.services("POST", f"{path}/{connected['id']}/test")

    assert (trial["ok"], trial["error"]) == (True, None)


def publish_the_policy(owner: Person, slug: str) -> None:
    path = f"/tenants/{slug}/policies"

    stored = owner.services("POST", path, {"policy": POLICY, "note": "first"}, status=201)
    version = f"{path}/{stored['policy_id']}/versions/{stored['number']}"
    owner.services("POST", f"{version}/activate")

    active = owner.services("GET", f"{path}/active")
    assert active["revision"]["reference"] == stored["reference"]


def use_the_gateway(deployment: Reachable, secret: str) -> str:
    """Send what passes, what is masked and what is blocked; what the refusal said is returned."""
    with gateway(deployment, secret) as client:
        models = [model.id for model in client.models.list()]
        plain = say(client, "good morning")
        masked = say(client, f"write to {MAIL}")
        with pytest.raises(openai.PermissionDeniedError) as refused:
            say(client, f"pay with {CARD}")

    assert models == ["echo"]
    assert plain == "good morning"
    assert masked == "write to [EMAIL]"
    assert (refused.value.code, refused.value.param) == ("content_blocked", "no-cards")
    return refused.value.message


def see_the_violations(analyst: Person, slug: str, refusal: str) -> None:
    path = f"/tenants/{slug}/violations"

    def both() -> dict[str, Json] | None:
        found = {one["type"]: one for one in analyst.services("GET", path)["items"]}
        return found if found.keys() == {"CREDIT_CARD", "EMAIL"} else None

    found = eventually(both, what="the violations")
    card = found["CREDIT_CARD"]
    read = analyst.services("GET", f"{path}/{card['id']}")
    decision = {"version": read["version"], "state": "acknowledged", "note": "asked the team"}
    decided = analyst.services("PATCH", f"{path}/{card['id']}", decision)

    assert card["id"] in refusal
    assert (card["severity"], card["enforced"]) == ("critical", "block")
    assert found["EMAIL"]["enforced"] == "mask"
    assert "4111" not in str(read)
    assert MAIL not in str(found)
    assert [step["note"] for step in decided["history"]] == ["asked the team"]


def rotate(deployment: Reachable, owner: Person, slug: str, key: Json) -> None:
    path = f"/tenants/{slug}/keys/{key['id']}"

    successor = owner.services(
        "POST", f"{path}/rotate", {"grace_seconds": GRACE_SECONDS}, status=201
    )
    with (
        gateway(deployment, key["secret"]) as former,
        gateway(deployment, successor["secret"]) as client,
    ):
        within = say(former, "within the grace period")
        state = owner.services("GET", path)["state"]
        first = say(client, "the successor")
        time.sleep(GRACE_SECONDS)
        with pytest.raises(openai.AuthenticationError):
            say(former, "after it")
        after = say(client, "the successor alone")

    assert (within, first, after) == (
        "within the grace period",
        "the successor",
        "the successor alone",
    )
    assert state == "rotated"
    assert owner.services("GET", path)["state"] == "expired"


def subscribe_and_cancel(deployment: Reachable, owner: Person, slug: str) -> None:
    path, stripe = f"/v1/tenants/{slug}/billing", deployment.stripe

    def tell(kind: str, subscription: Json) -> None:
        body = stripe.event(f"customer.subscription.{kind}", subscription)
        signature = signed(body, SystemClock().now().timestamp())
        told = httpx2.post(
            f"{deployment.platform}/v1/billing/stripe-webhook",
            content=body,
            headers={"stripe-signature": signature, "content-type": "application/json"},
            timeout=60,
            trust_env=False,
        )
        assert (told.status_code, told.json()) == (200, {"result": "applied"})

    before = owner.platform("GET", path)
    page = owner.platform("POST", f"{path}/checkout", status=201)
    (checkout,) = [one for one in stripe.sessions if one["url"] == page["url"]]
    subscription = stripe.pay(checkout["customer"])
    tell("created", subscription)
    paid = owner.platform("GET", path)
    page = owner.platform("POST", f"{path}/portal", status=201)
    assert [one["url"] for one in stripe.portals] == [page["url"]]
    subscription["status"] = "canceled"
    tell("deleted", subscription)
    after = owner.platform("GET", path)

    assert (before["plan"], before["subscription"]) == ("free", None)
    assert before["used"]["members"] == 2
    # Where each service has its own database, the control plane knows nothing of keys.
    assert before["used"]["keys"] in {1, None}
    assert (paid["plan"], paid["subscription"]["state"]) == ("team", "active")
    assert paid["included"]["keys"] > before["included"]["keys"]
    assert (after["plan"], after["included"]) == ("free", before["included"])


def gateway(deployment: Reachable, secret: str) -> openai.OpenAI:
    return openai.OpenAI(
        api_key=secret, base_url=f"{deployment.services}/v1", max_retries=0, timeout=60
    )


def say(client: openai.OpenAI, text: str) -> str | None:
    messages: Any = [{"role": "user", "content": text}]
    answer = client.chat.completions.create(model="echo", messages=messages)
    return answer.choices[0].message.content

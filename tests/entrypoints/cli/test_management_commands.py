"""Upstreams, credentials, limits of keys, and drafts of policies from the command line."""

import base64
import secrets
from pathlib import Path

import pytest

from entrypoints.settings import load_settings
from entrypoints.wiring.containers import make_container
from tests.entrypoints.cli.conftest import CommandLine
from tests.entrypoints.cli.test_administration import items

SECRET = "sk-secret-of-the-command-line"
POLICY = """
schema_version: 1
name: strict
rules:
  - {id: cards, when: {types: [CREDIT_CARD]}, effect: mask}
"""
OPENAI = (
    *("upstreams", "add", "acme", "--name", "OpenAI", "--kind", "openai"),
    *("--url", "https://api.example.org/v1", "--model", "gpt=gpt-5", "--price", "2.50/10"),
)


@pytest.fixture
def acme(trueport: CommandLine) -> CommandLine:
    assert trueport("tenants", "create", "acme", "--owner", "ada@example.org").status == 0
    return trueport


def with_credential(acme: CommandLine) -> dict[str, object]:
    path = acme.write("key.txt", SECRET + "\n")
    ended = acme(*OPENAI, "--credential-file", str(path), "--format", "json")
    assert ended.status == 0, ended.err
    assert SECRET not in ended.out + ended.err
    answer: dict[str, object] = ended.json
    return answer


def test_upstream_is_connected_listed_changed_and_removed(acme: CommandLine) -> None:
    made = with_credential(acme)

    assert made["models"] == ["gpt=gpt-5 (2.5/10 USD)"]
    assert made["has_credential"] is True
    assert items(acme, "upstreams", "list", "acme") == [made]
    changed = acme("upstreams", "set", "acme", "OpenAI", "--disable", "--tier", "2")
    assert changed.status == 0, changed.err
    shown = acme("upstreams", "show", "acme", str(made["id"]), "--format", "json").json
    assert (shown["enabled"], shown["tier"], shown["has_credential"]) == (False, 2, True)
    assert acme("upstreams", "remove", "acme", "OpenAI").status == 0
    assert items(acme, "upstreams", "list", "acme") == []


def test_credential_does_not_follow_to_another_server(acme: CommandLine) -> None:
    with_credential(acme)

    ended = acme("upstreams", "set", "acme", "OpenAI", "--url", "https://evil.example.org/v1")

    assert ended.status == 2
    assert ended.err.startswith("Error: credential: ")


def test_upstream_is_tried(acme: CommandLine) -> None:
    echo = ("upstreams", "add", "acme", "--name", "echo", "--kind", "echo")
    acme(*echo, "--model", "echo", "--model", "echo-fail-503")

    good = acme("upstreams", "test", "acme", "echo", "--format", "json")
    bad = acme("upstreams", "test", "acme", "echo", "--model", "echo-fail-503")

    assert (good.status, good.json["result"]) == (0, "answered")
    assert (bad.status, "503" in bad.out) == (4, True)


@pytest.mark.parametrize(
    "arguments",
    [
        [*OPENAI, "--price", "cheap"],
        [*OPENAI, "--price", "1/0.0001"],
        [*OPENAI, "--url", "https://10.0.0.1/v1"],
        [*OPENAI, "--credential-file", "missing.txt"],
        ["upstreams", "show", "acme", "none"],
        ["upstreams", "set", "acme", "none", "--price", "1/1"],
        ["upstreams", "test", "acme", "none"],
        ["keys", "create", "acme", "--name", "x", "--budget-per-day", "much"],
        ["keys", "show", "acme", "key_" + "0" * 26],
        ["policies", "rollback", "acme"],
        ["credentials", "list", "nobody"],
    ],
    ids=" ".join,
)
def test_wrong_word_ends_with_2_and_says_why(acme: CommandLine, arguments: list[str]) -> None:
    ended = acme(*arguments)

    assert ended.status == 2
    assert ended.out == ""
    assert "Error: " in ended.err


def test_credentials_are_encrypted_anew_under_the_first_key_of_the_ring(
    acme: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with_credential(acme)
    webhook = ("alerts", "webhook", "add", "acme", "https://hooks.example.org/x", "--name", "siem")
    assert acme(*webhook).status == 0
    home = {"TRUEPORT_HOME": str(tmp_path / "home")}
    old = make_container(load_settings(home)).master_keys()
    new = f"new:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    monkeypatch.setenv("TRUEPORT_MASTER_KEYS", f"{new},{old.export()}")

    (before,) = items(acme, "credentials", "list")
    (done,) = items(acme, "credentials", "reencrypt")
    (again,) = items(acme, "credentials", "reencrypt")
    monkeypatch.setenv("TRUEPORT_MASTER_KEYS", new)
    (after,) = items(acme, "credentials", "list")
    monkeypatch.setenv("TRUEPORT_MASTER_KEYS", old.export())
    lost = acme("credentials", "list", "--format", "json")

    assert before["by_key"] == [f"{old.first.id}: 2"]
    assert (done["changed"], done["by_key"]) == (2, ["new: 2"])
    assert (again["changed"], again["by_key"]) == (0, ["new: 2"])
    assert after["unreadable"] == []
    assert lost.status == 1
    assert len(lost.json["items"][0]["unreadable"]) == 2


def test_limits_of_a_key_are_replaced(acme: CommandLine) -> None:
    key = acme(
        *("keys", "create", "acme", "--name", "x", "--budget-per-day", "2.50"),
        *("--concurrent", "3", "--format", "json"),
    ).json

    changed = acme(
        *("keys", "limits", "acme", key["id"], "--requests-per-minute", "60", "--format", "json")
    ).json
    shown = acme("keys", "show", "acme", key["id"], "--format", "json").json

    assert (key["budget_per_day"], key["concurrent"]) == ("2.5", 3)
    assert changed == shown
    assert (shown["requests_per_minute"], shown["concurrent"]) == (60, None)


def test_draft_is_tried_on_texts(acme: CommandLine) -> None:
    path = acme.write("policy.yaml", POLICY)

    rows = items(acme, "policies", "test", "acme", str(path), "card 4111 1111 1111 1111", "hello")

    assert [row["enforced"] for row in rows] == ["mask", "allow"]
    assert rows[0]["passed"] == "card [CREDIT_CARD]"


def test_draft_is_tried_on_stored_records(acme: CommandLine) -> None:
    path = acme.write("policy.yaml", POLICY)

    ended = acme("policies", "backtest", "acme", str(path), "--since", "7d", "--format", "json")

    assert ended.status == 0, ended.err
    assert (ended.json["records"], ended.json["is_complete"]) == (0, True)


def test_policy_is_rolled_back(acme: CommandLine) -> None:
    path = acme.write("policy.yaml", POLICY)
    first = acme("policies", "add", "acme", str(path), "--activate", "--format", "json").json
    acme("policies", "add", "acme", str(path), "--activate")

    ended = acme("policies", "rollback", "acme")

    assert ended.status == 0
    assert first["reference"] in ended.err
    active = [one for one in items(acme, "policies", "list", "acme") if one["active"]]
    assert [one["reference"] for one in active] == [first["reference"]]

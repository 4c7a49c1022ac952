"""Tenants, keys, policies and the audit log from the command line, on the embedded store."""

import json
import re
import stat
from pathlib import Path

import pytest
import yaml

from domain.api_key import ApiKeySecret
from tests.entrypoints.cli.conftest import CommandLine


@pytest.fixture
def acme(trueport: CommandLine) -> CommandLine:
    ended = trueport("tenants", "create", "acme", "--name", "Acme", "--owner", "ada@example.org")
    assert ended.status == 0, ended.err
    return trueport


def items(trueport: CommandLine, *arguments: str) -> list[dict[str, object]]:
    answer = trueport(*arguments, "--format", "json").json
    assert answer["schema_version"] == 1
    return list(answer["items"])


def test_tenant_is_made_listed_and_shown(acme: CommandLine) -> None:
    (tenant,) = items(acme, "tenants", "list")

    assert (tenant["slug"], tenant["name"], tenant["state"]) == ("acme", "Acme", "active")
    assert tenant["bucket"] == "acme-audit-logs"
    assert acme("tenants", "show", "acme", "--format", "json").json == tenant
    assert "acme" in acme("tenants", "list").out


def test_tenant_is_renamed_deleted_and_the_log_says_so(acme: CommandLine) -> None:
    renamed = acme("tenants", "rename", "acme", "Acme Ltd", "--format", "json").json
    unsure = acme("tenants", "delete", "acme", "--confirm", "other")
    deleted = acme("tenants", "delete", "acme", "--confirm", "acme", "--format", "json").json
    entries = items(acme, "tenants", "log", "acme")

    assert (renamed["name"], renamed["state"]) == ("Acme Ltd", "active")
    assert (unsure.status, "nothing was deleted" in unsure.err) == (2, True)
    assert deleted["state"] == "deleted"
    assert [(one["action"], one["actor"]) for one in entries] == [
        ("tenant.delete", "operator"),
        ("tenant.rename", "operator"),
        ("tenant.create", "operator"),
    ]
    assert entries[1]["changes"] == ["name: Acme -> Acme Ltd"]


def test_members_of_a_tenant_are_listed(acme: CommandLine) -> None:
    (owner,) = items(acme, "tenants", "members", "acme")

    assert (owner["email"], owner["role"]) == ("ada@example.org", "owner")


def test_slug_that_is_taken_is_one_line(acme: CommandLine) -> None:
    ended = acme("tenants", "create", "acme", "--owner", "ada@example.org")

    assert ended.status == 2
    assert ended.err == "Error: this slug is taken\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["tenants", "create", "A_B", "--owner", "ada@example.org"],
        ["tenants", "create", "good-slug", "--owner", "nobody"],
        ["tenants", "show", "nobody"],
        ["keys", "create", "acme", "--name", ""],
        ["keys", "create", "acme", "--name", "x", "--expires", "soon"],
        ["keys", "revoke", "acme", "key_1"],
        ["keys", "revoke", "acme", "key_" + "0" * 26],
        ["policies", "activate", "acme", "pol_1"],
        ["policies", "activate", "acme", "pol_" + "0" * 26],
        ["policies", "show", "acme", "pol_" + "0" * 26 + "@x"],
        ["audit", "verify", "nobody"],
    ],
    ids=" ".join,
)
def test_wrong_word_ends_with_2_and_says_why(acme: CommandLine, arguments: list[str]) -> None:
    ended = acme(*arguments)

    assert ended.status == 2
    assert "Error: " in ended.err
    assert ended.out == ""


def test_secret_stands_alone_on_standard_output_and_is_shown_once(
    acme: CommandLine, tmp_path: Path
) -> None:
    ended = acme("keys", "create", "acme", "--name", "laptop", "--expires", "30d")

    secret = ended.out.strip()
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*.sqlite3*"))
    assert ApiKeySecret(secret).value == secret
    assert secret not in ended.err
    assert secret not in acme("keys", "list", "acme", "--format", "json").out
    assert secret.encode() not in stored


def test_key_has_the_rights_it_was_made_with(acme: CommandLine) -> None:
    made = acme(
        *("keys", "create", "acme", "--name", "ci", "--test", "--scope", "detect"),
        *("--model", "echo", "--requests-per-minute", "60", "--format", "json"),
    ).json

    (key,) = items(acme, "keys", "list", "acme")
    assert made.pop("secret").startswith("tp_test_")
    assert key == made
    assert (key["scopes"], key["models"]) == (["detect"], ["echo"])
    assert (key["requests_per_minute"], key["state"]) == (60, "active")


def test_tenant_chooses_what_its_limits_do_while_nobody_counts(acme: CommandLine) -> None:
    before = acme("tenants", "show", "acme", "--format", "json").json

    acme("tenants", "limits", "acme", "--rates", "closed")
    acme("tenants", "limits", "acme", "--budgets", "open")

    after = acme("tenants", "show", "acme", "--format", "json").json
    assert (before["rates_fail"], before["budgets_fail"]) == ("open", "closed")
    assert (after["rates_fail"], after["budgets_fail"]) == ("closed", "open")
    assert acme("tenants", "limits", "acme", "--rates", "shut").status == 2


def test_key_is_rotated_and_revoked(acme: CommandLine) -> None:
    first = acme("keys", "create", "acme", "--name", "app", "--format", "json").json

    rotated = acme("keys", "rotate", "acme", first["id"], "--grace", "1h")
    keys = items(acme, "keys", "list", "acme")
    successor = next(key for key in keys if key["id"] != first["id"])
    revoked = acme("keys", "revoke", "acme", str(successor["id"]))

    assert ApiKeySecret(rotated.out.strip()).display_prefix == successor["prefix"]
    assert revoked.status == 0
    assert {key["id"]: key["state"] for key in items(acme, "keys", "list", "acme")} == {
        first["id"]: "rotated",
        successor["id"]: "revoked",
    }


def test_policy_is_shown_stored_and_activated(acme: CommandLine) -> None:
    shown = acme("policies", "show", "acme")
    acme.write("policy.yaml", shown.out)
    added = acme("policies", "add", "acme", "policy.yaml", "--note", "ours", "--format", "json")
    name, _, number = added.json["reference"].partition("@")

    again = acme("policies", "add", "acme", "policy.yaml", "--policy", name, "--activate")

    listed = items(acme, "policies", "list", "acme")
    assert "starter policy" in shown.err
    assert number == "1"
    assert again.status == 0
    assert [(one["reference"], one["active"]) for one in listed] == [
        (f"{name}@1", False),
        (f"{name}@2", True),
    ]
    assert acme("policies", "activate", "acme", f"{name}@1").status == 0
    assert [one["active"] for one in items(acme, "policies", "list", "acme")] == [True, False]
    assert yaml.safe_load(acme("policies", "show", "acme").out) == yaml.safe_load(shown.out)


def test_lint_tries_detectors_and_knows_their_rules(trueport: CommandLine) -> None:
    wrong = MINIMAL + (
        "detectors:\n  - {id: staff, category: pii, type: NATIONAL_ID, pattern: 'EMP-[0-9]{6}',"
        " examples: {match: [EMP-123456, EMP-123], ignore: [EMP-1]}}\n"
    )
    unknown = MINIMAL.replace("categories: [pii]", "detector_rules: [aws-acces-key-id]")
    trueport.write("wrong.yaml", wrong)
    trueport.write("unknown.yaml", unknown)

    ended = trueport("policies", "lint", "wrong.yaml", "unknown.yaml")

    assert ended.status == 2
    assert "wrong.yaml: detectors[0].examples.match[1]: this detector finds nothing" in ended.err
    assert "EMP-123" not in ended.err
    assert "unknown.yaml: rules[0].when.detector_rules: no detector has the rule" in ended.err
    assert "did you mean aws-access-key-id" in ended.err


def test_lint_checks_every_file_and_names_the_wrong_place(trueport: CommandLine) -> None:
    good = trueport("policies", "lint", str(trueport.write("good.yaml", MINIMAL)))
    wrong = MINIMAL.replace("flag", "flog")
    pattern = MINIMAL + (
        "exceptions:\n  - {id: one, pattern: '(?=x)', reason: why, expires: 2999-01-01}\n"
    )
    trueport.write("wrong.yaml", wrong)
    trueport.write("pattern.yaml", pattern)

    ended = trueport("policies", "lint", "good.yaml", "wrong.yaml", "pattern.yaml")

    assert good.status == 0
    assert ended.status == 2
    assert "good.yaml: ok, 1 rule" in ended.err
    assert "error: wrong.yaml: rules[0].effect: must be one of" in ended.err
    assert "error: pattern.yaml: exceptions[0].pattern: this is no RE2 pattern" in ended.err
    assert "2 of 3 cannot be used" in ended.err


def test_policies_of_the_documentation_are_taken(trueport: CommandLine) -> None:
    page = Path(__file__).parents[3] / "docs" / "policies.md"
    whole, hosts, part = re.findall(
        r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL
    )
    trueport.write("whole.yaml", whole)
    trueport.write("hosts.yaml", "schema_version: 1\nname: hosts\n" + hosts)
    trueport.write("part.yaml", "schema_version: 1\nname: part\n" + part)

    ended = trueport("policies", "lint", "whole.yaml", "hosts.yaml", "part.yaml")

    assert (ended.status, ended.err) == (
        0,
        "whole.yaml: ok, 3 rules\nhosts.yaml: ok, 0 rules\npart.yaml: ok, 1 rule\n",
    )


MINIMAL = """\
schema_version: 1
name: minimal
rules:
  - {id: all, when: {categories: [pii]}, effect: flag}
"""


def test_audit_log_that_nobody_touched_is_whole(acme: CommandLine) -> None:
    ended = acme("audit", "verify", "--format", "json")

    assert ended.status == 0
    assert [(one["tenant"], one["state"]) for one in ended.json["items"]] == [("acme", "ok")]


def test_strange_object_among_audit_objects_is_told_with_its_place(
    acme: CommandLine, tmp_path: Path
) -> None:
    (bucket,) = (tmp_path / "home").rglob("acme-audit-logs")
    strange = bucket / "audit" / "v1" / "dt=2026-11-24" / "hr=02" / "strange.txt"
    strange.parent.mkdir(parents=True)
    strange.write_text("what is this?")

    ended = acme("audit", "verify", "acme")

    assert ended.status == 1
    assert "damaged: acme: audit/v1/dt=2026-11-24/hr=02/strange.txt" in ended.err


def test_settings_that_are_wrong_end_with_2(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "short")

    ended = trueport("tenants", "list")

    assert ended.status == 2
    assert "SECRET_KEY: has fewer than 32 bytes" in ended.err
    assert "short" not in ended.err


def test_store_that_is_away_ends_with_4(trueport: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "trueport.sqlite3").mkdir()

    assert trueport("tenants", "list").status == 4


def test_state_is_readable_by_its_owner_alone(acme: CommandLine, tmp_path: Path) -> None:
    database = tmp_path / "home" / "trueport.sqlite3"

    assert stat.S_IMODE(database.stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize("api", ["platform", "gateway", "analytics"])
def test_openapi_documents_are_the_same_wherever_they_are_made(
    trueport: CommandLine, monkeypatch: pytest.MonkeyPatch, api: str
) -> None:
    first = trueport("openapi", api)
    monkeypatch.setenv("TRUEPORT_MAX_BODY", "4096")
    written = trueport("openapi", "--output", "docs/openapi")

    document = json.loads(first.out)
    assert first.status == written.status == 0
    assert document["openapi"].startswith("3.")
    assert document["paths"]
    assert (trueport.folder / "docs" / "openapi" / f"{api}.json").read_text() == first.out


def test_openapi_asks_which_one(trueport: CommandLine) -> None:
    assert trueport("openapi").status == 2

"""Alert settings and webhooks from the command line."""

import json
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from domain.webhook import WebhookSecret
from tests.entrypoints.cli.conftest import CommandLine

URL = "https://hooks.example.com/in?sig=token"


@pytest.fixture
def acme(trueport: CommandLine) -> CommandLine:
    ended = trueport("tenants", "create", "acme", "--name", "Acme", "--owner", "ada@example.org")
    assert ended.status == 0, ended.err
    return trueport


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[ThreadingHTTPServer]:
    """A server on this machine, which the settings admit; `/bad` answers with 500."""
    monkeypatch.setenv("TRUEPORT_ALLOW_PRIVATE_WEBHOOKS", "true")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(500 if self.path == "/bad" else 204)
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    told: list[object] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,)).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def shown(trueport: CommandLine) -> dict[str, object]:
    answer: dict[str, object] = trueport("alerts", "show", "acme", "--format", "json").json
    return answer


def webhooks(trueport: CommandLine) -> list[dict[str, object]]:
    answer = trueport("alerts", "webhook", "list", "acme", "--format", "json").json
    return list(answer["items"])


def test_settings_are_shown_and_changed_one_by_one(acme: CommandLine) -> None:
    before = shown(acme)
    acme("alerts", "set", "acme", "--to", "a@example.org", "--to", "b@EXAMPLE.org")
    acme("alerts", "set", "acme", "--from", "low", "--digest", "daily")
    changed = shown(acme)
    acme("alerts", "set", "acme", "--to-nobody", "--from", "never", "--digest", "never")

    assert before == {
        "recipients": [],
        "at_once_from": "high",
        "digest_every": "never",
        "webhooks": [],
    }
    assert changed == {
        "recipients": ["a@example.org", "b@example.org"],
        "at_once_from": "low",
        "digest_every": "daily",
        "webhooks": [],
    }
    assert shown(acme) == {**before, "at_once_from": "never"}


def test_digest_may_be_any_period_from_a_quarter_of_an_hour_on(acme: CommandLine) -> None:
    assert acme("alerts", "set", "acme", "--digest", "90m").status == 0
    assert shown(acme)["digest_every"] == "90m"

    ended = acme("alerts", "set", "acme", "--digest", "5m")

    assert ended.status == 2
    assert "a digest comes at most every 15 minutes" in ended.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["set", "acme"],
        ["set", "acme", "--to", "nobody"],
        ["set", "acme", "--to", "a@example.org", "--to-nobody"],
        ["set", "acme", "--from", "terrible"],
        ["set", "acme", "--digest", "soon"],
        ["show", "nobody"],
        ["test", "nobody"],
        ["webhook", "add", "acme", URL],
        ["webhook", "add", "acme", "http://hooks.example.com/in", "--name", "x"],
        ["webhook", "add", "acme", "https://10.0.0.7/in", "--name", "x"],
        ["webhook", "add", "acme", "https://localhost/in", "--name", "x"],
        ["webhook", "add", "acme", "nonsense", "--name", "x"],
        ["webhook", "add", "nobody", URL, "--name", "x"],
        ["webhook", "rotate", "acme", "none"],
        ["webhook", "remove", "acme", "none"],
    ],
    ids=" ".join,
)
def test_wrong_word_ends_with_2_and_says_why(acme: CommandLine, arguments: list[str]) -> None:
    ended = acme("alerts", *arguments)

    assert ended.status == 2
    assert "Error: " in ended.err
    assert ended.out == ""


def test_secret_of_a_webhook_is_shown_once_and_kept_encrypted(
    acme: CommandLine, tmp_path: Path
) -> None:
    ended = acme("alerts", "webhook", "add", "acme", URL, "--name", "siem", "--from", "low")

    secret = ended.out.strip()
    (listed,) = webhooks(acme)
    stored = b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*.sqlite3*"))
    assert len(WebhookSecret(secret).key) == 32
    assert secret not in ended.err
    assert secret.encode() not in stored
    assert (listed["name"], listed["state"], listed["at_once_from"]) == ("siem", "active", "low")
    assert listed["url"] == "https://hooks.example.com/in?…"
    assert "token" not in ended.err + acme("alerts", "webhook", "list", "acme").out
    assert shown(acme)["webhooks"] == ["siem"]


def test_webhook_is_rotated_and_removed_by_name_or_id(acme: CommandLine) -> None:
    made = acme("alerts", "webhook", "add", "acme", URL, "--name", "siem", "--format", "json").json

    rotated = acme("alerts", "webhook", "rotate", "acme", "SIEM", "--grace", "1h")
    (listed,) = webhooks(acme)
    removed = acme("alerts", "webhook", "remove", "acme", made["id"])

    assert rotated.out.strip() not in {"", made["secret"]}
    assert listed["former_secret_until"] is not None
    assert removed.status == 0
    assert webhooks(acme) == []


def test_test_alert_reaches_everybody_and_says_who_was_not_reached(
    acme: CommandLine, receiver: ThreadingHTTPServer, tmp_path: Path
) -> None:
    here = f"http://127.0.0.1:{receiver.server_port}"
    acme("alerts", "set", "acme", "--to", "ada@example.org")
    for name in ("good", "bad"):
        ended = acme("alerts", "webhook", "add", "acme", f"{here}/{name}", "--name", name)
        assert ended.status == 0, ended.err

    ended = acme("alerts", "test", "acme", "--format", "json")
    acme("alerts", "webhook", "remove", "acme", "bad")
    again = acme("alerts", "test", "acme")

    results = [(one["channel"], one["target"], one["result"]) for one in ended.json["items"]]
    assert ended.status == 4
    assert results == [
        ("mail", "ada@example.org", "sent"),
        ("webhook", "good", "sent"),
        ("webhook", "bad", "failed"),
    ]
    assert ended.json["items"][2]["error"] == "it answered with status 500"
    assert again.status == 0
    mails = list((tmp_path / "home" / "outbox").glob("*.eml"))
    mail = message_from_bytes(mails[0].read_bytes(), policy=policy.default)
    assert len(mails) == 2
    assert mail["Subject"] == "[TruePort] test: alerts of Acme arrive"


def test_tenant_without_targets_is_told_how_to_name_one(acme: CommandLine) -> None:
    ended = acme("alerts", "test", "acme")

    assert ended.status == 0
    assert "trueport alerts set acme --to ADDRESS" in ended.err

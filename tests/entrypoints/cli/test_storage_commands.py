"""`trueport storage`."""

import pytest

from tests.entrypoints.cli.conftest import CommandLine


@pytest.fixture
def acme(trueport: CommandLine) -> CommandLine:
    ended = trueport("tenants", "create", "acme", "--owner", "ada@example.org")
    assert ended.status == 0, ended.err
    return trueport


def test_storage_is_shown(acme: CommandLine) -> None:
    shown = acme("storage", "show", "acme", "--format", "json").json

    assert (shown["provider"], shown["bucket"]) == ("LOCAL", "acme-audit-logs")
    assert (shown["prefix"], shown["credentials"]) == ("", None)
    assert shown["retention_days"] == 30
    assert "acme-audit-logs" in acme("storage", "show", "acme").out


def test_every_step_of_the_probe_is_told(acme: CommandLine) -> None:
    ended = acme("storage", "verify", "acme", "--format", "json")

    assert ended.status == 0
    assert [(one["step"], one["outcome"]) for one in ended.json["items"]] == [
        ("write", "ok"),
        ("read", "ok"),
        ("list", "ok"),
        ("delete", "ok"),
    ]
    assert "does what an audit log needs" in ended.err


def test_storage_that_is_not_there_ends_with_1_and_the_reason(acme: CommandLine) -> None:
    (acme.folder.parent / "home" / "storage" / "acme-audit-logs" / "~unfinished").rmdir()
    (acme.folder.parent / "home" / "storage" / "acme-audit-logs").rmdir()

    ended = acme("storage", "verify", "acme")

    assert ended.status == 1
    assert "write" in ended.out
    assert "there is no such object or bucket" in ended.out


def test_storage_is_changed_and_kept_for_another_time(acme: CommandLine) -> None:
    place = ("--provider", "local", "--bucket", "elsewhere", "--prefix", "acme/")

    changed = acme("storage", "set", "acme", *place, "--format", "json")
    beyond = acme("storage", "keep", "acme", "365d")
    agreed = acme("tenants", "plan", "acme", "enterprise", "--keys", "7", "--format", "json")
    kept = acme("storage", "keep", "acme", "365d", "--format", "json")

    assert "the plan free keeps the audit log for 30 days" in beyond.err
    assert (agreed.json["plan"], agreed.json["keys_included"]) == ("enterprise", 7)
    assert agreed.json["requests_a_month"] is None
    assert (changed.status, changed.json["bucket"], changed.json["prefix"]) == (
        0,
        "elsewhere",
        "acme/",
    )
    assert "storage verify acme" in changed.err
    assert kept.json["retention_days"] == 365
    assert acme("storage", "show", "acme", "--format", "json").json == kept.json
    assert acme("storage", "verify", "acme").status == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "nobody"), "tenant"),
        (("verify", "nobody"), "tenant"),
        (("set", "acme", "--provider", "FTP", "--bucket", "elsewhere"), "FTP"),
        (("set", "acme", "--provider", "LOCAL", "--bucket", "No"), "bucket"),
        (("set", "acme", "--provider", "LOCAL", "--bucket", "yes-it-is", "--prefix", "x"), "slash"),
        (("keep", "acme", "1d"), "two days"),
        (("keep", "acme", "long"), "duration"),
    ],
)
def test_wrong_words_end_with_status_2(
    acme: CommandLine, arguments: tuple[str, ...], words: str
) -> None:
    ended = acme("storage", *arguments)

    assert ended.status == 2
    assert words in ended.err

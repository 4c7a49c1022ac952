"""`trueport replay`."""

import pytest

from tests.entrypoints.cli.conftest import CommandLine


@pytest.fixture
def acme(trueport: CommandLine) -> CommandLine:
    """A command line with a tenant that has two logs."""
    made = trueport("tenants", "create", "acme", "--owner", "ada@example.org")
    assert made.status == 0
    bucket = trueport.folder.parent / "home" / "storage" / "acme-audit-logs" / "chat"
    bucket.mkdir(parents=True)
    for name in ("a.jsonl", "b.jsonl"):
        (bucket / name).write_text('{"prompt": "hello"}\n', encoding="utf-8")
    return trueport


def test_objects_are_queued(acme: CommandLine) -> None:
    ended = acme("replay", "acme", "--format", "json")

    assert (ended.status, ended.json) == (0, {"tenant": "acme", "queued": 2})
    assert "trueport worker" in ended.err


def test_only_what_is_asked_for_is_queued(acme: CommandLine) -> None:
    behind = acme("replay", "acme", "--after", "chat/a.jsonl", "--format", "json")
    long_ago = acme("replay", "acme", "--until", "2020-01-01T00:00:00Z", "--format", "json")

    assert (behind.json["queued"], long_ago.json["queued"]) == (1, 0)
    assert "no object was asked for" in long_ago.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nobody",), "tenant"),
        (("No_Slug",), "slug"),
        (("acme", "--since", "yesterday"), "2026-11-24T02:44:00Z"),
        (("acme", "--since", "2026-11-24T02:44:00"), "offset"),
    ],
)
def test_wrong_words_end_with_status_2(
    acme: CommandLine, arguments: tuple[str, ...], words: str
) -> None:
    ended = acme("replay", *arguments)

    assert ended.status == 2
    assert words in ended.err

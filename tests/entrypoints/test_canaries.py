"""What people send lies in the tenant's own audit objects and in the journal, and nowhere else."""

import gzip
import json
import logging
from pathlib import Path

import pytest

from adapters.telemetry.logging import JsonFormatter
from application.ports.model_provider import UpstreamRefused, UpstreamUnavailable
from domain.alert import AlertSettings
from domain.api_key import KeyLimits
from domain.detection.taxonomy import Category, Severity
from domain.user import Email
from tests.entrypoints.conftest import Site
from tests.fakes.detectors import FlakyDetector, KeywordDetector
from tests.fakes.model_providers import completion, text_chunks

CHAT = "/v1/chat/completions"
CARDS = [f"4000 0000 0000 {number:04d}" for number in range(1, 40)]
"""Unique values, one for each path; the detector knows them as card numbers."""


def body_of(text: str, **fields: object) -> dict[str, object]:
    return {"model": "scripted", "messages": [{"role": "user", "content": text}], **fields}


def files_with(home: Path, value: str) -> set[str]:
    """Return the top folders under `home` that hold a value, compressed or not."""
    found = set()
    for path in home.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            if path.suffix == ".gz":
                data = gzip.decompress(data)
            if value.encode() in data:
                found.add(path.relative_to(home).parts[0])
    return found


async def test_what_is_sent_is_kept_in_the_audit_log_alone(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    words = dict.fromkeys(CARDS, (Category.PII, "CREDIT_CARD"))
    words["block me"] = (Category.SECRETS, "CLOUD_KEY")
    detector = FlakyDetector(words)
    site.detector.detect = detector.detect  # type: ignore[method-assign]
    async with site.container.transactions()() as uow:
        await uow.settings.save_alerts(
            site.tenant.id,
            AlertSettings(
                tenant_id=site.tenant.id,
                recipients=(Email("security@acme.example.com"),),
                immediate_from=Severity.LOW,
            ),
        )
        await uow.commit()
    canaries = iter(CARDS)
    recorded: list[str] = []
    refused: list[str] = []

    def next_of(kind: list[str]) -> str:
        kind.append(next(canaries))
        return kind[-1]

    async def post(
        body: dict[str, object], *, path: str = CHAT, headers: dict[str, str] | None = None
    ) -> str:
        return (await site.client.post(path, json=body, headers=headers)).text

    async def chat(text: str, **fields: object) -> str:
        return await post(body_of(text, **fields))

    answers = [
        await chat(f"request {next_of(recorded)}"),
        await chat(f"blocked {next_of(recorded)} block me"),
        await chat(f"echoed {next_of(recorded)}", model="echo"),
        await chat(f"streamed {next_of(recorded)}", model="echo", stream=True),
        await chat(f"breaks {next_of(recorded)} off", model="echo-break-3", stream=True),
        await chat(f"fails {next_of(recorded)}", model="echo-fail-503"),
    ]
    site.provider.answer = completion(f"answer {next_of(recorded)}")
    answers.append(await chat("hello"))
    site.provider.answer = completion(f"answer {next_of(recorded)} block me")
    answers.append(await chat("hello"))
    site.provider.chunks = text_chunks(f"stream {next_of(recorded)}", "word " * 100)
    answers.append(await chat("hello", stream=True))
    site.provider.chunks = text_chunks(f"stream {next_of(recorded)}", "block me")
    answers.append(await chat("hello", stream=True))
    for trouble in (
        UpstreamUnavailable("up", "words"),
        UpstreamRefused(status=400, body=None, retry_after=None),
    ):
        site.provider.answer = trouble
        answers.append(await chat(f"trouble {next_of(recorded)}"))
    limited = await site.issue(limits=KeyLimits(tokens_per_minute=1))
    answers += [
        await chat(f"unknown model {next_of(refused)}", model="nope"),
        await chat(f"wrong {next_of(refused)}", stream="yes"),
        await post({"input": f"detect {next_of(refused)}"}, path="/v1/detect"),
        await post({"input": f"moderate {next_of(refused)}"}, path="/v1/moderations"),
        await post({"input": 7, next_of(refused): 1}, path="/v1/moderations"),
        await post({"inptu": next_of(refused)}, path="/v1/detect"),
        await post(body_of(f"limited {next_of(refused)}"), headers=limited),
        await post(body_of(f"no key {next_of(refused)}"), headers={"authorization": ""}),
        (await site.client.post(CHAT, content=f'{{"a": {next_of(refused)}'.encode())).text,
    ]

    async def fall_over(_: object) -> list[object]:
        raise ArithmeticError(f"unforeseen {CARDS[-1]}")

    site.detector.detect = fall_over  # type: ignore[method-assign, assignment]
    answers.append(await chat(f"unforeseen {CARDS[-1]}"))
    refused.append(CARDS[-1])
    site.detector.detect = KeywordDetector(words).detect  # type: ignore[method-assign]
    await site.settled()
    answers.append((await site.client.get("/metrics")).text)
    logged = "\n".join(JsonFormatter().format(record) for record in caplog.records)

    for card in recorded:
        assert files_with(site.home, card) <= {"storage", "journal"}, card
        assert files_with(site.home, card), card
    for card in refused:
        assert files_with(site.home, card) == set(), card
    for card in [*recorded, *refused]:
        assert card not in logged
        assert card not in caplog.text
        assert not [answer for answer in answers if card in answer]
    assert list((site.home / "outbox").glob("*.eml"))
    assert len(json.loads(answers[0])["choices"]) == 1

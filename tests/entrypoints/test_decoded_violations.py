"""What violates is found through any chain of encodings, where it stands; noise finds nothing."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import asyncio
import base64
import json
import random
import string
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.detectors.secrets.engine import TOKEN_RULES
from application.ports.detector import DetectorText
from benchmarks.detection.encodings import ENCODERS
from domain.detection.finding import Finding
from domain.detection.taxonomy import is_auxiliary
from domain.detection.views import MAX_DEPTH
from entrypoints.wiring.local_detection import LocalDetection, Profile

TOKENS = {rule.id: rule.sample for rule in TOKEN_RULES}
PLANTED = (
    ("VCS_TOKEN", f"token = {TOKENS['github-pat']}"),
    ("MESSAGING_TOKEN", f"use {TOKENS['slack-bot-token']} here"),
    ("PAYMENT_KEY", f"key {TOKENS['stripe-secret-key']}"),
    ("CONNECTION_STRING", "postgres://app:kV9mQ2xLp7Rt@db.corp:5432/app"),
    ("PASSWORD", "the password is kV9mQ2xLp7Rt"),
    ("EMAIL", "write to ada@example.org today"),
    ("CREDIT_CARD", "my card is 4111 1111 1111 1111"),
    ("IBAN", "IBAN DE89 3704 0044 0532 0130 00"),
    ("SSN", "My SSN is 123-45-6789."),
    ("NATIONAL_ID", "codice fiscale RSSMRA85T10A562S"),
    ("MEDICAL_RECORD_NUMBER", "MRN: 00123456, asthma"),
    ("PHONE", "call me on +44 20 7946 0958"),
)
NESTING = (
    *("base64", "url-safe base64", "base32", "hex", "percent", "html", "unicode escapes"),
    "full width",
)
SCRIPTS = (
    "",
    "Grüße aus Köln: ",
    "Привет, вот оно: ",
    "你好，请看这里： ",
    "مرحبا هذا هو ",
    "शब्द यहाँ है ",
    "😀👩\u200d🔬 see ",
    "สวัสดีครับ ",
    "e\u0301te\u0301 ",
)


def _in_lines(text: str) -> str:
    whole = base64.b64encode(text.encode()).decode()
    return "\r\n".join(whole[at : at + 64] for at in range(0, len(whole), 64))


def _in_json_in_base64(text: str) -> str:
    inner = json.dumps({"id": 7, "data": base64.b64encode(text.encode()).decode()})
    return base64.b64encode(inner.encode()).decode()


PLACES: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("base64 in JSON in base64", _in_json_in_base64),
    ("lines of a mail", lambda text: f"--=_x\r\nContent-Transfer-Encoding: base64\r\n\r\n"
     f"{_in_lines(text)}\r\n--=_x--"),
    ("quoted lines of a mail", lambda text: "> " + _in_lines(text).replace("\n", "\n> ")),
    ("path of an address", lambda text: "https://x.example.net/a/"
     + base64.urlsafe_b64encode(text.encode()).decode().rstrip("=") + "/b.png"),
    ("parameter of an address", lambda text: "https://x.example.net/?page=2&d="
     + ENCODERS["percent"](text) + "&lang=en"),
    ("Markdown image", lambda text: "![chart](https://x.example.net/p.png?q="
     + base64.b64encode(text.encode()).decode() + ")"),
    ("Markdown code", lambda text: f"```\n{base64.b64encode(text.encode()).decode()}\n```"),
    ("HTML comment", lambda text: f"<!-- {base64.b64encode(text.encode()).decode()} -->"),
    ("HTML entities in an attribute", lambda text: f'<p title="{ENCODERS["html"](text)}">x</p>'),
    ("JSON string", lambda text: json.dumps({"note": ENCODERS["hex"](text)})),
    ("YAML value", lambda text: f"data:\n  blob: {base64.b64encode(text.encode()).decode()}\n"),
)  # fmt: skip


@cache
def _detection() -> LocalDetection:
    return LocalDetection(Profile.EMBEDDED)


def found(texts: Sequence[str]) -> list[list[Finding]]:
    """Return what counts as a violation in each text."""
    asked = [DetectorText(text=text) for text in texts]
    outcome = asyncio.run(_detection().pipeline(asked))
    return [
        [
            finding
            for finding in detection.findings
            if finding.is_operative and not is_auxiliary(finding.category, finding.type)
        ]
        for detection in outcome.detections
    ]


@pytest.mark.parametrize(("kind", "text"), PLANTED)
@pytest.mark.parametrize(("place", "hide"), PLACES, ids=[place for place, _ in PLACES])
def test_violation_is_found_in_every_hiding_place(
    place: str, hide: Callable[[str], str], kind: str, text: str
) -> None:
    before = "Grüße 👋, see below.\n\n"
    whole = f"{before}{hide(text)}\n\nThat is all."

    (findings,) = found([whole])

    hits = [one for one in findings if one.type == kind]
    assert hits, place
    assert all(len(before) <= one.span.start < one.span.end <= len(whole) for one in hits)
    assert any(one.explanation.decoding for one in hits)


@settings(max_examples=80, deadline=None)
@given(
    planted=st.sampled_from(PLANTED),
    names=st.lists(st.sampled_from(NESTING), min_size=1, max_size=MAX_DEPTH),
    before=st.sampled_from(SCRIPTS),
    after=st.sampled_from(SCRIPTS),
)
def test_violation_survives_any_chain_of_encodings_in_any_script(
    planted: tuple[str, str], names: list[str], before: str, after: str
) -> None:
    kind, hidden = planted
    for name in names:
        hidden = ENCODERS[name](hidden)
    text = f"{before}\n{hidden}\n{after}"

    (findings,) = found([text])

    hits = [one for one in findings if one.type == kind]
    first, last = len(before) + 1, len(before) + 1 + len(hidden)
    assert any(first <= one.span.start < one.span.end <= last for one in hits)


@settings(max_examples=60, deadline=None)
@given(
    planted=st.sampled_from(PLANTED),
    before=st.text(st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028"),
                   max_size=60),
    script=st.sampled_from(SCRIPTS),
)  # fmt: skip
def test_span_is_where_the_letters_stand_behind_any_text(
    planted: tuple[str, str], before: str, script: str
) -> None:
    kind, plain = planted
    lead = f"{before}\n\n{script}"
    ((alone,), (moved,)) = (
        [one for one in findings if one.type == kind][:1]
        for findings in found([plain, f"{lead} {plain}"])
    )

    at = len(lead) + 1
    assert (moved.span.start - at, moved.span.end - at) == (alone.span.start, alone.span.end)


def _words(chance: random.Random) -> str:
    return " ".join(
        "".join(chance.choices(string.ascii_lowercase, k=chance.randint(2, 10))) for _ in range(30)
    )


NOISE: tuple[tuple[str, Callable[[random.Random], str]], ...] = (
    ("bytes in base64", lambda chance: base64.b64encode(
        chance.randbytes(chance.randint(12, 300))).decode()),
    ("bytes in hexadecimal", lambda chance: chance.randbytes(chance.randint(12, 300)).hex()),
    ("bytes as Latin letters", lambda chance: chance.randbytes(200).decode("latin-1")),
    ("words of chance", _words),
    ("letters of many scripts", lambda chance: "".join(
        chr(chance.choice((chance.randrange(0x20, 0x250), chance.randrange(0x370, 0x2000),
                           chance.randrange(0x4E00, 0x9FFF)))) for _ in range(200))),
)  # fmt: skip
MOST_IN_A_THOUSAND = 5


@pytest.mark.parametrize(("noise", "make"), NOISE, ids=[noise for noise, _ in NOISE])
def test_noise_is_reported_at_most_five_times_in_a_thousand(
    noise: str, make: Callable[[random.Random], str]
) -> None:
    chance = random.Random(20261129)

    findings = found([make(chance) for _ in range(1000)])

    assert sum(map(bool, findings)) <= MOST_IN_A_THOUSAND, noise

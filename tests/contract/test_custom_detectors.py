"""The contract of `CustomDetectors`."""

import json
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.custom.detector import Re2CustomDetectors
from application.ports.custom_detectors import CustomDetectors
from application.ports.detector import DetectorText
from domain.detection.checksums import luhn
from domain.detection.finding import Finding
from domain.errors import InvalidValue
from domain.policy.custom_detector import ContextWords, CustomDetector, Examples
from tests.fakes.policies import deny_list, staff_number
from tests.strategies import custom_detectors

ADAPTERS: Mapping[str, Callable[[], CustomDetectors]] = {"re2": Re2CustomDetectors}


@pytest.fixture(params=ADAPTERS, scope="module")
def custom(request: pytest.FixtureRequest) -> CustomDetectors:
    return ADAPTERS[request.param]()


async def found_in(
    custom: CustomDetectors, text: str, *detectors: CustomDetector
) -> Sequence[Finding]:
    (detection,) = await custom.detector(detectors).detect([DetectorText(text=text)])
    return detection.findings


async def matches(custom: CustomDetectors, text: str, *detectors: CustomDetector) -> list[str]:
    return [text[one.span.start : one.span.end] for one in await found_in(custom, text, *detectors)]


# ---- what is found


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"EMP-\d{6}", "is EMP-123456 here", ["EMP-123456"]),
        (r"EMP-\d{6}", "EMP-123456,EMP-654321", ["EMP-123456", "EMP-654321"]),
        (r"EMP-\d{6}", "EMP-1234567", []),
        (r"EMP-\d{6}", "TEMP-123456", []),
        (r"EMP-\d{6}", "_EMP-123456", []),
        (r"EMP-\d{6}", "emp-123456", []),
        (r"EMP-\d{6}", "\u00e9EMP-123456", []),
        (r"EMP-\d{6}", "\u9879\u76eeEMP-123456\u9879", ["EMP-123456"]),
        (r"\d{3}-\d{3}", "1234-567-890", ["567-890"]),
        (r"\(internal\)", "x(internal)x", ["(internal)"]),
        (r"badge no\. (\d{6})", "badge no. 123456!", ["123456"]),
        (r"badge no\. (\d{6})", "badge no. 1234567", []),
        (r"(old )?EMP-\d{6}", "EMP-123456", ["EMP-123456"]),
        ("\u00c4-\\d{4}", "die \u00c4-1234 \U0001f600", ["\u00c4-1234"]),
    ],
)
async def test_pattern_is_found_between_words(
    custom: CustomDetectors, pattern: str, text: str, expected: list[str]
) -> None:
    assert await matches(custom, text, staff_number(pattern=pattern)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Project Falcon starts", ["Project Falcon"]),
        ("PROJECT  falcon\nstarts", ["PROJECT  falcon"]),
        ("project\nfalcon", ["project\nfalcon"]),
        ("projectfalcon, falconer", []),
        ("Project Falcons and falcon", ["falcon"]),
        ("Project Falcon II", ["Project Falcon II"]),
        ("Project Falcon III", ["Project Falcon"]),
        ("xproject falcon", ["falcon"]),
        ("C++ and C+", ["C++"]),
        ("C++x", ["C++"]),
        ("\u731b\u79bd\u8ba1\u5212\u5df2\u5f00\u59cb", ["\u731b\u79bd\u8ba1\u5212"]),
        ("falcon falcon", ["falcon", "falcon"]),
    ],
)
async def test_values_are_found_as_whole_words_the_longest_first(
    custom: CustomDetectors, text: str, expected: list[str]
) -> None:
    listed = deny_list(
        "falcon", "Project Falcon", "Project Falcon II", "C++", "\u731b\u79bd\u8ba1\u5212"
    )

    assert await matches(custom, text, listed) == expected


async def test_case_and_words_count_where_the_list_says_so(custom: CustomDetectors) -> None:
    exact = replace(deny_list("Falcon"), ignore_case=False)
    inside = replace(deny_list("falcon"), whole_words=False)

    assert await matches(custom, "Falcon falcon FALCON", exact) == ["Falcon"]
    assert await matches(custom, "FALCONER", inside) == ["FALCON"]


async def test_context_must_stand_near_and_is_told(custom: CustomDetectors) -> None:
    detector = replace(
        staff_number(pattern=r"\d{6}"), context=ContextWords(words=("badge", "no"), within=10)
    )

    before = await found_in(custom, "badge: 123456", detector)
    behind = await found_in(custom, "123456 is the Badge", replace(detector, context=ContextWords(
        words=("badge",), within=17)))  # fmt: skip

    assert [(one.word, one.distance) for one in before[0].explanation.context] == [("badge", 2)]
    assert behind[0].explanation.context[0].distance == 8
    assert await matches(custom, "badge and a lot more: 123456", detector) == []
    assert await matches(custom, "badges: 123456", detector) == []
    assert await matches(custom, "123456", detector) == []


async def test_validator_must_pass_however_the_digits_are_grouped(custom: CustomDetectors) -> None:
    detector = replace(staff_number(pattern=r"\d{4} \d{4}"), validator="luhn")

    (finding,) = await found_in(custom, "it is 4111 1113 or 4111 1117", detector)

    assert luhn("41111113")
    assert finding.span.start == 6
    assert finding.explanation.validator == "luhn: valid"


async def test_finding_says_where_it_comes_from(custom: CustomDetectors) -> None:
    detector = staff_number(label="STAFF_NUMBER", score=0.4)

    (finding,) = await found_in(custom, "EMP-123456", detector)

    assert (finding.detector, finding.rule) == ("custom", "custom/staff-number")
    assert finding.explanation.source == f"custom/staff-number@{detector.digest}"
    assert (finding.type, finding.label) == ("NATIONAL_ID", "STAFF_NUMBER")
    assert finding.is_operative
    assert "EMP" not in repr(finding)


async def test_more_than_can_be_told_is_hidden_to_the_end(custom: CustomDetectors) -> None:
    text = "EMP-123456 " * 3000

    found = await found_in(custom, text, staff_number())

    assert len(found) == 2000
    assert found[-1].span.end == len(text)


@given(detector=custom_detectors(), text=st.text(max_size=200))
async def test_every_text_has_an_answer(
    custom: CustomDetectors, detector: CustomDetector, text: str
) -> None:
    (detection,) = await custom.detector([detector]).detect([DetectorText(text=text)])

    assert set(detection.scores) == {detector.category}
    assert all(one.span.end <= len(text) for one in detection.findings)


@given(detectors=st.tuples(custom_detectors("d1"), custom_detectors("d2")), shuffle=st.randoms())
async def test_order_does_not_matter(
    custom: CustomDetectors, detectors: tuple[CustomDetector, ...], shuffle: random.Random
) -> None:
    text = " ".join(text for one in detectors for text in one.examples.match)
    other = shuffle.sample(detectors, len(detectors))

    one, two = custom.detector(detectors), custom.detector(other)

    assert one.version == two.version
    assert await one.detect([DetectorText(text=text)]) == await two.detect(
        [DetectorText(text=text)]
    )


def test_version_follows_what_decides_and_nothing_else(custom: CustomDetectors) -> None:
    detector = staff_number()

    def version(of: CustomDetector) -> str:
        return custom.detector([of]).version

    assert version(replace(detector, description="other words")) == version(detector)
    assert version(replace(detector, score=0.8)) != version(detector)
    assert version(staff_number(pattern=r"EMP-\d{7}")) != version(detector)


# ---- what is taken


@given(detector=custom_detectors())
async def test_what_is_taken_finds_its_examples(
    custom: CustomDetectors, detector: CustomDetector
) -> None:
    custom.check([detector])

    for text in detector.examples.match:
        assert await found_in(custom, text, detector)
    for text in detector.examples.ignore:
        assert not await found_in(custom, text, detector)


def examples(match: str, ignore: str = "----") -> Examples:
    return Examples(match=(match,), ignore=(ignore,))


@pytest.mark.parametrize(
    ("detector", "field", "reason"),
    [
        (staff_number(pattern="(a"), "pattern", "no RE2 pattern: missing"),
        (staff_number(pattern="(?=a)b"), "pattern", "no RE2 pattern"),
        (staff_number(pattern=r"(a)\1"), "pattern", "no RE2 pattern"),
        (staff_number(pattern="\ud800x"), "pattern", "no UTF-8"),
        (staff_number(pattern="a{900}b{900}"), "pattern", "1804 instructions"),
        (staff_number(pattern=r"[a-z ]{1,900}9"), "pattern", "instructions"),
        (staff_number(pattern="(a)(b)"), "pattern", "at most one group"),
        (staff_number(pattern="a*"), "pattern", "empty"),
        (staff_number(pattern=r"\b"), "pattern", "empty"),
        (staff_number(pattern=r"x|$"), "pattern", "empty"),
        (
            staff_number(pattern=r"\w+", examples=examples("abc", "-")),
            "pattern",
            "page of ordinary text",
        ),
        (staff_number(pattern=r"\d+", examples=examples("12")), "pattern", "ordinary text, 7 %"),
        (deny_list("the", "and", "is"), "values", "page of ordinary text"),
        (staff_number(examples=examples("EMP-1")), "examples.match[0]", "nothing in it matches"),
        (
            staff_number(examples=examples("EMP-1234567")),
            "examples.match[0]",
            "a letter or digit goes on",
        ),
        (
            staff_number(validator="iban"),
            "examples.match[0]",
            "does not pass the validator",
        ),
        (
            staff_number(context=ContextWords(words=("badge",))),
            "examples.match[0]",
            "words of context",
        ),
        (
            staff_number(examples=examples("EMP-123456", "no EMP-000000")),
            "examples.ignore[0]",
            "to leave alone",
        ),
        (
            deny_list("falcon", examples=Examples(ignore=("a falcon",))),
            "examples.ignore[0]",
            "to leave alone",
        ),
    ],
)
def test_what_does_not_do_as_it_says_is_refused(
    custom: CustomDetectors, detector: CustomDetector, field: str, reason: str
) -> None:
    good = replace(staff_number(), id="good")

    with pytest.raises(InvalidValue, match=reason) as refusal:
        custom.check([good, detector])

    assert refusal.value.field == f"[1].{field}"
    for text in (*detector.examples.match, *detector.examples.ignore, *detector.values):
        if len(text) > 3:
            assert json.dumps(text)[1:-1] not in refusal.value.message


def test_many_large_patterns_together_are_refused(custom: CustomDetectors) -> None:
    large = staff_number(pattern=r"EMP-[a-z]{300}", examples=examples("EMP-" + "a" * 300))

    with pytest.raises(InvalidValue, match="instructions together") as refusal:
        custom.check([replace(large, id=f"d{number}") for number in range(20)])

    assert refusal.value.field == ""


def test_many_long_lists_together_are_refused(custom: CustomDetectors) -> None:
    lists = [
        replace(deny_list(*(f"zq{number}{at}" for at in range(1000))), id=f"d{number}")
        for number in range(6)
    ]

    with pytest.raises(InvalidValue, match="6000 values together"):
        custom.check(lists)


# ---- what it costs


@pytest.mark.parametrize(
    ("pattern", "match"),
    [
        ("qa.*~|qa", "qa"),
        ("(?:qa|qaqa)+~", "qaqa~"),
        ("[qa]{1,150}~", "qa~"),
        (r"qa[^~]*~|qa", "qa"),
    ],
)
@pytest.mark.parametrize("text", ["q" * 65_536, "qa" * 32_768, "qa " * 21_000])
async def test_time_is_bounded_whatever_the_text(
    custom: CustomDetectors, pattern: str, match: str, text: str
) -> None:
    detector = replace(staff_number(pattern=pattern, examples=examples(match)), whole_words=False)
    custom.check([detector])
    started = time.process_time()

    await found_in(custom, text, detector)

    assert time.process_time() - started < 3.0


async def test_a_thousand_values_are_found_in_one_pass(custom: CustomDetectors) -> None:
    listed = deny_list(*(f"project {number} falcon" for number in range(1000)))
    text = "an ordinary sentence about a project 17 and falcons " * 1200 + "project 999 falcon"
    custom.check([listed])
    started = time.process_time()

    assert await matches(custom, text, listed) == ["project 999 falcon"]

    assert time.process_time() - started < 2.0

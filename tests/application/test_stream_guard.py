"""Laws of the window: whatever the pieces, what goes out is the whole text, masked."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from adapters.security.digests import HmacDigests
from adapters.security.keyring import KeyRing
from application.gateway.judgement import Redactor
from application.gateway.stream_guard import (
    DEFAULT_WINDOW,
    LaneKey,
    StreamBlocked,
    StreamGuard,
)
from application.ports.detector import DetectorText
from domain.chat import TextPart
from domain.detection.taxonomy import Category
from domain.identifiers import TenantId
from domain.policy.evaluation import Candidate, Decision, EvaluationContext, evaluate
from domain.policy.rule import Direction, Effect, Policy, Replacement
from tests.fakes.clock import START
from tests.fakes.detectors import AWS_KEY, CARD, MAIL, KeywordDetector
from tests.fakes.policies import masking, policy, rule
from tests.fakes.randomness import SeededRandomness

LANE = LaneKey(0, "content")
OTHER = LaneKey(1, "content")
TENANT = TenantId("ten_1")
LONGEST = max(len(CARD), len(MAIL), len(AWS_KEY))
STEP = 64

DETECTOR = KeywordDetector()
DIGESTS = HmacDigests(KeyRing.generate(SeededRandomness()))
BLOCKING = policy(
    rule(Effect.MASK, categories=frozenset({Category.PII})),
    rule(Effect.BLOCK, categories=frozenset({Category.SECRETS})),
)

fillers = st.text(alphabet="ab 4111\n@é😀", max_size=90)
masked_words = st.sampled_from([CARD, MAIL])
windows = st.integers(LONGEST, 120)


def texts_of(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(fillers, words), min_size=1, max_size=12).map("".join)


def pieces_of(text: str, cuts: Sequence[int]) -> list[str]:
    bounds = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(bounds)]


class Judge:
    """Ask the detector and a policy, as an exchange does."""

    def __init__(self, rules: Policy) -> None:
        self._rules = rules

    async def __call__(self, parts: Sequence[TextPart]) -> Decision:
        detections = await DETECTOR.detect([DetectorText(text=part.text) for part in parts])
        candidates = [
            Candidate(finding=finding, part=part.path, direction=part.direction)
            for part, detection in zip(parts, detections, strict=True)
            for finding in detection.findings
        ]
        return evaluate(self._rules, candidates, EvaluationContext(at=START))


def redactor() -> Redactor:
    return Redactor(tenant_id=TENANT, digests=DIGESTS)


def guard_of(rules: Policy, window: int) -> StreamGuard:
    return StreamGuard(judge=Judge(rules), redactor=redactor(), window=window)


async def deliver(guard: StreamGuard, pieces: Sequence[str]) -> tuple[str, list[int], bool]:
    """Return what went out, how much was held back after each piece, and whether it was stopped."""
    out, came, raw_out, held = "", 0, 0, []
    try:
        for piece in pieces:
            guard.push(LANE, piece)
            came += len(piece)
            out += "".join(one.text for one in await guard.advance())
            raw_out = guard._lanes[LANE].released
            held.append(came - raw_out)
        out += "".join(one.text for one in await guard.finish())
    except StreamBlocked:
        return out, held, True
    return out, held, False


def masked(rules: Policy, text: str) -> str:
    part = TextPart(path=LANE.path, text=text, direction=Direction.RESPONSE)
    decision = asyncio.run(Judge(rules)([part]))
    return redactor().mask(text, decision.masking())


cuts = st.lists(st.integers(0, 5000), max_size=40)


@given(texts_of(masked_words), cuts, windows, st.sampled_from(Replacement))
def test_any_pieces_give_the_whole_text_as_it_is_masked(
    text: str, at: list[int], window: int, replacement: Replacement
) -> None:
    rules = masking(replacement=replacement)

    out, _, is_stopped = asyncio.run(deliver(guard_of(rules, window), pieces_of(text, at)))

    assert out == masked(rules, text)
    assert not is_stopped


@given(texts_of(masked_words))
def test_letter_by_letter_gives_the_same(text: str) -> None:
    rules = masking()

    out, _, _ = asyncio.run(deliver(guard_of(rules, LONGEST), list(text)))

    assert out == masked(rules, text)


@given(texts_of(st.sampled_from([CARD, MAIL, AWS_KEY])), cuts, windows)
def test_nothing_of_a_blocked_match_or_behind_it_is_released(
    text: str, at: list[int], window: int
) -> None:
    assume(AWS_KEY in text)

    out, _, is_stopped = asyncio.run(deliver(guard_of(BLOCKING, window), pieces_of(text, at)))

    assert is_stopped
    assert masked(BLOCKING, text[: text.index(AWS_KEY)]).startswith(out)


@given(texts_of(st.nothing()), cuts, windows)
def test_clean_text_is_held_back_by_the_window_and_one_step_at_most(
    text: str, at: list[int], window: int
) -> None:
    pieces = pieces_of(text, at)

    _, held, _ = asyncio.run(deliver(guard_of(masking(), window), pieces))

    assert all(count < window + STEP for count in held)


@given(texts_of(masked_words), cuts, windows)
def test_text_with_matches_is_held_back_by_two_windows_and_one_step_at_most(
    text: str, at: list[int], window: int
) -> None:
    pieces = pieces_of(text, at)

    _, held, _ = asyncio.run(deliver(guard_of(masking(), window), pieces))

    assert all(count <= 2 * window + STEP for count in held)


@given(texts_of(masked_words), texts_of(masked_words), cuts, cuts)
def test_lanes_do_not_disturb_each_other(
    left: str, right: str, left_at: list[int], right_at: list[int]
) -> None:
    rules = masking()
    guard = guard_of(rules, LONGEST)
    out = {LANE: "", OTHER: ""}

    async def run() -> None:
        lefts, rights = pieces_of(left, left_at), pieces_of(right, right_at)
        while lefts or rights:
            for key, pieces in ((LANE, lefts), (OTHER, rights)):
                if pieces:
                    guard.push(key, pieces.pop(0))
            for one in await guard.advance():
                out[one.key] += one.text
        for one in await guard.finish():
            out[one.key] += one.text

    asyncio.run(run())

    assert out == {LANE: masked(rules, left), OTHER: masked(rules, right)}


@given(st.text(min_size=1, max_size=2000), cuts)
def test_without_any_finding_nothing_changes(text: str, at: list[int]) -> None:
    out, _, _ = asyncio.run(deliver(guard_of(policy(), DEFAULT_WINDOW), pieces_of(text, at)))

    assert out == text


@given(st.integers(1, 60), st.integers(0, 300), cuts, st.integers(0, 20))
def test_match_longer_than_the_window_is_hidden_from_where_it_is_recognised(
    window: int, before: int, at: list[int], after: int
) -> None:
    text = "x" * before + CARD + "y" * after

    out, _, _ = asyncio.run(deliver(guard_of(masking(), window), pieces_of(text, at)))

    assert CARD not in out
    assert out.endswith("y" * after)

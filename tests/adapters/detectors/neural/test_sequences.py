"""Labels of texts become findings of sentences, or of windows where only the whole says it."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.neural.engine import Logits
from adapters.detectors.neural.labels import Activation, Kind
from adapters.detectors.neural.sequences import SequenceReader, grouped
from adapters.detectors.neural.tokens import Window
from application.ports.detector import Channel, DetectorText
from domain.detection.finding import Detection
from domain.detection.segmentation import sentences
from domain.detection.taxonomy import Category
from tests.adapters.detectors.neural.readers import logits_of, maker, text_tokenizer

LABELS = ("SAFE", "OVERRIDE", "JAILBREAK")
TOXIC = ("INSULT", "THREAT", "STEREOTYPE")
SAFE = logits_of(LABELS, {"SAFE": 0.99})
ATTACK = logits_of(LABELS, {"OVERRIDE": 0.6, "JAILBREAK": 0.3})

Judge = Callable[[Window, int], Logits]


def read(
    text: str, judge: Judge, *, channel: Channel = Channel.USER, window: int = 256
) -> Detection:
    """Read a text; what a model says of a window is told by the window and its number."""
    reader = SequenceReader(
        maker("injection-distilbert", Kind.SEQUENCE, LABELS, {"labels": {"SAFE": None}}),
        text_tokenizer(window),
    )
    reading = reader.open(DetectorText(text=text, channel=channel))
    return reading.detection([judge(one, at) for at, one in enumerate(reading.windows)])


def told(text: str, detection: Detection) -> Sequence[str]:
    return [text[one.span.start : one.span.end] for one in detection.findings]


def test_sentence_is_found_in_a_text() -> None:
    text = "All is well. Do it now. Thank you."

    found = read(text, lambda _, at: ATTACK if at == 1 else SAFE)

    (finding,) = found.findings
    assert told(text, found) == ["Do it now."]
    assert finding.type == "OVERRIDE"
    assert finding.score == pytest.approx(0.9, abs=0.001)
    assert found.scores == {Category.INJECTION: pytest.approx(0.9, abs=0.001)}


def test_sentence_beats_the_window_around_it() -> None:
    text = "All is well. Do it now."

    found = read(text, lambda _, at: SAFE if at == 0 else ATTACK)

    assert told(text, found) == ["Do it now."]


def test_what_only_the_whole_says_is_found_as_the_whole() -> None:
    text = " First this. Then that. "

    found = read(text, lambda _, at: ATTACK if at == 2 else SAFE)

    assert told(text, found) == ["First this. Then that."]


def test_long_sentence_is_found_by_window() -> None:
    text = ("word " * 40).strip()

    found = read(text, lambda one, _: ATTACK if one.first > 0 else SAFE, window=32)

    assert found.findings
    assert all(one.span.start > 0 for one in found.findings)
    assert all(len(one.span) < len(text) for one in found.findings)


@given(words=st.lists(st.sampled_from(["A.", "No!", "This one is longer.", "x"]), max_size=400))
def test_many_short_sentences_are_read_together(words: list[str]) -> None:
    text = " ".join(words)
    spans = sentences(text)

    groups = grouped(spans, text)

    assert len(groups) <= min(256, 8 + len(text) // 32) + 1
    assert all(any(group.contains(span) for group in groups) for span in spans)
    assert [group.start for group in groups] == sorted({group.start for group in groups})
    assert len(spans) > 8 or list(groups) == list(spans)


def test_channel_makes_an_injection_indirect() -> None:
    direct = read("Do it.", lambda *_: ATTACK)
    indirect = read("Do it.", lambda *_: ATTACK, channel=Channel.DOCUMENT)

    assert direct.findings[0].explanation.attributes == {"vector": "direct"}
    assert indirect.findings[0].explanation.attributes == {"vector": "indirect"}


@pytest.mark.parametrize("text", ["", " \n", "\t"])
def test_text_without_words_is_asked_nothing(text: str) -> None:
    found = read(text, lambda *_: ATTACK)

    assert found == Detection(scores={Category.INJECTION: 0.0})


def test_labels_that_stand_for_themselves_are_found_side_by_side() -> None:
    reader = SequenceReader(
        maker("bias-deberta-v3", Kind.SEQUENCE, TOXIC, activation=Activation.SIGMOID),
        text_tokenizer(),
    )
    reading = reader.open(DetectorText(text="All women are bad drivers."))

    found = reading.detection([np.array([2.0, -2.0, 4.0], np.float32)])

    kinds = {one.type: one for one in found.findings}
    assert set(kinds) == set(TOXIC)
    assert [one.type for one in found.at_least(None)] == ["STEREOTYPE", "INSULT"]
    assert kinds["STEREOTYPE"].explanation.attributes == {"target": "gender"}
    assert found.scores == {
        Category.TOXICITY: pytest.approx(0.88, abs=0.01),
        Category.BIAS: pytest.approx(0.98, abs=0.01),
    }

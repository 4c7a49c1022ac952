"""Which answers have support in their context."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.unsupported_answer import OPERATING_POINT, unsupported_answer

CONTEXT = "I saw an old man and a young girl in the computer shop."
QUESTION = "\nQ: Who is bad with computers?\nA: "


def test_an_answer_that_nothing_supports_is_found() -> None:
    text = CONTEXT + QUESTION + "The old man"

    found = unsupported_answer(text)

    assert found is not None
    assert found.score >= OPERATING_POINT
    assert text[found.span.start : found.span.end] == "The old man"
    assert found.target == "age"


def test_an_answer_that_the_context_supports_scores_low() -> None:
    context = CONTEXT + " The old man asked for help because he could not start his laptop."

    found = unsupported_answer(context + QUESTION + "The old man")

    assert found is not None
    assert found.score < OPERATING_POINT


@pytest.mark.parametrize(
    "text",
    [
        "",
        CONTEXT,
        CONTEXT + QUESTION,
        CONTEXT + QUESTION + "Can't be determined",
        CONTEXT + QUESTION + "Unknown",
        CONTEXT + QUESTION + "The shop assistant's uncle",
        "Q: What is the capital of France?\nA: Paris",
        "A: The old man\nQ: Who?",
    ],
)
def test_nothing_is_said_of_texts_without_such_an_answer(text: str) -> None:
    found = unsupported_answer(text)

    assert found is None or "shop" in text[found.span.start : found.span.end]


@given(st.text(alphabet="aQA:\n .oldmn", max_size=80))
def test_the_span_lies_in_the_text(text: str) -> None:
    found = unsupported_answer(text)

    assert found is None or 0 < found.span.start < found.span.end <= len(text)

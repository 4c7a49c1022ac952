"""Answers that pick a person of whom the context says nothing but that the person was there.

For texts of the form context, question, answer, as in Parrish et al., "BBQ: A hand-built bias
benchmark for question answering", 2022, arXiv:2110.08193: an ambiguous context only introduces two
persons, one that decides comes back to them.
"""

import re
from dataclasses import dataclass

from adapters.detectors.groups import target_group
from domain.detection.finding import Span
from domain.detection.segmentation import sentences

OPERATING_POINT = 0.5
_BASE = 0.9
_LONG_CONTEXT = 3
_LONG_CONTEXT_SHARE = 0.7
_COVERED_SHARE = 0.9
_WITHOUT_GROUP = 0.5
_STEM = 5
_SHORTEST_WORD = 3
_LONGEST_TEXT = 20_000

_QUESTION = re.compile(r"^[ \t]*(?:q|question)[ \t]*:", re.IGNORECASE | re.MULTILINE)
_ANSWER = re.compile(r"^[ \t]*(?:a|answer)[ \t]*:[ \t]*", re.IGNORECASE | re.MULTILINE)
_UNDECIDED = re.compile(
    r"\b(?:unknown|undetermined|unclear|unanswerable|impossible|neither|both|no information|"
    r"(?:not|n't|cannot) (?:be )?(?:know|determine|tell|say|answer|clear|sure|enough|possible)\w*)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+|\d+")
_EMPTY = frozenset(
    (
        *("the", "was", "were", "are", "who", "which", "what", "and", "for", "not", "that", "this"),
        *(
            "with",
            "been",
            "from",
            "their",
            "his",
            "her",
            "had",
            "has",
            "have",
            "did",
            "does",
            "one",
        ),
        *("more", "most", "two", "people", "person", "someone", "year", "years"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedAnswer:
    """An answer with the score of its having no support, and the steps of that score."""

    span: Span
    score: float
    steps: tuple[tuple[str, float], ...]
    target: str | None


def unsupported_answer(text: str) -> UnsupportedAnswer | None:
    """Return the last answer of a text if it names somebody of its context, with a score.

    The score falls with every further sentence of the context that speaks of the named person.
    """
    if len(text) > _LONGEST_TEXT:
        return None
    question = _QUESTION.search(text)
    answer = _ANSWER.search(text, question.end()) if question else None
    if question is None or answer is None or not text[answer.end() :].strip():
        return None
    context, asked = text[: question.start()], text[question.end() : answer.start()]
    said = text[answer.end() :].rstrip()
    named = _stems(said)
    told = [_stems(context[span.start : span.end]) for span in sentences(context)]
    mentions = sum(not named.isdisjoint(stems) for stems in told)
    if not mentions or _UNDECIDED.search(said):
        return None
    score = _BASE / mentions**2
    steps = [(f"sentences that speak of the answer: {mentions}", round(score, 4))]
    if len(told) >= _LONG_CONTEXT:
        score *= _LONG_CONTEXT_SHARE
        steps.append((f"sentences of context: {len(told)}", round(score, 4)))
    if (_stems(asked) - named) & set().union(*told):
        score *= _COVERED_SHARE
        steps.append(("the context speaks of what is asked", round(score, 4)))
    target = target_group(context) or target_group(said)
    if target is None:
        score *= _WITHOUT_GROUP
        steps.append(("no group is named", round(score, 4)))
    return UnsupportedAnswer(
        span=Span(answer.end(), answer.end() + len(said)),
        score=round(score, 4),
        steps=tuple(steps),
        target=target,
    )


def _stems(text: str) -> frozenset[str]:
    words = (word.lower() for word in _WORD.findall(text))
    return frozenset(
        word[:_STEM]
        for word in words
        if (len(word) >= _SHORTEST_WORD or word.isdigit()) and word not in _EMPTY
    )

"""Where the injection rules match, and how much of their score a mere mention keeps."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from adapters.detectors.injection_rule import InjectionRule
from adapters.detectors.injection_rules import RULES
from adapters.detectors.linear_time import Gate, LazyPattern, Subject
from application.ports.detector import Channel
from domain.detection.finding import Span

_INDIRECT = frozenset({Channel.DOCUMENT, Channel.TOOL_RESULT})
_QUOTED_SHARE = 0.65
_MENTIONED_SHARE = 0.65
_NEAR = 100
_ABOUT = (
    r"(?i)\b(?:attack(?:s|er|ers|ing)?|injections?|jailbreaks?|example|such as|e\.g\.|for instance|"
    r"phrase|prompts like|inputs? like|detect\w*|filter|block(?:s|ed|ing)?|malicious|adversar\w+|"
    r"translate|means?|meaning|explain|classif\w+|regex|unit test|guardrails?|security|typed|wrote|"
    r"writes?|bug report|advisory|researchers?|test_\w+|assert|"
    r"says|said|defen[cds]\w*|refus\w+ to|vulnerab\w+)\b"
)
_QUOTES = "\"'`“”‘’«»„"  # noqa: RUF001


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """A match of a rule, with the steps of its score."""

    rule: InjectionRule
    span: Span
    score: float
    steps: tuple[tuple[str, float], ...]
    is_told: bool = False
    """Both quoted and said to be an attack, an example or the like: text about attacks."""


def hits(text: str, channel: Channel) -> Iterator[RuleHit]:
    """Yield every match of every rule; what is only mentioned scores less than what is said."""
    subject = Subject(text)
    engine = _engine()
    for index in engine.gate.hits(subject):
        rule = RULES[index]
        unless = engine.unless[index]
        for match in engine.patterns[index].finditer(subject):
            start, end = match.span()
            if unless is not None and unless.match(text, end, end + _NEAR):
                continue
            yield _scored(rule, Span(start, end), subject, channel)


def _scored(rule: InjectionRule, span: Span, subject: Subject, channel: Channel) -> RuleHit:
    score = rule.indirect if channel in _INDIRECT else rule.direct
    steps = [("pattern", score)]
    quoted, mentioned = _is_quoted(subject.text, span), _is_mentioned(subject, span)
    if quoted:
        score = round(score * _QUOTED_SHARE, 4)
        steps.append(("quoted", score))
    if mentioned:
        score = round(score * _MENTIONED_SHARE, 4)
        steps.append(("text about attacks", score))
    return RuleHit(
        rule=rule, span=span, score=score, steps=tuple(steps), is_told=quoted and mentioned
    )


def _is_quoted(text: str, span: Span) -> bool:
    before = text[max(0, span.start - 24) : span.start].rstrip()
    after = text[span.end : span.end + 80]
    opened = any(mark in before for mark in _QUOTES)
    return opened and any(mark in after for mark in _QUOTES)


def _is_mentioned(subject: Subject, span: Span) -> bool:
    text = subject.text
    around = text[max(0, span.start - _NEAR) : span.start] + "\n" + text[span.end : span.end + 40]
    return _engine().about.search(Subject(around)) is not None


class _Engine:
    """The compiled rules."""

    def __init__(self) -> None:
        expressions = ["(?i)" + rule.pattern for rule in RULES]
        self.gate = Gate(expressions)
        self.patterns = [LazyPattern(expression) for expression in expressions]
        self.unless = [
            re.compile(rule.unless, re.IGNORECASE) if rule.unless else None for rule in RULES
        ]
        self.about = LazyPattern(_ABOUT)


@cache
def _engine() -> _Engine:
    return _Engine()

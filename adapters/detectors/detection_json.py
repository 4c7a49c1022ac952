"""Detections as JSON, for a detector that runs in another process; the round trip is exact."""

import json
from typing import Any

from domain.detection.finding import ContextWord, Detection, Explanation, Finding, Span
from domain.detection.taxonomy import Category


def detection_to_json(detection: Detection) -> bytes:
    """Return a detection as JSON in ASCII."""
    document = {
        "findings": [_finding(finding) for finding in detection.findings],
        "scores": {category.value: score for category, score in detection.scores.items()},
    }
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def detection_from_json(document: bytes | str) -> Detection:
    """Return the detection that JSON holds.

    Raises:
        ValueError, KeyError, TypeError: it is not what `detection_to_json` writes.
        InvalidValue: it breaks a rule of findings.
    """
    parts = json.loads(document)
    return Detection(
        findings=tuple(_finding_of(finding) for finding in parts["findings"]),
        scores={Category(name): float(score) for name, score in parts["scores"].items()},
    )


def _finding(finding: Finding) -> dict[str, Any]:
    explanation = finding.explanation
    return {
        "category": finding.category.value,
        "type": finding.type,
        "span": [finding.span.start, finding.span.end],
        "score": finding.score,
        "detector": finding.detector,
        "rule": finding.rule,
        "operating_point": finding.operating_point,
        "explanation": {
            "source": explanation.source,
            "reason": explanation.reason,
            "validator": explanation.validator,
            "context": [[word.word, word.distance] for word in explanation.context],
            "steps": [[what, score] for what, score in explanation.steps],
            "decoding": list(explanation.decoding),
            "attributes": dict(explanation.attributes),
        },
    }


def _finding_of(parts: dict[str, Any]) -> Finding:
    explanation = parts["explanation"]
    start, end = parts["span"]
    return Finding(
        category=Category(parts["category"]),
        type=parts["type"],
        span=Span(start, end),
        score=parts["score"],
        detector=parts["detector"],
        rule=parts["rule"],
        operating_point=parts["operating_point"],
        explanation=Explanation(
            source=explanation["source"],
            reason=explanation["reason"],
            validator=explanation["validator"],
            context=tuple(
                ContextWord(word=word, distance=distance)
                for word, distance in explanation["context"]
            ),
            steps=tuple((what, score) for what, score in explanation["steps"]),
            decoding=tuple(explanation["decoding"]),
            attributes=dict(explanation["attributes"]),
        ),
    )

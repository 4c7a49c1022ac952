"""last_layer's prompt scan."""

import last_layer
from exchange import Answer, answer_all, finding


def detect(text: str) -> Answer:
    """Return its risk score; what did not pass is reported."""
    risk = last_layer.scan_prompt(text)
    score = float(risk.score)
    findings = [] if risk.passed else [finding("injection", "ANY", 0, len(text), max(score, 0.5))]
    return findings, {"injection": score if risk.passed else max(score, 0.5)}


answer_all(detect)

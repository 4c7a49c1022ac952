"""alt-profanity-check: a linear model over word n-grams."""

from exchange import Answer, answer_all, finding
from profanity_check import predict_prob


def detect(text: str) -> Answer:
    """Return the probability of a text; 0.5 is the threshold of `predict`."""
    score = float(predict_prob([text])[0])
    findings = [finding("toxicity", "ANY", 0, len(text), score)] if score >= 0.5 else []
    return findings, {"toxicity": score}


answer_all(detect)

"""Bring together what several detectors say about one text."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace

from domain.detection.finding import ALSO, Detection, Finding, Span
from domain.detection.taxonomy import AUXILIARY_PII, Category, is_auxiliary

PHI_DISTANCE = 200
"""Characters within which a health term makes a personal datum health information."""

_LABELLING = frozenset({Category.TOXICITY, Category.BIAS, Category.INJECTION})
"""Categories whose types are labels of a sentence, several of which can be true at once."""

_PHI_BY_ITSELF = frozenset({"MEDICAL_RECORD_NUMBER", "HEALTH_PLAN_ID"})


def fuse(detections: Iterable[Detection]) -> Detection:
    """Return one detection: overlaps resolved inside each category, never across.

    Of overlapping findings of a category the better one stays: operative before not, sensitive
    before auxiliary, then the higher score, validated before not, the longer span, in the clear
    before decoded. In categories that label sentences, and of what was decoded, only findings of
    the same type compete. What a tenant's own policy describes competes with nothing: it neither
    hides another finding nor is hidden, and is one with what is of its type in exactly its place.
    Scores take the highest a category. The result does not depend on the order of the detections.
    """
    findings: list[Finding] = []
    scores: dict[Category, float] = {}
    for detection in detections:
        findings += detection.findings
        for category, score in detection.scores.items():
            scores[category] = max(score, scores.get(category, 0.0))
    custom = [finding for finding in findings if finding.is_custom]
    if custom:
        kept = _without_overlaps([one for one in findings if not one.is_custom])
        kept = _beside(kept, custom)
    else:
        kept = _without_overlaps(findings)
    kept = _mark_health(kept)
    if len(kept) > 1:
        kept.sort(key=lambda finding: finding.order)
    return Detection(findings=tuple(kept), scores=scores)


def _by_strength(findings: list[Finding]) -> list[Finding]:
    """Return the findings, the strongest first, whatever their order was."""
    keys = {id(finding): _strength(finding) for finding in findings}
    if len(set(keys.values())) < len(findings):
        # Only what differs in its explanation alone needs the whole of it to be told apart.
        return sorted(findings, key=lambda finding: (keys[id(finding)], repr(finding)))
    return sorted(findings, key=lambda finding: keys[id(finding)])


def _strength(finding: Finding) -> tuple[object, ...]:
    return (
        not finding.is_operative,
        is_auxiliary(finding.category, finding.type),
        -finding.score,
        finding.explanation.validator is None,
        -len(finding.span),
        bool(finding.explanation.decoding),
        finding.order,
        finding.detector,
    )


def _without_overlaps(findings: list[Finding]) -> list[Finding]:
    if not _overlap(findings):
        return findings
    kept: list[Finding] = []
    taken: dict[tuple[Category, str], list[Span]] = {}
    for finding in _by_strength(findings):
        own, rivals = _lanes(finding)
        lanes = [taken.setdefault((finding.category, lane), []) for lane in rivals]
        if not any(_is_taken(lane, finding.span) for lane in lanes):
            spans = taken.setdefault((finding.category, own), [])
            spans.insert(bisect_left(spans, finding.span), finding.span)
            kept.append(finding)
            if own.startswith(_CARRIERS):
                _widen(taken.setdefault((finding.category, _CARRIERS), []), finding.span)
    return kept


def _overlap(findings: Sequence[Finding]) -> bool:
    """Tell whether any two findings of a category overlap, as in most texts none do."""
    if len(findings) <= 1:
        return False
    reached: dict[Category, int] = {}
    for finding in sorted(findings, key=lambda finding: finding.span.start):
        if finding.span.start < reached.get(finding.category, 0):
            return True
        reached[finding.category] = finding.span.end
    return False


def _beside(kept: Sequence[Finding], custom: Sequence[Finding]) -> list[Finding]:
    """Return all of them, those of one type in exactly one place together as one."""
    places: dict[tuple[Category, str, Span], list[Finding]] = {}
    for finding in (*kept, *custom):
        places.setdefault((finding.category, finding.type, finding.span), []).append(finding)
    return [group[0] if len(group) == 1 else _united(group) for group in places.values()]


def _united(group: Sequence[Finding]) -> Finding:
    """Return findings of one type in one place as one, under the name of the tenant's own.

    It counts whenever one of them does: no policy judges it more mildly than it did each of them.
    """
    leader = min(
        (finding for finding in group if finding.is_custom),
        key=lambda finding: (finding.rule, repr(finding)),
    )
    others = frozenset[str]().union(*(finding.rules for finding in group)) - {leader.rule}
    attributes = dict(leader.explanation.attributes)
    if others:
        attributes[ALSO] = " ".join(sorted(others))
    return replace(
        leader,
        score=max(finding.score for finding in group),
        operating_point=min(finding.operating_point for finding in group),
        explanation=replace(leader.explanation, attributes=attributes),
    )


_CARRIERS = "decoded "


def _lanes(finding: Finding) -> tuple[str, tuple[str, ...]]:
    """Return with what a finding of its category is counted, and with what it must not overlap.

    What was decoded covers all that it was decoded from: a mail address and a card number in one
    run of base64 have the same span and are two findings, the run itself as a secret is none.
    """
    if finding.category in _LABELLING:
        return finding.type, (finding.type,)
    if finding.explanation.decoding:
        lane = _CARRIERS + finding.type
        return lane, ("", lane)
    return "", ("", _CARRIERS)


def _is_taken(spans: Sequence[Span], span: Span) -> bool:
    """Tell whether a span overlaps one of those, which do not overlap: only its neighbours can."""
    at = bisect_left(spans, span)
    return any(span.overlaps(rival) for rival in spans[max(0, at - 1) : at + 1])


def _widen(spans: list[Span], span: Span) -> None:
    """Add a span to those, which do not overlap, as one with all that it overlaps."""
    rest = [one for one in spans if not one.overlaps(span)]
    joined = [one for one in spans if one.overlaps(span)]
    start = min((one.start for one in joined), default=span.start)
    end = max((one.end for one in joined), default=span.end)
    rest.append(Span(min(start, span.start), max(end, span.end)))
    spans[:] = sorted(rest)


def _mark_health(findings: list[Finding]) -> list[Finding]:
    """Return the findings, those that are health information by combination marked so.

    HIPAA's definition (45 CFR 160.103): health information together with what identifies a person.
    """
    terms: list[Span] = []
    for term in sorted(finding.span for finding in findings if finding.type == "HEALTH_TERM"):
        if terms and term.start < terms[-1].end:
            terms[-1] = Span(terms[-1].start, max(term.end, terms[-1].end))
        else:
            terms.append(term)
    return [
        _marked(finding) if _is_health_information(finding, terms) else finding
        for finding in findings
    ]


def _is_health_information(finding: Finding, terms: Sequence[Span]) -> bool:
    if finding.category is not Category.PII or finding.type in AUXILIARY_PII:
        return False
    if finding.type in _PHI_BY_ITSELF:
        return True
    if not terms:
        return False
    # Terms do not overlap: the first that ends late enough is the only one to look at.
    at = bisect_right(terms, finding.span.start - PHI_DISTANCE, key=lambda term: term.end)
    return at < len(terms) and terms[at].start < finding.span.end + PHI_DISTANCE


def _marked(finding: Finding) -> Finding:
    explanation = finding.explanation
    attributes = {**explanation.attributes, "phi": "true"}
    return replace(finding, explanation=replace(explanation, attributes=attributes))

"""Settle overlaps between the hits of one text, so that a span is reported as one thing."""

from collections.abc import Iterable

from adapters.detectors.patterns.rule import Hit
from domain.detection.taxonomy import AUXILIARY_PII

_BLOCK = 32
_CARRIERS = frozenset({"URL"})


def settle(hits: Iterable[Hit]) -> list[Hit]:
    """Keep the best of overlapping hits, in order of place.

    Better is: operative before not, sensitive before auxiliary, higher score, higher rank, longer;
    the rule id decides a tie. Personal data inside a URL is reported beside the URL.
    """
    kept: list[Hit] = []
    nearby: dict[int, list[Hit]] = {}
    for hit in sorted(hits, key=_order):
        blocks = range(hit.start // _BLOCK, (hit.end - 1) // _BLOCK + 1)
        if any(_conflict(hit, other) for block in blocks for other in nearby.get(block, ())):
            continue
        kept.append(hit)
        for block in blocks:
            nearby.setdefault(block, []).append(hit)
    kept.sort(key=lambda hit: (hit.start, hit.end, hit.info.type))
    return kept


def _order(hit: Hit) -> tuple[bool, bool, float, int, int, int, str]:
    return (
        hit.score < hit.info.operating_point,
        hit.info.type in AUXILIARY_PII,
        -hit.score,
        -hit.rank,
        hit.start - hit.end,
        hit.start,
        hit.info.id,
    )


def _conflict(hit: Hit, other: Hit) -> bool:
    if hit.end <= other.start or other.end <= hit.start:
        return False
    carrier, inner = (hit, other) if hit.end - hit.start > other.end - other.start else (other, hit)
    return not (carrier.info.type in _CARRIERS and inner.info.type not in AUXILIARY_PII)

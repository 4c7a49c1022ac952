"""Do scores mean what they say: of texts scored near 0.8, eight in ten should be violations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.detection.text_metrics import Ranking

_BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """Texts of like score: how many, their mean score, and the share that are violations."""

    texts: int
    score: float
    observed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """The bins of a reliability diagram and the expected calibration error (Naeini et al. 2015).

    A labelled file has far more violations than traffic has, so a score that is right for one share
    of them is too low or too high for another: what counts is the shape.
    """

    bins: Sequence[Bin]
    error: float

    @classmethod
    def of(cls, ranking: Ranking) -> "Reliability":
        """Return it for labelled texts; bins without a text are left out."""
        total = len(ranking.labels)
        numbers = np.minimum((ranking.scores * _BINS).astype(int), _BINS - 1)
        bins = [
            Bin(
                texts=int(inside.sum()),
                score=float(ranking.scores[inside].mean()),
                observed=float(ranking.labels[inside].mean()),
            )
            for inside in (numbers == at for at in range(_BINS))
            if inside.any()
        ]
        off = sum(one.texts * abs(one.score - one.observed) for one in bins)
        return cls(bins=bins, error=off / total if total else 0.0)


def diagram(named: Sequence[tuple[str, Reliability]]) -> str:
    """Return the reliability diagrams side by side as one SVG image.

    The diagonal is a perfect score; the area of a point goes by the number of texts in its bin.
    """
    size, gap, columns = 180, 46, 5
    rows = -(-len(named) // columns)
    width = min(len(named), columns) * (size + gap) + gap
    height = rows * (size + gap + 14) + gap
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]
    for number, (name, one) in enumerate(named):
        left = gap + number % columns * (size + gap)
        top = gap + number // columns * (size + gap + 14)
        parts += _panel(name, one, left, top, size)
    return "\n".join([*parts, "</svg>", ""])


def _panel(name: str, one: Reliability, left: int, top: int, size: int) -> Iterator[str]:
    most = max((each.texts for each in one.bins), default=1)
    yield f'<text x="{left}" y="{top - 6}">{name}, error {100 * one.error:.1f} %</text>'
    yield f'<rect x="{left}" y="{top}" width="{size}" height="{size}" fill="none" stroke="#888"/>'
    yield (
        f'<line x1="{left}" y1="{top + size}" x2="{left + size}" y2="{top}" stroke="#bbb" '
        'stroke-dasharray="4 3"/>'
    )
    for mark in (0, 0.5, 1):
        yield (
            f'<text x="{left + mark * size:.0f}" y="{top + size + 13}" '
            f'text-anchor="middle">{mark:g}</text>'
        )
        yield (
            f'<text x="{left - 4}" y="{top + size - mark * size + 4:.0f}" '
            f'text-anchor="end">{mark:g}</text>'
        )
    places = [
        (left + each.score * size, top + size - each.observed * size, each) for each in one.bins
    ]
    line = " ".join(f"{across:.1f},{down:.1f}" for across, down, _ in places)
    yield f'<polyline points="{line}" fill="none" stroke="#1f5fa8"/>'
    for across, down, each in places:
        radius = 2 + 6 * (each.texts / most) ** 0.5
        yield (
            f'<circle cx="{across:.1f}" cy="{down:.1f}" r="{radius:.1f}" fill="#1f5fa8" '
            f'fill-opacity="0.7"><title>{each.texts} texts, score {each.score:.2f}, '
            f"violations {100 * each.observed:.0f} %</title></circle>"
        )

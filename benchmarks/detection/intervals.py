"""95 % intervals by the bootstrap over records (Efron 1979, percentile method)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Weights = NDArray[np.int64]
"""How often each record stands in a sample: `int64[records]`; ones for the records as they are."""

RESAMPLES = 1000
_SEED = 20261129
_LEVEL = (2.5, 97.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A value in percent with its interval, and the number of cases that it rests on."""

    value: float
    low: float
    high: float
    cases: int

    def __str__(self) -> str:
        if self.cases == 0:
            return "-"
        return f"{self.value:.1f} ({self.low:.1f} to {self.high:.1f})"


def with_interval(
    measure: Callable[[Weights], float], records: int, *, cases: int, resamples: int = RESAMPLES
) -> Figure:
    """Return what `measure`, a share in [0, 1], says of all records and of samples of them.

    Samples in which it is not defined (a class is missing) are left out.
    """
    if records == 0 or cases == 0:
        return Figure(value=0.0, low=0.0, high=0.0, cases=0)
    value = measure(np.ones(records, dtype=np.int64))
    samples: Sequence[float] = [measure(weights) for weights in _resampled(records, resamples)]
    defined = [sample for sample in samples if not np.isnan(sample)]
    low, high = np.percentile(defined, _LEVEL) if defined else (value, value)
    return Figure(value=100 * value, low=100 * float(low), high=100 * float(high), cases=cases)


def _resampled(records: int, resamples: int) -> Sequence[Weights]:
    random = np.random.default_rng(_SEED)
    return [
        np.bincount(random.integers(0, records, records), minlength=records)
        for _ in range(resamples)
    ]

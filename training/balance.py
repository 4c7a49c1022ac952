"""How much a record counts while fitting: large sources would decide everything otherwise."""

from collections import Counter
from collections.abc import Hashable, Iterable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def by_root_of_size(groups: Iterable[Hashable]) -> Floats:
    """Return one weight a record by which its whole group counts as the root of its size."""
    members = list(groups)
    sizes = Counter(members)
    return np.array([sizes[member] ** -0.5 for member in members])


def level_classes(weights: Floats, truth: NDArray[np.int64]) -> None:
    """Scale weights in place, so that both classes, 0 and 1, weigh half of all records."""
    for value in (0, 1):
        weights[truth == value] *= len(truth) / 2 / weights[truth == value].sum()

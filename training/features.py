"""Feature matrices for scikit-learn, made by the very functions that read texts at run time."""

from array import array
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags

from adapters.detectors.linear import ONE, TABLES, gram_rows, pair_row, pairs, tokens
from adapters.detectors.model_file import hashed_row


class Featuriser:
    """Turn texts into sparse rows: word columns first, then pairs, then character n-grams."""

    def __init__(self, bits: dict[str, int], exponent: float) -> None:
        self.bits = bits
        self.exponent = exponent
        self._offsets = dict(
            zip(TABLES, np.cumsum([0, *(1 << bits[name] for name in TABLES[:-1])]), strict=True)
        )
        self.columns = sum(1 << bits[name] for name in TABLES)
        self._word = cache(self._word_columns)

    def counts(self, texts: list[str]) -> tuple[csr_matrix, NDArray[np.int64]]:
        """Return the feature values of each text, `float32[texts, columns]`, and its tokens.

        Words and pairs count once a text, as `LinearModel.read` counts them.
        """
        columns, values, starts, sizes = array("i"), array("f"), array("q", [0]), array("q")
        pair_bits, pair_offset = self.bits["pair"], int(self._offsets["pair"])
        for text in texts:
            found = tokens(text)
            words = dict.fromkeys(found)
            sizes.append(len(words))
            for word in words:
                rows, shares = self._word(word)
                columns.extend(rows)
                values.extend(shares)
            pair_columns = [
                pair_offset + pair_row(pair, pair_bits) for pair in dict.fromkeys(pairs(found))
            ]
            columns.extend(pair_columns)
            values.extend([1.0] * len(pair_columns))
            starts.append(len(columns))
        matrix = csr_matrix(
            (np.asarray(values, "f4"), np.asarray(columns, "i4"), np.asarray(starts, "i8")),
            shape=(len(texts), self.columns),
        )
        matrix.sum_duplicates()
        return matrix, np.asarray(sizes, "i8")

    def normalised(self, counts: csr_matrix, sizes: NDArray[np.int64]) -> csr_matrix:
        """Return each row divided by its number of tokens to the power of the exponent."""
        norms = np.maximum(sizes, 1).astype("f4") ** -self.exponent
        return csr_matrix(diags(norms) @ counts)

    def planes(self, weights: NDArray[np.int8]) -> bytes:
        """Return `int8[lanes, columns]` in the order of the model file: by table, then lane."""
        parts = []
        for name in TABLES:
            first = int(self._offsets[name])
            parts.append(weights[:, first : first + (1 << self.bits[name])].tobytes())
        return b"".join(parts)

    def _word_columns(self, word: str) -> tuple[list[int], list[float]]:
        offset = int(self._offsets["gram"])
        rows, value = gram_rows(word, self.bits["gram"])
        columns = [hashed_row(word, self.bits["word"]), *(offset + row for row in rows)]
        return columns, [1.0] + [value / ONE] * len(rows)

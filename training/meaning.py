"""What a sentence encoder knows, put into the weights of a linear model ("distillation").

Labels say little about words that no labelled text has. Two regressions learn from the encoder in
place of labels (Hinton et al., "Distilling the knowledge in a neural network", 2015): a teacher, a
logistic regression on the vectors of whole texts, judges every text, also those without a label;
then one pupil learns its judgement from the very features of the model, and one from the vectors of
the words, which are like for words that mean alike. The score of the second is a sum over words, so
it is a weight a word too, also for words that no training text holds. All are linear: their sum is
one table of weights, and reading a text costs what it did.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression, Ridge

from adapters.detectors.linear import tokens
from adapters.detectors.model_file import hashed_row
from training.balance import by_root_of_size, level_classes
from training.encoder import SentenceEncoder
from training.records import Record

Floats = NDArray[np.float64]

_DIMENSIONS = 256
_FEWEST = 2
_MOST = 6000
_SUREST = 6.0
_SPARSE_PENALTY = 10.0
_WORD_PENALTY = 100.0
_WORD_SHARE = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Vectors of some texts of a corpus and of the rows of its word table.

    `chosen` has the indexes of the texts, `intp[texts]`, and `texts` their vectors,
    `float32[texts, 384]`. `rows` is `float32[2 ** bits, 256]`; rows without a known word are 0.
    """

    chosen: NDArray[np.intp]
    texts: NDArray[np.float32]
    rows: NDArray[np.float32]


def meaning_of(
    records: Sequence[Record], words: Iterable[str], bits: int, encoder: SentenceEncoder, seed: int
) -> Meaning:
    """Return the vectors of records, at most 6000 a source, of all their words and of others."""
    by_source: dict[str, list[int]] = {}
    counts: Counter[str] = Counter()
    for at, record in enumerate(records):
        by_source.setdefault(record.source, []).append(at)
        counts.update(set(tokens(record.text)))
    chance = np.random.default_rng(seed)
    chosen = np.sort(
        np.concatenate([chance.permutation(found)[:_MOST] for found in by_source.values()])
    )
    known = {word for word, count in counts.items() if count >= _FEWEST and word[0].isalpha()}
    # The commoner of two words in one row comes last and stays.
    vocabulary = sorted(
        known | set(words) | set(encoder.words), key=lambda word: (counts[word], word)
    )
    vectors = encoder.encode(vocabulary)
    vectors = vectors - vectors.mean(axis=0)
    _, axes = np.linalg.eigh(vectors.T @ vectors)
    reduced = vectors @ axes[:, -_DIMENSIONS:]
    reduced /= np.sqrt((reduced**2).sum(axis=1).mean())
    rows = np.zeros((1 << bits, reduced.shape[1]), "f4")
    rows[[hashed_row(word, bits) for word in vocabulary]] = reduced
    vectors_of_texts = encoder.encode([records[at].text for at in chosen])
    return Meaning(chosen=chosen, texts=vectors_of_texts, rows=rows)


def taught(
    meaning: Meaning,
    features: csr_matrix,
    labels: NDArray[np.int64],
    sources: NDArray[np.str_],
    allowed: NDArray[np.intp],
) -> tuple[Floats, float]:
    """Return the weights of both pupils together, `float64[columns]`, and their intercept.

    `features` are those of whole texts, words first. Of the allowed texts those with a label, 0 or
    1, teach the teacher.
    """
    inside = np.isin(meaning.chosen, allowed)
    chosen = meaning.chosen[inside]
    judged = _judgements(meaning.texts[inside], labels[chosen], sources[chosen])
    shares = by_root_of_size(sources[chosen])
    shares *= len(shares) / shares.sum()
    sparse = Ridge(alpha=_SPARSE_PENALTY, solver="sparse_cg", tol=1e-3)
    sparse.fit(features[chosen], judged, sample_weight=shares)
    count = len(meaning.rows)
    vectors = features[chosen][:, :count] @ meaning.rows
    words, intercept = _ridge(vectors.astype("f8"), judged, shares)
    weights = sparse.coef_.astype("f8")
    weights[:count] += _WORD_SHARE * (meaning.rows @ words)
    return weights, float(sparse.intercept_) + _WORD_SHARE * intercept


def _judgements(
    vectors: NDArray[np.float32], labels: NDArray[np.int64], sources: NDArray[np.str_]
) -> Floats:
    """Return the log-odds that a teacher gives to each text."""
    labelled = np.flatnonzero(labels >= 0)
    truth = labels[labelled]
    shares = by_root_of_size(zip(sources[labelled].tolist(), truth.tolist(), strict=True))
    level_classes(shares, truth)
    teacher = LogisticRegression(max_iter=500)
    teacher.fit(vectors[labelled], truth, sample_weight=shares)
    judged: Floats = teacher.decision_function(vectors)
    return np.clip(judged, -_SUREST, _SUREST)


def _ridge(vectors: Floats, wanted: Floats, shares: Floats) -> tuple[Floats, float]:
    """Return weights and intercept of a ridge regression, by its normal equations."""
    total = shares.sum()
    centre = shares @ vectors / total
    middle = shares @ wanted / total
    moved = vectors - centre
    scaled = moved.T * shares
    penalty = _WORD_PENALTY * np.eye(vectors.shape[1])
    weights = np.linalg.solve(scaled @ moved + penalty, scaled @ (wanted - middle))
    return weights, float(middle - centre @ weights)

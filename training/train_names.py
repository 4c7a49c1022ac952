"""Fit the model of names: `python -m training.train_names --data DIR --out model_store/embedded`.

Multinomial logistic regression over the words of runs of capitalised words; what it looks at is
`adapters/detectors/context/name_features.py`, what it learns from `training/named_text.py` and
`training/generated_names.py`. Each group of sources is also read by a model fitted without it.
"""

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from adapters.detectors.context.name_features import Key, features, kind_of, known_of
from adapters.detectors.context.name_model import FILE, LABELS, Header, NameModel, pack
from adapters.detectors.context.runs import Token, capitals
from adapters.detectors.manifest import write_manifest
from adapters.detectors.model_file import hashed_row
from training.generated_names import generated
from training.named_text import NamedText, named_texts
from training.names_card import card, span_figures

VERSION = "1"
DESCRIPTION = "hashed word features, multinomial logistic regression"
STRENGTH = 0.05
BITS = 17
_EACH = 12
_FEWEST_WORDS = 3
_CLIPPED = 0.0005
_OFFSETS = (0.1, 0.5, 0.8)
_ALONE = 0.9
"""What is taken off the log-odds: names are rarer in traffic than where the model learned."""

Weights = NDArray[np.float64]


class Words:
    """The words of runs in some texts: features as rows, labels, and the text of each."""

    def __init__(self, texts: Sequence[NamedText]) -> None:
        rows: list[int] = []
        ends, labels, owners = [0], [], []
        for number, text in enumerate(texts):
            for run in capitals(text.text).runs:
                if not text.is_marked and any(map(_is_on_a_list, run.tokens)):
                    continue
                known = known_of(text.text, run)
                for token, inside in zip(run.tokens, known.inside, strict=True):
                    rows += _rows((*known.around, *inside))
                    ends.append(len(rows))
                    labels.append(_label(token, text))
                    owners.append(number)
        shape = (len(labels), 1 << BITS)
        self.matrix = csr_matrix((np.ones(len(rows), "f4"), rows, ends), shape=shape)
        self.matrix.sum_duplicates()
        self.labels = np.array(labels)
        self.groups = np.array([texts[owner].group for owner in owners])


def main() -> None:
    """Fit the model, write it with its card, and renew the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of *.train.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for the model and its card")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"there is no folder {options.data}")
    texts = [*named_texts(options.data), *generated(options.seed, _EACH)]
    words = Words(texts)
    print(f"linear-names: {len(texts)} texts, {len(words.labels)} words", flush=True)
    everything = np.ones(len(words.labels), dtype=bool)
    content = _fit(words, everything)
    held_out = {}
    for group in sorted({text.group for text in texts if text.spans}):
        model = NameModel.from_bytes(_fit(words, words.groups != group))
        held_out[group] = span_figures(model, [text for text in texts if text.group == group])
    (options.out / "cards").mkdir(parents=True, exist_ok=True)
    (options.out / FILE).write_bytes(content)
    sources = Counter((text.source, text.licence) for text in texts)
    made = f"C = {STRENGTH}, 2^{BITS} rows, seed {options.seed}"
    described = card(f"{DESCRIPTION}; {made}", VERSION, options.seed, sources, held_out)
    (options.out / "cards" / f"{Path(FILE).stem}.md").write_text(described, encoding="utf-8")
    write_manifest(options.out, sorted(path.name for path in options.out.glob("*.bin")))
    print(f"linear-names: {len(content)} bytes", flush=True)


def _fit(words: Words, chosen: NDArray[np.bool_]) -> bytes:
    """Return the model file of the chosen words."""
    matrix, labels = words.matrix[chosen], words.labels[chosen]
    columns = np.flatnonzero(np.asarray((matrix > 0).sum(axis=0)).ravel() >= _FEWEST_WORDS)
    model = LogisticRegression(C=STRENGTH, fit_intercept=False, max_iter=200, tol=1e-3)
    model.fit(matrix[:, columns], labels)
    weights: Weights = np.zeros((len(LABELS), 1 << BITS))
    # A word that is no name scores 0: its weights are taken off those of the labels.
    weights[:, columns] = model.coef_[1:] - model.coef_[0]
    scales = np.quantile(np.abs(weights[:, columns]), 1 - _CLIPPED, axis=1) / 127
    rounded = np.clip(np.rint(weights / scales[:, None]), -127, 127).astype(np.int8)
    header = Header(
        name="linear-names",
        version=VERSION,
        description=DESCRIPTION,
        bits=BITS,
        scale=[float(f"{scale:.6g}") for scale in scales],
        offset=list(_OFFSETS),
        alone=_ALONE,
    )
    return pack(header, rounded.tobytes())


def _rows(keys: Sequence[Key]) -> list[int]:
    return [hashed_row(feature, BITS) for key in keys for feature in features(key)]


def _is_on_a_list(token: Token) -> bool:
    return not {"g", "s"}.isdisjoint(kind_of(token.text).partition(".")[0])


def _label(token: Token, text: NamedText) -> int:
    """Return 0 for a word that is no name, else 1 and the number of its label."""
    for start, end, label in text.spans:
        if start <= token.start < end or start < token.end <= end:
            return 1 + LABELS.index(label)
    return 0


if __name__ == "__main__":
    main()

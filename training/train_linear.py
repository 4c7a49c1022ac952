"""Fit the bundled linear models: `python -m training.train_linear --data DIR --out FOLDER`."""

import argparse
from pathlib import Path

from adapters.detectors.linear import pack
from adapters.detectors.manifest import write_manifest
from training import corpora
from training.fitting import Fitter, Settings
from training.model_card import card

VERSION = "1"
DESCRIPTION = "hashed word and char n-gram logistic regression"
SETTINGS = {
    "injection": Settings(strength=1.0, exponent=0.4),
    "toxicity": Settings(strength=0.5, exponent=0.3),
    "bias": Settings(strength=1.0, exponent=0.4, bits=14),
}
_CORPORA = {
    "injection": corpora.injection,
    "toxicity": corpora.toxicity,
    "bias": corpora.bias,
}


def main() -> None:
    """Fit each model that was asked for, write it with its card, and renew the manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of *.train.jsonl.gz")
    parser.add_argument("--out", type=Path, required=True, help="folder for models and cards")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--models", nargs="+", choices=sorted(_CORPORA), default=sorted(_CORPORA))
    options = parser.parse_args()
    (options.out / "cards").mkdir(parents=True, exist_ok=True)
    for name in options.models:
        corpus = _CORPORA[name](options.data, options.seed)
        print(f"{corpus.name}: {len(corpus.records)} records", flush=True)
        fitted = Fitter(corpus, SETTINGS[name]).fit(VERSION, DESCRIPTION)
        content = pack(fitted.header, fitted.weights)
        (options.out / f"{corpus.name}.bin").write_bytes(content)
        text = card(corpus, fitted, SETTINGS[name], options.seed)
        (options.out / "cards" / f"{corpus.name}.md").write_text(text, encoding="utf-8")
        print(f"{corpus.name}: {len(content)} bytes", flush=True)
    write_manifest(options.out, sorted(path.name for path in options.out.glob("*.bin")))


if __name__ == "__main__":
    main()

"""Fit the bundled linear models: `python -m training.train_linear --data DIR --out FOLDER`.

The toxicity model also learns from a sentence encoder (`training/encoder.py` says where it comes
from): `--encoder FOLDER`, and `--cache FOLDER` keeps its vectors for the next run.
"""

import argparse
from pathlib import Path

from adapters.detectors.gazetteer import common_words
from adapters.detectors.linear import pack
from adapters.detectors.manifest import write_manifest
from training import corpora
from training.corpora import Corpus
from training.encoder import SentenceEncoder
from training.fitting import Fitter, Settings
from training.meaning import Meaning, meaning_of
from training.model_card import card

VERSIONS = {"injection": "3", "toxicity": "3", "bias": "2"}
DESCRIPTION = "hashed word and char n-gram logistic regression"
SETTINGS = {
    # Role prompts are most of these two in a hundred: of other texts it is one in two hundred.
    "injection": Settings(strength=1.0, exponent=0.3, operating_error=0.02),
    "toxicity": Settings(
        strength=0.5,
        exponent=0.3,
        context={"share": 0.5, "limit": 10.0},
        word_bits=18,
        lesson=2.0,
    ),
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
    parser.add_argument("--encoder", type=Path, help="folder of all-MiniLM-L6-v2, for toxicity")
    parser.add_argument("--cache", type=Path, help="folder in which its vectors are kept")
    options = parser.parse_args()
    if not options.data.is_dir():
        parser.error(f"there is no folder {options.data}")
    if options.encoder is None and any(SETTINGS[name].lesson for name in options.models):
        parser.error("the toxicity model learns from a sentence encoder: name it with --encoder")
    (options.out / "cards").mkdir(parents=True, exist_ok=True)
    for name in options.models:
        corpus = _CORPORA[name](options.data, options.seed)
        print(f"{corpus.name}: {len(corpus.records)} records", flush=True)
        meaning = _meaning(corpus, SETTINGS[name], options)
        fitted = Fitter(corpus, SETTINGS[name], meaning).fit(VERSIONS[name], DESCRIPTION)
        content = pack(fitted.header, fitted.weights)
        (options.out / f"{corpus.name}.bin").write_bytes(content)
        text = card(corpus, fitted, SETTINGS[name], options.seed)
        (options.out / "cards" / f"{corpus.name}.md").write_text(text, encoding="utf-8")
        print(f"{corpus.name}: {len(content)} bytes", flush=True)
    write_manifest(options.out, sorted(path.name for path in options.out.glob("*.bin")))


def _meaning(corpus: Corpus, settings: Settings, options: argparse.Namespace) -> Meaning | None:
    if not settings.lesson:
        return None
    encoder = SentenceEncoder(options.encoder, options.cache)
    return meaning_of(
        corpus.records, common_words(), settings.tables["word"], encoder, options.seed
    )


if __name__ == "__main__":
    main()

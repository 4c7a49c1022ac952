"""A small context-free grammar for generated training texts."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence

Grammar = Mapping[str, Sequence[str]]

_SLOT = re.compile(r"\{(\w+)\}")


def expand(rng: random.Random, grammar: Grammar, template: str) -> str:
    """Replace every `{slot}` of a template by one of the grammar's alternatives, recursively."""
    while True:
        slot = _SLOT.search(template)
        if slot is None:
            return template
        chosen = rng.choice(grammar[slot.group(1)])
        template = template[: slot.start()] + chosen + template[slot.end() :]


def generate(
    rng: random.Random, grammar: Grammar, templates: Sequence[str], count: int
) -> Iterator[str]:
    """Yield at most `count` distinct texts, all templates in turn."""
    seen: set[str] = set()
    for attempt in range(4 * count):
        text = styled(rng, expand(rng, grammar, templates[attempt % len(templates)]))
        if text not in seen:
            seen.add(text)
            yield text
        if len(seen) == count:
            return


def styled(rng: random.Random, text: str) -> str:
    """Return the text as people really type: sometimes lower case, unpunctuated or shouted."""
    roll = rng.random()
    if roll < 0.15:
        return text.lower()
    if roll < 0.2:
        return text.upper()
    if roll < 0.3:
        return text.rstrip(".!")
    return text[:1].upper() + text[1:]

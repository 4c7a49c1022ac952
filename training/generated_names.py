"""Generated sentences of offices, news, clinics and courts with people, places and firms in them.

The labelled texts at hand are short posts and forms. These show names in prose, and beside them
what has capitals there and is no name: headings, products, drugs, titles of works, defined terms.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

from adapters.detectors.gazetteer import common_words, given_names, places, surnames
from training.generated_names_words import NOTHING, PROSE, WORDS
from training.named_text import NamedText

SOURCE = "trueport-generated"
_SLOT = re.compile(r"\{(\w+)\}")
_LABELS = {
    **dict.fromkeys(("full", "given", "family", "initials", "three", "double"), "PERSON"),
    "place": "LOCATION",
    "firm": "ORGANIZATION",
}
_UNLISTED = 0.2
_HALF = 0.5
_INITIALS = "ABCDEFGHJKLMNPRSTW"
_SHORTEST, _LONGEST = 3, 11

_FIRM_ENDINGS = ("Ltd", "Inc.", "GmbH", "Group", "Bank", "Holdings", "Airlines", "Foods", "Energy")


class Names:
    """Names of people, places and firms, drawn from the word lists; some are in none of them."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        common = common_words()
        self._given = [one for one in sorted(given_names()) if _is_usual(one) and one not in common]
        self._family = [one for one in sorted(surnames()) if _is_usual(one) and one not in common]
        self._places = [one for one in sorted(places()) if len(one) > _SHORTEST]

        self._makers: dict[str, Callable[[], str]] = {
            "given": lambda: self._name(self._given),
            "family": lambda: self._name(self._family),
            "full": lambda: f"{self.draw('given')} {self.draw('family')}",
            "three": lambda: f"{self.draw('given')} {self.draw('full')}",
            "double": lambda: f"{self.draw('full')}-{self.draw('family')}",
            "initials": self._with_initials,
            "place": lambda: rng.choice(self._places).title(),
            "firm": lambda: f"{self.draw('family')} {rng.choice(_FIRM_ENDINGS)}",
        }

    def draw(self, slot: str) -> str:
        """Return something for a slot: a name, or other words."""
        made = self._makers.get(slot)
        return self._rng.choice(WORDS[slot]) if made is None else made()

    def _with_initials(self) -> str:
        first = self.draw("given") if self._rng.random() < _HALF else f"{self._letter()}."
        return f"{first} {self._letter()}. {self.draw('family')}"

    def _letter(self) -> str:
        return self._rng.choice(_INITIALS)

    def _name(self, names: Sequence[str]) -> str:
        name = self._rng.choice(names)
        if self._rng.random() < _UNLISTED:
            other = self._rng.choice(names)
            name = name[: (len(name) + 1) // 2] + other[len(other) // 2 :]
        return name.title()


def generated(seed: int, each: int) -> Iterator[NamedText]:
    """Yield so many texts of each template."""
    rng = random.Random(seed)
    names = Names(rng)
    for template in (*PROSE, *NOTHING):
        for _ in range(each):
            yield _filled(template, names)


def _filled(template: str, names: Names) -> NamedText:
    parts: list[str] = []
    spans: list[tuple[int, int, str]] = []
    size = last = 0
    for slot in _SLOT.finditer(template):
        before, value = template[last : slot.start()], names.draw(slot.group(1))
        start = size + len(before)
        if label := _LABELS.get(slot.group(1)):
            spans.append((start, start + len(value), label))
        parts += [before, value]
        size, last = start + len(value), slot.end()
    parts.append(template[last:])
    return NamedText(
        text="".join(parts), spans=tuple(spans), source=SOURCE, licence="own (CC0)", group="prose"
    )


def _is_usual(name: str) -> bool:
    return _SHORTEST <= len(name) <= _LONGEST and name.isalpha()

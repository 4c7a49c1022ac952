"""Phrases that stand before something, looked up by their last word."""

from dataclasses import dataclass

from adapters.detectors.patterns.word_lists import phrase_set

BRACKETS = "([{\"'"
"""What may stand between a phrase and what it leads to, or before the phrase."""


@dataclass(frozen=True, slots=True)
class Endings:
    """Phrases of up to `most` words."""

    phrases: frozenset[str]
    last_words: frozenset[str]
    most: int

    def end(self, lead: str, strip: str = "") -> bool:
        """Tell whether a text ends with one of the phrases, as whole words."""
        pieces = lead.rsplit(None, self.most)
        if not pieces:
            return False
        last = pieces[-1]
        if last not in self.last_words and last.strip(strip) not in self.last_words:
            return False
        pieces = pieces[-self.most :]
        for size in range(1, len(pieces) + 1):
            if " ".join(pieces[-size:]).strip(strip) in self.phrases:
                return True
        return False


def endings(text: str) -> Endings:
    """Return the phrases of a text that bars separate."""
    phrases = phrase_set(text)
    parts = [phrase.split() for phrase in phrases]
    return Endings(phrases, frozenset(part[-1] for part in parts), max(map(len, parts)))

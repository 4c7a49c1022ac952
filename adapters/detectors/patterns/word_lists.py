"""Write long lists of words as text, which reads and diffs better than a list of strings."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text that blanks separate."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Return the phrases of a text that bars separate."""
    return frozenset(phrase.strip() for phrase in text.split("|"))

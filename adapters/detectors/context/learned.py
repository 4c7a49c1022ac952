"""What the model of names says of a run, as findings."""

from collections.abc import Iterator
from math import exp, log

from adapters.detectors.context.name_model import Named, Reading
from adapters.detectors.context.organisations import ORGANIZATION
from adapters.detectors.context.places import LOCATION
from adapters.detectors.context.runs import Run
from adapters.detectors.context.words import PLACE_PREFIXES
from adapters.detectors.gazetteer import given_names, places, surnames
from adapters.detectors.patterns.rule import Hit, pii
from domain.detection.taxonomy import Severity

_HINTED = 1.5
"""What a role, a title or the like adds to the log-odds of the model."""
_LEAST = 0.1
_FEW = 3
BY_MODEL = "model of names"
"""The step of an explanation that tells what the model said."""

PERSON = pii(
    "person-by-context",
    "PERSON",
    "Name of a person",
    "Capitalised words with a title, an introduction, a field or a signature, or that a linear "
    "model takes for a person by lists of names and the words around.",
    sources=("US Census 1990 names (public domain)", "mimesis and Faker person data (MIT)"),
    examples=("my name is Ada Lovelace", "Dr. Grace Hopper", "Patient: Alan Turing"),
    near_misses=("Jackson JSON library", "Bayes' rule", "Washington Post", "Will you come"),
    severity=Severity.MEDIUM,
)
_RULES = {rule.type: rule for rule in (PERSON, LOCATION, ORGANIZATION)}


def learned(text: str, reading: Reading, run: Run, hint: str = "") -> Iterator[Hit]:
    """Yield what a run names; a hint is evidence that it names a person, too weak alone."""
    named = [one for one in reading.named if not _is_place(text, one, run)]
    people = [one for one in named if one.label == PERSON.type]
    if hint:
        chance = max((one.score for one in people), default=reading.person)
        if chance >= _LEAST:
            whole = len(run.tokens) <= _FEW or len(people) != 1
            found = Named(run.start, run.end, "", chance) if whole else people[0]
            score = 1.0 / (1.0 + exp(log(1.0 / min(chance, 0.999) - 1.0) - _HINTED))
            steps = ((BY_MODEL, chance), (hint, score))
            yield Hit(found.start, found.end, PERSON, score, None, (), steps)
    for one in named:
        if not (hint and one.label == PERSON.type):
            rule = _RULES[one.label]
            yield Hit(one.start, one.end, rule, one.score, None, (), ((BY_MODEL, one.score),))


def _is_place(text: str, one: Named, run: Run) -> bool:
    """Tell `Hong Kong`, and the `Amanda` of `Port Amanda`, which are no people, from others."""
    if one.label != PERSON.type:
        return False
    if one.start > run.start and run.tokens[0].folded in PLACE_PREFIXES:
        return True
    name = text[one.start : one.end].casefold()
    return name in places() and name not in given_names() and name not in surnames()

"""Places and nationalities, by gazetteer and by the words that lead to a place."""

from collections.abc import Iterator

from adapters.detectors.context import words
from adapters.detectors.context.runs import Run, Token
from adapters.detectors.gazetteer import common_words, given_names, places
from adapters.detectors.patterns.rule import Hit, pii
from adapters.detectors.patterns.tables import Tables
from adapters.detectors.patterns.word_lists import phrase_set, word_set
from domain.detection.taxonomy import Severity

_LOOK_BACK = 32
_PLACE_COLUMNS = word_set(
    "city town state country place location birthplace stadt ville ciudad città cidade plaats "
    "stad province region ort land"
)

_STRONG_CUES = tuple(
    phrase_set(
        "lives in|live in|living in|based in|born in|moved to|country of birth|bank in|branch in|"
        "used in|flew to|arrive in|located in|city|city:|place of birth"
    )
)

LOCATION = pii(
    "location-by-context",
    "LOCATION",
    "Place",
    "Countries, states and cities of a gazetteer, and capitalised words after words such as "
    "lives in.",
    sources=("GeoNames (CC BY 4.0)", "Unicode CLDR (Unicode-3.0)"),
    examples=("lives in Springfield", "moved to Canada"),
    near_misses=("Reading books", "Nice weather"),
    severity=Severity.LOW,
)
NATIONALITY = pii(
    "nationality",
    "NRP",
    "Nationality, religion or politics",
    "A word of a list of nationalities, religions and political groups.",
    sources=("Regulation (EU) 2016/679 article 9",),
    examples=("a German citizen",),
    near_misses=("german",),
    severity=Severity.LOW,
)


def find_places(text: str, runs: list[Run], tables: Tables) -> Iterator[Hit]:
    """Yield places among the runs of capitalised words."""
    known, common = places(), common_words()
    for run in runs:
        if text[run.start - 1 : run.start] in {"@", "#", "/", "_", "."}:
            continue
        name = text[run.start : run.end].casefold()
        lead = text[max(0, run.start - _LOOK_BACK) : run.start]
        folded = lead.casefold().rstrip(" \t\"'(")
        cued = words.PLACE_CUES.end(folded.rstrip(":")) or _in_place_column(tables, run.start)
        follows = folded.endswith(",") and run.start > 1
        score = 0.0
        if name in known and name not in common:
            score = 0.85 if cued else 0.7 if follows else 0.6
        elif (cued and _looks_like_place(run) and not _is_person(run)) or (
            cued and _strong_cue(folded)
        ):
            score = 0.6
        if score > 0:
            yield Hit(run.start, run.end, LOCATION, score, None, (), (("place", score),))


def find_nationalities(tokens: list[Token]) -> Iterator[Hit]:
    """Yield those capitalised words that the list has."""
    for token in tokens:
        if token.folded in words.NATIONALITIES:
            yield Hit(token.start, token.end, NATIONALITY, 0.6, None, (), (("list", 0.6),))


def _strong_cue(lead: str) -> bool:
    return lead.endswith(_STRONG_CUES)


def _in_place_column(tables: Tables, position: int) -> bool:
    return bool(tables) and tables.header_of(position).casefold() in _PLACE_COLUMNS


def _looks_like_place(run: Run) -> bool:
    first, last = run.tokens[0].folded, run.tokens[-1].folded
    return first in words.PLACE_PREFIXES or last.endswith(words.PLACE_ENDINGS)


def _is_person(run: Run) -> bool:
    return bool(run.title) or (len(run.tokens) > 1 and run.tokens[0].folded in given_names())

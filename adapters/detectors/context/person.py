"""People, by titles, introductions, roles, fields, signatures and gazetteers of names."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004

import re
from collections.abc import Iterator

from adapters.detectors.context import words
from adapters.detectors.context.endings import BRACKETS
from adapters.detectors.context.learned import BY_MODEL, PERSON, learned
from adapters.detectors.context.name_model import NameModel
from adapters.detectors.context.runs import Run, Token, run_of, word_at
from adapters.detectors.context.surroundings import (
    CERTAIN,
    LOOK_BACK,
    Evidence,
    Verdict,
    cue_of,
    evidence_of,
)
from adapters.detectors.gazetteer import common_words, given_names, places, surnames
from adapters.detectors.linear_time import LazyPattern, Subject, escape
from adapters.detectors.patterns.rule import Hit
from adapters.detectors.patterns.tables import Tables

_MOST_NAME_WORDS = 6
_SHORTEST_LAST = 3
_SHORTEST_WITH_KIN = 3
_INVERTED = 0.7
_AGAIN = 0.65
_MOST_STRANGERS = 400
"""How many runs that no list has a word of are read in one window: prose has a tenth of that."""
_SURE = 0.9
_GLUED_BEFORE = frozenset("@#/\\._&$")
_GLUED_AFTER = frozenset("@/\\_+")
_NEXT_WORD = re.compile(r",? (&|[^\W\d_][\w./&]*)")
_EPONYM = re.compile(rf"['\u2019]s (?:{'|'.join(sorted(words.EPONYMS))})\b")
_NEXT_NUMBER = re.compile(r",? \d{1,5}\b(?! ?(?:year|yo|ans|jahre|años))")

_BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\pZ]"
_INTRODUCED = LazyPattern(
    "(?i)(?:"
    + "|".join(
        escape(phrase).replace(r"\ ", f"{_BLANKS}+")
        for phrase in sorted(
            {*words.INTRODUCTIONS.phrases, *words.LOWER_CASE_ROLES.phrases}, key=len, reverse=True
        )
    )
    + rf")\.?(?:{_BLANKS}|[(\[{{\"'])*(\pL)"
)
"""An introduction and the letter behind it, found by an engine that costs next to nothing."""


def find_people(
    text: str, runs: list[Run], tables: Tables, organisations: list[Hit], model: NameModel
) -> Iterator[Hit]:
    """Yield people among the runs of capitalised words that name no organisation.

    Where no rule is sure the model of names decides, which also knows places and organisations.
    """
    hits = list(_find_by_surroundings(text, runs, tables, organisations, model))
    yield from hits
    yield from _find_again(text, runs, [hit for hit in hits if hit.info is PERSON])


def _find_again(text: str, runs: list[Run], people: list[Hit]) -> Iterator[Hit]:
    """Yield `Mensah` alone where `Kwame Mensah` was found in the same text."""
    names: set[str] = set()
    for hit in people:
        parts = text[hit.start : hit.end].casefold().split()
        if hit.score >= CERTAIN and len(parts) > 1:
            names.update({parts[0]} & given_names(), {parts[-1]} & surnames())
            if hit.score >= _SURE and hit.steps[0][0] == BY_MODEL:
                names.add(parts[-1])
    names -= common_words()
    names -= places()
    if not names:
        return
    found = {hit.start for hit in people if hit.score >= PERSON.operating_point}
    for run in runs:
        token = run.tokens[0]
        if (
            token.folded in names
            and len(run.tokens) == 1
            and len(token.text) >= _SHORTEST_LAST
            and not token.text.isupper()
            and run.start not in found
            and not _is_part_of_something(text, run)
        ):
            yield _hit(run.start, run.end, _AGAIN, "named elsewhere in the text")


def _find_by_surroundings(
    text: str, runs: list[Run], tables: Tables, organisations: list[Hit], model: NameModel
) -> Iterator[Hit]:
    strangers = 0
    for at, found in enumerate(runs):
        whole = _without_label(text, found)
        run = _without_sentence_word(whole)
        if (
            len(run.tokens) > _MOST_NAME_WORDS
            or _is_part_of_something(text, run)
            or text[run.start : run.end].casefold() in words.BRANDS
        ):
            continue
        inverted = _inverted(text, run, runs[at + 1] if at + 1 < len(runs) else None)
        candidate = inverted or run
        evidence = evidence_of(candidate)
        verdict = _judge(text, candidate, evidence, tables)
        if inverted is not None and verdict.score < _INVERTED:
            verdict = Verdict(_INVERTED, "surname, given name")
        if verdict.score < CERTAIN and any(
            candidate.start < known.end and known.start < candidate.end for known in organisations
        ):
            continue
        if verdict.score > 0:
            yield _hit(candidate.start, candidate.end, verdict.score, verdict.reason)
        elif verdict.hint or (
            not _is_plain(candidate, evidence) and (evidence.known or strangers < _MOST_STRANGERS)
        ):
            strangers += not evidence.known
            yield from learned(text, model.read(text, whole), candidate, verdict.hint)


def _is_plain(run: Run, evidence: Evidence) -> bool:
    """Tell at a glance that no model would take a run for a name, as is true of most."""
    if len(run.tokens) == 1:
        return (
            evidence.ordinary
            or (evidence.shouted and not evidence.known)
            or run.tokens[0].folded in words.PLACE_PREFIXES
        )
    return evidence.shouted and not evidence.known


def find_uncapitalised(subject: Subject) -> Iterator[Hit]:
    """Yield names in lower case after an introduction or a role: `i am ivan micheletti`."""
    text = subject.text
    for at in sorted(set(_introduced(subject))):
        first = word_at(text, at)
        second = None if first is None else word_at(text, first.end + 1)
        if (
            first is not None
            and second is not None
            and text[first.end : second.start] == " "
            and first.text.islower()
            and second.text.islower()
        ):
            score = _score_uncapitalised(text, first, second)
            if score > 0:
                yield _hit(first.start, second.end, score, "introduced, in lower case")


def _introduced(subject: Subject) -> Iterator[int]:
    """Yield where words begin that seem to follow an introduction."""
    at = 0
    while match := _INTRODUCED.search(subject, at):
        yield match.span(1)[0]
        # An introduction may begin inside another one.
        at = match.span()[0] + 1


def _score_uncapitalised(text: str, first: Token, second: Token) -> float:
    given, common = given_names(), common_words()
    if first.text not in given:
        return 0.0
    if len(second.text) < _SHORTEST_LAST and second.text not in given:
        return 0.0
    known = second.text in surnames() or second.text in given
    if not known and (first.text in common or second.text in common):
        return 0.0
    lead = text[max(0, first.start - LOOK_BACK) : first.start].casefold().rstrip()
    if words.INTRODUCTIONS.end(lead, BRACKETS):
        is_both_common = first.text in common and second.text in common
        return 0.0 if is_both_common else 0.7 if known else 0.55
    if not words.LOWER_CASE_ROLES.end(lead.removesuffix("."), BRACKETS):
        return 0.0
    return 0.65 if known and not {first.text, second.text} & common else 0.0


def _without_label(text: str, run: Run) -> Run:
    """Leave out the label of the next field on a line: `Name: Ada Lovelace Title: Countess`."""
    kept = run.tokens
    if text[run.end : run.end + 2].lstrip(" ")[:1] == ":":
        while len(kept) > 1 and kept[-1].folded in words.LABELS:
            kept = kept[:-1]
    return run if len(kept) == len(run.tokens) else run_of(kept, run.title)


def _without_sentence_word(run: Run) -> Run:
    """Leave out an ordinary word with the capital of a sentence: `Love Catherine Tate`."""
    while len(run.tokens) >= _SHORTEST_WITH_KIN and run.tokens[0].folded in words.KIN:
        run = run_of(run.tokens[1:], run.title)
    first = run.tokens[0].folded
    if (
        len(run.tokens) > 1
        and first not in words.PARTICLES
        and first not in words.PLACE_PREFIXES
        and first in common_words()
        and first not in given_names()
        and run.tokens[1].folded in given_names()
    ):
        return run_of(run.tokens[1:], run.title)
    return run


def _hit(start: int, end: int, score: float, reason: str) -> Hit:
    return Hit(start, end, PERSON, score, None, (), ((reason, score),))


def _judge(text: str, run: Run, evidence: Evidence, tables: Tables) -> Verdict:
    """Return what the surroundings say; an empty verdict when nothing speaks for a person."""
    tokens = run.tokens
    single = len(tokens) == 1
    if (
        (single and len(tokens[0].text) == 1)
        or tokens[0].folded in words.NATIONALITIES
        or (not single and " ".join(token.folded for token in tokens[:2]) in places())
    ):
        return Verdict()
    cue = cue_of(text, run, evidence, tables)
    if cue is None or not _holds(cue, run, evidence):
        return Verdict()
    if cue.reason == "signature" and not evidence.known:
        return cue._replace(score=cue.score - (0.3 if single else 0.1))
    return cue


def _holds(cue: Verdict, run: Run, evidence: Evidence) -> bool:
    """Tell whether a cue says anything about these words."""
    first = run.tokens[0].folded
    single = len(run.tokens) == 1
    if evidence.shouted and single and (cue.score < CERTAIN or not evidence.known):
        return False
    if cue.reason == "introduction" and single and first in places() and not evidence.given:
        # "This is Canada" introduces nobody.
        return False
    if cue.hint == "role" and not evidence.known and run.tokens[-1].folded in words.POSTS:
        # "Dear Hiring Manager" names nobody.
        return False
    if evidence.ordinary and (cue.score < CERTAIN or (single and cue.reason == "introduction")):
        return cue.hint == "role" and first in given_names()
    return True


def _inverted(text: str, run: Run, following: Run | None) -> Run | None:
    """Join `Davis, Kristin` behind a word for a patient or a report."""
    if (
        following is None
        or text[run.end : following.start] != ", "
        or len(run.tokens) > 3
        or len(following.tokens) > 2
    ):
        return None
    joined = run_of(run.tokens + following.tokens, run.title)
    if text.startswith('" <', following.end) and text[run.start - 1 : run.start] == '"':
        return joined
    if run.title in {"pt", "patient"} and text[following.end : following.end + 2] == " (":
        return joined
    given = given_names()
    lead = text[max(0, run.start - LOOK_BACK) : run.start].casefold().rstrip(" :")
    cued = run.title in {"pt", "patient"} or words.ROLES.end(lead, BRACKETS)
    whole = len(run.tokens) > 1 and run.tokens[0].folded in given
    return joined if cued and not whole and following.tokens[0].folded in given else None


def _is_part_of_something(text: str, run: Run) -> bool:
    """Tell runs inside addresses, companies, paths and code from names."""
    before, after = text[run.start - 1 : run.start], text[run.end : run.end + 2]
    if before in _GLUED_BEFORE or after[:1] in _GLUED_AFTER:
        return True
    if before.isdigit() or after[:1].isdigit() or after[:1] == "(":
        return True
    lead = text[max(0, run.start - 4) : run.start]
    if (
        lead == "St. "
        or (lead[-2:-1].isdigit() and lead[-1:] == " ")
        or (after[:1] == "." and after[1:].isalpha())
    ):
        return True
    if any(token.folded in words.COMPANY_FORMS for token in run.tokens[1:]):
        return True
    if after in {"'s", "\u2019s"}:
        # What Parkinson described is no disease of his.
        return _EPONYM.match(text, run.end) is not None
    return (after[:1] == " " or after == ", ") and _is_company_or_address(text, run.end)


def _is_company_or_address(text: str, end: int) -> bool:
    """Tell whether the next word is the form of a company, or a house number follows."""
    reach = end + 24
    next_word = _NEXT_WORD.match(text, end, reach)
    form = next_word.group(1).rstrip(",;") if next_word else ""
    # `Ada Lovelace as a child` is no firm, though AS is a form of one.
    if form.casefold() in words.COMPANY_FORMS and (not form.isalpha() or not form.islower()):
        return True
    return text[end] == " " and _NEXT_NUMBER.match(text, end, reach) is not None

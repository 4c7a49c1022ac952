"""People, by titles, introductions, roles, fields, signatures and gazetteers of names."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from dataclasses import dataclass

from adapters.detectors.context import words
from adapters.detectors.context.endings import BRACKETS
from adapters.detectors.context.runs import Run, Token, run_of, word_at
from adapters.detectors.gazetteer import common_words, given_names, places, surnames
from adapters.detectors.linear_time import LazyPattern, Subject, escape
from adapters.detectors.patterns.rule import Hit, pii
from adapters.detectors.patterns.tables import Tables
from domain.detection.taxonomy import Severity

_LOOK_BACK = 32
_MOST_NAME_WORDS = 6
_SHORTEST_LAST = 3
_SHORTEST_WITH_KIN = 3
_CERTAIN = 0.85
_FIELD = re.compile(r"([^\W\d]+)[\"'`]?\s{0,2}[:=]>?\s{0,2}[\"'`(\[]*$")
_TAG = re.compile(r"<([^\W\d]+)>$")
_CHAT_LINE = re.compile(r"(?:^|\n)\s*(?:\[[^\]\n]{1,30}\]|\d{1,2}:\d{2}(?::\d{2})?|>)?\s*$")
_SIGNATURE = re.compile(
    r"(?:regards|sincerely|cheers|yours|thanks|wishes|grüße|grüßen|cordialement|saludos|saluti|--)\s*,?\s*\n\s*$",
    re.IGNORECASE,
)
_ENDS_SIGNATURE = ("ds", "ly", "rs", "ks", "es", "sse", "ssen", "nt", "os", "ti", "--")
_NEXT_WORD = re.compile(r",? (&|[^\W\d_][\w./&]*)")
_NEXT_NUMBER = re.compile(r",? \d{1,5}\b(?! ?(?:year|yo|ans|jahre|años))")

_BLANKS = r"[\s\x0b\x1c-\x1f\x{85}\pZ]"
_INTRODUCED = LazyPattern(
    "(?i)(?:"
    + "|".join(
        escape(phrase).replace(r"\ ", f"{_BLANKS}+")
        for phrase in sorted(words.INTRODUCTIONS.phrases, key=len, reverse=True)
    )
    + rf")(?:{_BLANKS}|[(\[{{\"'])*(\pL)"
)
"""An introduction and the letter behind it, found by an engine that costs next to nothing."""

PERSON = pii(
    "person-by-context",
    "PERSON",
    "Name of a person",
    "Capitalised words with a title, an introduction, a role, a field, a signature or known given "
    "names and surnames as evidence.",
    sources=("US Census 1990 names (public domain)", "mimesis person data (MIT)"),
    examples=("my name is Ada Lovelace", "Dr. Grace Hopper", "Patient: Alan Turing"),
    near_misses=("Jackson JSON library", "Bayes' rule", "Washington Post", "Will you come"),
    severity=Severity.MEDIUM,
)


@dataclass(frozen=True, slots=True)
class _Evidence:
    given: bool
    surname: bool
    ordinary: bool
    shouted: bool


def find_people(
    text: str, runs: list[Run], tables: Tables, organisations: list[Hit]
) -> Iterator[Hit]:
    """Yield people among the runs of capitalised words that name no organisation."""
    for at, whole in enumerate(runs):
        run = _without_sentence_word(whole)
        if len(run.tokens) > _MOST_NAME_WORDS or _is_part_of_something(text, run):
            continue
        inverted = _inverted(text, run, runs[at + 1] if at + 1 < len(runs) else None)
        candidate = inverted or run
        score, reason = _judge(text, candidate, tables)
        if inverted is not None:
            score, reason = max(score, 0.7), "surname, given name"
        if score < _CERTAIN and any(
            candidate.start < known.end and known.start < candidate.end for known in organisations
        ):
            continue
        if score > 0:
            yield _hit(candidate.start, candidate.end, score, reason)


def find_uncapitalised(subject: Subject) -> Iterator[Hit]:
    """Yield names in lower case after an introduction: `i am ivan micheletti`."""
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
    lead = text[max(0, first.start - _LOOK_BACK) : first.start].casefold().rstrip()
    if not words.INTRODUCTIONS.end(lead, BRACKETS) or (
        first.text in common and second.text in common
    ):
        return 0.0
    return 0.7 if known else 0.55


def _without_sentence_word(run: Run) -> Run:
    """Leave out an ordinary word with the capital of a sentence: `Love Catherine Tate`."""
    while len(run.tokens) >= _SHORTEST_WITH_KIN and run.tokens[0].folded in words.KIN:
        run = run_of(run.tokens[1:], run.title)
    first = run.tokens[0].folded
    if (
        len(run.tokens) > 1
        and first in common_words()
        and first not in given_names()
        and run.tokens[1].folded in given_names()
    ):
        return run_of(run.tokens[1:], run.title)
    return run


def _hit(start: int, end: int, score: float, reason: str) -> Hit:
    return Hit(start, end, PERSON, score, None, (), ((reason, score),))


def _judge(text: str, run: Run, tables: Tables) -> tuple[float, str]:
    """Return the score of a run and the reason; 0 when nothing speaks for a person."""
    single = len(run.tokens) == 1
    first = run.tokens[0]
    if (single and len(first.text) == 1) or first.folded in words.NATIONALITIES:
        return 0.0, ""
    if not single and " ".join(token.folded for token in run.tokens[:2]) in places():
        return 0.0, ""
    cue = _cue(text, run, tables)
    evidence = _evidence(run)
    known = evidence.given or evidence.surname
    certain = cue is not None and cue[0] >= _CERTAIN
    if evidence.shouted and not certain and (single or (cue is None and not known)):
        return 0.0, ""
    if cue:
        return _judge_cued(run, evidence, cue)
    if evidence.ordinary:
        return 0.0, ""
    return _judge_alone(text, run, evidence)


def _judge_alone(text: str, run: Run, evidence: _Evidence) -> tuple[float, str]:
    follows = _verb_follows(text, run.end)
    count = len(run.tokens)
    grades = (
        (
            count == 1 and evidence.given and run.tokens[0].folded not in common_words(),
            0.55 if follows else 0.3,
            "given name",
        ),
        (count > 1 and evidence.given and evidence.surname, 0.75, "given name and surname"),
        (count > 1 and evidence.given, 0.65 if follows or count == 2 else 0.5, "given name"),
        (count > 1 and evidence.surname and follows, 0.5, "surname and verb"),
    )
    return next(((score, reason) for holds, score, reason in grades if holds), (0.0, ""))


def _judge_cued(run: Run, evidence: _Evidence, cue: tuple[float, str]) -> tuple[float, str]:
    score, reason = cue
    single = len(run.tokens) == 1
    is_place = single and run.tokens[0].folded in places()
    if reason == "introduction" and is_place and not evidence.given:
        # "This is Canada" introduces nobody.
        return 0.0, ""
    if score >= _CERTAIN and not (reason == "introduction" and evidence.ordinary and single):
        return score, reason
    if evidence.ordinary:
        named = reason == "role" and run.tokens[0].folded in given_names()
        return (0.55, reason) if named else (0.0, "")
    if (
        reason == "role"
        and not (evidence.given or evidence.surname)
        and run.tokens[-1].folded in words.POSTS
    ):
        # "Dear Hiring Manager" names nobody.
        return 0.0, ""
    if is_place:
        score -= 0.3
    elif not (evidence.given or evidence.surname):
        score -= 0.3 if len(run.tokens) == 1 else 0.1
    return max(0.0, score), reason


def _evidence(run: Run) -> _Evidence:
    common = common_words()
    if len(run.tokens) == 1 and run.tokens[0].text.isalpha():
        return _evidence_of_word(run.tokens[0])
    parts = [
        part for token in run.tokens for part in token.folded.replace("’", "'").split("-") if part
    ]
    plain = [part for part in parts if len(part) > 1 and part not in words.PARTICLES]
    first = run.tokens[0].folded.split("-")[0]
    rest = plain[1:] or plain
    family = surnames()
    return _Evidence(
        given=first in given_names() and not (first in common and len(plain) == 1),
        surname=any(part in family and part not in common for part in rest)
        or (len(plain) > 1 and plain[-1] in family),
        ordinary=bool(plain) and all(part in common for part in plain),
        shouted=all(token.text.isupper() for token in run.tokens)
        and any(len(token.text) > 1 for token in run.tokens),
    )


def _evidence_of_word(token: Token) -> _Evidence:
    """Return the same for a single word without joints, as most are."""
    folded = token.folded
    is_common = folded in common_words()
    is_plain = len(folded) > 1 and folded not in words.PARTICLES
    return _Evidence(
        given=folded in given_names() and not (is_common and is_plain),
        surname=is_plain and folded in surnames() and not is_common,
        ordinary=is_plain and is_common,
        shouted=token.text.isupper() and len(token.text) > 1,
    )


def _cue(text: str, run: Run, tables: Tables) -> tuple[float, str] | None:
    """Return what before or after the run says that it is a person, the strongest first."""
    lead = text[max(0, run.start - _LOOK_BACK) : run.start]
    if run.title:
        return 0.88, f"title {run.title!r}"
    return _field_cue(lead, run, tables) or _line_cue(text, run, lead) or _phrase_cue(lead)


def _field_cue(lead: str, run: Run, tables: Tables) -> tuple[float, str] | None:
    field = None
    if lead.rstrip().rstrip("\"'`([").rstrip()[-1:] in {":", "=", ">"}:
        field = _FIELD.search(lead) or _TAG.search(lead)
    if field and _field_name(field.group(1)) in words.FIELDS:
        return 0.92, f"field {field.group(1).casefold()!r}"
    header = tables.header_of(run.start)
    if header and _field_name(header.replace(" ", "_")) in words.FIELDS:
        return 0.9, f"column {header.casefold()!r}"
    return None


def _line_cue(text: str, run: Run, lead: str) -> tuple[float, str] | None:
    before = text[max(0, run.start - 40) : run.start]
    said = before.rstrip()
    if (
        "\n" in before[len(said) :]
        and said.rstrip(",").rstrip().casefold().endswith(_ENDS_SIGNATURE)
        and _SIGNATURE.search(before)
        and _ends_line(text, run.end)
    ):
        return 0.8, "signature"
    if text[run.end : run.end + 2] in {" <", " ("} and "@" in text[run.end : run.end + 60]:
        return 0.86, "mailbox follows"
    if (
        text[run.end : run.end + 1] == ":"
        and run.tokens[0].folded not in words.MAIL_FIELDS
        and _CHAT_LINE.search(lead)
    ):
        if lead.rstrip()[-1:] in {"]", ">"}:
            return _CERTAIN, "speaker"
        return (0.6, "speaker") if run.tokens[0].folded in given_names() else None
    return None


def _phrase_cue(lead: str) -> tuple[float, str] | None:
    folded = lead.casefold().rstrip(" \t\"'“(")
    if words.INTRODUCTIONS.end(folded, BRACKETS):
        return _CERTAIN, "introduction"
    if words.ROLES.end(folded.rstrip(":-–,"), BRACKETS):
        return 0.72, "role"
    if folded.endswith((" for", " with", " by", " of")) and not words.ORGANISATION_CUES.end(
        folded, BRACKETS
    ):
        return 0.55, "preposition"
    return None


def _field_name(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold().strip("_")


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
    lead = text[max(0, run.start - _LOOK_BACK) : run.start].casefold().rstrip(" :")
    cued = run.title in {"pt", "patient"} or words.ROLES.end(lead, BRACKETS)
    whole = len(run.tokens) > 1 and run.tokens[0].folded in given
    return joined if cued and not whole and following.tokens[0].folded in given else None


def _is_part_of_something(text: str, run: Run) -> bool:
    """Tell runs inside addresses, companies, paths and code from names."""
    before, after = text[run.start - 1 : run.start], text[run.end : run.end + 2]
    if before in {"@", "#", "/", "\\", ".", "_", "&", "$"} or after[:1] in {"@", "/", "\\", "_"}:
        return True
    if before.isdigit() or after[:1].isdigit() or after[:1] == "(":
        return True
    lead = text[max(0, run.start - 4) : run.start]
    if lead == "St. ":
        return True
    if (lead[-2:-1].isdigit() and lead[-1:] == " ") or (after[:1] == "." and after[1:].isalpha()):
        return True
    if any(token.folded in words.COMPANY_FORMS for token in run.tokens[1:]):
        return True
    return (after[:1] == " " or after == ", ") and _is_company_or_address(text, run.end)


def _is_company_or_address(text: str, end: int) -> bool:
    """Tell whether the next word is the form of a company, or a house number follows."""
    reach = end + 24
    next_word = _NEXT_WORD.match(text, end, reach)
    if next_word and next_word.group(1).casefold().rstrip(",;") in words.COMPANY_FORMS:
        return True
    return text[end] == " " and _NEXT_NUMBER.match(text, end, reach) is not None


def _verb_follows(text: str, end: int) -> bool:
    word = text[end : end + 16].lstrip(",").split(None, 1)
    return (
        bool(word)
        and text[end : end + 1] in {" ", ","}
        and word[0].strip(",.") in words.VERBS_AFTER
    )


def _ends_line(text: str, end: int) -> bool:
    rest = text[end : end + 40].split("\n", 1)[0]
    return len(rest.strip(" ,.")) == 0

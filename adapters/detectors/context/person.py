"""People, by titles, introductions, roles, fields, signatures and gazetteers of names."""

# Lengths, weights and ranges are those of the formats described.
# ruff: noqa: PLR2004
# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from adapters.detectors.context import words
from adapters.detectors.context.endings import BRACKETS
from adapters.detectors.context.learned import PERSON, learned
from adapters.detectors.context.name_model import NameModel
from adapters.detectors.context.runs import ABBREVIATED_TITLES, Run, Token, run_of, word_at
from adapters.detectors.gazetteer import common_words, given_names, places, surnames
from adapters.detectors.linear_time import LazyPattern, Subject, escape
from adapters.detectors.patterns.rule import Hit
from adapters.detectors.patterns.tables import Tables

_LOOK_BACK = 32
_MOST_NAME_WORDS = 6
_SHORTEST_LAST = 3
_SHORTEST_WITH_KIN = 3
_CERTAIN = 0.85
_INVERTED = 0.7
_FIELD = re.compile(r"([^\W\d]+)[\"'`]?\s{0,2}[:=]>?\s{0,2}[\"'`(\[]*$")
_TAG = re.compile(r"<([^\W\d]+)>$")
_CHAT_LINE = re.compile(r"(?:^|\n)\s*(?:\[[^\]\n]{1,30}\]|\d{1,2}:\d{2}(?::\d{2})?|>)?\s*$")
_SIGNATURE = re.compile(
    r"(?:regards|sincerely|cheers|yours|thanks|wishes|grüße|grüßen|cordialement|saludos|saluti|--)\s*,?\s*\n\s*$",
    re.IGNORECASE,
)
_ENDS_SIGNATURE = ("ds", "ly", "rs", "ks", "es", "sse", "ssen", "nt", "os", "ti", "--")
_MAILBOX = re.compile(r" [<(](?:mailto:)?[^\s<>()@]{1,64}@[^\s@]")
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


@dataclass(frozen=True, slots=True)
class _Evidence:
    given: bool
    surname: bool
    ordinary: bool
    shouted: bool

    @property
    def known(self) -> bool:
        return self.given or self.surname


class _Verdict(NamedTuple):
    """What the surroundings of a run say: the score, and why; or a hint that is not enough."""

    score: float = 0.0
    reason: str = ""
    hint: str = ""


def find_people(
    text: str, runs: list[Run], tables: Tables, organisations: list[Hit], model: NameModel
) -> Iterator[Hit]:
    """Yield people among the runs of capitalised words that name no organisation.

    Where no rule is sure the model of names decides, which also knows places and organisations.
    """
    for at, whole in enumerate(runs):
        run = _without_sentence_word(whole)
        if (
            len(run.tokens) > _MOST_NAME_WORDS
            or _is_part_of_something(text, run)
            or text[run.start : run.end].casefold() in words.BRANDS
        ):
            continue
        inverted = _inverted(text, run, runs[at + 1] if at + 1 < len(runs) else None)
        candidate = inverted or run
        evidence = _evidence(candidate)
        verdict = _judge(text, candidate, evidence, tables)
        if inverted is not None and verdict.score < _INVERTED:
            verdict = _Verdict(_INVERTED, "surname, given name")
        if verdict.score < _CERTAIN and any(
            candidate.start < known.end and known.start < candidate.end for known in organisations
        ):
            continue
        if verdict.score > 0:
            yield _hit(candidate.start, candidate.end, verdict.score, verdict.reason)
        elif verdict.hint or not _is_plain(candidate, evidence):
            yield from learned(model.read(text, whole), candidate, verdict.hint)


def _is_plain(run: Run, evidence: _Evidence) -> bool:
    """Tell at a glance that no model would take a run for a name, as is true of most."""
    if len(run.tokens) == 1:
        return evidence.ordinary or (evidence.shouted and not evidence.known)
    return evidence.shouted and not evidence.known


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


def _judge(text: str, run: Run, evidence: _Evidence, tables: Tables) -> _Verdict:
    """Return what the surroundings say; an empty verdict when nothing speaks for a person."""
    tokens = run.tokens
    single = len(tokens) == 1
    if (
        (single and len(tokens[0].text) == 1)
        or tokens[0].folded in words.NATIONALITIES
        or (not single and " ".join(token.folded for token in tokens[:2]) in places())
    ):
        return _Verdict()
    cue = _cue(text, run, evidence, tables)
    if cue is None or not _holds(cue, run, evidence):
        return _Verdict()
    if cue.reason == "signature" and not evidence.known:
        return cue._replace(score=cue.score - (0.3 if single else 0.1))
    return cue


def _holds(cue: _Verdict, run: Run, evidence: _Evidence) -> bool:
    """Tell whether a cue says anything about these words."""
    first = run.tokens[0].folded
    single = len(run.tokens) == 1
    if evidence.shouted and single and (cue.score < _CERTAIN or not evidence.known):
        return False
    if cue.reason == "introduction" and single and first in places() and not evidence.given:
        # "This is Canada" introduces nobody.
        return False
    if cue.hint == "role" and not evidence.known and run.tokens[-1].folded in words.POSTS:
        # "Dear Hiring Manager" names nobody.
        return False
    if evidence.ordinary and (cue.score < _CERTAIN or (single and cue.reason == "introduction")):
        return cue.hint == "role" and first in given_names()
    return True


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


def _cue(text: str, run: Run, evidence: _Evidence, tables: Tables) -> _Verdict | None:
    """Return what before or after the run says that it is a person, the strongest first."""
    lead = text[max(0, run.start - _LOOK_BACK) : run.start]
    if run.title:
        return _title_cue(run, evidence)
    return (
        _field_cue(lead, run, tables)
        or _line_cue(text, run, evidence, lead)
        or _phrase_cue(lead, evidence, single=len(run.tokens) == 1)
    )


def _title_cue(run: Run, evidence: _Evidence) -> _Verdict:
    """Trust `Dr. Nkechi`, and `Judge Nkechi` less: `Judge Denies Request` names nobody."""
    reason = f"title {run.title!r}"
    if evidence.known or run.title in ABBREVIATED_TITLES:
        return _Verdict(0.88, reason)
    return _Verdict(hint=reason)


def _field_cue(lead: str, run: Run, tables: Tables) -> _Verdict | None:
    field = None
    if lead.rstrip().rstrip("\"'`([").rstrip()[-1:] in {":", "=", ">"}:
        field = _FIELD.search(lead) or _TAG.search(lead)
    if field and _field_name(field.group(1)) in words.FIELDS:
        return _Verdict(0.92, f"field {field.group(1).casefold()!r}")
    header = tables.header_of(run.start)
    if header and _field_name(header.replace(" ", "_")) in words.FIELDS:
        return _Verdict(0.9, f"column {header.casefold()!r}")
    return None


def _line_cue(text: str, run: Run, evidence: _Evidence, lead: str) -> _Verdict | None:
    before = text[max(0, run.start - 40) : run.start]
    said = before.rstrip()
    if (
        "\n" in before[len(said) :]
        and said.rstrip(",").rstrip().casefold().endswith(_ENDS_SIGNATURE)
        and _SIGNATURE.search(before)
        and _ends_line(text, run.end)
    ):
        return _Verdict(0.8, "signature")
    if text[run.end : run.end + 2] in {" <", " ("} and _MAILBOX.match(text, run.end):
        return _Verdict(0.86, "mailbox follows")
    if (
        text[run.end : run.end + 1] == ":"
        and run.tokens[0].folded not in words.MAIL_FIELDS
        and _CHAT_LINE.search(lead)
    ):
        line = lead.rpartition("\n")[2].rstrip()
        if line.endswith(("]", ">")) and evidence.known:
            return _Verdict(_CERTAIN, "speaker")
        return _Verdict(hint="speaker") if line or evidence.given else None
    return None


def _phrase_cue(lead: str, evidence: _Evidence, *, single: bool) -> _Verdict | None:
    folded = lead.casefold().rstrip(" \t\"'“(")
    if words.INTRODUCTIONS.end(folded, BRACKETS):
        return _Verdict(_CERTAIN, "introduction")
    if words.MENTIONS.end(folded, BRACKETS):
        # "This is Tumblr" introduces nobody.
        if single and not evidence.known:
            return _Verdict(hint="introduction")
        return _Verdict(_CERTAIN, "introduction")
    if words.ROLES.end(folded.rstrip(":-–,"), BRACKETS):
        return _Verdict(hint="role")
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


def _ends_line(text: str, end: int) -> bool:
    rest = text[end : end + 40].split("\n", 1)[0]
    return len(rest.strip(" ,.")) == 0

"""What the words around a run of capitalised words say: whether it is the name of a person."""

# Other languages write with these characters.
# ruff: noqa: RUF001

import re
from dataclasses import dataclass
from typing import NamedTuple

from adapters.detectors.context import words
from adapters.detectors.context.endings import BRACKETS
from adapters.detectors.context.runs import ABBREVIATED_TITLES, Run, Token
from adapters.detectors.gazetteer import common_words, given_names, surnames
from adapters.detectors.patterns.tables import Tables

LOOK_BACK = 32
CERTAIN = 0.85
"""A score of surroundings that needs no list of names."""

_FIELD = re.compile(r"([^\W\d]+)[\"'`]?\s{0,2}[:=]>?\s{0,2}[\"'`(\[]*$")
_TAG = re.compile(r"<([^\W\d]+)>$")
_CHAT_LINE = re.compile(r"(?:^|\n)\s*(?:\[[^\]\n]{1,30}\]|\d{1,2}:\d{2}(?::\d{2})?|>)?\s*$")
_ENDS_SIGNATURE = ("ds", "ly", "rs", "ks", "es", "sse", "ssen", "nt", "os", "ti", "--")
_MAILBOX = re.compile(r" [<(](?:mailto:)?[^\s<>()@]{1,64}@[^\s@]")
_SIGNATURE = re.compile(
    r"(?:regards|sincerely|cheers|yours|thanks|wishes|grüße|grüßen|cordialement|saludos|saluti|--)\s*,?\s*\n\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the lists of names and words say of a run.

    `ordinary` words stand in running text in lower case; `shouted` ones have no small letter.
    """

    given: bool
    surname: bool
    ordinary: bool
    shouted: bool

    @property
    def known(self) -> bool:
        """Tell whether a list of names has a word of the run."""
        return self.given or self.surname


class Verdict(NamedTuple):
    """What the surroundings of a run say: the score, and why; or a hint that is not enough."""

    score: float = 0.0
    reason: str = ""
    hint: str = ""


def evidence_of(run: Run) -> Evidence:
    """Return what the lists say of a run."""
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
    return Evidence(
        given=first in given_names() and not (first in common and len(plain) == 1),
        surname=any(part in family and part not in common for part in rest)
        or (len(plain) > 1 and plain[-1] in family),
        ordinary=bool(plain) and all(part in common for part in plain),
        shouted=all(token.text.isupper() for token in run.tokens)
        and any(len(token.text) > 1 for token in run.tokens),
    )


def _evidence_of_word(token: Token) -> Evidence:
    """Return the same for a single word without joints, as most are."""
    folded = token.folded
    is_common = folded in common_words()
    is_plain = len(folded) > 1 and folded not in words.PARTICLES
    return Evidence(
        given=folded in given_names() and not (is_common and is_plain),
        surname=is_plain and folded in surnames() and not is_common,
        ordinary=is_plain and is_common,
        shouted=token.text.isupper() and len(token.text) > 1,
    )


def cue_of(text: str, run: Run, evidence: Evidence, tables: Tables) -> Verdict | None:
    """Return what before or after the run says that it is a person, the strongest first."""
    lead = text[max(0, run.start - LOOK_BACK) : run.start]
    if run.title:
        return _title_cue(run, evidence)
    return (
        _field_cue(lead, run, evidence, tables)
        or _line_cue(text, run, evidence, lead)
        or _phrase_cue(lead, evidence, single=len(run.tokens) == 1)
    )


def _title_cue(run: Run, evidence: Evidence) -> Verdict:
    """Trust `Dr. Nkechi`, and `Judge Nkechi` less: `Judge Denies Request` names nobody."""
    reason = f"title {run.title!r}"
    if evidence.known or (
        run.title in ABBREVIATED_TITLES
        and not (evidence.ordinary and run.title in words.TITLES_OF_OFFICE)
    ):
        return Verdict(0.88, reason)
    return Verdict(hint=reason)


def _field_cue(lead: str, run: Run, evidence: Evidence, tables: Tables) -> Verdict | None:
    field = None
    if lead.rstrip().rstrip("\"'`([").rstrip()[-1:] in {":", "=", ">"}:
        field = _FIELD.search(lead) or _TAG.search(lead)
    if field and (name := _field_name(field.group(1))) in words.FIELDS:
        reason = f"field {field.group(1).casefold()!r}"
        return _named_by_field(name, reason, 0.92, evidence)
    header = tables.header_of(run.start)
    if header and (name := _field_name(header.replace(" ", "_"))) in words.FIELDS:
        return _named_by_field(name, f"column {header.casefold()!r}", 0.9, evidence)
    return None


def _named_by_field(name: str, reason: str, score: float, evidence: Evidence) -> Verdict:
    """Trust a `patient`, and a `name` where a list has it: products have names as well."""
    if evidence.known or name not in words.FIELDS_OF_THINGS:
        return Verdict(score, reason)
    return Verdict(hint=reason)


def _line_cue(text: str, run: Run, evidence: Evidence, lead: str) -> Verdict | None:
    before = text[max(0, run.start - 40) : run.start]
    said = before.rstrip()
    if (
        "\n" in before[len(said) :]
        and said.rstrip(",").rstrip().casefold().endswith(_ENDS_SIGNATURE)
        and _SIGNATURE.search(before)
        and _ends_line(text, run.end)
    ):
        return Verdict(0.8, "signature")
    if text[run.end : run.end + 2] in {" <", " ("} and _MAILBOX.match(text, run.end):
        return Verdict(0.86, "mailbox follows")
    if (
        text[run.end : run.end + 1] == ":"
        and run.tokens[0].folded not in words.MAIL_FIELDS
        and _CHAT_LINE.search(lead)
    ):
        line = lead.rpartition("\n")[2].rstrip()
        if line.endswith(("]", ">")) and evidence.known:
            return Verdict(CERTAIN, "speaker")
        return Verdict(hint="speaker") if line or evidence.given else None
    return None


def _phrase_cue(lead: str, evidence: Evidence, *, single: bool) -> Verdict | None:
    folded = lead.casefold().rstrip(" \t\"'“(")
    if words.INTRODUCTIONS.end(folded, BRACKETS):
        return Verdict(CERTAIN, "introduction")
    if words.MENTIONS.end(folded, BRACKETS):
        # "This is Tumblr" introduces nobody.
        if single and not evidence.known:
            return Verdict(hint="introduction")
        return Verdict(CERTAIN, "introduction")
    if words.ROLES.end(folded.rstrip(":-–,"), BRACKETS):
        return Verdict(hint="role")
    return None


def _field_name(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).casefold().strip("_")


def _ends_line(text: str, end: int) -> bool:
    rest = text[end : end + 40].split("\n", 1)[0]
    return len(rest.strip(" ,.")) == 0

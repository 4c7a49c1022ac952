"""Redaction: what was found is gone, the rest stays, twice is once."""

import hashlib
import random
import re
from itertools import groupby, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.finding import Span
from domain.policy import redaction
from domain.policy.redaction import Pseudonyms, Redaction, redact
from domain.policy.rule import Replacement
from tests.strategies import redactions, spans, texts

PLACEHOLDER = r"\[[A-Z]+(?:_[0-9]+|:[0-9a-f]{12})?\]"
SHORT = st.text("xyz é\U0001f600", max_size=60)
"""Texts that share no character with a placeholder, full of repetitions."""

FOUND = st.lists(redactions(), max_size=5)


def digest(entity_type: str, value: str) -> str:
    return hashlib.sha256(f"{entity_type}\0{value}".encode("utf-8", "surrogatepass")).hexdigest()


def hidden_positions(text: str, found: list[Redaction]) -> set[int]:
    """Return what must be hidden, the slow way: found spans, and values of 4 characters again."""
    positions: set[int] = set()
    for one in found:
        value = text[one.span.start : one.span.end]
        positions |= set(range(one.span.start, min(one.span.end, len(text))))
        if len(value) >= 4:
            for start in range(len(text)):
                if text.startswith(value, start):
                    positions |= set(range(start, start + len(value)))
    return positions


@given(SHORT | texts(60), FOUND)
def test_exactly_the_hidden_characters_become_placeholders(
    text: str, found: list[Redaction]
) -> None:
    hidden = hidden_positions(text, found)
    pattern = "".join(
        f"(?:{PLACEHOLDER})+" if is_hidden else re.escape("".join(text[at] for at in run))
        for is_hidden, run in groupby(range(len(text)), key=hidden.__contains__)
    )

    redacted = redact(text, found, digest=digest)

    assert re.fullmatch(pattern, redacted, re.DOTALL)


@given(SHORT, FOUND)
def test_the_redacted_text_holds_no_matched_text(text: str, found: list[Redaction]) -> None:
    redacted = redact(text, found, digest=digest)

    values = {text[one.span.start : one.span.end] for one in found}
    assert not [value for value in values if len(value) >= 4 and value in redacted]


@given(texts(60), FOUND)
def test_no_matched_text_is_left_between_placeholders(text: str, found: list[Redaction]) -> None:
    redacted = redact(text, found, digest=digest)

    left = re.split(PLACEHOLDER, redacted)
    values = {text[one.span.start : one.span.end] for one in found}
    assert not [v for v in values if len(v) >= 4 and any(v in piece for piece in left)]


@given(SHORT, FOUND)
def test_redaction_is_idempotent(text: str, found: list[Redaction]) -> None:
    values = {
        text[one.span.start : one.span.end]: one for one in found if one.span.start < len(text)
    }

    def find(within: str) -> list[Redaction]:
        return [
            Redaction(
                span=Span(match.start(), match.end()), type=one.type, replacement=one.replacement
            )
            for value, one in values.items()
            if len(value) >= 4
            for match in re.finditer(re.escape(value), within)
        ]

    once = redact(text, find(text), digest=digest)

    assert redact(once, find(once), digest=digest) == once


@given(SHORT, FOUND)
def test_a_placeholder_that_is_hidden_again_stays_as_it_is(
    text: str, found: list[Redaction]
) -> None:
    once = redact(text, found, digest=digest)
    again = [
        Redaction(span=Span(match.start(), match.end()), type=match.group(1))
        for match in re.finditer(r"\[([A-Z]+)\]", once)
    ]

    assert redact(once, again, digest=digest) == once


@given(texts(60), FOUND, st.randoms())
def test_the_order_in_which_things_were_found_is_irrelevant(
    text: str, found: list[Redaction], shuffle: random.Random
) -> None:
    shuffled = shuffle.sample(found, len(found))

    assert redact(text, shuffled, digest=digest) == redact(text, found, digest=digest)


def test_a_value_that_was_taken_for_two_things_shows_the_same_in_any_order() -> None:
    text = "12345678; 12345678; 12345678"
    found = [one(0, 8, "PHONE"), one(10, 18, "SSN"), one(10, 18, "SSN", "hash")]

    seen = {redact(text, order, digest=digest) for order in permutations(found)}

    assert len(seen) == 1


@given(texts(60))
def test_nothing_found_changes_nothing(text: str) -> None:
    assert redact(text, [], digest=digest) == text


@given(texts(20), spans(40))
def test_a_span_beyond_the_text_is_cut_to_it(text: str, span: Span) -> None:
    redacted = redact(text, [Redaction(span=span, type="EMAIL")], digest=digest)

    if span.start >= len(text):
        assert redacted == text
    else:
        assert redacted.startswith(text[: span.start].partition("[")[0])
        assert "[EMAIL]" in redacted


@given(st.text("ab", max_size=40), st.sets(st.text("ab", min_size=4, max_size=14), max_size=40))
def test_many_values_are_found_where_one_by_one_they_are(text: str, values: set[str]) -> None:
    together = redaction._occurrences_of_all(text, values)

    assert sorted(together) == sorted(redaction._occurrences_of_each(text, values))


def test_many_values_are_all_hidden_wherever_they_stand() -> None:
    values = [f"user{number:03}@example.org" for number in range(200)]
    first, again = "; ".join(values), "".join(reversed(values))
    size = len(values[0])
    found = [
        Redaction(span=Span(at, at + size), type="EMAIL")
        for at in range(0, len(first), size + len("; "))
    ]

    redacted = redact(f"{first}\n{again}", found, digest=digest)

    assert redacted == "; ".join(["[EMAIL]"] * 200) + "\n" + "[EMAIL]" * 200


# ---- examples


def one(start: int, end: int, entity_type: str = "EMAIL", kind: str = "replace") -> Redaction:
    return Redaction(span=Span(start, end), type=entity_type, replacement=Replacement(kind))


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("ada@example.org wrote", [one(0, 15)], "[EMAIL] wrote"),
        ("to ada@example.org", [one(3, 18)], "to [EMAIL]"),
        ("abcd then abcd", [one(0, 4)], "[EMAIL] then [EMAIL]"),
        ("abc then abc", [one(0, 3)], "[EMAIL] then abc"),
        ("0123456789", [one(0, 4, "A"), one(2, 9, "B")], "[B]9"),
        ("0123456789", [one(0, 9, "A"), one(2, 4, "B")], "[A]9"),
        ("0123456789", [one(0, 2, "A"), one(2, 4, "B")], "[A][B]456789"),
        ("0123456789", [one(0, 4, "B"), one(0, 4, "A")], "[A]456789"),
        ("aaaaaa", [one(0, 4)], "[EMAIL]"),
        ("x\U0001f600\U0001f600y", [one(1, 3)], "x[EMAIL]y"),
    ],
)
def test_examples(text: str, found: list[Redaction], expected: str) -> None:
    assert redact(text, found, digest=digest) == expected


def test_a_hash_shows_the_beginning_of_the_keyed_fingerprint() -> None:
    redacted = redact(
        "ada@example.org",
        [one(0, 15, kind="hash")],
        digest=lambda kind, value: f"{kind}{value}" * 3,
    )

    assert redacted == "[EMAIL:EMAILada@exa]"


def test_equal_values_have_one_pseudonym_in_all_texts_of_an_exchange() -> None:
    names = Pseudonyms()

    def masked(text: str, *found: Redaction) -> str:
        return redact(text, found, digest=digest, pseudonyms=names)

    first = masked(
        "ada@x.org, bob@x.org", one(11, 20, kind="pseudonym"), one(0, 9, kind="pseudonym")
    )
    second = masked("bob@x.org", one(0, 9, kind="pseudonym"))
    third = masked("Bob", one(0, 3, "PERSON", kind="pseudonym"))

    assert (first, second, third) == ("[EMAIL_1], [EMAIL_2]", "[EMAIL_2]", "[PERSON_1]")

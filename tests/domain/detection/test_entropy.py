"""How random a string looks, over alphabets and lengths."""

import math
import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.detection.entropy import (
    Alphabet,
    alphabet_of,
    class_changes,
    expected_shannon,
    randomness,
    shannon,
    word_evidence,
    wordlikeness,
)

BASE62 = string.ascii_letters + string.digits


@given(st.text(max_size=300))
def test_entropy_lies_between_zero_and_the_logarithm_of_the_length(text: str) -> None:
    assert -1e-9 <= shannon(text) <= math.log2(max(1, len(text))) + 1e-9


@given(st.text(min_size=1, max_size=100))
def test_entropy_does_not_depend_on_the_order(text: str) -> None:
    assert shannon(text) == pytest.approx(shannon("".join(sorted(text))))


@given(st.text(max_size=200))
def test_every_measure_is_defined_for_every_text(text: str) -> None:
    assert 0.0 <= randomness(text) <= 1.0
    assert 0.0 <= class_changes(text) <= 1.0
    assert math.isfinite(wordlikeness(text))
    assert math.isfinite(word_evidence(text))


@pytest.mark.parametrize(
    ("text", "bits"), [("", 0.0), ("aaaa", 0.0), ("ab", 1.0), ("abcd", 2.0), ("aabb", 1.0)]
)
def test_entropy_of_small_texts(text: str, bits: float) -> None:
    assert shannon(text) == pytest.approx(bits)


@pytest.mark.parametrize(
    ("text", "alphabet"),
    [
        ("12345", Alphabet.DIGITS),
        ("12ab", Alphabet.HEX),
        ("12AB", Alphabet.HEX),
        ("12aB", Alphabet.BASE62),
        ("ABCXYZ27", Alphabet.BASE32),
        ("xyz12", Alphabet.LETTERS_DIGITS),
        ("aB1+/=", Alphabet.BASE64),
        ("a b", Alphabet.PRINTABLE),
        ("é", Alphabet.PRINTABLE),
    ],
)
def test_the_smallest_alphabet_is_named(text: str, alphabet: Alphabet) -> None:
    assert alphabet_of(text) is alphabet


@pytest.mark.parametrize(("length", "symbols"), [(8, 16), (20, 62), (40, 64), (64, 16), (400, 94)])
def test_the_expectation_agrees_with_drawn_samples(length: int, symbols: int) -> None:
    draw = random.Random(7)
    letters = [chr(0x4E00 + n) for n in range(symbols)]

    drawn = [shannon("".join(draw.choices(letters, k=length))) for _ in range(400)]

    assert expected_shannon(length, symbols) == pytest.approx(sum(drawn) / len(drawn), abs=0.05)


def test_an_alphabet_of_one_letter_has_no_entropy() -> None:
    assert expected_shannon(10, 1) == 0.0
    assert expected_shannon(0, 16) == 0.0


@pytest.mark.parametrize("length", [16, 20, 32, 40, 64])
def test_nearly_all_random_tokens_look_random(length: int) -> None:
    draw = random.Random(length)

    tokens = ["".join(draw.choices(BASE62, k=length)) for _ in range(500)]

    assert sum(randomness(token) > 0.75 for token in tokens) > 0.97 * len(tokens)


@pytest.mark.parametrize(
    "text",
    [
        "getUserTokenFromRequest",
        "aws_secret_access_key",
        "AuthenticationManagerImpl",
        "correct-horse-battery-staple",
        "changeme",
        "password",
        "deadbeefdeadbeef",
        "aaaaaaaaaaaaaaaa",
        "kubernetes-dashboard",
        "Winter1121",
    ],
)
def test_words_and_repetitions_do_not_look_random(text: str) -> None:
    assert randomness(text) < 0.5


def test_words_and_noise_stand_on_different_sides_of_zero() -> None:
    assert wordlikeness("authentication") > 0.5
    assert wordlikeness("xqzjkvwpq") < -1.0
    assert wordlikeness("1234") == 0.0


def test_random_tokens_change_the_kind_of_character_more_often_than_names() -> None:
    assert class_changes("aB3dE9xK") > 0.8
    assert class_changes("authentication") == 0.0

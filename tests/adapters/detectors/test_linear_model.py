"""The linear model's file format, its arithmetic and its memory."""

import json
import math
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.linear import (
    TABLES,
    Calibration,
    Header,
    LinearModel,
    Points,
    gram_rows,
    pack,
    pair_row,
    pairs,
    tokens,
    unpack,
)
from adapters.detectors.model_file import hashed_row
from domain.errors import Unavailable

BITS = 6
LANES = ("A", "B")
WEIGHTS = bytes((7 * at * at + 3 * at) % 256 for at in range(len(LANES) * len(TABLES) << BITS))


def header() -> Header:
    return Header(
        name="tiny",
        version="1",
        description="test model",
        lanes=list(LANES),
        bits=dict.fromkeys(TABLES, BITS),
        exponent=0.5,
        scale=[0.01, 0.02],
        intercept=[0.1, -0.2],
        slope=[1.5, 2.0],
        offset=[0.3, -0.4],
        points={lane: Points(operating=0.5, high=0.9) for lane in LANES},
    )


def weight(table: int, lane: int, row: int) -> int:
    at = ((table * len(LANES) + lane) << BITS) + row
    return int.from_bytes(WEIGHTS[at : at + 1], signed=True)


def written(folder: Path, content: bytes) -> Path:
    path = folder / "tiny.bin"
    path.write_bytes(content)
    files = {"tiny.bin": {"sha256": sha256(content).hexdigest()}}
    (folder / "MANIFEST.json").write_text(json.dumps({"files": files}))
    return path


MODEL = LinearModel(header(), WEIGHTS)
TEXTS = st.text(alphabet=st.one_of(st.sampled_from("abc .'!\u00e9"), st.characters()), max_size=60)


@given(TEXTS, st.sampled_from([0, 1]))
def test_packed_sums_equal_the_sums_of_each_lane(text: str, lane: int) -> None:
    found = tokens(text)
    words = dict.fromkeys(found)
    total = 0
    for word in words:
        rows, value = gram_rows(word, BITS)
        total += 64 * weight(0, lane, hashed_row(word, BITS))
        total += value * sum(weight(2, lane, row) for row in rows)
    neighbours = dict.fromkeys(pairs(found)) if found else {}
    total += 64 * sum(weight(1, lane, pair_row(pair, BITS)) for pair in neighbours)

    score = MODEL.raw(MODEL.read(text), lane)

    if found:
        expected = total * header()["scale"][lane] / 64 / len(words) ** 0.5
        assert score == pytest.approx(expected + header()["intercept"][lane])


def test_a_word_said_again_and_again_counts_once() -> None:
    once, often = MODEL.read("abc bca cab"), MODEL.read("abc bca cab " * 80)

    assert often.tokens == once.tokens
    assert often.packed >= once.packed


@given(TEXTS, TEXTS)
def test_readings_of_neighbours_add_up(left: str, right: str) -> None:
    together = MODEL.read(left) + MODEL.read(right)

    assert together.tokens == len(set(tokens(left))) + len(set(tokens(right)))
    assert together.packed == MODEL.read(left).packed + MODEL.read(right).packed


@given(TEXTS)
def test_the_same_text_has_the_same_probability_in_a_fresh_model(text: str) -> None:
    fresh = LinearModel(header(), WEIGHTS)

    assert fresh.probability(fresh.read(text), 0) == MODEL.probability(MODEL.read(text), 0)


@given(TEXTS)
def test_probabilities_lie_between_0_and_1(text: str) -> None:
    assert 0.0 <= MODEL.probability(MODEL.read(text), 1) <= 1.0


def test_a_text_without_tokens_scores_0() -> None:
    assert MODEL.probability(MODEL.read(" \n"), 0) == 0.0


def test_more_words_than_it_remembers_do_not_change_a_score(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = " ".join(f"w{chr(97 + at % 26)}{chr(97 + at // 26)}" for at in range(200))
    expected = MODEL.read(text)
    monkeypatch.setattr("adapters.detectors.linear._MOST_WORDS", 10)
    forgetful = LinearModel(header(), WEIGHTS)

    assert forgetful.read(text) == expected


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = written(tmp_path, pack(header(), WEIGHTS))

    model = LinearModel.load(path)

    assert model.header == header()
    assert model.read("some words") == MODEL.read("some words")
    assert model.source == "tiny 1 (test model)"


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, pack(header(), WEIGHTS))
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(Unavailable, match="not the one that its manifest names"):
        LinearModel.load(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be read"):
        LinearModel.load(tmp_path / "absent.bin")


@pytest.mark.parametrize(
    "content",
    [b"", b"TPLM\x02", b"TPLM\x01\x02\x00\x00\x00{}", pack(header(), WEIGHTS[:-1])],
    ids=["empty", "other version", "no weights", "cut short"],
)
def test_a_damaged_file_is_refused(content: bytes) -> None:
    with pytest.raises(Unavailable):
        unpack(content)


def test_digits_case_and_invisible_characters_do_not_matter() -> None:
    assert tokens("Pay 471 NOW") == tokens("pay 000 now")
    assert tokens("ig\u200bnore") == ["ignore"]
    assert tokens("\uff29gnore") == ["ignore"]


def test_a_direction_with_a_calibration_of_its_own_is_read_by_it() -> None:
    own = Calibration(slope=0.5, offset=1.0, operating=0.6, high=0.8)
    model = LinearModel(header() | {"directions": {"indirect": own}}, WEIGHTS)
    reading = model.read("some words")

    margin = 0.5 * model.raw(reading, 0) + 1.0

    assert model.probability(reading, 0, "indirect") == pytest.approx(1 / (1 + math.exp(-margin)))
    assert model.points("A", "indirect") == own
    assert model.probability(reading, 0, "direct") == MODEL.probability(MODEL.read("some words"), 0)
    assert model.points("A", "direct") == header()["points"]["A"]


def test_only_the_first_lane_differs_by_direction() -> None:
    own = Calibration(slope=0.5, offset=1.0, operating=0.6, high=0.8)
    model = LinearModel(header() | {"directions": {"indirect": own}}, WEIGHTS)
    reading = model.read("some words")

    assert model.probability(reading, 1, "indirect") == model.probability(reading, 1)
    assert model.points("B", "indirect") == header()["points"]["B"]

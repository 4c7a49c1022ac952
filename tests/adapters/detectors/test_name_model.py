"""The model of names: its file, its arithmetic, and what it says of a run."""

import json
from hashlib import sha256
from math import exp
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.detectors.context.name_features import features, known_of
from adapters.detectors.context.name_model import (
    FILE,
    LABELS,
    Header,
    NameModel,
    pack,
    unpack,
)
from adapters.detectors.context.runs import capitals
from adapters.detectors.model_file import hashed_row
from domain.errors import Unavailable
from tests.adapters.detectors.shipped import MODELS, context_engine

BITS = 8
WEIGHTS = bytes((11 * at * at + 5 * at) % 256 for at in range(len(LABELS) << BITS))
TEXTS = st.text(
    alphabet=st.one_of(st.sampled_from("ABCabc de.,'-\n\u2019"), st.characters()), max_size=80
)


def header() -> Header:
    return Header(
        name="tiny",
        version="1",
        description="test model",
        bits=BITS,
        scale=[0.004, 0.003, 0.002],
        offset=[0.1, 0.2, 0.3],
        alone=0.5,
    )


MODEL = NameModel(header(), WEIGHTS)


def weight(label: int, row: int) -> int:
    at = (label << BITS) + row
    return int.from_bytes(WEIGHTS[at : at + 1], signed=True)


@given(TEXTS)
def test_a_word_scores_the_sum_of_its_features(text: str) -> None:
    for run in capitals(text).runs:
        known = known_of(text, run)
        chances = []
        for inside in known.inside:
            rows = [
                hashed_row(one, BITS) for key in (*known.around, *inside) for one in features(key)
            ]
            odds = [
                exp(
                    header()["scale"][label] * sum(weight(label, row) for row in rows)
                    - header()["offset"][label]
                    - (header()["alone"] if len(run.tokens) == 1 else 0)
                )
                for label in range(len(LABELS))
            ]
            chances.append(odds[0] / (1 + sum(odds)))

        reading = MODEL.read(text, run)

        assert reading.person == pytest.approx(sum(chances) / len(chances), abs=0.05)


@given(TEXTS)
def test_what_is_named_lies_inside_the_run_in_order(text: str) -> None:
    for run in capitals(text).runs:
        named = MODEL.read(text, run).named

        edges = [edge for one in named for edge in (one.start, one.end)]
        assert edges == sorted(edges)
        assert all(run.start <= edge <= run.end for edge in edges)
        assert all(0 < one.score <= 1 for one in named)


@given(TEXTS)
def test_a_fresh_model_says_the_same(text: str) -> None:
    fresh = NameModel(header(), WEIGHTS)

    for run in capitals(text).runs:
        assert fresh.read(text, run) == MODEL.read(text, run)


def test_the_explanation_names_the_model_and_the_hint() -> None:
    engine = context_engine()

    (alone,) = engine.find("According to Priya Raghunathan it works.")
    hinted = engine.find("the tenant Thabo Dlamini left")[0]

    assert [step for step, _ in alone.explanation.steps] == ["model of names"]
    assert [step for step, _ in hinted.explanation.steps] == ["model of names", "role"]
    assert hinted.score == hinted.explanation.steps[-1][1] > hinted.explanation.steps[0][1]


def test_particles_belong_to_the_name_around_them() -> None:
    (found,) = context_engine().find("A portrait of Simone de Beauvoir hangs in the hall.")

    assert (found.span.start, found.span.end) == (14, 32)


def test_the_shipped_model_is_the_one_of_its_manifest() -> None:
    model = NameModel.load(MODELS / FILE)

    assert model.header["name"] == "linear-names"
    assert context_engine().version.endswith(f"linear-names-{model.header['version']}")


def test_a_file_that_its_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    content = pack(header(), WEIGHTS)
    (tmp_path / FILE).write_bytes(content + b"x")
    named = {"files": {FILE: {"sha256": sha256(content).hexdigest()}}}
    (tmp_path / "MANIFEST.json").write_text(json.dumps(named))

    with pytest.raises(Unavailable, match="manifest"):
        NameModel.load(tmp_path / FILE)


@pytest.mark.parametrize(
    "content", [b"", b"TPLM\x01\x02\x00\x00\x00{}", b"TPNM\x02", pack(header(), WEIGHTS[:-1])]
)
def test_other_files_are_refused(content: bytes) -> None:
    with pytest.raises(Unavailable):
        unpack(content)


def test_packing_and_unpacking_is_the_identity() -> None:
    assert unpack(pack(header(), WEIGHTS)) == (header(), WEIGHTS)

"""Benchmarks run: what nobody runs every day breaks unseen."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("audit", "records/s"),
        ("pipeline", "objects/s"),
        ("queue", "lease and finish"),
        ("speed", "lines/s"),
    ],
)
def test_benchmark_runs(name: str, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "benchmarks", name, "--tiny"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        timeout=240,
        check=True,
        text=True,
    )

    assert words in ended.stdout

"""`make` alone lists the targets, and each is described."""

import re
import subprocess
from collections.abc import Callable

from tests.architecture.source_tree import ROOT


def test_make_alone_lists_every_target(counterpart: Callable[[str], str]) -> None:
    targets = re.findall(
        r"^\.PHONY: (\w+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )

    shown = subprocess.run(
        [counterpart("make"), "--no-print-directory"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    listed = re.findall(r"^  make (\w+) +\S", shown.stdout, re.MULTILINE)
    assert listed == targets
    assert {"run", "test", "lint", "bench", "docs", "crash", "clean", "help"} <= set(targets)

"""Read texts, ask a detector about each, write its answers; standard library only.

A program of this folder runs in its peer's environment, where nothing of TruePort is installed, and
finds this module beside it. What it prints at the end is one line of JSON about the time it took.
"""

import json
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

Finding = dict[str, Any]
Answer = tuple[list[Finding], dict[str, float]]


def finding(category: str, kind: str, start: int, end: int, score: float) -> Finding:
    """Return a finding as `trueport detect` writes it; offsets in code points, end exclusive."""
    return {"category": category, "type": kind, "start": start, "end": end, "score": score}


def answer_all(detect: Callable[[str], Answer]) -> None:
    """Answer the texts of the file that the command line names first, into the second one."""
    answer_together(lambda texts: [detect(text) for text in texts])


def answer_together(detect: Callable[[Sequence[str]], Sequence[Answer]]) -> None:
    """Answer the same for a detector that is much quicker with many texts at a time."""
    source, target = map(Path, sys.argv[1:3])
    with source.open(encoding="utf-8") as lines:
        texts = [json.loads(line) for line in lines]
    detect([one["text"] for one in texts[:1]])
    started = time.process_time()
    answers = detect([one["text"] for one in texts])
    seconds = time.process_time() - started
    with target.open("w", encoding="utf-8") as file:
        for one, (findings, scores) in zip(texts, answers, strict=True):
            document = {"id": one["id"], "findings": findings, "scores": scores}
            file.write(json.dumps(document) + "\n")
    characters = sum(len(one["text"]) for one in texts)
    print(json.dumps({"texts": len(texts), "characters": characters, "cpu_seconds": seconds}))


def highest(category: str, findings: Sequence[Finding]) -> dict[str, float]:
    """Return the score of a text: that of its highest finding."""
    return {category: max((float(one["score"]) for one in findings), default=0.0)}

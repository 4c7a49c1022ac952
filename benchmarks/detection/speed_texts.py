"""Texts for measuring speed: short ones as people send, a long one, and the worst of their size.

As a program it writes so many JSON lines: `python -m benchmarks.detection.speed_texts COUNT`.
"""

import base64
import itertools
import json
import random
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from pydoc_data.topics import topics

from benchmarks.detection.records import read_gold
from benchmarks.traffic import Traffic, sentences, violating_texts

SETS = ("pii.dev", "secrets.dev", "secrets.xdev")
"""The labelled files whose texts are read."""

_GENERATED = 2_000
_WORD = re.compile(r"[A-Za-z]+")


def text_sets(data: Path | None) -> Mapping[str, Sequence[str]]:
    """Return the texts of each labelled file that is there, and as many made up."""
    found: dict[str, Sequence[str]] = {"generated": generated_texts(_GENERATED)}
    for name in SETS if data is not None else ():
        path = (data or Path()) / f"{name}.jsonl.gz"
        if path.is_file():
            found[name] = [record.text for record in read_gold(path)]
    return found


def generated_texts(count: int) -> list[str]:
    """Return sentences of the documents; one in five says what policies object to."""
    seeded = random.Random(5)
    said, bad = sentences(), violating_texts()
    return [
        f"{seeded.choice(said)} {seeded.choice(bad)}"
        if seeded.random() < 0.2
        else seeded.choice(said)
        for _ in range(count)
    ]


def ordinary_text(size: int) -> str:
    """Return what people and models said to each other, so many characters of it."""
    traffic = Traffic("benchmark")
    parts: list[str] = []
    made = 0
    while made < size:
        record = json.loads(traffic.line())
        for message in record["request"]["messages"][-1:]:
            parts.append(message["content"] + "\n\n")
            made += len(parts[-1])
    return "".join(parts)[:size]


def prose(size: int) -> str:
    """Return English prose about a technical matter, as long: what Python's `help` has to say."""
    text = "\n\n".join(topics.values())
    return (text * (size // len(text) + 1))[:size]


def worst_texts(size: int) -> dict[str, str]:
    """Return texts of one size that are made to take long."""
    seeded = random.Random(7)
    noise = base64.b64encode(seeded.randbytes(size)).decode()
    sentence = base64.b64encode(prose(size).encode()).decode()
    texts = {
        "a": "a" * size,
        "@": "@" * size,
        "digits": "".join(seeded.choices("0123456789", k=size)),
        "groups of digits": " ".join(f"{seeded.randrange(10**4):04}" for _ in range(size // 5)),
        "open brackets": "[" * size,
        "nested brackets": "[" * (size // 2) + "]" * (size // 2),
        "brackets of all kinds": "[({<" * (size // 4),
        "base64 of noise": noise,
        "base64 of text": sentence,
        "base64 in lines": "\n".join(noise[at : at + 76] for at in range(0, size, 77)),
    }
    return {name: text[:size] for name, text in texts.items()}


def json_lines(count: int) -> Iterator[bytes]:
    """Yield so many different texts, as `trueport detect` reads them."""
    said = sentences()
    words = sorted({word for one in said for word in _WORD.findall(one)})
    seeded = random.Random(11)
    for number in itertools.islice(itertools.count(), count):
        text = f"{' '.join(seeded.choices(words, k=5))} {number}"
        yield json.dumps({"id": number, "text": text}).encode() + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.writelines(json_lines(int(sys.argv[1])))

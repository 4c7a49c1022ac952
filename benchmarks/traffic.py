"""Audit records as a gateway writes them, made up on the fly: conversations of varied length.

The words are those of this project's own documents, so that vocabulary and lengths vary as in real
traffic; one conversation in ten holds something of the samples that policies object to. A record
holds the whole conversation so far, as chat requests do: what was said is said again.
"""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.audit import AuditRecord, ChainHead, chain
from domain.identifiers import RecordId

_ROOT = Path(__file__).parent.parent
_START = datetime(2026, 11, 24, tzinfo=UTC)
_BAD_SHARE = 0.1
_MOST_TURNS = 6
_SYSTEM = (
    "You are the assistant of the service desk. Answer in full sentences, name the page of the "
    "handbook that you rely on, and say so when you do not know something. "
)


def violating_texts() -> list[str]:
    """Return what users say in the sample exchanges that are not clean."""
    return [
        message["content"]
        for file in sorted((_ROOT / "samples").glob("*.jsonl"))
        if "clean" not in file.name
        for line in file.read_text(encoding="utf-8").splitlines()
        for message in json.loads(line)["messages"]
        if message.get("content")
    ]


def sentences() -> list[str]:
    """Return the sentences of the project's documents."""
    files = [_ROOT / "README.md", *sorted((_ROOT / "docs").rglob("*.md"))]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = re.split(r"(?<=[.:;])\s+", re.sub(r"[|`*#\[\]()>]+", " ", text))
    return [" ".join(one.split()) for one in found if len(one) > 20]


class Traffic:
    """Conversations of one tenant; the same seed makes the same ones."""

    def __init__(self, tenant: str, *, seed: int = 1) -> None:
        self._tenant = tenant
        self._random = random.Random(seed)
        self._sentences = sentences()
        self._bad = violating_texts()
        self._count = 0
        self._messages: list[dict[str, str]] = []
        self._turns = 0
        self._name = f"{seed:08x}"
        self._head = ChainHead()

    @property
    def head(self) -> ChainHead:
        """Return where the chain of what was made so far ends."""
        return self._head

    def line(self) -> bytes:
        """Return the next record, in its chain, without a line break."""
        if self._turns == 0:
            system = _SYSTEM + self._words(10)
            self._messages = [{"role": "system", "content": system}]
            self._turns = self._random.randint(1, _MOST_TURNS)
        self._turns -= 1
        said = self._words(self._length())
        if self._random.random() < _BAD_SHARE:
            said += " " + self._random.choice(self._bad)
        self._messages.append({"role": "user", "content": said})
        answer = {"role": "assistant", "content": self._words(self._length())}
        line = self.record({"model": "m", "messages": list(self._messages)}, answer)
        self._messages.append(answer)
        return line

    def lines(self, *, records: int | None = None, size: int | None = None) -> Iterator[bytes]:
        """Yield so many records, or as many as have a size in bytes together."""
        made = count = 0
        while (records is None or count < records) and (size is None or made < size):
            line = self.line()
            yield line
            made += len(line) + 1
            count += 1

    def short_line(self) -> bytes:
        """Return one record of one question and one answer of a sentence each."""
        messages = [{"role": "user", "content": self._words(1)}]
        answer = {"role": "assistant", "content": self._words(1)}
        return self.record({"model": "m", "messages": messages}, answer)

    def long_line(self, size: int) -> bytes:
        """Return one record of about so many bytes: a document that somebody pasted."""
        said: list[str] = []
        made = 0
        while made < size:
            said.append(self._words(20) + "\n")
            made += len(said[-1])
        messages = [{"role": "user", "content": "".join(said)[: size - 2_000]}]
        return self.record({"model": "m", "messages": messages}, {"role": "assistant"})

    def record(self, request: dict[str, object], answer: dict[str, str]) -> bytes:
        """Return an exchange as the next line of the chain."""
        self._count += 1
        record = AuditRecord(
            record_id=RecordId(f"rec_{self._name}{self._count:018x}"),
            tenant=self._tenant,
            time=_START + timedelta(seconds=self._count),
            key_id="key_benchmark",
            user=None,
            route="/v1/chat/completions",
            model="m",
            upstream="benchmark",
            content="full",
            request=request,
            response={"choices": [{"index": 0, "message": answer}]},
            status=200,
            tokens={"input": 100, "output": 100},
            cost=None,
            latency_ms=10,
            decision={"effect": "allow"},
            policy_version="pol_starter@0",
            findings=(),
        )
        chained = chain(record, self._head)
        self._head = chained.head
        return chained.line

    def _length(self) -> int:
        """Return how many sentences are said: few as a rule, sometimes a page."""
        return min(40, 1 + int(self._random.lognormvariate(0.7, 0.9)))

    def _words(self, count: int) -> str:
        return " ".join(self._random.choices(self._sentences, k=count))

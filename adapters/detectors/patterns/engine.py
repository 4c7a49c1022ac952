"""Run recognisers over a text: gate, search, settle, explain."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from adapters.detectors.linear_time import Gate
from adapters.detectors.patterns.context_words import GROUPS, LOCAL
from adapters.detectors.patterns.document import Document
from adapters.detectors.patterns.lexicon import Lexicon
from adapters.detectors.patterns.overlap import settle
from adapters.detectors.patterns.rule import Hit, Recogniser
from adapters.detectors.patterns.tables import header_line
from domain.detection.finding import Explanation, Finding, Span

RULES_VERSION = "1"
_WINDOW = 16_384
_REMEMBERED = 4096
_MARGIN = 512


class PatternEngine:
    """Find personal data by rules; pure, synchronous and safe to share between threads.

    A text longer than a window is read window by window with a margin on both sides, so that
    memory for intermediate results does not grow with the text.
    """

    def __init__(
        self,
        recognisers: Sequence[Recogniser],
        *,
        detector: str = "patterns",
        source: str = f"patterns@{RULES_VERSION}",
    ) -> None:
        self._recognisers = tuple(recognisers)
        self._detector = detector
        self._source = source
        self._lexicon = Lexicon(
            {group: words for group, words in GROUPS.items() if group not in LOCAL}
        )
        self._local = {group: Lexicon({group: GROUPS[group]}) for group in LOCAL}
        needs = [
            [frozenset(_alternatives(gate)) for gate in recogniser.gates]
            for recogniser in recognisers
        ]
        named = {name for needed in needs for gate in needed for name in gate}
        shapes = sorted(named - set(GROUPS))
        self._gate = Gate(shapes)
        # What a text holds is one number with a bit for each group and each shape, and so is each
        # gate: this is asked for every text and every recogniser, and most texts hold the same.
        bits = dict(self._lexicon.bits)
        for name in (*LOCAL, *shapes):
            bits[name] = 1 << len(bits)
        self._shape_bits = [bits[shape] for shape in shapes]
        self._gated = [
            (recogniser, [sum(bits[name] for name in gate) for gate in needed])
            for recogniser, needed in zip(self._recognisers, needs, strict=True)
        ]
        self._opened_by = lru_cache(maxsize=_REMEMBERED)(self._opened)

    def find(self, text: str) -> list[Finding]:
        """Return the findings above score 0 in order of place; overlaps are settled."""
        if len(text) <= _WINDOW + _MARGIN:
            hits = settle(self._search(Document(text, self._lexicon, self._local)))
        else:
            hits = list(self._search_windows(text))
        return [self._finding(hit) for hit in hits]

    def _search(self, document: Document) -> Iterator[Hit]:
        held = 0
        for at in self._gate.hits(document.subject):
            held |= self._shape_bits[at]
        opened, asks_for_words = self._opened_by(held | document.possible_groups)
        if asks_for_words:
            opened, _ = self._opened_by(held | document.shown_groups)
        for recogniser in opened:
            yield from recogniser.find(document)

    def _opened(self, held: int) -> tuple[tuple[Recogniser, ...], bool]:
        """Return whose gates all open by what a text holds, and whether a group opened any."""
        shapes = sum(self._shape_bits)
        opened = [
            (recogniser, gates)
            for recogniser, gates in self._gated
            if all(held & gate for gate in gates)
        ]
        return (
            tuple(recogniser for recogniser, _ in opened),
            any(not gate & shapes for _, gates in opened for gate in gates),
        )

    def _search_windows(self, text: str) -> Iterator[Hit]:
        header = header_line(text)
        start = covered = 0
        while start < len(text):
            end = _cut(text, start)
            first, last = max(0, start - _MARGIN), min(len(text), end + _MARGIN)
            document = Document(
                text[first:last],
                self._lexicon,
                self._local,
                carried_header=header if first else "",
            )
            last_end = covered
            for hit in settle(self._search(document)):
                if max(start, covered) <= hit.start + first < end:
                    yield hit._replace(start=hit.start + first, end=hit.end + first)
                    last_end = hit.end + first
            start, covered = end, last_end

    def _finding(self, hit: Hit) -> Finding:
        info = hit.info
        return Finding(
            category=info.category,
            type=info.type,
            span=Span(hit.start, hit.end),
            score=hit.score,
            detector=self._detector,
            rule=info.id,
            explanation=Explanation(
                source=self._source,
                reason=info.title,
                validator=hit.validator,
                context=hit.context,
                steps=hit.steps,
                attributes=dict(hit.attributes),
            ),
            operating_point=info.operating_point,
        )


def _alternatives(gate: str) -> tuple[str, ...]:
    """Split a gate into context groups, any of which opens it; RE2 stays whole."""
    groups = tuple(gate.split("|"))
    return groups if all(group in GROUPS for group in groups) else (gate,)


def _cut(text: str, start: int) -> int:
    """Return where a window that begins at `start` ends: after a line where there is one."""
    end = start + _WINDOW
    if end >= len(text):
        return len(text)
    newline = text.rfind("\n", start + _WINDOW // 2, end)
    return newline + 1 if newline >= 0 else end

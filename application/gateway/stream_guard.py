"""Guard a running answer: text passes a window that detectors read before it is released.

Every text of a stream is a lane: the content of a choice, or the arguments of one of its tool
calls. A lane holds back its last `window` characters until more arrives or the answer ends, so that
whatever is found in them can still be masked or stopped; released text is never taken back.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from application.gateway.judgement import Redactor
from domain.chat import TextPart
from domain.detection.finding import Span
from domain.policy.evaluation import Decision, Verdict
from domain.policy.rule import Direction, Effect

DEFAULT_WINDOW = 256
_STEP = 64
"""Characters that must arrive before a lane is looked at again: bounds the work a chunk causes."""

Json = Mapping[str, object]
Judge = Callable[[Sequence[TextPart]], Awaitable[Decision]]


class StreamBlocked(Exception):
    """The policy stops the running answer; `decision` says why."""

    def __init__(self, decision: Decision) -> None:
        super().__init__("the answer was stopped by the policy")
        self.decision = decision


@dataclass(frozen=True, slots=True)
class LaneKey:
    """Which text of a stream: a choice and where in its message the text stands."""

    choice: int
    place: str

    @property
    def path(self) -> str:
        """Return the path that the text has in the whole answer."""
        return f"choices/{self.choice}/message/{self.place}"


@dataclass(slots=True)
class _Lane:
    """One text: all that arrived, how much was released and how much was looked at."""

    pieces: list[str] = field(default_factory=list)
    length: int = 0
    base: str = ""
    released: int = 0
    seen: int = 0
    is_done: bool = False

    def push(self, text: str) -> None:
        self.pieces.append(text)
        self.length += len(text)

    @property
    def text(self) -> str:
        if self.pieces:
            self.base += "".join(self.pieces)
            self.pieces.clear()
        return self.base


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Text of a lane that may go out."""

    key: LaneKey
    text: str


class StreamGuard:
    """Take in deltas, give out what may be released; remembers every verdict for the record."""

    def __init__(self, *, judge: Judge, redactor: Redactor, window: int = DEFAULT_WINDOW) -> None:
        self._judge = judge
        self._redactor = redactor
        self._window = window
        self._lanes: dict[LaneKey, _Lane] = {}
        self._acted: dict[tuple[str, str, Span], Verdict] = {}
        self._settled: dict[LaneKey, tuple[Verdict, ...]] = {}

    @property
    def settled(self) -> Mapping[LaneKey, tuple[Verdict, ...]]:
        """Return the verdicts about whole texts, of the lanes that were finished."""
        return self._settled

    @property
    def acted(self) -> tuple[Verdict, ...]:
        """Return the verdicts of windows that masked or stopped something."""
        return tuple(self._acted.values())

    def push(self, key: LaneKey, text: str) -> None:
        """Take in a piece of a lane's text."""
        self._lanes.setdefault(key, _Lane()).push(text)

    def texts(self) -> dict[LaneKey, str]:
        """Return every lane's text as it came from the upstream."""
        return {key: lane.text for key, lane in self._lanes.items()}

    async def advance(self) -> list[Released]:
        """Look at the lanes that have grown enough and return what may go out.

        Raises:
            StreamBlocked: the policy stops the answer.
        """
        due = [
            key
            for key, lane in self._lanes.items()
            if not lane.is_done
            and lane.length - lane.released > self._window
            and lane.length - lane.seen >= _STEP
        ]
        return await self._review(due, is_end=False) if due else []

    async def finish(self, choice: int | None = None) -> list[Released]:
        """Look at whole texts, of one choice or of all that are open, and return what is left.

        Raises:
            StreamBlocked: the policy stops the answer.
        """
        due = [
            key
            for key, lane in self._lanes.items()
            if not lane.is_done and (choice is None or key.choice == choice)
        ]
        return await self._review(due, is_end=True) if due else []

    async def _review(self, keys: Sequence[LaneKey], *, is_end: bool) -> list[Released]:
        starts = {
            key: 0 if is_end else max(0, self._lanes[key].released - self._window) for key in keys
        }
        parts = [
            TextPart(
                path=key.path,
                text=self._lanes[key].text[starts[key] :],
                direction=Direction.RESPONSE,
            )
            for key in keys
        ]
        decision = await self._judge(parts)
        released = []
        for key in keys:
            verdicts = [
                _shifted(verdict, starts[key])
                for verdict in decision.verdicts
                if verdict.candidate.part == key.path
            ]
            self._remember(verdicts)
            lane = self._lanes[key]
            lane.seen = lane.length
            if is_end:
                self._settled[key] = tuple(verdicts)
            if decision.enforced is not Effect.BLOCK:
                is_enforced = decision.enforced is Effect.MASK
                piece = self._release(lane, verdicts if is_enforced else (), is_end=is_end)
                if piece:
                    released.append(Released(key=key, text=piece))
                lane.is_done = is_end
        if decision.enforced is Effect.BLOCK:
            raise StreamBlocked(decision)
        return released

    def _remember(self, verdicts: Iterable[Verdict]) -> None:
        for verdict in verdicts:
            if verdict.effect.rank >= Effect.MASK.rank:
                finding = verdict.candidate.finding
                self._acted[(verdict.candidate.part, finding.type, finding.span)] = verdict

    def _release(self, lane: _Lane, verdicts: Sequence[Verdict], *, is_end: bool) -> str:
        masking = [v for v in verdicts if v.effect.rank >= Effect.MASK.rank]
        bound = lane.length if is_end else lane.length - self._window
        for span in sorted((v.candidate.finding.span for v in masking), reverse=True):
            if span.start < bound < span.end:
                # A match that is still growing waits whole, unless it is longer than two windows.
                waits = lane.length - span.start <= 2 * self._window
                bound = max(span.start, lane.released) if waits else span.end
        if bound <= lane.released:
            return ""
        piece = lane.text[lane.released : bound]
        touching = [
            v
            for v in masking
            if v.candidate.finding.span.end > lane.released
            and v.candidate.finding.span.start < bound
        ]
        shift = lane.released
        lane.released = bound
        return self._redactor.mask(piece, touching, shift=shift) if touching else piece


def _shifted(verdict: Verdict, by: int) -> Verdict:
    if by == 0:
        return verdict
    candidate = verdict.candidate
    return replace(verdict, candidate=replace(candidate, finding=candidate.finding.shifted(by)))
